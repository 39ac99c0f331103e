import { randomUUID } from 'node:crypto';
import { mkdir, rename, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createLimit } from './limit.ts';

/** Writes files in the background, each of which appears whole or not at all, whoever else writes or is killed. */
export interface FileWriter {
  /** Replaces a file, and makes its directories. A disk that takes nothing is no failure: the promise says `false`. */
  write(file: string, bytes: Uint8Array): Promise<boolean>;
  /** Waits until nothing is being written any more. */
  settled(): Promise<void>;
}

/** What is half written has this at the end of its name, and stays when the process is killed. */
export const TEMPORARY_SUFFIX = '.tmp';

/** For files that are the user's own: nobody else may read them. */
export function createFileWriter(): FileWriter {
  const made = new Map<string, Promise<unknown>>();
  const limit = createLimit(MOST_WRITES);
  const writing = new Set<Promise<boolean>>();

  async function replace(file: string, bytes: Uint8Array): Promise<boolean> {
    const release = await limit.acquire(new AbortController().signal);
    const temporary = `${file}.${randomUUID()}${TEMPORARY_SUFFIX}`;
    try {
      await directoryOf(file);
      await writeFile(temporary, bytes, { mode: 0o600 });
      await rename(temporary, file);
      return true;
    } catch {
      made.delete(dirname(file));
      await unlink(temporary).catch(() => undefined);
      return false;
    } finally {
      release?.();
    }
  }

  function directoryOf(file: string): Promise<unknown> {
    const directory = dirname(file);
    const making = made.get(directory) ?? mkdir(directory, { recursive: true, mode: 0o700 });
    made.set(directory, making);
    return making;
  }

  return {
    write(file, bytes) {
      const work = replace(file, bytes).finally(() => writing.delete(work));
      writing.add(work);
      return work;
    },
    async settled() {
      while (writing.size > 0) await Promise.all(writing);
    },
  };
}

/** So many files are open at most; the limit of a process can be as low as 256. */
const MOST_WRITES = 8;
