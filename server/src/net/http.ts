import { open } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import type { Dispatcher } from 'undici';
import type { AbortSignal as Signal } from '../engine/network.ts';
import { addressLiteral, isPublicAddress } from './addresses.ts';
import { basic, parseUrl, shownUrl } from './credentials.ts';
import type { AuthHeaders, GoAuth } from './go-auth.ts';
import type { ConnectionKind } from './http-connections.ts';
import { createConnections } from './http-connections.ts';
import { explainFailure } from './http-failure.ts';
import type { HttpFailureKind } from './http-failure.ts';
import { createHttpHost } from './http-host.ts';
import type { HttpHost } from './http-host.ts';

/**
 * Gets one address. It never throws and never hangs: every way to fail ends, within its bounds, as a `failure`.
 * User and password in the address are sent to that address's host only, and appear in no message.
 */
export type HttpGet = (url: string, request: HttpRequest) => Promise<HttpAnswer>;

export interface HttpRequest {
  readonly signal: Signal;
  /** The largest body accepted, in bytes after decoding. A 200 with more fails; any other answer is cut there. */
  readonly maxBytes: number;
  /** Absolute: the body of a 200 is written to this file and not held in memory, and the answer has an empty one. */
  readonly file?: string;
  /** What it is for, in a word or two: `list`, `lookup`, `tile`. It is shown in traces. */
  readonly purpose: string;
  /**
   * Where the address came from. What the user configured (GOPROXY, GOSUMDB, a host under GOPRIVATE) is `configured`
   * and may be anywhere. What a go.mod file or a server's answer named is `public` and may lead, by itself or by
   * redirects, to public addresses only.
   */
  readonly reach: 'configured' | 'public';
  /** A certificate that can't be verified is accepted: the user named the host in GOINSECURE. */
  readonly insecure?: boolean;
  /** What came with an earlier answer of this address, which may now answer 304; a redirect's target never sees it. */
  readonly validators?: HttpValidators;
}

/** RFC 9110, 13.1. */
export interface HttpValidators {
  readonly etag?: string;
  readonly lastModified?: string;
}

export type HttpAnswer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      /** As messages quote it: `404 Not Found`. */
      readonly statusText: string;
      readonly body: Uint8Array;
      /** By lower-case name; several headers of one name are joined with a comma. */
      readonly headers: Readonly<Record<string, string>>;
      /** The address that answered after redirects, without credentials. */
      readonly url: string;
    }
  | {
      readonly kind: 'failure';
      readonly failure: HttpFailureKind;
      /** What went wrong in plain words, with the host and without credentials. */
      readonly why: string;
    };

/** One request that left this machine, when it is over. */
export interface TracedRequest {
  readonly purpose: string;
  /** Without credentials. */
  readonly url: string;
  /** Undefined when no answer came. */
  readonly status: number | undefined;
  /** Why no answer came. */
  readonly why: string | undefined;
  readonly milliseconds: number;
  /** Of the body, as received. */
  readonly bytes: number;
  /** The answer came from memory and nothing left this machine. */
  readonly cached: boolean;
}

export type Trace = (request: TracedRequest) => void;

export interface HttpBounds {
  /** Until a connection stands, in milliseconds. */
  readonly connect: number;
  /** From sending the request until the headers are there, in milliseconds. */
  readonly headers: number;
  /** For one attempt from connecting to the body's last byte, in milliseconds. */
  readonly whole: number;
  /** The same where the body goes to a file, which may be large. */
  readonly download: number;
  /** How often one address is tried when the failure can heal. */
  readonly attempts: number;
  /** The pause before the second attempt, in milliseconds; it doubles, and chance takes up to half of it away. */
  readonly pause: number;
  /** The longest Retry-After that is waited for, in milliseconds; a longer one is a failure. */
  readonly retryAfter: number;
  /** How many requests one host gets at once. */
  readonly perHost: number;
}

export const DEFAULT_BOUNDS: HttpBounds = {
  connect: 10_000,
  headers: 30_000,
  whole: 60_000,
  download: 10 * 60_000,
  attempts: 3,
  pause: 400,
  retryAfter: 10_000,
  perHost: 16,
};

