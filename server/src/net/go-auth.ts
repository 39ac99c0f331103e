import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute } from 'node:path';
import type { AbortSignal as Signal } from '../engine/network.ts';
import { basic, parseUrl, readNetrc, parseNetrc } from './credentials.ts';
import { gitEnvironment } from './git-environment.ts';
import { createLimit } from './limit.ts';
import { runProgram } from './program.ts';

/** Headers by their name in lower case. */
export type AuthHeaders = Readonly<Record<string, string>>;

/** What a server said before it was asked again with credentials. */
export interface RefusedAnswer {
  /** `401 Unauthorized`. */
  readonly statusText: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The credentials that GOAUTH gives for https addresses (`go help goauth`; cmd/go/internal/auth). They are for the host
 * and path that the user's own configuration names with them. Neither method throws.
 */
export interface GoAuth {
  /** Why the go command refuses GOAUTH, and with it every https request; in its words, without the arguments. */
  readonly fault: string | undefined;
  /** What is known for an address; the commands of GOAUTH have run once before. */
  headersFor(url: URL, signal: Signal): Promise<AuthHeaders | undefined>;
  /** What is known after the commands were told that a server answered an address with a status of 400 to 499. */
  headersAfter(url: URL, refused: RefusedAnswer, signal: Signal): Promise<AuthHeaders | undefined>;
  /** Why commands gave nothing so far: their names, but nothing that they were given or that they wrote. */
  readonly failures: readonly string[];
}

type Method =
  | { readonly kind: 'netrc' }
  | { readonly kind: 'git'; readonly directory: string }
  | { readonly kind: 'command'; readonly program: string; readonly arguments: readonly string[] };

/** For one run of a command, in milliseconds. */
const TIMEOUT = 30_000;

/** The most that a command may write, in bytes. */
const MOST = 1 << 20;

/** Commands at once; each failed request may want one. */
const PLACES = 4;

/**
 * Reads GOAUTH. Commands are programs of the user's, run without a shell when the first https request is about to be
 * sent; whoever must not start programs must not send requests either.
 *
 * @param value GOAUTH as written
 * @param timeout for one run of a command, in milliseconds
 */
export function createGoAuth(environment: NodeJS.ProcessEnv, value = 'netrc', timeout = TIMEOUT): GoAuth {
  const parsed = parseGoAuth(value);
  if (typeof parsed === 'string') return { fault: parsed, headersFor: none, headersAfter: none, failures: [] };
  const methods = parsed;
  const credentials = new Map<string, AuthHeaders>();
  const limit = createLimit(PLACES);
  const failures = new Map<string, string>();
  let first: Promise<void> | undefined;

  async function runOne(method: Method, url: URL | undefined, input: string): Promise<Found> {
    switch (method.kind) {
      case 'netrc':
        return { entries: netrcEntries(environment) };
      case 'git':
        // Git can't tell what it has, only what it has for an address.
        return url ? gitCredential(environment, method.directory, url, timeout) : { entries: [] };
      case 'command':
        return runCommand(environment, method, url, input, timeout);
    }
  }

  /** The first method that has something for an address wins, and so its credentials are stored last. */
  async function run(url: URL | undefined, input: string): Promise<void> {
    const found = await Promise.all(methods.map((method) => runOne(method, url, input)));
    for (const [at, { entries, failure }] of [...found.entries()].reverse()) {
      const name = nameOf(methods[at]!);
      if (failure === undefined) failures.delete(name);
      else failures.set(name, `GOAUTH=${name}: ${failure}`);
      for (const { prefix, headers } of entries) {
        if (Object.keys(headers).length === 0) credentials.delete(keyOf(prefix));
        else credentials.set(keyOf(prefix), headers);
      }
    }
  }

  return {
    fault: undefined,

    get failures() {
      return [...failures.values()];
    },

    async headersFor(url, signal) {
      first ??= run(undefined, '');
      await orAborted(first, signal);
      return lookUp(credentials, url);
    },

    async headersAfter(url, refused, signal) {
      if (methods.every(({ kind }) => kind === 'netrc')) return lookUp(credentials, url);
      const release = await limit.acquire(signal);
      if (!release) return undefined;
      const running = run(url, responseText(refused)).finally(release);
      await orAborted(running, signal);
      return lookUp(credentials, url);
    },
  };
}

const none = (): Promise<undefined> => Promise.resolve(undefined);

/** The methods in their order, or why there are none (auth.go:runGoAuth). */
function parseGoAuth(value: string): readonly Method[] | string {
  const commands = value.split(';').map((command) => command.trim());
  const methods: Method[] = [];
  for (const command of commands) {
    const words = splitWords(command);
    if (words === undefined) return 'cannot parse GOAUTH command: unterminated string';
    const [name, ...rest] = words;
    if (name === undefined) return 'GOAUTH encountered an empty command';
    if (name === 'off') {
      return commands.length === 1 ? [] : 'GOAUTH=off cannot be combined with other authentication commands';
    }
    if (name === 'netrc') methods.push({ kind: 'netrc' });
    else if (name !== 'git') methods.push({ kind: 'command', program: name, arguments: rest });
    else {
      const fault = gitFault(rest);
      if (fault !== undefined) return fault;
      methods.push({ kind: 'git', directory: rest[0]! });
    }
  }
  return methods;
}

function gitFault(words: readonly string[]): string | undefined {
  const need = 'GOAUTH=git dir method requires an absolute path to the git working directory';
  const [directory] = words;
  if (directory === undefined || words.length !== 1) return need;
  if (!isAbsolute(directory)) return `${need}, dir is not absolute`;
  const stat = statSync(directory, { throwIfNoEntry: false });
  if (!stat) return 'GOAUTH=git encountered an error; cannot stat its directory: no such file or directory';
  return stat.isDirectory() ? undefined : `${need}, dir is not a directory`;
}

/** Words apart by blanks; one in quotes may hold them (cmd/internal/quoted). Undefined when a quote does not end. */
function splitWords(text: string): string[] | undefined {
  const words: string[] = [];
  let rest = text.trimStart();
  while (rest !== '') {
    const match = /^(?:"([^"]*)"|'([^']*)'|([^"'\s]\S*))/.exec(rest);
    if (!match) return undefined;
    words.push(match[1] ?? match[2] ?? match[3]!);
    rest = rest.slice(match[0].length).trimStart();
  }
  return words;
}

