import { readdir } from 'node:fs/promises';
import { joinPath, parentDirectory } from '../engine/file-path.ts';
import { parseMod } from '../syntax/mod-file.ts';
import { ignoresDirectory } from './source-scan.ts';
import type { SourceFiles } from './source-files.ts';
import { systemReason } from './system-reason.ts';

/** The directories that hold a go.mod of the user's own. */
export interface DiscoveredModules {
  /** Absolute, with `/`, in order. */
  readonly directories: readonly string[];
  /** One sentence for each directory that could not be looked into. */
  readonly failures: readonly string[];
}

/**
 * Finds the modules in and below a directory. `vendor`, `testdata`, `node_modules`, hidden directories, those that a
 * go.mod above ignores, and the module cache are not entered.
 */
export async function discoverModules(
  directory: string,
  moduleCache: string | undefined,
  files: SourceFiles,
): Promise<DiscoveredModules> {
  const directories: string[] = [];
  const failures: string[] = [];
  await walk(directory, await areaAbove(directory, files), { moduleCache, files, directories, failures });
  return { directories: directories.sort(), failures };
}

/** Whether a path is in the module cache, whose files are the go command's. */
export function isInModuleCache(path: string, moduleCache: string | undefined): boolean {
  return moduleCache !== undefined && isBelow(path, moduleCache);
}

/**
 * Whether a file that an editor shows is not the user's own work: it is in the module cache, or the discovery from the
 * workspace folder that it belongs to would pass it over. Without a folder, what other tools write is known by name.
 */
export async function isForeign(
  path: string,
  folders: readonly string[],
  moduleCache: string | undefined,
  files: SourceFiles,
): Promise<boolean> {
  if (isInModuleCache(path, moduleCache)) return true;
  const folder = folders.filter((candidate) => isBelow(path, candidate)).sort((a, b) => b.length - a.length)[0];
  if (folder === undefined) return path.split('/').slice(0, -1).some((name) => WRITTEN_BY_TOOLS.has(name));
  let above = await areaOf(folder, await areaAbove(folder, files), files);
  for (const directory of directoriesBetween(folder, path)) {
    if (isPassedOver(directory, above)) return true;
    above = await areaOf(directory, above, files);
  }
  return false;
}

const WRITTEN_BY_TOOLS: ReadonlySet<string> = new Set(['vendor', 'node_modules']);

interface Walk {
  readonly moduleCache: string | undefined;
  readonly files: SourceFiles;
  readonly directories: string[];
  readonly failures: string[];
}

/** What the nearest go.mod upwards says of the directories below it. */
interface Area {
  readonly root: string;
  readonly ignored: readonly string[];
}

async function walk(directory: string, above: Area, context: Walk): Promise<void> {
  const area = await areaOf(directory, above, context.files);
  if (area !== above) context.directories.push(directory);
  const entries = await readdir(directory, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    // What has gone meanwhile is not there.
    if (error.code !== 'ENOENT') context.failures.push(`${directory} can't be read: ${systemReason(error)}`);
    return [];
  });
  for (const entry of entries) {
    const path = joinPath(directory, entry.name);
    if (!entry.isDirectory() || path === context.moduleCache || isPassedOver(path, area)) continue;
    await walk(path, area, context);
  }
}

/** A go.mod that can't be read has its module all the same, so that it is not passed over in silence. */
async function areaOf(directory: string, above: Area, files: SourceFiles): Promise<Area> {
  const mod = await files.read(joinPath(directory, 'go.mod'));
  if (mod.kind === 'text') return { root: directory, ignored: parseMod(mod.text).ignore.map(({ path }) => path.value) };
  return mod.kind === 'failure' && mod.isFile ? { root: directory, ignored: [] } : above;
}

/** What applies to a directory that has no go.mod itself. */
async function areaAbove(directory: string, files: SourceFiles): Promise<Area> {
  const none: Area = { root: directory, ignored: [] };
  for (let at = directory; parentDirectory(at) !== at; ) {
    at = parentDirectory(at);
    const area = await areaOf(at, none, files);
    if (area !== none) return area;
  }
  return none;
}

function isPassedOver(directory: string, { root, ignored }: Area): boolean {
  const name = directory.slice(directory.lastIndexOf('/') + 1);
  if (name.startsWith('.') || name === 'testdata' || WRITTEN_BY_TOOLS.has(name)) return true;
  return ignoresDirectory(ignored, directory.slice(root.length).replace(/^\//, ''));
}

/** The directories below a folder that lead to a file in it, from above. */
function directoriesBetween(folder: string, path: string): string[] {
  const found: string[] = [];
  for (let at = parentDirectory(path); at !== folder && isBelow(at, folder); at = parentDirectory(at)) found.unshift(at);
  return found;
}

function isBelow(path: string, directory: string): boolean {
  return path.startsWith(directory.endsWith('/') ? directory : `${directory}/`);
}
