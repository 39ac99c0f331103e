import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createLimit } from './limit.ts';

/** Files that hold what a checksum database said. Whoever reads verifies, so that a spoiled file can do no harm. */
export interface ChecksumCache {
  /** A file's content; undefined when no directory has it. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Keeps a content in place of an older one, in the background. A disk that takes nothing is no failure. */
  write(path: string, bytes: Uint8Array): void;
  /** Waits until nothing is being written any more. */
  settled(): Promise<void>;
}

export interface ChecksumCacheOptions {
  /** Absolute; undefined to keep nothing. */
  readonly directory: string | undefined;
  /** Read after the own directory and never written: the go command's `GOMODCACHE/cache/download/sumdb/NAME`. */
  readonly readOnly: string | undefined;
}

/** Several processes may share the directory: a file appears whole or not at all. */
export function createChecksumCache(options: ChecksumCacheOptions): ChecksumCache {
  const own = options.directory;
  const directories = [own, options.readOnly].filter((directory) => directory !== undefined);
  const made = new Map<string, Promise<unknown>>();
  const limit = createLimit(MOST_WRITES);
  const writing = new Set<Promise<void>>();

  async function keep(file: string, bytes: Uint8Array): Promise<void> {
    const release = await limit.acquire(new AbortController().signal);
    const temporary = `${file}.${randomUUID()}.tmp`;
    try {
      await directoryOf(file);
      await writeFile(temporary, bytes);
      await rename(temporary, file);
    } catch {
      made.delete(dirname(file));
      await unlink(temporary).catch(() => undefined);
    } finally {
      release?.();
    }
  }

  function directoryOf(file: string): Promise<unknown> {
    const directory = dirname(file);
    const making = made.get(directory) ?? mkdir(directory, { recursive: true });
    made.set(directory, making);
    return making;
  }

  return {
    async read(path) {
      for (const directory of directories) {
        const bytes = await readFile(join(directory, path)).catch(() => undefined);
        if (bytes !== undefined && bytes.length > 0) return bytes;
      }
      return undefined;
    },
    write(path, bytes) {
      if (own === undefined) return;
      const work = keep(join(own, path), bytes).finally(() => writing.delete(work));
      writing.add(work);
    },
    async settled() {
      while (writing.size > 0) await Promise.all(writing);
    },
  };
}

/** So many files are open at most; the limit of a process can be as low as 256. */
const MOST_WRITES = 8;
