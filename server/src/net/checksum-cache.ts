import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createFileWriter } from './file-writer.ts';

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
  const writer = createFileWriter();

  return {
    async read(path) {
      for (const directory of directories) {
        const bytes = await readFile(join(directory, path)).catch(() => undefined);
        if (bytes !== undefined && bytes.length > 0) return bytes;
      }
      return undefined;
    },
    write(path, bytes) {
      if (own !== undefined) void writer.write(join(own, path), bytes);
    },
    settled: () => writer.settled(),
  };
}
