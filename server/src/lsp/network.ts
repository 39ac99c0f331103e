import type { GoEnvironmentReport } from '../host/go-environment.ts';
import { cacheDirectory } from '../host/cache-directory.ts';
import { DEFAULT_BOUNDS } from '../net/http.ts';
import type { Trace } from '../net/http.ts';
import { createNetwork } from '../net/network.ts';
import type { NetworkOptions, OpenNetwork } from '../net/network.ts';

/**
 * The network as the language server and the command line both use it: under the user's own Go settings.
 *
 * @param offline nothing is sent; only answers that are kept on the disk are given
 * @param timeout how long one request may take, in seconds, where that is not left to the network
 */
export function openNetwork(
  { environment, variables }: GoEnvironmentReport,
  trace?: Trace,
  offline = false,
  timeout?: number,
): OpenNetwork {
  return createNetwork({
    settings: environment,
    environment: process.env,
    goAuth: variables.GOAUTH.value,
    cacheDirectory: cacheDirectory(process.env, process.platform),
    moduleCache: environment.moduleCache,
    offline,
    ...(trace && { trace }),
    ...(timeout !== undefined && boundsOf(timeout * 1000)),
  });
}

/** A host that can't be reached is given up as early as ever. */
function boundsOf(milliseconds: number): Pick<NetworkOptions, 'bounds' | 'gitTimeout'> {
  const connect = Math.min(DEFAULT_BOUNDS.connect, milliseconds);
  return { bounds: { connect, headers: milliseconds, whole: milliseconds }, gitTimeout: milliseconds };
}
