import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { countAnswers, removeAnswers } from './answer-cache-files.ts';
import type { AnswerCount } from './answer-cache-files.ts';
import { answerDirectory, zipDirectory } from './network.ts';
import { countZips, removeZips } from './zip-files.ts';
import type { ZipCount } from './zip-files.ts';

/** What one checksum database has on disk. */
export interface KeptDatabase extends FileCount {
  /** Its name and the hash of its key: `NAME+HASH`. */
  readonly name: string;
}

/** Everything that is kept between runs. */
export interface KeptFiles {
  readonly answers: readonly AnswerCount[];
  readonly databases: readonly KeptDatabase[];
  readonly zips: ZipCount;
}

/** Counts what is kept below a directory, which need not be there. */
export async function countKeptFiles(cacheDirectory: string): Promise<KeptFiles> {
  const databases: KeptDatabase[] = [];
  for (const name of await databasesIn(cacheDirectory)) {
    databases.push({ name: decodeURIComponent(name), ...(await countFiles(join(cacheDirectory, name))) });
  }
  const zips = await countZips(zipDirectory(cacheDirectory));
  return { answers: await countAnswers(answerDirectory(cacheDirectory)), databases, zips };
}

/**
 * Removes what is kept, and nothing else that may lie in the directory. The newest signed tree head of each checksum
 * database stays unless `heads` says otherwise: by it a database is caught that takes back what it has signed.
 */
export async function removeKeptFiles(cacheDirectory: string, heads: boolean): Promise<void> {
  await Promise.all([removeAnswers(answerDirectory(cacheDirectory)), removeZips(zipDirectory(cacheDirectory))]);
  for (const name of await databasesIn(cacheDirectory)) {
    for (const part of DATABASE_PARTS) {
      if (part !== HEADS || heads) await remove(join(cacheDirectory, name, part));
    }
  }
}

export interface FileCount {
  readonly files: number;
  readonly bytes: number;
}

/** Counts the files below a directory, which need not be there. */
export async function countFiles(directory: string): Promise<FileCount> {
  let files = 0;
  let bytes = 0;
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true }).catch(() => [])) {
    if (!entry.isFile()) continue;
    const found = await stat(join(entry.parentPath, entry.name)).catch(() => undefined);
    files += found ? 1 : 0;
    bytes += found?.size ?? 0;
  }
  return { files, bytes };
}

/** Where a tree head is kept (net/tree-head-store.ts). */
const HEADS = 'latest';

/** The directories of a database; the first two are named as its addresses are. */
const DATABASE_PARTS = ['lookup', 'tile', HEADS];

/** Its directory is named after its key: `NAME+HASH`, escaped. */
async function databasesIn(cacheDirectory: string): Promise<string[]> {
  const names = await readdir(cacheDirectory).catch((): string[] => []);
  return names.filter((name) => /%2B[0-9a-f]{8}$/.test(name) && isEscaped(name)).sort();
}

function isEscaped(name: string): boolean {
  try {
    return encodeURIComponent(decodeURIComponent(name)) === name;
  } catch {
    return false;
  }
}

function remove(directory: string): Promise<void> {
  return rm(directory, { recursive: true, force: true, maxRetries: 3 });
}
