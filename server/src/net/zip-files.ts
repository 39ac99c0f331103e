import { readdir, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { TEMPORARY_SUFFIX } from './file-writer.ts';

/** The zip files that are kept. */
export interface ZipCount {
  readonly files: number;
  readonly bytes: number;
}

/** 1 GiB. */
const MOST_BYTES = 1 << 30;

/** A file is being written for minutes at most; so much older ones, in milliseconds, will never be whole. */
const LEFT_AFTER = 60 * 60_000;

interface KeptZip {
  readonly path: string;
  readonly size: number;
  /** In milliseconds since 1970. */
  readonly used: number;
}

export async function countZips(directory: string): Promise<ZipCount> {
  const files = await zipsIn(directory);
  return { files: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) };
}

export function removeZips(directory: string): Promise<void> {
  return rm(directory, { recursive: true, force: true, maxRetries: 3 });
}

/** Removes the files that were used the longest time ago until all are below the bound, and what was left half written. */
export async function evictZips(directory: string, justMade: string, mostBytes = MOST_BYTES): Promise<void> {
  const all = await zipsIn(directory);
  const isLeft = ({ path, used }: KeptZip): boolean => path.endsWith(TEMPORARY_SUFFIX) && Date.now() - used > LEFT_AFTER;
  for (const { path } of all.filter(isLeft)) await unlink(path).catch(() => undefined);
  const files = all.filter((file) => !isLeft(file));
  let bytes = files.reduce((sum, { size }) => sum + size, 0);
  for (const { path, size } of files.sort((a, b) => a.used - b.used)) {
    if (bytes <= mostBytes) return;
    if (path === justMade || path.endsWith(TEMPORARY_SUFFIX)) continue;
    await unlink(path).catch(() => undefined);
    bytes -= size;
  }
}

async function zipsIn(directory: string): Promise<KeptZip[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const found = await Promise.all(paths.map(async (path) => ({ path, stat: await stat(path).catch(() => undefined) })));
  return found.flatMap(({ path, stat: is }) => (is ? [{ path, size: is.size, used: is.mtimeMs }] : []));
}
