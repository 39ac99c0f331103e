import { readdir } from 'node:fs/promises';
import { joinPath } from '../engine/file-path.ts';
import { parseMod } from '../syntax/mod-file.ts';
import { ignoresDirectory } from './source-scan.ts';
import type { SourceFiles } from './source-files.ts';

/**
 * Finds the directories below one that hold a go.mod of the user's own. `vendor`, `testdata`, `node_modules`, hidden
 * directories, those that a go.mod above ignores, and the module cache are not entered.
 */
export async function discoverModules(
  directory: string,
  moduleCache: string | undefined,
  files: SourceFiles,
): Promise<string[]> {
  const found: string[] = [];
  await walk(directory, directory, [], { moduleCache, files, found });
  return found.sort();
}

/** True for a file of the module cache, or below a folder in a directory that is not the user's own work. */
export function isForeign(path: string, folder: string | undefined, moduleCache: string | undefined): boolean {
  if (moduleCache !== undefined && path.startsWith(`${moduleCache}/`)) return true;
  const below = folder !== undefined && path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : '';
  const directories = below.split('/').slice(0, -1);
  return directories.some((name) => FOREIGN_DIRECTORIES.has(name) || name.startsWith('.'));
}

const FOREIGN_DIRECTORIES = new Set(['vendor', 'testdata', 'node_modules']);

interface Walk {
  readonly moduleCache: string | undefined;
  readonly files: SourceFiles;
  readonly found: string[];
}

async function walk(directory: string, root: string, ignore: readonly string[], context: Walk): Promise<void> {
  let moduleRoot = root;
  let ignored = ignore;
  const mod = await context.files.read(joinPath(directory, 'go.mod'));
  if (mod.kind !== 'absent') {
    context.found.push(directory);
    moduleRoot = directory;
    ignored = mod.kind === 'text' ? parseMod(mod.text).ignore.map(({ path }) => path.value) : [];
  }
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isDirectory() || entry.name.startsWith('.') || FOREIGN_DIRECTORIES.has(entry.name)) continue;
    const path = joinPath(directory, entry.name);
    if (path === context.moduleCache || ignoresDirectory(ignored, path.slice(moduleRoot.length + 1))) continue;
    await walk(path, moduleRoot, ignored, context);
  }
}
