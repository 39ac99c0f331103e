import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';
import type { Result } from '../syntax/result.ts';
import { compareText } from '../syntax/utf8.ts';

/** A file of a module with the SHA-256 of its content in lower-case hexadecimal digits. */
export interface HashedFile {
  readonly name: string;
  readonly sha256: string;
}

/** The hash that go.sum has for the go.mod file alone (cmd/go/internal/modfetch/fetch.go:goModSum). */
export function hashGoMod(content: Uint8Array): string {
  return summarize([{ name: 'go.mod', sha256: createHash('sha256').update(content).digest('hex') }]);
}

/** The `h1:` hash over a module's files, named `PATH@VERSION/…` (golang.org/x/mod/sumdb/dirhash/hash.go:Hash1). */
export function hashFiles(files: readonly HashedFile[]): Result<string> {
  if (files.some(({ name }) => name.includes('\n'))) {
    return { ok: false, error: 'dirhash: filenames with newlines are not supported' };
  }
  return { ok: true, value: summarize(files) };
}

/** The `h1:` hash of a module's zip file, read as a stream, one file after the other (dirhash.HashZip). */
export async function hashZip(file: string): Promise<Result<string>> {
  let zip: ZipFile | undefined;
  try {
    zip = await openPromise(file, { autoClose: false });
    const files: HashedFile[] = [];
    for await (const entry of zip.eachEntry()) {
      files.push({ name: entry.fileName, sha256: await hashEntry(zip, entry) });
    }
    return hashFiles(files);
  } catch (error) {
    return { ok: false, error: `${file} can't be read as a zip file: ${(error as Error).message}` };
  } finally {
    zip?.close();
  }
}

async function hashEntry(zip: ZipFile, entry: Entry): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(await zip.openReadStreamPromise(entry), hash);
  return hash.digest('hex');
}

function summarize(files: readonly HashedFile[]): string {
  const sorted = [...files].sort((a, b) => compareText(a.name, b.name));
  const summary = createHash('sha256');
  for (const { name, sha256 } of sorted) summary.update(`${sha256}  ${name}\n`);
  return `h1:${summary.digest('base64')}`;
}
