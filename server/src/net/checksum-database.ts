import { createPublicKey, hash, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProxyEntry } from '../engine/environment.ts';
import type { Checksums, Fact } from '../engine/facts.ts';
import type { AbortSignal as Signal } from '../engine/network.ts';
import { ChecksumDatabase as VerifyingClient } from '../sumdb/checksum-database.ts';
import type { Lookup } from '../sumdb/checksum-database.ts';
import type { Operations, RemoteAnswer } from '../sumdb/operations.ts';
import { keyId } from '../sumdb/signed-note.ts';
import type { Cryptography, VerifierKey } from '../sumdb/signed-note.ts';
import { parseSumDb } from '../sumdb/sum-db.ts';
import type { SumDb } from '../sumdb/sum-db.ts';
import { createChecksumCache } from './checksum-cache.ts';
import { parseUrl, shownUrl } from './credentials.ts';
import type { HttpGet } from './http.ts';
import { createTreeHeadMemory, createTreeHeadStore } from './tree-head-store.ts';

export interface ChecksumDatabaseOptions {
  /** GOSUMDB as written. */
  readonly sumDb: string;
  /** The entries of GOPROXY, which may carry the database; none means that nothing may be asked. */
  readonly proxies: readonly ProxyEntry[];
  readonly get: HttpGet;
  /** Where verified answers and the largest tree head are kept between runs, absolute; undefined for memory only. */
  readonly cacheDirectory: string | undefined;
  /** GOMODCACHE: what the go command has kept there is read (and verified) first, and never written. */
  readonly moduleCache?: string | undefined;
}

/** One checksum database behind one chain of proxies. No method throws. */
export interface ChecksumDatabase {
  /**
   * The signed go.sum lines of a version, or why there are none; a `security` failure is the typed form of what
   * `checksums` says in words. The signal ends the waiting of this caller, and the requests once nobody waits.
   */
  lookup(path: string, version: string, signal: Signal): Promise<Lookup>;
  /** The same as a fact for the engine. A security failure is unavailable, with words that begin `SECURITY ERROR: `. */
  checksums(path: string, version: string, signal: Signal): Promise<Fact<Checksums>>;
  /** Waits until what was verified is on disk. */
  settled(): Promise<void>;
}

/** SHA-256 and Ed25519 as Node.js has them. */
export const nodeCryptography: Cryptography = { sha256, verifyEd25519 };

/**
 * The client for a value of GOSUMDB (cmd/go/internal/modfetch/sumdb.go). A value that names no database makes one
 * whose every lookup is unavailable, with the go command's words for it.
 */
export function createChecksumDatabase(options: ChecksumDatabaseOptions): ChecksumDatabase {
  const sumDb = parseSumDb(options.sumDb, sha256);
  const why = refusal(sumDb, options.proxies);
  if (sumDb.kind !== 'database' || why !== undefined) return withoutDatabase(why ?? '');

  const cache = createChecksumCache({
    directory: options.cacheDirectory && join(options.cacheDirectory, directoryOf(sumDb.key)),
    readOnly: options.moduleCache && join(options.moduleCache, 'cache', 'download', 'sumdb', sumDb.key.name),
  });
  const heads =
    options.cacheDirectory === undefined
      ? createTreeHeadMemory()
      : createTreeHeadStore(join(options.cacheDirectory, directoryOf(sumDb.key), 'latest'));
  const callers = createCallers();
  const client = new VerifyingClient(sumDb.key, {
    ...nodeCryptography,
    readRemote: createRemote(sumDb, options, callers),
    readCache: (path) => cache.read(path),
    writeCache: (path, bytes) => cache.write(path, bytes),
    readTreeHead: () => heads.read(),
    writeTreeHead: (old, head) => heads.swap(old, head),
  });

  const lookup = (path: string, version: string, signal: Signal): Promise<Lookup> =>
    callers.wait(signal, () => client.lookup(path, version));
  return {
    lookup,
    checksums: async (path, version, signal) => toFact(await lookup(path, version, signal), path, version, client.name),
    settled: () => cache.settled(),
  };
}

