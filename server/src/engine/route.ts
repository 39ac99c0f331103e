import { matchPrefixPatterns } from '../syntax/module-path.ts';
import type { GoEnvironment } from './environment.ts';
import type { Route } from './network.ts';

/**
 * Where the go command would look for a module, and whether the checksum database vouches for it.
 * A module under GONOPROXY is its own origin's matter alone, even with GOPROXY=off
 * (cmd/go/internal/modfetch/proxy.go:TryProxies and its `noproxy` entry, sumdb.go:useSumDB).
 */
export function routeOf(environment: GoEnvironment, path: string): Route {
  const vouched = environment.sumDb !== 'off' && !matchPrefixPatterns(environment.noSumDb, path);
  return {
    entries: isOutsideProxies(environment, path) ? [{ kind: 'direct' }] : environment.proxies,
    sumDb: vouched ? environment.sumDb : undefined,
  };
}

/** The module matches GONOPROXY: no proxy may hear its name. */
export function isOutsideProxies(environment: GoEnvironment, path: string): boolean {
  return matchPrefixPatterns(environment.noProxy, path);
}

/** The module matches GOPRIVATE or GONOPROXY: nobody in public hears its name, not even by a link to its documentation. */
export function isPrivate(environment: GoEnvironment, path: string): boolean {
  return matchPrefixPatterns(environment.private, path) || isOutsideProxies(environment, path);
}

/** The go command would turn to the module's origin if no proxy has what it wants. */
export function endsAtOrigin(route: Route): boolean {
  return route.entries.some((entry) => entry.kind === 'direct');
}
