import { isUtf8 } from 'node:buffer';
import { createHash, hash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { crc32, inflateRawSync } from 'node:zlib';
import { fromBuffer } from 'yauzl';
import type { Entry } from 'yauzl';
import type { Result } from '../syntax/result.ts';
import { hashFiles, hashZip } from './dirhash.ts';
import type { HashedFile } from './dirhash.ts';

/*
 * The `h1:` hashes of what a module cache holds, made as fast as one thread can: whole files are read and unpacked at
 * once. That blocks the thread, so it belongs into a worker (hash-pool.ts).
 */

/** The hash of a module's zip file (golang.org/x/mod/sumdb/dirhash/hash.go:HashZip). Large ones are read as a stream. */
export async function hashModuleZip(file: string): Promise<Result<string>> {
  try {
    if ((await stat(file)).size > LARGE) return await hashZip(file);
    return (await hashZipBytes(await readFile(file))) ?? (await hashZip(file));
  } catch (error) {
    return unreadable(error);
  }
}

/** The same of a zip file in memory; undefined when a file in it is too large to be held there, too. */
async function hashZipBytes(bytes: Buffer): Promise<Result<string> | undefined> {
  try {
    // Of several files with one name the last counts for each of them, as Go has it.
    const contents = new Map<string, string>();
    const names: string[] = [];
    for (const entry of await entriesOf(bytes)) {
      if (entry.uncompressedSize > LARGE) return undefined;
      const content = contentOf(bytes, entry);
      if (!content.ok) return content;
      const raw = entry.fileNameRaw;
      if (!isUtf8(raw)) return { ok: false, error: 'zip: a file name is not UTF-8' };
      const name = raw.toString('utf8');
      names.push(name);
      contents.set(name, hash('sha256', content.value, 'hex'));
    }
    return hashFiles(names.map((name) => ({ name, sha256: contents.get(name)! })));
  } catch (error) {
    return unreadable(error);
  }
}

function unreadable(error: unknown): Result<string> {
  return { ok: false, error: `zip: not a valid zip file: ${(error as Error).message}` };
}

/**
 * The hash of an extracted module (dirhash.HashDir).
 *
 * @param prefix what stands for the directory in the names: `PATH@VERSION`
 */
export function hashModuleDirectory(directory: string, prefix: string): Result<string> {
  try {
    const files: HashedFile[] = [];
    addFiles(directory, prefix, files, Buffer.allocUnsafe(CHUNK));
    return hashFiles(files);
  } catch (error) {
    const { code, path, message } = error as NodeJS.ErrnoException;
    return { ok: false, error: path === undefined ? message : `${path} can't be read: ${code ?? message}` };
  }
}

/** Zip files, and files in them, of more bytes are not held in memory as a whole. */
const LARGE = 64 << 20;

/** So much of an extracted file is read at once; most have less. */
const CHUNK = 256 << 10;

/** Events cost half of what an iterator over promises does, and modules have thousands of files. */
function entriesOf(zip: Buffer): Promise<Entry[]> {
  const entries: Entry[] = [];
  return new Promise((resolve, reject) => {
    fromBuffer(zip, { decodeStrings: false, validateEntrySizes: false, lazyEntries: true }, (error, opened) => {
      if (error) {
        reject(error);
        return;
      }
      opened.on('entry', (entry: Entry) => {
        entries.push(entry);
        opened.readEntry();
      });
      opened.on('end', () => resolve(entries));
      opened.on('error', reject);
      opened.readEntry();
    });
  });
}

function addFiles(directory: string, name: string, files: HashedFile[], chunk: Buffer): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = `${directory}/${entry.name}`;
    const below = `${name}/${entry.name}`;
    if (entry.isDirectory()) addFiles(path, below, files, chunk);
    else files.push({ name: below, sha256: hashFile(path, chunk) });
  }
}

/** Reads into one buffer again and again: making one for each file costs as much as hashing it. */
function hashFile(path: string, chunk: Buffer): string {
  const file = openSync(path, 'r');
  try {
    const first = readSync(file, chunk);
    if (first < chunk.length && readSync(file, chunk, first, chunk.length - first, null) === 0) {
      return hash('sha256', chunk.subarray(0, first), 'hex');
    }
    return hashInChunks(file, chunk);
  } finally {
    closeSync(file);
  }
}

function hashInChunks(file: number, chunk: Buffer): string {
  const sha256 = createHash('sha256');
  for (let position = 0, read = 1; read > 0; position += read) {
    read = readSync(file, chunk, 0, chunk.length, position);
    sha256.update(chunk.subarray(0, read));
  }
  return sha256.digest('hex');
}

/** The unpacked content of an entry, whose local header repeats its name and may have another extra field. */
function contentOf(zip: Buffer, entry: Entry): Result<Buffer> {
  const header = entry.relativeOffsetOfLocalHeader;
  if (zip.readUInt32LE(header) !== LOCAL_SIGNATURE) return { ok: false, error: 'zip: not a valid zip file' };
  const start = header + LOCAL_HEADER + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
  const packed = zip.subarray(start, start + entry.compressedSize);
  if (packed.length !== entry.compressedSize) return { ok: false, error: 'zip: not a valid zip file' };
  const content = unpacked(packed, entry);
  if (content === undefined) return { ok: false, error: 'zip: unsupported compression algorithm' };
  if (content.length !== entry.uncompressedSize || crc32(content) !== entry.crc32) {
    return { ok: false, error: 'zip: checksum error' };
  }
  return { ok: true, value: content };
}

function unpacked(packed: Buffer, { compressionMethod, uncompressedSize }: Entry): Buffer | undefined {
  if (compressionMethod === STORED) return packed;
  if (compressionMethod !== DEFLATED) return undefined;
  // One piece of just the right size saves the joining of many.
  return inflateRawSync(packed, { maxOutputLength: uncompressedSize + 1, chunkSize: Math.max(uncompressedSize + 1, 64) });
}

/** Bytes of a local file header before its name (PKWARE's APPNOTE, 4.3.7). */
const LOCAL_HEADER = 30;
const LOCAL_SIGNATURE = 0x04034b50;
const STORED = 0;
const DEFLATED = 8;
