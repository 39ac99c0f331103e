import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, readdir, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where a database's largest signed tree head is kept between runs, for several processes at once. */
export interface TreeHeadStore {
  /** The stored head; empty when there is none or it can't be read. */
  read(): Promise<Uint8Array>;
  /**
   * Replaces `old` by `head`; a missing one may be replaced always. False when another head is stored by now, be it
   * that `old` is gone or that `head` was replaced in turn: look again. A disk that can't be written counts as done,
   * and this run keeps its head in memory only.
   */
  swap(old: Uint8Array, head: Uint8Array): Promise<boolean>;
}

/**
 * Keeps the head in a directory of its own. Every head is a new file with the next number, made by a hard link, which
 * only one process can make; so there is no lock that a killed process could leave behind.
 */
export function createTreeHeadStore(directory: string): TreeHeadStore {
  return {
    async read() {
      return (await readNewest(directory)).bytes;
    },
    async swap(old, head) {
      try {
        const newest = await readNewest(directory);
        if (newest.bytes.length > 0 && !Buffer.from(old).equals(newest.bytes)) return false;
        await mkdir(directory, { recursive: true });
        return (await create(directory, newest.number + 1, head)) && (await settle(directory, newest.number + 1));
      } catch {
        return true;
      }
    },
  };
}

/** A store without a disk. */
export function createTreeHeadMemory(): TreeHeadStore {
  let stored: Uint8Array = new Uint8Array(0);
  return {
    read: () => Promise.resolve(stored),
    swap(old, head) {
      const isCurrent = stored.length === 0 || Buffer.from(old).equals(stored);
      if (isCurrent) stored = head;
      return Promise.resolve(isCurrent);
    },
  };
}

interface NumberedHead {
  /** 0 when there is none. */
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** A head that vanishes while it is read was replaced, so the next look finds a newer one. */
async function readNewest(directory: string): Promise<NumberedHead> {
  for (let look = 0; look < MOST_LOOKS; look++) {
    const number = Math.max(0, ...(await numbersIn(directory)));
    if (number === 0) break;
    const bytes = await readFile(fileOf(directory, number)).catch(() => undefined);
    if (bytes !== undefined) return { number, bytes };
  }
  return { number: 0, bytes: new Uint8Array(0) };
}

/** Whether this process is the one that made the file of this number. */
async function create(directory: string, number: number, head: Uint8Array): Promise<boolean> {
  const temporary = join(directory, `${randomUUID()}.tmp`);
  await writeFile(temporary, head);
  try {
    await link(temporary, fileOf(directory, number));
    return true;
  } catch (error) {
    if (isExisting(error)) return false;
    return await createUnlinked(fileOf(directory, number), head);
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
}

/** For file systems without hard links. A head that is read half written has no valid signature, so it is none. */
async function createUnlinked(file: string, head: Uint8Array): Promise<boolean> {
  try {
    await writeFile(file, head, { flag: 'wx' });
    return true;
  } catch (error) {
    if (isExisting(error)) return false;
    throw error;
  }
}

/**
 * Removes older heads. A process that finds a newer head than the one that it made may have been so slow that others
 * had replaced and removed its number before, so that it counts as having lost and takes its file back.
 */
async function settle(directory: string, number: number): Promise<boolean> {
  const numbers = await numbersIn(directory);
  const hasWon = numbers.every((other) => other <= number);
  // The head before stays, for a directory that changes while it is listed may show neither the old nor the new one.
  const superfluous = hasWon ? numbers.filter((other) => other < number - 1) : [number];
  await Promise.all(superfluous.map((other) => unlink(fileOf(directory, other)).catch(() => undefined)));
  return hasWon;
}

const MOST_LOOKS = 100;

async function numbersIn(directory: string): Promise<readonly number[]> {
  const names = await readdir(directory).catch((): string[] => []);
  return names.flatMap((name) => (/^head-[1-9][0-9]{0,14}$/.test(name) ? [Number(name.slice(5))] : []));
}

function fileOf(directory: string, number: number): string {
  return join(directory, `head-${number}`);
}

function isExisting(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EEXIST';
}