/** Why nothing can be asked, in the go command's words where it has some. */
function refusal(sumDb: SumDb, proxies: readonly ProxyEntry[]): string | undefined {
  if (sumDb.kind !== 'database') return sumDb.why;
  if (proxies.length === 0) return 'GOPROXY list is not the empty string, but contains no entries';
  if (sumDb.url === undefined) return undefined;
  const url = parseUrl(sumDb.url);
  if (url === undefined) return `invalid GOSUMDB URL: ${shownUrl(sumDb.url)}`;
  return SCHEMES.has(url.protocol) ? undefined : `invalid GOSUMDB URL: unsupported scheme: ${shownUrl(sumDb.url)}`;
}

function withoutDatabase(why: string): ChecksumDatabase {
  return {
    lookup: () => Promise.resolve({ kind: 'unavailable', why }),
    checksums: () => Promise.resolve({ state: 'unavailable', why }),
    settled: () => Promise.resolve(),
  };
}

function toFact(lookup: Lookup, path: string, version: string, database: string): Fact<Checksums> {
  switch (lookup.kind) {
    case 'found':
      return {
        state: 'known',
        value: {
          zip: hashAfter(lookup.lines, `${path} ${version} `),
          mod: hashAfter(lookup.lines, `${path} ${version}/go.mod `),
          database,
        },
      };
    case 'absent':
      return { state: 'absent', evidence: [{ from: lookup.from, said: lookup.said }] };
    case 'unavailable':
      return { state: 'unavailable', why: lookup.why };
    case 'security':
      return { state: 'unavailable', why: `SECURITY ERROR: ${database}: ${lookup.why}` };
  }
}

/** Only `h1:` counts, as in cmd/go/internal/modfetch/fetch.go:checkSumDB. */
function hashAfter(lines: readonly string[], start: string): string | undefined {
  return lines.find((line) => line.startsWith(`${start}h1:`))?.slice(start.length);
}

/** Who waits for the database. Requests under way serve all of them, and end when the last one has gone. */
interface Callers {
  /** Runs a lookup for a caller, who hears at once when the caller's own signal comes. */
  wait(signal: Signal, run: () => Promise<Lookup>): Promise<Lookup>;
  /** Runs a request while somebody waits; one that ended because all had gone is run again if a new caller came. */
  request(run: (signal: Signal) => Promise<RemoteAnswer>): Promise<RemoteAnswer>;
}

function createCallers(): Callers {
  let waiting = 0;
  /** One for all requests under way, as they end together. */
  let requests = new AbortController();
  const stops = new WeakMap<Signal, Promise<Lookup>>();

  /** Settles when the signal comes. It listens once, however many lookups a caller makes with one signal. */
  function stopOf(signal: Signal): Promise<Lookup> {
    const known = stops.get(signal);
    if (known !== undefined) return known;
    const stop = new Promise<Lookup>((resolve) => {
      signal.addEventListener('abort', () => resolve(CANCELLED), { once: true });
    });
    stops.set(signal, stop);
    return stop;
  }

  return {
    async wait(signal, run) {
      if (signal.aborted) return CANCELLED;
      waiting += 1;
      try {
        return await Promise.race([run().catch(unexpected), stopOf(signal)]);
      } finally {
        waiting -= 1;
        if (waiting === 0) {
          requests.abort();
          requests = new AbortController();
        }
      }
    },
    async request(run) {
      while (waiting > 0) {
        const { signal } = requests;
        const answer = await run(signal);
        if (!signal.aborted) return answer;
      }
      return CANCELLED;
    },
  };
}

const CANCELLED = { kind: 'unavailable', why: 'cancelled' } as const;

/** The verifying client throws nothing of its own accord; a fault in it must not take the server down. */
function unexpected(error: unknown): Lookup {
  return { kind: 'unavailable', why: `internal error: ${error instanceof Error ? error.message : String(error)}` };
}

/** Where the database answers, or why that is not known. */
type Base = { readonly kind: 'base'; readonly url: string } | Extract<RemoteAnswer, { kind: 'unavailable' }>;

/** Asks at the database's base, which is found at the first request. */
function createRemote(
  sumDb: Extract<SumDb, { kind: 'database' }>,
  options: ChecksumDatabaseOptions,
  callers: Callers,
): Operations['readRemote'] {
  const read: Read = (url, purpose) => callers.request((signal) => readUrl(url, purpose, options.get, signal));
  const base = createBase(() => findBase(sumDb, options.proxies, read));
  return async (path) => {
    const found = await base();
    if (found.kind !== 'base') return found;
    const answer = await read(`${found.url}/${path}`, path.startsWith('tile/') ? 'tile' : 'lookup');
    return answer.kind === 'absent' ? { ...answer, from: shownUrl(found.url) } : answer;
  };
}

