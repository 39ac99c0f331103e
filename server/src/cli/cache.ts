import { rm } from 'node:fs/promises';
import { cacheDirectory, compiledDirectory } from '../host/cache-directory.ts';
import { printable } from '../engine/printable.ts';
import { countFiles, countKeptFiles, removeKeptFiles } from '../net/kept-files.ts';
import type { FileCount, KeptFiles } from '../net/kept-files.ts';
import { CannotRun } from './cannot-run.ts';

export interface CacheStatsOptions {
  readonly format: 'text' | 'json';
}

export interface CacheCleanOptions {
  /** The signed tree heads of checksum databases, too. */
  readonly all?: boolean;
}

/** Runs `gomod-health cache stats`. */
export async function cacheStats({ format }: CacheStatsOptions): Promise<number> {
  const directory = ownDirectory();
  const kept = await countKept(directory);
  const report = { schema: 1, directory, ...kept, bytes: bytesOf(kept) };
  process.stdout.write(format === 'json' ? `${JSON.stringify(report, undefined, 2)}\n` : statsText(directory, kept));
  return 0;
}

/** Runs `gomod-health cache clean`. */
export async function cacheClean({ all = false }: CacheCleanOptions): Promise<number> {
  const directory = ownDirectory();
  const before = await countKept(directory);
  try {
    await Promise.all([removeKeptFiles(directory, all), rm(compiledDirectory(directory), { recursive: true, force: true })]);
  } catch (error) {
    throw new CannotRun(`${directory} can't be cleaned: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
  const removed = bytesOf(before) - bytesOf(await countKept(directory));
  const stays = all || before.databases.length === 0 ? '' : '; the signed tree heads of checksum databases stay (--all removes them too)';
  process.stdout.write(`${shownBytes(Math.max(removed, 0))} removed from ${printable(directory)}${stays}\n`);
  return 0;
}

function ownDirectory(): string {
  const directory = cacheDirectory(process.env, process.platform);
  if (directory === undefined) throw new CannotRun('there is no user cache directory, so nothing is kept between runs');
  return directory;
}

interface Kept extends KeptFiles {
  /** This program as Node.js has compiled it. */
  readonly program: FileCount;
}

async function countKept(directory: string): Promise<Kept> {
  return { ...(await countKeptFiles(directory)), program: await countFiles(compiledDirectory(directory)) };
}

function bytesOf({ answers, databases, zips, program }: Kept): number {
  return [...answers, ...databases, zips, program].reduce((sum, { bytes }) => sum + bytes, 0);
}

function statsText(directory: string, kept: Kept): string {
  const rows = [
    ...kept.answers.map(({ kind, entries, bytes }) => [WORDS[kind], String(entries), shownBytes(bytes)]),
    ...kept.databases.map(({ name, files, bytes }) => [`checksum database ${printable(name)}`, String(files), shownBytes(bytes)]),
    ['zip files of modules', String(kept.zips.files), shownBytes(kept.zips.bytes)],
    ['this program, compiled', String(kept.program.files), shownBytes(kept.program.bytes)],
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map(([what, count, bytes]) => {
    return `${what!.padEnd(widths[0]!)}  ${count!.padStart(widths[1]!)}  ${bytes!.padStart(widths[2]!)}\n`;
  });
  return `${printable(directory)}\n${lines.join('')}${shownBytes(bytesOf(kept))} in all\n`;
}

const WORDS: Readonly<Record<KeptFiles['answers'][number]['kind'], string>> = {
  info: 'versions that exist',
  mod: 'go.mod files',
  list: 'lists of versions',
  query: 'branches and commits',
  import: 'places of origins',
  tags: 'tags of origins',
  files: 'go.mod files of origins',
  validated: 'lists to ask again for',
};

function shownBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  const unit = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1);
  const amount = bytes / 1024 ** unit;
  return `${unit === 0 ? amount : amount.toFixed(1)} ${units[unit]}`;
}
