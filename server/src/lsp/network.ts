import type { GoEnvironmentReport } from '../host/go-environment.ts';
import { cacheDirectory } from '../host/cache-directory.ts';
import { certificateAuthorities } from '../net/certificate-authorities.ts';
import { createGoAuth } from '../net/go-auth.ts';
import { openHashPool } from './hash-threads.ts';
import { readConnection } from './connection.ts';
import { DEFAULT_BOUNDS, createHttp } from '../net/http.ts';
import type { HttpClient, Trace } from '../net/http.ts';
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
    ...connectionOptions(),
    goAuth: variables.GOAUTH.value,
    cacheDirectory: cacheDirectory(process.env, process.platform),
    moduleCache: environment.moduleCache,
    hashPool: () => openHashPool(1),
    offline,
    ...(trace && { trace }),
    ...(timeout !== undefined && boundsOf(timeout * 1000)),
  });
}

/** What proxies are measured with: each request goes out once, and no answer is kept. */
export function openMeasuringHttp({ variables }: GoEnvironmentReport, trace?: Trace): HttpClient {
  const connection = connectionOptions();
  const auth = createGoAuth(connection.environment, variables.GOAUTH.value);
  return createHttp({ ...connection, auth, bounds: { attempts: 1 }, ...(trace && { trace }) });
}

/** The process's own ways to servers, with the editor's settings on top. */
function connectionOptions(): Required<Pick<NetworkOptions, 'environment' | 'insecureProxy' | 'ca'>> {
  const { environment, insecureProxy } = readConnection(process.env);
  return { environment, insecureProxy, ca: () => certificateAuthorities(environment, process.platform) };
}

/** A host that can't be reached is given up as early as ever. */
function boundsOf(milliseconds: number): Pick<NetworkOptions, 'bounds' | 'gitTimeout'> {
  const connect = Math.min(DEFAULT_BOUNDS.connect, milliseconds);
  return { bounds: { connect, headers: milliseconds, whole: milliseconds, download: milliseconds }, gitTimeout: milliseconds };
}
