import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { escapePath, escapeVersion } from '../../server/src/syntax/module-path.ts';
import type { ModuleSums, PublishedModule } from './module-proxy.ts';

/** Fills a module cache as it is after the go command has downloaded these modules, as far as it is read here. */
export async function writeModuleCache(
  directory: string,
  modules: readonly PublishedModule[],
  sums: readonly ModuleSums[],
): Promise<void> {
  for (const { path, version, files } of modules) {
    const hashes = sums.find((sum) => sum.path === path && sum.version === version);
    if (!hashes) throw new Error(`${path}@${version} has no hashes`);
    const escaped = escapePath(path);
    const escapedVersion = escapeVersion(version);
    if (!escaped.ok || !escapedVersion.ok) throw new Error(`${path}@${version} is no module version`);
    const download = join(directory, 'cache', 'download', escaped.value, '@v', escapedVersion.value);
    await write(`${download}.info`, JSON.stringify({ Version: version }));
    await write(`${download}.mod`, files['go.mod'] ?? `module ${path}\n`);
    await write(`${download}.ziphash`, hashes.zip);
    const extracted = join(directory, `${escaped.value}@${escapedVersion.value}`);
    for (const [name, text] of Object.entries(files)) await write(join(extracted, name), text);
  }
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