export interface HttpOptions {
  /** For HTTP_PROXY, HTTPS_PROXY and NO_PROXY. */
  readonly environment: NodeJS.ProcessEnv;
  readonly bounds?: Partial<HttpBounds>;
  /** Credentials from outside the address; they are sent to the address's own host only. */
  readonly auth?: GoAuth;
  readonly trace?: Trace;
  /** All certificate authorities that are trusted, PEM, asked for at the first https address; Node's own without it. */
  readonly ca?: () => readonly string[];
  /** The certificate of an HTTP proxy is not verified. */
  readonly insecureProxy?: boolean;
}

export interface HttpClient {
  readonly get: HttpGet;
  /** How many requests were sent so far, retries and redirects counted. */
  readonly requests: number;
  /** Ends all connections; requests under way fail. */
  close(): Promise<void>;
}

/** Go's own limit (net/http: `stopped after 10 redirects`). */
const MAX_REDIRECTS = 10;

const USER_AGENT = 'gomod-health';

/** One HTTP client for everything: keep-alive, HTTP/2 where offered, the proxies of the environment. */
export function createHttp(options: HttpOptions): HttpClient {
  const bounds = { ...DEFAULT_BOUNDS, ...options.bounds };
  const connections = createConnections({
    ...bounds,
    environment: options.environment,
    ca: options.ca,
    insecureProxy: options.insecureProxy ?? false,
  });
  const hosts = new Map<string, HttpHost>();
  let requests = 0;

  function hostOf(url: URL): HttpHost {
    const known = hosts.get(url.origin);
    if (known) return known;
    const made = createHttpHost(bounds.perHost);
    hosts.set(url.origin, made);
    return made;
  }

  /** One attempt at one address, with its trace. */
  async function attempt(url: URL, credentials: AuthHeaders | undefined, request: HttpRequest): Promise<HttpAnswer> {
    const host = hostOf(url);
    const release = await host.acquire(request.signal);
    if (!release) return cancelled();
    try {
      const failing = host.failing();
      if (failing) return { kind: 'failure', ...failing };
      const dispatcher = await connections.dispatcherFor(url, kindOf(request));
      if (request.signal.aborted) return cancelled();
      requests += 1;
      const answer = await traced(dispatcher, url, credentials, request);
      host.ended(answer.kind === 'failure' ? answer : undefined);
      return answer;
    } finally {
      release();
    }
  }

  async function traced(
    dispatcher: Dispatcher,
    url: URL,
    credentials: AuthHeaders | undefined,
    request: HttpRequest,
  ): Promise<HttpAnswer> {
    const started = performance.now();
    let bytes = 0;
    const answer = await send(dispatcher, url, credentials, request, bounds, (count) => {
      bytes = count;
    });
    options.trace?.({
      purpose: request.purpose,
      url: shownUrl(url),
      status: answer.kind === 'answer' ? answer.status : undefined,
      why: answer.kind === 'failure' ? answer.why : undefined,
      milliseconds: performance.now() - started,
      bytes,
      cached: false,
    });
    return answer;
  }

  /** Attempts until there is an answer that time won't better. */
  async function persist(url: URL, credentials: AuthHeaders | undefined, request: HttpRequest): Promise<HttpAnswer> {
    for (let tried = 1; ; tried += 1) {
      const answer = await attempt(url, credentials, request);
      if (tried >= bounds.attempts) return answer;
      const pause = pauseBefore(answer, tried, bounds);
      if (pause === undefined) return answer;
      if (!(await sleep(pause, request.signal))) return cancelled();
    }
  }

  async function get(address: string, request: HttpRequest): Promise<HttpAnswer> {
    if (request.signal.aborted) return cancelled();
    const first = parseUrl(address);
    if (!first) return failure('refused', `${JSON.stringify(redactUnparsed(address))} is not a URL`);
    const login = takeLogin(first);
    if (login && first.protocol !== 'https:') {
      return failure('refused', `refusing to pass credentials to insecure URL: ${shownUrl(first)}`);
    }
    if (login) return follow(first, { authorization: basic(login.user, login.password) }, request);
    const { auth } = options;
    if (!auth || first.protocol !== 'https:') return follow(first, undefined, request);
    if (auth.fault !== undefined) return failure('refused', auth.fault);
    const known = await auth.headersFor(first, request.signal);
    const answer = await follow(first, known, request);
    if (answer.kind === 'failure' || answer.status < 400 || answer.status > 499) return answer;
    const renewed = await auth.headersAfter(first, answer, request.signal);
    if (request.signal.aborted) return cancelled();
    const isNew = renewed !== undefined && JSON.stringify(renewed) !== JSON.stringify(known);
    return withFailures(isNew ? await follow(first, renewed, request) : answer, auth.failures);
  }

  /** Gets an address and what it redirects to; the credentials stay with its own host. */
  async function follow(first: URL, credentials: AuthHeaders | undefined, request: HttpRequest): Promise<HttpAnswer> {
    let url = first;
    for (let redirects = 0; ; redirects += 1) {
      const refused = refusal(url, request);
      if (refused) return refused;
      const { validators: _ownToFirst, ...redirected } = request;
      const own = url.origin === first.origin ? credentials : undefined;
      const answer = await persist(url, own, redirects === 0 ? request : redirected);
      const next = answer.kind === 'answer' ? redirectOf(answer, url) : undefined;
      if (next === undefined) return answer;
      if (next === 'invalid') return failure('redirect', `${url.host} redirected to something that is not a URL`);
      if (redirects >= MAX_REDIRECTS) {
        return failure('redirect', `${first.host}: stopped after ${MAX_REDIRECTS} redirects`);
      }
      if (first.protocol === 'https:' && next.protocol !== 'https:') {
        return failure('redirect', `redirected from secure URL ${shownUrl(url)} to insecure URL ${shownUrl(next)}`);
      }
      url = next;
    }
  }

  return {
    get,
    get requests() {
      return requests;
    },
    close: () => connections.close(),
  };
}

