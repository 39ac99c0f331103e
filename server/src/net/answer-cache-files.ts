import { readdir, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { TEMPORARY_SUFFIX } from './file-writer.ts';

/** The kinds of answers that are kept, each in a directory of its name. */
export const ANSWER_KINDS = ['info', 'mod', 'list', 'query', 'import', 'tags', 'files', 'validated'] as const;

export type AnswerKind = (typeof ANSWER_KINDS)[number];

/** What the cache of answers holds of one kind. */
export interface AnswerCount {
  readonly kind: AnswerKind;
  readonly entries: number;
  readonly bytes: number;
}

/** Counts what is kept. */
export async function countAnswers(directory: string): Promise<AnswerCount[]> {
  const files = await answerFiles(directory);
  return ANSWER_KINDS.map((kind) => {
    const entries = files.filter((file) => file.kind === kind && !file.temporary);
    return { kind, entries: entries.length, bytes: sizeOf(entries) };
  });
}

/** Removes all answers; another process that is just writing may leave some again. */
export async function removeAnswers(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 3 });
}

/**
 * Removes the files that were used the longest time ago until an eighth below the bound, if the bound is passed; and
 * what a killed process left half written.
 */
export async function evictAnswers(directory: string, mostBytes: number, now: number): Promise<void> {
  const files = await answerFiles(directory);
  const left = files.filter(({ temporary, used }) => temporary && now - used > LEFT_AFTER);
  for (const { path } of left) await removeQuietly(path);
  let bytes = sizeOf(files);
  if (bytes <= mostBytes) return;
  for (const { path, size } of files.filter(({ temporary }) => !temporary).sort((a, b) => a.used - b.used)) {
    if (bytes <= (mostBytes / 8) * 7) return;
    await removeQuietly(path);
    bytes -= size;
  }
}

/** A file is being written for a moment only; so much older ones, in milliseconds, will never be whole. */
const LEFT_AFTER = 10 * 60_000;

interface AnswerFile {
  readonly kind: AnswerKind;
  readonly path: string;
  readonly size: number;
  /** When it was last used or written, in milliseconds since 1970. */
  readonly used: number;
  readonly temporary: boolean;
}

async function answerFiles(directory: string): Promise<AnswerFile[]> {
  const found: AnswerFile[] = [];
  for (const kind of ANSWER_KINDS) {
    for (const shard of await namesIn(join(directory, kind))) {
      const names = await namesIn(join(directory, kind, shard));
      found.push(...(await Promise.all(names.map((name) => answerFile(kind, join(directory, kind, shard, name))))).flat());
    }
  }
  return found;
}

async function answerFile(kind: AnswerKind, path: string): Promise<AnswerFile[]> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return [];
  return [{ kind, path, size: found.size, used: found.mtimeMs, temporary: path.endsWith(TEMPORARY_SUFFIX) }];
}

function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}

function sizeOf(files: readonly AnswerFile[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

async function removeQuietly(path: string): Promise<void> {
  await unlink(path).catch(() => undefined);
}
