import type { GoEnvironmentReport } from '../host/go-environment.ts';
import { cacheDirectory } from '../host/cache-directory.ts';
import type { Trace } from '../net/http.ts';
import { createNetwork } from '../net/network.ts';
import type { OpenNetwork } from '../net/network.ts';

/** The network as the language server and the command line both use it: under the user's own Go settings. */
export function openNetwork({ environment, variables }: GoEnvironmentReport, trace?: Trace): OpenNetwork {
  return createNetwork({
    settings: environment,
    environment: process.env,
    goAuth: variables.GOAUTH.value,
    cacheDirectory: cacheDirectory(process.env, process.platform),
    moduleCache: environment.moduleCache,
    ...(trace && { trace }),
  });
}