function kindOf(request: HttpRequest): ConnectionKind {
  return { publicOnly: request.reach === 'public', insecure: request.insecure ?? false };
}

interface Login {
  readonly user: string;
  readonly password: string;
}

/** Takes user and password out of an address, so that nothing after this can show them. */
function takeLogin(url: URL): Login | undefined {
  if (!url.username && !url.password) return undefined;
  const login = { user: decode(url.username), password: decode(url.password) };
  url.username = '';
  url.password = '';
  return login;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** An address that is no URL may still hold a password before its `@`. */
function redactUnparsed(address: string): string {
  return address.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/@]*@/i, '$1');
}

/** What the commands of GOAUTH failed at may be why a server refuses. */
function withFailures(answer: HttpAnswer, failures: readonly string[]): HttpAnswer {
  const refused = answer.kind === 'answer' && [401, 403, 407].includes(answer.status);
  if (!refused || failures.length === 0) return answer;
  return { ...answer, statusText: `${answer.statusText} (${failures.join('; ')})` };
}

function refusal(url: URL, request: HttpRequest): HttpAnswer | undefined {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return failure('refused', `unsupported scheme: ${url.protocol}//`);
  }
  if (request.reach === 'configured') return undefined;
  const literal = addressLiteral(url.hostname);
  if (literal !== undefined && !isPublicAddress(literal)) {
    return failure('refused', `${url.hostname} is not a public address, so nothing is asked there`);
  }
  if (literal === undefined && /(^|\.)localhost\.?$/i.test(url.hostname)) {
    return failure('refused', `${url.hostname} is this machine, so nothing is asked there`);
  }
  return undefined;
}

function redirectOf(answer: HttpAnswer & { kind: 'answer' }, from: URL): URL | 'invalid' | undefined {
  if (![301, 302, 303, 307, 308].includes(answer.status)) return undefined;
  const location = answer.headers['location'];
  if (!location) return undefined;
  try {
    const to = new URL(location, from);
    // Credentials in a redirect are the server's words, not the user's.
    to.username = '';
    to.password = '';
    return to;
  } catch {
    return 'invalid';
  }
}

/** How long to wait before another attempt, in milliseconds; undefined when another attempt can't help. */
function pauseBefore(answer: HttpAnswer, tried: number, bounds: HttpBounds): number | undefined {
  const backoff = bounds.pause * 2 ** (tried - 1) * (0.5 + Math.random() / 2);
  if (answer.kind === 'failure') return answer.failure === 'reset' ? backoff : undefined;
  if (answer.status !== 429 && ![500, 502, 503, 504].includes(answer.status)) return undefined;
  const asked = retryAfterOf(answer.headers['retry-after']);
  if (asked === undefined) return backoff;
  return asked <= bounds.retryAfter ? asked + backoff : undefined;
}

