import type { ProxyEntry } from './environment.ts';
import type { Checksums, Fact, ModText, OriginTags, Release, VersionList } from './facts.ts';

/** Where the go command would look for one module. The privacy policy makes it; the network only follows it. */
export interface Route {
  /** The chain to ask, in order; for a private module just `direct`; empty when nothing may be asked. */
  readonly entries: readonly ProxyEntry[];
  /** GOSUMDB as written, when the checksum database may and must vouch for this module. */
  readonly sumDb: string | undefined;
}

/**
 * The outside world, as the engine's questions need it. No method throws: whatever goes wrong is `unavailable`
 * with a reason in plain words, free of credentials, or, when every entry says so definitely, `absent`.
 */
export interface Network {
  /** The versions that the first answering entry of the chain lists (`@v/list`, or an origin's tags for `direct`). */
  versions(path: string, route: Route, signal: AbortSignal): Promise<Fact<VersionList>>;
  /** Whether the chain has exactly this version (`@v/V.info`, or the origin's tag for `direct`). */
  release(path: string, version: string, route: Route, signal: AbortSignal): Promise<Fact<Release>>;
  /**
   * The version that the chain makes of a branch, a tag or a commit (`@v/QUERY.info`); of `latest`, that of the newest commit
   * (`@latest`), which counts for a module without tags.
   */
  query(path: string, query: string, route: Route, signal: AbortSignal): Promise<Fact<Release>>;
  /** A version's go.mod, compared with the checksum database where the route names one. */
  mod(path: string, version: string, route: Route, signal: AbortSignal): Promise<Fact<ModText>>;
  /**
   * A version's zip file, kept on the disk: its absolute path. It is compared with the checksum database where the route
   * names one. An origin has none, so that only the proxies of the route are asked.
   */
  zip(path: string, version: string, route: Route, signal: AbortSignal): Promise<Fact<string>>;
  /** The tags of the origin's repository; one request for one repository. */
  tags(path: string, signal: AbortSignal): Promise<Fact<OriginTags>>;
  /** The go.sum lines that the checksum database has signed. */
  checksums(path: string, version: string, route: Route, signal: AbortSignal): Promise<Fact<Checksums>>;
  /** It sends nothing and answers from what is kept on the disk. */
  readonly offline?: boolean;
  /** How many requests left this machine so far. */
  readonly requests: number;
}

/** The part of AbortSignal that is used here, so that the pure rooms need no DOM or Node types. */
export interface AbortSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
