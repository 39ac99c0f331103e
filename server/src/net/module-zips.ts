import { randomUUID } from 'node:crypto';
import { mkdir, rename, stat, unlink, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Checksums, Fact } from '../engine/facts.ts';
import { escapePath, escapeVersion } from '../syntax/module-path.ts';
import type { Result } from '../syntax/result.ts';
import { TEMPORARY_SUFFIX } from './file-writer.ts';
import { evictZips } from './zip-files.ts';

/** The zip files of modules that were fetched, each in a file of its own. */
export interface ModuleZips {
  /** The file of a version; what `fetch` gives is kept when the checksums agree with it. */
  zip(path: string, version: string, fetch: FetchZip, vouch: Vouch | undefined): Promise<Fact<string>>;
}

/** Writes a zip file to a place, and tells who gave it. */
export type FetchZip = (file: string) => Promise<Fact<{ readonly from: string }>>;

/** What the checksum database has signed for the version. */
export type Vouch = () => Promise<Fact<Checksums>>;

/** The `h1:` hash of the zip file at an absolute path. */
export type HashZip = (file: string) => Promise<Result<string>>;

/**
 * Keeps zip files below a directory, each of them verified before it has its name. Several processes may share it; when
 * all files together pass the bound, those that were used the longest time ago go.
 */
export function createModuleZips(directory: string | undefined, hashZip: HashZip): ModuleZips {
  /** Why a zip file is not believed. */
  async function doubtOf(file: string, from: string, vouch: Vouch | undefined): Promise<string | undefined> {
    const hash = await hashZip(file);
    if (!hash.ok) return `${from} gave no usable zip file: ${hash.error}`;
    const signed = await vouch?.();
    if (signed === undefined) return undefined;
    if (signed.state === 'unavailable') return signed.why;
    if (signed.state !== 'known') return 'the checksum database does not know this version';
    const { zip, database } = signed.value;
    if (zip === undefined) return 'checksum missing from sumdb response';
    return zip === hash.value ? undefined : `SECURITY ERROR: checksum mismatch: ${from} has ${hash.value}, ${database} has ${zip}`;
  }

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
      if (await isThere(file)) return { state: 'known', value: file };
      const temporary = `${file}.${randomUUID()}${TEMPORARY_SUFFIX}`;
      try {
        await mkdir(dirname(file), { recursive: true, mode: 0o700 });
        const fetched = await fetch(temporary);
        if (fetched.state !== 'known') return fetched;
        const doubt = await doubtOf(temporary, fetched.value.from, vouch);
        if (doubt !== undefined) return unavailable(`verifying ${path}@${version}: ${doubt}`);
        await rename(temporary, file);
        await evictZips(directory, file);
        return { state: 'known', value: file };
      } catch (error) {
        return unavailable(`${file} can't be written: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
      } finally {
        await unlink(temporary).catch(() => undefined);
      }
    },
  };
}

/** Notes the use, by which eviction goes. */
async function isThere(file: string): Promise<boolean> {
  const isFile = (await stat(file).catch(() => undefined))?.isFile() ?? false;
  if (isFile) await utimes(file, new Date(), new Date()).catch(() => undefined);
  return isFile;
}

function unavailable(why: string): Fact<never> {
  return { state: 'unavailable', why };
}