/** Retry-After in milliseconds from now: a number of seconds or a date (RFC 9110, 10.2.3). */
function retryAfterOf(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

/** Waits; false when the signal came first. */
function sleep(milliseconds: number, signal: Signal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const stop = (): void => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve(true);
    }, milliseconds);
    signal.addEventListener('abort', stop, { once: true });
  });
}

async function send(
  dispatcher: Dispatcher,
  url: URL,
  credentials: AuthHeaders | undefined,
  request: HttpRequest,
  bounds: HttpBounds,
  received: (bytes: number) => void,
): Promise<HttpAnswer> {
  const whole = request.file === undefined ? bounds.whole : bounds.download;
  const receiving = receive(dispatcher, request, received, {
    origin: url.origin,
    path: url.pathname + url.search,
    method: 'GET',
    headers: {
      ...credentials,
      'user-agent': USER_AGENT,
      'accept-encoding': request.file === undefined ? 'gzip' : 'identity',
      ...conditions(request.validators),
    },
    headersTimeout: bounds.headers,
    bodyTimeout: bounds.whole,
  });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    receiving.stop();
  }, whole);
  request.signal.addEventListener('abort', receiving.stop, { once: true });
  try {
    const raw = await receiving.answer;
    const headers = joinHeaders(raw.headers);
    const isWhole = raw.status === 200;
    const file = isWhole ? request.file : undefined;
    if (raw.cut && isWhole) return tooLarge(url, request);
    const body = decodeBody(raw.bytes, headers['content-encoding'], request.maxBytes);
    if (body === 'too-large') return tooLarge(url, request);
    if (isWhole && (body === 'garbled' || (file !== undefined && body !== raw.bytes))) {
      return failure('garbled', `${url.host} sent a compressed answer that can't be unpacked`);
    }
    return {
      kind: 'answer',
      status: raw.status,
      statusText: `${raw.status} ${raw.reason || reasonOf(raw.status)}`.trim(),
      body: body === 'garbled' ? new Uint8Array() : body,
      headers,
      url: shownUrl(url),
    };
  } catch (error) {
    if (request.signal.aborted) return cancelled();
    if (timedOut) return failure('timeout', `${url.host} did not answer in full within ${whole / 1000} s`);
    const explained = explainFailure(error, url, bounds);
    return { kind: 'failure', ...explained };
  } finally {
    clearTimeout(timer);
    request.signal.removeEventListener('abort', receiving.stop);
  }
}

function conditions(validators: HttpValidators | undefined): Record<string, string> {
  return {
    ...(validators?.etag !== undefined && { 'if-none-match': validators.etag }),
    ...(validators?.lastModified !== undefined && { 'if-modified-since': validators.lastModified }),
  };
}

interface Received {
  readonly status: number;
  readonly reason: string;
  readonly headers: Record<string, string | string[] | undefined>;
  /** Empty when they went to a file. */
  readonly bytes: Uint8Array;
  /** There was more than was wanted. */
  readonly cut: boolean;
}

/** An answer on its way. */
interface Receiving {
  readonly answer: Promise<Received>;
  /** Ends it at once, as a failure. */
  readonly stop: () => void;
}

/**
 * Sends a request and reads its answer whole, without the streams of undici's own `request`, which take twice as long.
 * It can be stopped, too, while an HTTP proxy takes for ever to make a connection, when undici heeds nobody.
 */
