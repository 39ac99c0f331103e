import { createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';
import type { Client, Dispatcher } from 'undici';
import { publicLookup } from './addresses.ts';
import { noProxyOf, proxyFor } from './http-proxy.ts';

/** What kind of connection one request may use. */
export interface ConnectionKind {
  /** Names that lead to an address that is not public are refused at connecting. */
  readonly publicOnly: boolean;
  /** Certificates are not verified. */
  readonly insecure: boolean;
}

export interface ConnectionOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly ca: (() => readonly string[]) | undefined;
  readonly insecureProxy: boolean;
  /** Milliseconds, as in HttpBounds. */
  readonly connect: number;
  readonly headers: number;
  readonly whole: number;
  readonly perHost: number;
}

/** The open connections, by kind: kept alive, shared by requests with HTTP/2, through the environment's proxies. */
export interface Connections {
  /** Where to send a request. The first https request of a host goes ahead; the others wait to share its connection. */
  dispatcherFor(url: URL, kind: ConnectionKind): Promise<Dispatcher>;
  close(): Promise<void>;
}

/** How long others wait for the first connection of a host, in milliseconds; it is only a matter of economy. */
const FIRST_CONNECTION = 1000;

/** Streams that one HTTP/2 connection carries at once; undici asks for no more. */
const STREAMS = 100;

export function createConnections(options: ConnectionOptions): Connections {
  const dispatchers = new Map<string, Promise<Dispatcher>>();
  const trust = createTrust(options.ca);
  const firsts = new Map<string, FirstConnection>();

  return {
    async dispatcherFor(url, kind) {
      const proxy = proxyFor(url, options.environment);
      const key = `${url.protocol} ${kind.publicOnly} ${kind.insecure} ${proxy ?? ''}`;
      const dispatcher = dispatchers.get(key) ?? createDispatcher(url.protocol, proxy, kind, { ...options, trust }, (origin) => {
        firsts.get(`${key} ${origin}`)?.opened();
      });
      dispatchers.set(key, dispatcher);
      if (url.protocol === 'https:') {
        const originKey = `${key} ${url.origin}`;
        const first = firsts.get(originKey);
        if (first) await first.done;
        else firsts.set(originKey, createFirstConnection());
      }
      return await dispatcher;
    },
    async close() {
      const open = [...dispatchers.values()];
      dispatchers.clear();
      firsts.clear();
      await Promise.all(open.map(async (dispatcher) => (await dispatcher).destroy()));
    },
  };
}

/** Reading some hundred certificates takes as long as a request, so that all connections share what was read. */
function createTrust(ca: ConnectionOptions['ca']): () => { readonly secureContext?: SecureContext } {
  let read: { readonly secureContext?: SecureContext } | undefined;
  return () => (read ??= ca ? { secureContext: createSecureContext({ ca: [...ca()] }) } : {});
}

interface FirstConnection {
  readonly done: Promise<void>;
  opened(): void;
}

function createFirstConnection(): FirstConnection {
  const opening = new AbortController();
  const done = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, FIRST_CONNECTION);
    timer.unref();
    opening.signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
  return { done, opened: () => opening.abort() };
}

/** undici takes longer to load than what needs no network takes in all, so it is loaded for the first request. */
async function createDispatcher(
  scheme: string,
  proxy: string | undefined,
  kind: ConnectionKind,
  options: ConnectionOptions & { readonly trust: ReturnType<typeof createTrust> },
  connected: (origin: string) => void,
): Promise<Dispatcher> {
  const undici = await import('undici');
  const { Agent, EnvHttpProxyAgent, Pool } = undici;
  const isSecure = scheme === 'https:' || proxy?.startsWith('https:') === true;
  const trust = isSecure ? options.trust() : {};
  const tls = { ...trust, ...(kind.insecure ? { rejectUnauthorized: false } : {}), timeout: options.connect };
  const agentOptions = {
    headersTimeout: options.headers,
    bodyTimeout: options.whole,
    keepAliveTimeout: 10_000,
    connections: options.perHost,
    allowH2: true,
    connect: { ...tls, ...(kind.publicOnly ? { lookup: publicLookup } : {}) },
    factory: (origin: string | URL, poolOptions: object) =>
      new Pool(origin, { ...poolOptions, factory: (to, clientOptions) => createClient(undici, to, clientOptions, connected) }),
  };
  if (proxy === undefined) return new Agent(agentOptions);
  return new EnvHttpProxyAgent({
    ...agentOptions,
    httpProxy: proxy,
    httpsProxy: proxy,
    noProxy: noProxyOf(options.environment),
    proxyTunnel: scheme === 'https:',
    requestTls: tls,
    proxyTls: { ...trust, ...(options.insecureProxy ? { rejectUnauthorized: false } : {}), timeout: options.connect },
  });
}

/**
 * One connection. undici shares an HTTP/2 connection only when pipelining is allowed, and with pipelining an HTTP/1.1
 * connection would be shared too; so it is set when the protocol is known.
 */
function createClient(
  { Client }: typeof import('undici'),
  origin: URL,
  clientOptions: Client.Options,
  connected: (origin: string) => void,
): Client {
  const { connect } = clientOptions;
  if (typeof connect !== 'function') return new Client(origin, clientOptions);
  const client: Client = new Client(origin, {
    ...clientOptions,
    connect: (target, callback) => {
      connect(target, (...result) => {
        const [, socket] = result;
        client.pipelining = socket && 'alpnProtocol' in socket && socket.alpnProtocol === 'h2' ? STREAMS : 1;
        callback(...result);
        connected(origin.origin);
      });
    },
  });
  return client;
}
