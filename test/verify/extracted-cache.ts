import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeModuleCache } from '../world/module-cache.ts';
import type { ModuleSums, PublishedModule } from '../world/module-proxy.ts';

/** Fills a module cache with modules from a GOPROXY tree, zip files included. */
export async function extractModules(
  cache: string,
  proxy: string,
  modules: readonly PublishedModule[],
  sums: readonly ModuleSums[],
): Promise<void> {
  await writeModuleCache(cache, modules, sums);
  for (const { path, version } of modules) {
    const file = join(path.replace(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`), '@v', `${version}.zip`);
    const target = join(cache, 'cache/download', file);
    await mkdir(dirname(target), { recursive: true });
    await cp(join(proxy, file), target);
    await writeFile(target.replace(/zip$/, 'lock'), '');
  }
}