/** What may be said of a method. The arguments of a command may be credentials. */
function nameOf(method: Method): string {
  return method.kind === 'command' ? method.program : method.kind;
}

interface Entry {
  /** An address without its scheme, or just a host. */
  readonly prefix: string;
  readonly headers: AuthHeaders;
}

interface Found {
  readonly entries: readonly Entry[];
  readonly failure?: string;
}

/** Of several entries for one machine the first counts. */
function netrcEntries(environment: NodeJS.ProcessEnv): Entry[] {
  const entries = parseNetrc(readNetrc(environment));
  return entries.reverse().map(({ machine, login, password }) => ({
    prefix: machine,
    headers: { authorization: basic(login, password) },
  }));
}

/** `git credential fill`, which may ask nobody; neither is anything approved or rejected, as this only looks. */
async function gitCredential(
  environment: NodeJS.ProcessEnv,
  directory: string,
  url: URL,
  timeout: number,
): Promise<Found> {
  const env = gitEnvironment(environment, directory, undefined);
  const input = `url=${withoutLogin(url)}\n\n`;
  const ran = await runProgram('git', ['credential', 'fill'], { env, cwd: directory, input, timeout, maxBytes: MOST });
  if (!ran.ok) return { entries: [], failure: `'git credential fill' failed: ${ran.error}` };
  const lines = ran.value.split('\n').map((line) => line.trim());
  const fields = lines.map((line) => [line.split('=', 1)[0]!, line.slice(line.indexOf('=') + 1)] as const);
  const { protocol, host, path = '', username = '', password = '' } = Object.fromEntries(fields);
  const given = protocol && host ? parseUrl(`${protocol}://${host}/${path}`) : undefined;
  if (!given || given.origin !== url.origin || !isBelow(url, given)) {
    const failure = `requested a credential for ${url.host}, but 'git credential fill' provided one for another one`;
    return { entries: [], failure };
  }
  return { entries: [{ prefix: given.href, headers: { authorization: basic(username, password) } }] };
}