function receive(
  dispatcher: Dispatcher,
  { maxBytes, file }: HttpRequest,
  received: (bytes: number) => void,
  options: Dispatcher.DispatchOptions,
): Receiving {
  let control: Dispatcher.DispatchController | undefined;
  let stopped: Error | undefined;
  let stop = (): void => undefined;
  const answer = new Promise<Received>((resolve, reject) => {
    let sink = memorySink(maxBytes);
    let length = 0;
    let head: Omit<Received, 'bytes' | 'cut'> = { status: 0, reason: '', headers: {} };
    let isOver = false;
    /** What ends it first counts; the sink is closed before it is told. */
    const finish = (tell: (bytes: Uint8Array) => void): void => {
      if (isOver) return;
      isOver = true;
      sink.end().then(tell, reject);
    };
    stop = () => {
      stopped ??= new Error('stopped');
      reject(stopped);
      control?.abort(stopped);
    };
    dispatcher.dispatch(options, {
      onRequestStart(started) {
        control = started;
        if (stopped) control.abort(stopped);
      },
      onResponseStart(_control, status, headers, reason = '') {
        // Answers before the answer, such as 103, are passed over.
        if (status < 200) return;
        head = { status, headers, reason };
        if (status === 200 && file !== undefined) sink = fileSink(file);
      },
      onResponseData(controller, chunk) {
        // undici's parser has such for whoever lets it go on, who would stop it again for nothing, for ever.
        if (chunk.length === 0) return;
        length += chunk.length;
        received(length);
        const taking = sink.take(chunk);
        if (length > maxBytes) {
          finish((bytes) => resolve({ ...head, bytes, cut: true }));
          controller.abort(new Error('too large'));
        } else if (taking) {
          // The disk may be slower than the network, and no more than a piece is held.
          controller.pause();
          taking.then(() => controller.resume(), (error: Error) => controller.abort(error));
        }
      },
      onResponseEnd: () => finish((bytes) => resolve({ ...head, bytes, cut: false })),
      onResponseError: (_control, error) => finish(() => reject(error)),
    });
  });
  return { answer, stop };
}

/** Where a body goes. */
interface Sink {
  /** Takes a piece; where that takes time, the next one is to come after it. */
  take(chunk: Uint8Array): Promise<void> | undefined;
  /** What was taken, unless it is elsewhere now. It fails where a piece could not be taken. */
  end(): Promise<Uint8Array>;
}

function memorySink(maxBytes: number): Sink {
  const chunks: Uint8Array[] = [];
  return {
    take(chunk) {
      chunks.push(chunk);
      return undefined;
    },
    end: () => Promise.resolve(Buffer.concat(chunks).subarray(0, maxBytes)),
  };
}

/** A file that only the user may read. */
function fileSink(file: string): Sink {
  const opening = open(file, 'w', 0o600);
  let writing: Promise<unknown> = opening;
  return {
    take(chunk) {
      const taking = Promise.all([opening, writing]).then(([handle]) => handle.appendFile(chunk)).catch(unwritable);
      writing = taking;
      return taking;
    },
    async end() {
      try {
        await writing;
      } finally {
        await (await opening.catch(unwritable)).close();
      }
      return new Uint8Array();
    },
  };
}

/** Its own words, for what the disk refuses would else be taken for the server's failure. */
function unwritable(error: NodeJS.ErrnoException): never {
  throw new Error(`what it sends can't be written to the disk: ${error.code ?? error.message}`);
}

function decodeBody(
  bytes: Uint8Array,
  encoding: string | undefined,
  maxBytes: number,
): Uint8Array | 'garbled' | 'too-large' {
  if (encoding === undefined || encoding === 'identity') return bytes;
  if (encoding !== 'gzip' && encoding !== 'x-gzip') return 'garbled';
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'garbled';
  }
}

function joinHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) joined[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return joined;
}

function failure(kind: HttpFailureKind, why: string): HttpAnswer {
  return { kind: 'failure', failure: kind, why };
}

function cancelled(): HttpAnswer {
  return failure('cancelled', 'cancelled');
}

function tooLarge(url: URL, request: HttpRequest): HttpAnswer {
  return failure('too-large', `${url.host} sent more than ${request.maxBytes} bytes`);
}

/** HTTP/2 has no reason phrases, and some servers of HTTP/1.1 send none. */
function reasonOf(status: number): string {
  return REASONS[status] ?? '';
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK', 301: 'Moved Permanently', 302: 'Found', 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden',
  404: 'Not Found', 407: 'Proxy Authentication Required', 410: 'Gone', 429: 'Too Many Requests',
  500: 'Internal Server Error', 502: 'Bad Gateway', 503: 'Service Unavailable', 504: 'Gateway Timeout',
};
