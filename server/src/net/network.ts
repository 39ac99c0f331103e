import type { Fact, ModText } from '../engine/facts.ts';
import type { Network, Route } from '../engine/network.ts';
import { createChecksumDatabase } from './checksum-database.ts';
import type { ChecksumDatabase } from './checksum-database.ts';
import { netrcAuthorize } from './credentials.ts';
import { hashGoMod } from './dirhash.ts';
import { createGit } from './git.ts';
import { createHttp } from './http.ts';
import type { HttpBounds, Trace } from './http.ts';
import { createModuleProxy } from './module-proxy.ts';
import type { ModBytes, ModuleProxy } from './module-proxy.ts';
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
  /** Where verified checksums are kept between runs, an absolute directory; undefined for memory only. */
  readonly cacheDirectory: string | undefined;
  /** GOMODCACHE, whose copies of the checksum database are read first. */
  readonly moduleCache?: string | undefined;
  /** Called when a request is over, whatever came of it. */
  readonly trace?: Trace;
  readonly bounds?: Partial<HttpBounds>;
  /** For one question to git, in milliseconds. */
  readonly gitTimeout?: number;
  /** Certificate authorities, PEM; Node's own stay trusted only when they are listed here too. */
  readonly ca?: readonly string[];
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
    authorize: netrcAuthorize(options.environment, options.goAuth),
    ...(options.bounds ? { bounds: options.bounds } : {}),
    ...(options.ca ? { ca: options.ca } : {}),
    ...trace,
  });
  const git = createGit({
    environment: options.environment,
    ...(options.gitTimeout === undefined ? {} : { timeout: options.gitTimeout }),
    ...trace,
  });
  const origin = createOrigin({ settings: options.settings, get: http.get, git });
  const proxies = new Map<string, ModuleProxy>();
  const databases = new Map<string, ChecksumDatabase>();

  function proxyAt(url: string): ModuleProxy {
    const proxy = proxies.get(url) ?? createModuleProxy(url, http.get);
    proxies.set(url, proxy);
    return proxy;
  }

  function ask<T>(
    route: Route,
    fromProxy: (proxy: ModuleProxy) => Promise<Fact<T>>,
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
      get: http.get,
      cacheDirectory: options.cacheDirectory,
      moduleCache: options.moduleCache,
    });
    databases.set(key, database);
    return database;
  }

  const network: OpenNetwork = {
    get requests() {
      return http.requests + git.requests;
    },

    versions: (path, route, signal) =>
      ask(route, (proxy) => proxy.list(path, signal), (from) => from.versions(path, signal)),

    release: (path, version, route, signal) =>
      ask(route, (proxy) => proxy.info(path, version, signal), (from) => from.release(path, version, signal)),

    query: (path, query, route, signal) =>
      ask(route, (proxy) => proxy.query(path, query, signal), () =>
        Promise.resolve({ state: 'unavailable', why: `what ${query} stands for is only at the origin of ${path}, in its commits` }),
      ),

    async mod(path, version, route, signal) {
      const mod = await ask(
        route,
        (proxy) => proxy.mod(path, version, signal),
        (from) => from.mod(path, version, signal),
      );
      if (mod.state !== 'known') return mod;
      // Only now: a database that is asked for a version before it is published remembers that there is none.
      const checksums = route.sumDb === undefined ? undefined : await network.checksums(path, version, route, signal);
      const doubt = checksums && doubtOf(path, version, mod.value, checksums);
      return doubt === undefined ? { state: 'known', value: textOf(mod.value) } : { state: 'unavailable', why: doubt };
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
      await Promise.all([...databases.values()].map((database) => database.settled()));
      await http.close();
    },
  };
  return network;
}

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
  return `SECURITY ERROR: ${what}: checksum mismatch: ${mod.from} has ${hash}, ${database} has ${signed}`;
}

function textOf({ text, from }: ModBytes): ModText {
  return { text, from };
}
