import { join } from 'node:path';
import type { Fact, ModText } from '../engine/facts.ts';
import type { AbortSignal, Network, Route } from '../engine/network.ts';
import { createRememberingProxy } from './answer-cache-proxy.ts';
import type { RememberingProxy } from './answer-cache-proxy.ts';
import { createValidatingGet } from './answer-cache-validators.ts';
import { createAnswerCache, noAnswerCache } from './answer-cache.ts';
import { createChecksumDatabase } from './checksum-database.ts';
import type { ChecksumDatabase } from './checksum-database.ts';
import { hashGoMod } from './dirhash.ts';
import { createGit } from './git.ts';
import type { Git } from './git.ts';
import { createGoAuth } from './go-auth.ts';
import type { HashPool } from './hash-pool.ts';
import { createHttp } from './http.ts';
import type { HttpBounds, HttpGet, Trace } from './http.ts';
import { hashModuleZip } from './module-hash.ts';
import { createModuleProxy } from './module-proxy.ts';
import type { ModBytes } from './module-proxy.ts';
import { createModuleZips } from './module-zips.ts';
import type { FetchZip, HashZip } from './module-zips.ts';
import { createOrigin } from './origin.ts';
import type { Origin, OriginSettings } from './origin.ts';
import { askChain } from './proxy-chain.ts';

export interface NetworkOptions {
  /** Go's settings that decide how origins may be asked; GOPROXY and GOSUMDB come with each question's route. */
  readonly settings: OriginSettings;
  /** For HTTP_PROXY and the like, netrc, and git. */
  readonly environment: NodeJS.ProcessEnv;
  /** GOAUTH as written; `netrc` is Go's default. */
  readonly goAuth?: string;
  /** Where answers and verified checksums are kept between runs, an absolute directory; undefined for memory only. */
  readonly cacheDirectory: string | undefined;
  /** GOMODCACHE, whose copies of the checksum database are read first. */
  readonly moduleCache?: string | undefined;
  /** Called when a request is over, whatever came of it. */
  readonly trace?: Trace;
  readonly bounds?: Partial<HttpBounds>;
  /** For one question to git, in milliseconds. */
  readonly gitTimeout?: number;
  /** As in HttpOptions. */
  readonly ca?: () => readonly string[];
  readonly insecureProxy?: boolean;
  /** Opens threads to hash zip files in, when the first one is to be hashed; without it this thread does it. */
  readonly hashPool?: () => HashPool;
  /** Nothing leaves this machine: what is on the disk answers, and all else is unavailable. */
  readonly offline?: boolean;
}

export interface OpenNetwork extends Network {
  /** Waits for what is still written to disk, and ends all connections. */
  close(): Promise<void>;
}