/** Keeps the base once it is found; a failure is kept for a while, so that not every lookup meets it anew. */
function createBase(find: () => Promise<Base>): () => Promise<Base> {
  let finding: Promise<Base> | undefined;
  let until = Infinity;

  async function findAnew(): Promise<Base> {
    const base = await find();
    if (base === CANCELLED) finding = undefined;
    else if (base.kind !== 'base') until = performance.now() + REST;
    return base;
  }

  return () => {
    if (finding === undefined || performance.now() >= until) {
      until = Infinity;
      finding = findAnew();
    }
    return finding;
  };
}

type Read = (url: string, purpose: string) => Promise<RemoteAnswer>;

/**
 * Where to ask (cmd/go/internal/modfetch/sumdb.go:initBase): at GOSUMDB's own URL; or through the first proxy that
 * says it is supported, and then there only; or, when no proxy carries it, at the database itself. As in the go
 * command a failing proxy lets only `direct` follow, whatever else comes after a `|`.
 */
async function findBase(
  sumDb: Extract<SumDb, { kind: 'database' }>,
  proxies: readonly ProxyEntry[],
  read: Read,
): Promise<Base> {
  const itself: Base = { kind: 'base', url: `https://${sumDb.key.name}` };
  if (sumDb.url !== undefined) return { kind: 'base', url: withoutSlash(sumDb.url) };
  let failure: Base | undefined;
  for (const proxy of proxies) {
    if (proxy.kind === 'direct') return itself;
    if (proxy.kind === 'off') break;
    const url = `${withoutSlash(proxy.url)}/sumdb/${sumDb.key.name}`;
    const answer = await read(`${url}/supported`, 'sumdb');
    if (answer.kind === 'answer') return { kind: 'base', url };
    if (answer.kind === 'absent') continue;
    if (answer === CANCELLED) return answer;
    failure = answer;
    if (proxy.fallBackOn === 'absent') break;
  }
  return failure ?? itself;
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

async function readUrl(url: string, purpose: string, get: HttpGet, signal: Signal): Promise<RemoteAnswer> {
  if (/^file:/i.test(url)) return readFileUrl(url);
  const answer = await get(url, { signal, maxBytes: MAX_BYTES, purpose, reach: 'configured' });
  if (answer.kind === 'failure') return { kind: 'unavailable', why: answer.why };
  if (answer.status === 200) return { kind: 'answer', body: answer.body };
  const from = shownUrl(url);
  if (answer.status === 404 || answer.status === 410) return { kind: 'absent', from, said: answer.statusText };
  return { kind: 'unavailable', why: `reading ${from}: ${answer.statusText}` };
}

/** A `file://` proxy may hold a copy of a database, too; the go command reads it like any other. */
async function readFileUrl(url: string): Promise<RemoteAnswer> {
  const from = shownUrl(url);
  try {
    return { kind: 'answer', body: await readFile(fileURLToPath(url)) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { kind: 'absent', from, said: 'no such file' };
    return { kind: 'unavailable', why: `reading ${from}: ${code === 'EACCES' ? 'permission denied' : message}` };
  }
}

/** A tile has 8 KiB, a record some hundred bytes. */
const MAX_BYTES = 1 << 20;
/** For how long a chain of proxies that failed is not asked again for the database, in milliseconds. */
const REST = 30_000;
const SCHEMES: ReadonlySet<string> = new Set(['https:', 'http:', 'file:']);

/** A directory for one key: another key of the same name is another history. */
function directoryOf(key: VerifierKey): string {
  return encodeURIComponent(keyId(key));
}

function sha256(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer');
}

function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const der = Buffer.concat([SPKI_OF_ED25519, publicKey]);
  const key: KeyObject = createPublicKey({ key: der, format: 'der', type: 'spki' });
  return verify(null, message, key, signature);
}

/** What stands before the 32 bytes of an Ed25519 key in its SubjectPublicKeyInfo (RFC 8410, section 4). */
const SPKI_OF_ED25519 = Buffer.from('302a300506032b6570032100', 'hex');
