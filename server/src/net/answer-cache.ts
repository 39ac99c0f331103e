import { createHash } from 'node:crypto';
import { readFile, stat, unlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { evictAnswers } from './answer-cache-files.ts';
import type { AnswerKind } from './answer-cache-files.ts';
import { createFileWriter } from './file-writer.ts';

/** An answer as it was given. */
export interface StoredAnswer {
  /** When, in milliseconds since 1970. */
  readonly at: number;
  /** What was written, a JSON value. */
  readonly value: unknown;
  readonly body: Uint8Array;
}

/**
 * Answers of proxies and origins, kept on disk between runs and shared by several processes. How long an answer counts
 * is the reader's matter. No method throws; a disk that can't be read or written is as an empty one.
 */
export interface AnswerCache {
  /**
   * What is kept under a key, however old. A spoiled entry is dropped, and undefined.
   *
   * @param key never shown nor written: the name of the file is its hash
   */
  read(kind: AnswerKind, key: string): Promise<StoredAnswer | undefined>;
  /** Keeps an answer in place of an older one, in the background. */
  write(kind: AnswerKind, key: string, value: unknown, body?: Uint8Array): void;
  drop(kind: AnswerKind, key: string): Promise<void>;
  /** Waits until nothing is being written any more. */
  settled(): Promise<void>;
}

export interface AnswerCacheOptions {
  /** Absolute; it need not be there. */
  readonly directory: string;
  /** When files together are larger, in bytes, those that were used the longest time ago are removed. */
  readonly mostBytes?: number;
  /** The clock, in milliseconds since 1970. */
  readonly now?: () => number;
}

/** 256 MiB. */
const MOST_BYTES = 256 << 20;

/** An entry's last use is noted when the entry is older than this, in milliseconds. */
const NOTED_AFTER = 60 * 60_000;

/** The size is looked at again after so much time, in milliseconds, or when one process has written an eighth of the most. */
const LOOK_AFTER = 60 * 60_000;

export function createAnswerCache({ directory, mostBytes = MOST_BYTES, now = Date.now }: AnswerCacheOptions): AnswerCache {
  const writer = createFileWriter();
  const background = new Set<Promise<unknown>>();
  const looked = join(directory, 'looked-at');
  let written = 0;
  let looking: Promise<void> | undefined;
  let isLookedAt = false;

  function inBackground(work: Promise<unknown>): void {
    const quiet = work.catch(() => undefined).finally(() => background.delete(quiet));
    background.add(quiet);
  }

  async function keep(file: string, bytes: Uint8Array): Promise<void> {
    if (await writer.write(file, bytes)) written += bytes.length;
    if (!isLookedAt || written > mostBytes / 8) {
      looking ??= look(!isLookedAt && written <= mostBytes / 8).finally(() => (looking = undefined));
      await looking;
    }
  }

  /** Removes what is too much. @param mayWait another process that did so lately is enough */
  async function look(mayWait: boolean): Promise<void> {
    isLookedAt = true;
    const last = await stat(looked).catch(() => undefined);
    const age = now() - (last?.mtimeMs ?? -Infinity);
    if (mayWait && age >= 0 && age < LOOK_AFTER) return;
    written = 0;
    await writer.write(looked, new Uint8Array());
    await evictAnswers(directory, mostBytes, now());
  }

  return {
    async read(kind, key) {
      const file = fileOf(directory, kind, key);
      const bytes = await readFile(file).catch(() => undefined);
      if (bytes === undefined) return undefined;
      const answer = open(bytes, kind, key);
      if (answer === undefined) await unlink(file).catch(() => undefined);
      else if (Math.abs(now() - answer.at) > NOTED_AFTER) inBackground(utimes(file, now() / 1000, now() / 1000));
      return answer;
    },

    write(kind, key, value, body = new Uint8Array()) {
      inBackground(keep(fileOf(directory, kind, key), seal(kind, key, { at: now(), value, body })));
    },

    async drop(kind, key) {
      await writer.settled();
      await unlink(fileOf(directory, kind, key)).catch(() => undefined);
    },

    async settled() {
      while (background.size > 0) await Promise.all(background);
    },
  };
}

/** A cache that keeps nothing. */
export const noAnswerCache: AnswerCache = {
  read: () => Promise.resolve(undefined),
  write: () => undefined,
  drop: () => Promise.resolve(),
  settled: () => Promise.resolve(),
};

function fileOf(directory: string, kind: AnswerKind, key: string): string {
  const name = createHash('sha256').update(key).digest('hex');
  return join(directory, kind, name.slice(0, 2), name.slice(2));
}

/** A line with the hash of kind, key and all that follows; a line of JSON; the body. */
function seal(kind: AnswerKind, key: string, { at, value, body }: StoredAnswer): Uint8Array {
  const content = Buffer.concat([Buffer.from(`${JSON.stringify({ at, value })}\n`), body]);
  return Buffer.concat([Buffer.from(`${digest(kind, key, content)}\n`), content]);
}

function open(bytes: Buffer, kind: AnswerKind, key: string): StoredAnswer | undefined {
  const content = bytes.subarray(DIGEST_LENGTH + 1);
  if (bytes.toString('latin1', 0, DIGEST_LENGTH + 1) !== `${digest(kind, key, content)}\n`) return undefined;
  const end = content.indexOf('\n');
  const { at, value } = JSON.parse(content.toString('utf8', 0, end)) as { at: number; value: unknown };
  return { at, value, body: content.subarray(end + 1) };
}

const DIGEST_LENGTH = 64;

/** The form of entries; another form has other hashes, so that entries of the one are none in the other. */
const FORM = 'gomod-health answer 1';

function digest(kind: AnswerKind, key: string, content: Uint8Array): string {
  return createHash('sha256').update(`${JSON.stringify([FORM, kind, key])}\n`).update(content).digest('hex');
}