function isBelow(url: URL, prefix: URL): boolean {
  return `${url.pathname}/`.startsWith(`${prefix.pathname.replace(/\/+$/, '')}/`);
}

async function runCommand(
  environment: NodeJS.ProcessEnv,
  command: Extract<Method, { kind: 'command' }>,
  url: URL | undefined,
  input: string,
  timeout: number,
): Promise<Found> {
  const { program } = command;
  // Not from the directory that happens to be open: what lies there is not the user's choice (Go's exec.ErrDot).
  if (/[\\/]/.test(program) && !isAbsolute(program)) {
    return { entries: [], failure: 'could not run command: cannot run executable found relative to current directory' };
  }
  const args = [...command.arguments, ...(url ? [withoutLogin(url)] : [])];
  const options = { env: environment, cwd: homeOf(environment), input, timeout, maxBytes: MOST };
  const ran = await runProgram(program, args, options);
  if (!ran.ok) return { entries: [], failure: `could not run command: ${ran.error}` };
  const entries = parseCredentials(ran.value);
  return entries ?? { entries: [], failure: 'cannot parse output of GOAUTH command: invalid format' };
}

function homeOf(environment: NodeJS.ProcessEnv): string {
  const home = environment['HOME'] || environment['USERPROFILE'] || homedir();
  return statSync(home, { throwIfNoEntry: false })?.isDirectory() ? home : homedir();
}

/** What a command wrote: sets of addresses and headers, each ended by an empty line (userauth.go:parseUserAuth). */
function parseCredentials(text: string): Found | undefined {
  const blocks = text.split('\n\n');
  if (blocks.pop() !== '' || blocks.length % 2 !== 0) return text === '' ? { entries: [] } : undefined;
  const entries: Entry[] = [];
  for (let at = 0; at < blocks.length; at += 2) {
    const headers = parseHeaders(blocks[at + 1]!);
    if (!headers) return undefined;
    for (const line of blocks[at]!.split('\n')) {
      const address = parseUrl(line);
      if (address?.protocol !== 'https:') return undefined;
      entries.push({ prefix: `${address.host}${address.pathname}`, headers });
    }
  }
  return { entries };
}

function parseHeaders(text: string): AuthHeaders | undefined {
  const headers: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): (.*)$/.exec(line);
    const value = match?.[2]!.trim();
    if (!match || value === undefined || /[^\t\x20-\x7e\x80-\uffff]/.test(value)) return undefined;
    const name = match[1]!.toLowerCase();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return headers;
}

/** The longest prefix of an address, cut at slashes, that has credentials (auth.go:loadCredential). */
function lookUp(credentials: ReadonlyMap<string, AuthHeaders>, url: URL): AuthHeaders | undefined {
  if (url.protocol !== 'https:') return undefined;
  for (let key = keyOf(withoutLogin(url)); ; key = key.slice(0, key.lastIndexOf('/'))) {
    const found = credentials.get(key);
    if (found || !key.includes('/')) return found;
  }
}

function keyOf(prefix: string): string {
  return prefix.replace(/^https:\/\//, '').replace(/\/$/, '');
}

function withoutLogin(url: URL): string {
  const plain = new URL(url);
  plain.username = '';
  plain.password = '';
  return plain.href;
}

/** An HTTP response without its body, as the protocol hands it to a command. */
function responseText({ statusText, headers }: RefusedAnswer): string {
  const lines = Object.entries(headers).map(([name, value]) => `${canonicalName(name)}: ${value}\n`);
  return `HTTP/1.1 ${statusText}\n${lines.join('')}\n`;
}

/** `www-authenticate` as `Www-Authenticate`, the form that Go gives header names. */
function canonicalName(name: string): string {
  return name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}

/** Waits for work that goes on whether anybody waits or not. */
function orAborted(work: Promise<void>, signal: Signal): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => resolve();
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    void work.then(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
  });
}