/** The outside world: module proxies, origins and checksum databases behind one interface. */
export function createNetwork(options: NetworkOptions): OpenNetwork {
  const trace = options.trace ? { trace: options.trace } : {};
  const http = createHttp({
    environment: options.environment,
    auth: createGoAuth(options.environment, options.goAuth),
    ...(options.bounds ? { bounds: options.bounds } : {}),
    ...(options.ca ? { ca: options.ca } : {}),
    ...(options.insecureProxy === undefined ? {} : { insecureProxy: options.insecureProxy }),
    ...trace,
  });
  const offline = options.offline ?? false;
  const get = offline ? refuseToAsk : http.get;
  const cache =
    options.cacheDirectory === undefined
      ? noAnswerCache
      : createAnswerCache({ directory: answerDirectory(options.cacheDirectory) });
  const validatingGet = createValidatingGet(get, cache);
  const git = createGit({
    environment: options.environment,
    ...(options.gitTimeout === undefined ? {} : { timeout: options.gitTimeout }),
    ...trace,
  });
  const origin = createOrigin({
    settings: options.settings,
    get,
    git: offline ? offlineGit(git) : git,
    cache,
    offline,
  });
  let pool: HashPool | undefined;
  const hashZip: HashZip = (file) => {
    pool ??= options.hashPool?.();
    return pool?.hash({ kind: 'zip', file }) ?? hashModuleZip(file);
  };
  const zips = createModuleZips(options.cacheDirectory && zipDirectory(options.cacheDirectory), hashZip);
  const proxies = new Map<string, RememberingProxy>();
  const databases = new Map<string, ChecksumDatabase>();

  function proxyAt(url: string): RememberingProxy {
    const known = proxies.get(url);
    if (known) return known;
    const asked = createModuleProxy(url, validatingGet);
    const proxy = createRememberingProxy(asked, { address: url, cache, offline, trace: options.trace });
    proxies.set(url, proxy);
    return proxy;
  }

  function ask<T>(
    route: Route,
    fromProxy: (proxy: RememberingProxy) => Promise<Fact<T>>,
    fromOrigin: (origin: Origin) => Promise<Fact<T>>,
  ): Promise<Fact<T>> {
    return askChain(route.entries, (entry) =>
      entry.kind === 'direct' ? fromOrigin(origin) : fromProxy(proxyAt(entry.url)),
    );
  }

  function databaseOf(route: Route & { sumDb: string }): ChecksumDatabase {
    const key = JSON.stringify(route);
    const database = databases.get(key) ?? createChecksumDatabase({
      sumDb: route.sumDb,
      proxies: route.entries,
      get,
      cacheDirectory: options.cacheDirectory,
      moduleCache: options.moduleCache,
    });
    databases.set(key, database);
    return database;
  }

  /** Asks for a go.mod and verifies it; a kept one that is refused is dropped, and asked for again. */
  async function verifiedMod(path: string, version: string, route: Route, signal: AbortSignal): Promise<Fact<ModText>> {
    let asked: RememberingProxy | undefined;
    const mod = await ask(
      route,
      (proxy) => {
        asked = proxy;
        return proxy.mod(path, version, signal);
      },
      (from) => {
        asked = undefined;
        return from.mod(path, version, signal);
      },
    );
    if (mod.state !== 'known') return mod;
    // Only now: a database that is asked for a version before it is published remembers that there is none.
    const checksums = route.sumDb === undefined ? undefined : await network.checksums(path, version, route, signal);
    const doubt = checksums && doubtOf(path, version, mod.value, checksums);
    if (doubt === undefined) {
      asked?.confirmMod(path, version, mod.value);
      return { state: 'known', value: textOf(mod.value) };
    }
    const isRefused = doubt.startsWith(SECURITY_ERROR) && (await asked?.refuseMod(path, version, mod.value));
    return isRefused ? verifiedMod(path, version, route, signal) : { state: 'unavailable', why: doubt };
  }

  const network: OpenNetwork = {
    offline,

    get requests() {
      return http.requests + git.requests;
    },

    versions: (path, route, signal) =>
      ask(route, (proxy) => proxy.list(path, signal), (from) => from.versions(path, signal)),

    release: (path, version, route, signal) =>
      ask(route, (proxy) => proxy.info(path, version, signal), (from) => from.release(path, version, signal)),

    query: (path, query, route, signal) =>
      ask(route, (proxy) => proxy.query(path, query, signal), (from) => from.query(path, query, signal)),

    mod: verifiedMod,

    zip(path, version, route, signal) {
      const { sumDb } = route;
      const fetch: FetchZip = (file) =>
        ask(route, (proxy) => proxy.zip(path, version, file, signal), () =>
          Promise.resolve({ state: 'unavailable', why: `${path}@${version} is not in the module cache, and only proxies have zip files` } as const),
        );
      const vouch = sumDb === undefined ? undefined : () => network.checksums(path, version, route, signal);
      return zips.zip(path, version, fetch, vouch);
    },

    tags: (path, signal) => origin.tags(path, signal),

    checksums(path, version, route, signal) {
      const { sumDb } = route;
      if (sumDb === undefined) {
        return Promise.resolve({ state: 'unavailable', why: 'the checksum database is not asked about it' });
      }
      return databaseOf({ ...route, sumDb }).checksums(path, version, signal);
    },

    async close() {
      await Promise.all([cache.settled(), ...[...databases.values()].map((database) => database.settled())]);
      await Promise.all([http.close(), pool?.close()]);
    },
  };
  return network;
}

/** Where, below the directory of all that is kept, the answers of proxies and origins are. */
export function answerDirectory(cacheDirectory: string): string {
  return join(cacheDirectory, 'answers');
}

/** Where, below the same directory, the zip files are. */
export function zipDirectory(cacheDirectory: string): string {
  return join(cacheDirectory, 'zips');
}

const OFFLINE = 'not asked: offline';

const refuseToAsk: HttpGet = () => Promise.resolve({ kind: 'failure', failure: 'refused', why: OFFLINE });

/** Rewriting an address asks the user's configuration only. */
function offlineGit({ rewrite, requests }: Git): Git {
  const refuse = () => Promise.resolve({ kind: 'failure', failure: 'other', why: OFFLINE } as const);
  return { rewrite, requests, tags: refuse, files: refuse, revision: refuse };
}

const SECURITY_ERROR = 'SECURITY ERROR';

/** Why a go.mod is not believed: the checksum database vouches for another one, or for none. */
function doubtOf(
  path: string,
  version: string,
  mod: ModBytes,
  checksums: Awaited<ReturnType<Network['checksums']>>,
): string | undefined {
  const what = `verifying ${path}@${version}/go.mod`;
  if (checksums.state === 'unavailable') return `${what}: ${checksums.why}`;
  if (checksums.state === 'absent') return `${what}: the checksum database does not know this version`;
  if (checksums.state === 'pending') return `${what}: the checksum database has not answered`;
  const { mod: signed, database } = checksums.value;
  if (signed === undefined) return `${what}: checksum missing from sumdb response`;
  const hash = hashGoMod(mod.bytes);
  if (hash === signed) return undefined;
  return `${SECURITY_ERROR}: ${what}: checksum mismatch: ${mod.from} has ${hash}, ${database} has ${signed}`;
}

function textOf({ text, from }: ModBytes): ModText {
  return { text, from };
}
