import type { Facts } from '../../server/src/engine/facts.ts';
import { packageGraph } from '../../server/src/engine/package-graph.ts';
import type { PackageGraphResult } from '../../server/src/engine/package-graph.ts';
import { factSource } from '../../server/src/host/fact-source.ts';
import { FactStore } from '../../server/src/host/fact-store.ts';
import { readGoEnvironment } from '../../server/src/host/go-environment.ts';
import { moduleCache } from '../../server/src/host/module-cache.ts';
import { findProject, loadProject } from '../../server/src/host/project-loader.ts';
import { settle } from '../../server/src/host/settlement.ts';
import { sourceFiles } from '../../server/src/host/source-files.ts';
import { sourceScan } from '../../server/src/host/source-scan.ts';
import { createNetwork } from '../../server/src/net/network.ts';

/** The packages of the module in a directory, as far as they can be known under these variables. */
export async function loadPackages(directory: string, env: Readonly<Record<string, string>>): Promise<PackageGraphResult> {
  const { environment } = await readGoEnvironment({ env: { HOME: '/nowhere', GOROOT: '/nowhere', ...env }, platform: process.platform });
  const files = sourceFiles();
  const place = await findProject(directory, environment, files);
  if (!place) throw new Error(`there is no go.mod in ${directory}`);
  const { project } = await loadProject(place, { environment, files, nearby: [] });
  const network = createNetwork({ settings: environment, environment: env, cacheDirectory: undefined });
  const source = factSource({
    environment,
    reach: 'on',
    network,
    cache: environment.moduleCache === undefined ? undefined : moduleCache(environment.moduleCache),
    scan: sourceScan(),
    files,
  });
  try {
    const { signal } = new AbortController();
    const look = (facts: Facts) => packageGraph(project, project.modules[0]!, facts);
    return await settle(look, new FactStore(source), { signal });
  } finally {
    await network.close();
  }
}
