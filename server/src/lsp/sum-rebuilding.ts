import type { Facts } from '../engine/facts.ts';
import type { MainModule, Project } from '../engine/project.ts';
import { rebuildSum, unvouchedKeys } from '../engine/sum-rebuild.ts';
import type { SumRebuild } from '../engine/sum-rebuild.ts';
import { findDownload } from '../host/module-cache.ts';
import { hashGoMod } from '../net/dirhash.ts';

/** Runs a look at facts until nothing is missing. */
export type Settle = <T>(look: (facts: Facts) => T) => Promise<T>;

/** Makes a module's go.sum anew; the hashes of modules that nobody has signed come from the module cache. */
export async function rebuiltSum(project: Project, main: MainModule, settle: Settle): Promise<SumRebuild> {
  const { moduleCache } = project.environment;
  const keys = moduleCache === undefined ? [] : await settle((facts) => unvouchedKeys(project, main, facts));
  const cached = new Map<string, string>();
  for (const key of keys) {
    const hash = await cachedHash(moduleCache!, key);
    if (hash !== undefined) cached.set(key, hash);
  }
  return settle((facts) => rebuildSum(project, main, facts, cached));
}

/** What the go command noted when it fetched the module, or the hash of its go.mod as it lies there. */
async function cachedHash(moduleCache: string, key: string): Promise<string | undefined> {
  const [path = '', version = ''] = key.split(' ');
  const isMod = version.endsWith('/go.mod');
  const download = await findDownload(moduleCache, path, isMod ? version.slice(0, -'/go.mod'.length) : version);
  if (download.state !== 'known') return undefined;
  if (isMod) return download.value.mod && hashGoMod(download.value.mod);
  return download.value.hash.ok ? download.value.hash.value : undefined;
}
