import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startChecksumDatabase } from './checksum-database.ts';
import { exampleModules, exampleRepositories } from './example-modules.ts';
import { makeGitOrigins } from './git-origin.ts';
import { writeModuleCache } from './module-cache.ts';
import { writeModuleProxy } from './module-proxy.ts';

/** The example's service, ready to be checked, with a whole world of its own around it. */
export interface Example {
  /** The directory of the service: a copy, which may be changed. */
  readonly workspace: string;
  /** The variables that lead every question to this world, for this program, git and the go command alike. */
  readonly env: Record<string, string>;
  close(): Promise<void>;
}

/** Where the service lies in the repository. */
export const EXAMPLE_SOURCE = join(import.meta.dirname, '..', '..', 'examples', 'payments');

/**
 * Lays out the service with a `file://` module proxy, a checksum database with a key of its own on loopback, bare git
 * origins and a filled module cache. Needs git, and neither Go nor a network.
 */
export async function layOutExample(directory: string): Promise<Example> {
  const workspace = join(directory, 'payments');
  await mkdir(directory, { recursive: true });
  await cp(EXAMPLE_SOURCE, workspace, { recursive: true });
  const modules = exampleModules();
  const proxy = join(directory, 'proxy');
  const records = await writeModuleProxy(proxy, modules);
  const moduleCache = join(directory, 'modcache');
  await writeModuleCache(moduleCache, modules, records);
  const origins = await makeGitOrigins(join(directory, 'origins'), exampleRepositories());
  const database = await startChecksumDatabase({ name: 'sum.example.com', records });
  return {
    workspace,
    env: {
      ...origins.environment,
      GOENV: 'off',
      GOFLAGS: '-modcacherw',
      GOTOOLCHAIN: 'local',
      GOWORK: 'off',
      GOPROXY: `${pathToFileURL(proxy).href},direct`,
      GOSUMDB: database.goSumDb,
      GOPRIVATE: '',
      GONOPROXY: '',
      GONOSUMDB: '',
      GOMODCACHE: moduleCache,
      XDG_CACHE_HOME: join(directory, 'cache'),
    },
    async close() {
      await database.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
