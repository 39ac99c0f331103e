import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checksums, Fact } from '../engine/facts.ts';
import { escapePath, escapeVersion } from '../syntax/module-path.ts';
import { createFileWriter } from './file-writer.ts';
import { hashZipBytes } from './module-hash.ts';

/** The zip files of modules that were fetched, each in a file of its own. */
export interface ModuleZips {
  /** The file of a version; what `fetch` gives is kept when the checksums agree with it. */
  zip(path: string, version: string, fetch: () => Promise<Fact<Uint8Array>>, vouch: Vouch | undefined): Promise<Fact<string>>;
}

/** What the checksum database has signed for the version. */
export type Vouch = () => Promise<Fact<Checksums>>;

/** Keeps zip files below a directory, each of them verified before it is written. */
export function createModuleZips(directory: string | undefined): ModuleZips {
  const writer = createFileWriter();
  return {
    async zip(path, version, fetch, vouch) {
      const escapedPath = escapePath(path);
      const escapedVersion = escapeVersion(version);
      if (!escapedPath.ok) return unavailable(escapedPath.error);
      if (!escapedVersion.ok) return unavailable(escapedVersion.error);
      if (directory === undefined) return unavailable('there is no user cache directory to keep zip files in');
      // What a database vouches for is kept apart from what nobody does, so that the one never passes for the other.
      const kind = vouch ? 'verified' : 'unverified';
      const file = join(directory, kind, escapedPath.value, '@v', `${escapedVersion.value}.zip`);
      if ((await stat(file).catch(() => undefined))?.isFile()) return { state: 'known', value: file };
      const zip = await fetch();
      if (zip.state !== 'known') return zip;
      const doubt = await doubtOf(Buffer.from(zip.value.buffer, zip.value.byteOffset, zip.value.length), vouch);
      if (doubt !== undefined) return unavailable(`verifying ${path}@${version}: ${doubt}`);
      if (!(await writer.write(file, zip.value))) return unavailable(`${file} can't be written`);
      return { state: 'known', value: file };
    },
  };
}

/** Why a zip file is not believed. */
async function doubtOf(bytes: Buffer, vouch: Vouch | undefined): Promise<string | undefined> {
  const hash = await hashZipBytes(bytes);
  if (hash === undefined) return 'a file in it is too large to be looked at';
  if (!hash.ok) return hash.error;
  const signed = await vouch?.();
  if (signed === undefined) return undefined;
  if (signed.state === 'unavailable') return signed.why;
  if (signed.state !== 'known') return 'the checksum database does not know this version';
  const { zip, database } = signed.value;
  if (zip === undefined) return 'checksum missing from sumdb response';
  return zip === hash.value ? undefined : `SECURITY ERROR: checksum mismatch: the zip file has ${hash.value}, ${database} has ${zip}`;
}

function unavailable(why: string): Fact<never> {
  return { state: 'unavailable', why };
}
