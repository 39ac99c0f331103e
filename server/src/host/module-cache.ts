import { readFileSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fact, ModText, VersionList } from '../engine/facts.ts';
import {
  canonicalVersion, checkImportPath, escapePath, escapeVersion, unescapeVersion,
} from '../syntax/module-path.ts';
import { isPseudoVersion } from '../syntax/pseudo-version.ts';
import type { Result } from '../syntax/result.ts';
import { sort } from '../syntax/semver.ts';

/**
 * The module cache, only ever read (cmd/go/internal/modfetch/cache.go).
 *
 * Paths and versions are unescaped; those that can be in no cache are `absent`. What can't be read, for want of
 * permission say, is `unavailable`. No method throws.
 */
export interface ModuleCache {
  /** Whether the go command knows the version without asking anybody: its `.info` or its `.mod` is there. */
  hasVersion(path: string, version: string): Promise<Fact<boolean>>;
  /**
   * The version's go.mod as the cache has it. The go command compares it with go.sum when it uses it. It is read at once:
   * hundreds of these small files are wanted together, and waiting for a thread takes longer than reading one.
   */
  modText(path: string, version: string): Fact<ModText>;
  /** The hash (`h1:…`) of the version's zip file that the go command noted when it had fetched it. */
  zipHash(path: string, version: string): Promise<Fact<string>>;
  /** The versions whose go.mod is there, as the cache would list them as a proxy, without pseudo-versions. */
  listedVersions(path: string): Promise<Fact<VersionList>>;
  /**
   * Whether the extracted version has the package: a directory with at least one .go file, whatever its build tags.
   * Nested go.mod files hide nothing in the cache (cmd/go/internal/modload/import.go:dirInModule).
   * `unavailable` when the version is not extracted there, or not wholly.
   */
  hasPackage(path: string, version: string, importPath: string): Promise<Fact<boolean>>;
  /** Where a version's source is, extracted or, failing that, zipped; `absent` when it is neither, or not whole. */
  source(path: string, version: string): Promise<Fact<SourcePlace>>;
}

/** A directory, or a zip file that holds the same files below `PATH@VERSION/`. */
export type SourcePlace =
  | { readonly kind: 'directory'; readonly directory: string }
  | { readonly kind: 'zip'; readonly file: string };

/** What the go command has downloaded of a version, as far as it is there. */
export interface Download {
  /** The zip file. */
  readonly zip: { readonly file: string; readonly bytes: number } | undefined;
  /** The extracted files, if they are complete (cache.go:DownloadDir). */
  readonly directory: string | undefined;
  /** The hash that was noted when the zip file had been fetched, as it stands. */
  readonly hash: Result<string>;
  /** The bytes of its go.mod. */
  readonly mod: Uint8Array | undefined;
}

/** Looks for what `go mod verify` compares (cmd/go/internal/modcmd/verify.go:verifyMod), in a cache's directory. */
export async function findDownload(cache: string, path: string, version: string): Promise<Fact<Download>> {
  const place = locate(path, version);
  if (!place.ok) return absent(place.error);
  const zipFile = downloadFile(cache, place.value, 'zip');
  const hashFile = downloadFile(cache, place.value, 'ziphash');
  const mod = await attempt(readFile(downloadFile(cache, place.value, 'mod')));
  const zip = await attempt(stat(zipFile));
  const source = await extracted(cache, path, version);
  // Most versions in a go.sum were never downloaded, and then nobody needs the hash.
  const isDownloaded = zip.state === 'known' || source.state === 'known';
  const hash = isDownloaded ? await attempt(readFile(hashFile, 'utf8')) : absent('no such file');
  const failed = [zip, hash, mod].find((fact) => fact.state === 'unavailable');
  if (failed?.state === 'unavailable') return failed;
  const missing = `open ${hashFile}: no such file or directory`;
  return {
    state: 'known',
    value: {
      zip: zip.state === 'known' ? { file: zipFile, bytes: zip.value.size } : undefined,
      directory: source.state === 'known' ? source.value : undefined,
      hash: hash.state === 'known' ? { ok: true, value: hash.value.trim() } : { ok: false, error: missing },
      mod: mod.state === 'known' ? mod.value : undefined,
    },
  };
}

/** Reads the module cache in a directory, which need not be there. */
export function moduleCache(directory: string): ModuleCache {
  return {
    hasVersion: (path, version) => hasVersion(directory, path, version),
    modText: (path, version) => modText(directory, path, version),
    zipHash: (path, version) => zipHash(directory, path, version),
    listedVersions: (path) => listedVersions(directory, path),
    hasPackage: (path, version, importPath) => hasPackage(directory, path, version, importPath),
    source: (path, version) => sourceOf(directory, path, version),
  };
}

async function hasVersion(cache: string, path: string, version: string): Promise<Fact<boolean>> {
  const info = await downloaded(cache, path, version, 'info');
  if (info.state === 'known' && isInfo(info.value)) return { state: 'known', value: true };
  const mod = await downloaded(cache, path, version, 'mod');
  if (mod.state === 'known') return { state: 'known', value: true };
  return info.state === 'unavailable' ? info : mod.state === 'unavailable' ? mod : absent('no such file');
}

/** The go command takes no notice of a file that is not JSON (cache.go:readDiskStat). */
function isInfo(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}

function modText(cache: string, path: string, version: string): Fact<ModText> {
  const place = locate(path, version);
  if (!place.ok) return absent(place.error);
  // As downloadFile has it; to join hundreds of paths takes as long as to open the files.
  const file = `${cache}/cache/download/${place.value.path}/@v/${place.value.version}.mod`;
  try {
    return { state: 'known', value: { text: readFileSync(file, 'utf8'), from: 'module cache' } };
  } catch (error) {
    return unreadable(error);
  }
}

async function zipHash(cache: string, path: string, version: string): Promise<Fact<string>> {
  const text = await downloaded(cache, path, version, 'ziphash');
  if (text.state !== 'known') return text;
  const hash = text.value.trim();
  return /^h1:[A-Za-z0-9+/]{43}=$/.test(hash) ? { state: 'known', value: hash } : absent('no valid hash');
}

async function listedVersions(cache: string, path: string): Promise<Fact<VersionList>> {
  const escaped = escapePath(path);
  if (!escaped.ok) return absent(escaped.error);
  const names = await attempt(readdir(join(cache, 'cache', 'download', escaped.value, '@v')));
  if (names.state !== 'known') return names;
  const versions = names.value
    .filter((name) => name.endsWith('.mod'))
    .map((name) => unescapeVersion(name.slice(0, -'.mod'.length)))
    .flatMap((version) => (version.ok ? [version.value] : []))
    .filter((version) => version !== '' && canonicalVersion(version) === version && !isPseudoVersion(version));
  return { state: 'known', value: { versions: sort(versions), from: 'module cache' } };
}

async function hasPackage(cache: string, path: string, version: string, importPath: string): Promise<Fact<boolean>> {
  const source = await extracted(cache, path, version);
  if (source.state !== 'known') return source;
  if (importPath !== path && !importPath.startsWith(`${path}/`)) return { state: 'known', value: false };
  if (checkImportPath(importPath) !== undefined) return { state: 'known', value: false };
  const directory = join(source.value, importPath.slice(path.length));
  const entries = await attempt(readdir(directory, { withFileTypes: true }));
  if (entries.state === 'absent') return { state: 'known', value: false };
  if (entries.state !== 'known') return entries;
  for (const entry of entries.value) {
    if (!entry.name.endsWith('.go') || entry.isDirectory()) continue;
    if (entry.isFile() || (await isRegularFile(join(directory, entry.name)))) return { state: 'known', value: true };
  }
  return { state: 'known', value: false };
}

/** The directory of a version's source, if it is complete (cache.go:DownloadDir). */
async function extracted(cache: string, path: string, version: string): Promise<Fact<string>> {
  const place = locate(path, version);
  if (!place.ok) return { state: 'unavailable', why: place.error };
  const directory = join(cache, `${place.value.path}@${place.value.version}`);
  const notThere = { state: 'unavailable', why: `${path}@${version} is not extracted in the module cache` } as const;
  if (!(await isDirectory(directory))) return notThere;
  const partial = await attempt(stat(downloadFile(cache, place.value, 'partial')));
  const hash = await attempt(stat(downloadFile(cache, place.value, 'ziphash')));
  return partial.state === 'absent' && hash.state === 'known' ? { state: 'known', value: directory } : notThere;
}

async function sourceOf(cache: string, path: string, version: string): Promise<Fact<SourcePlace>> {
  const place = locate(path, version);
  if (!place.ok) return absent(place.error);
  const directory = await extracted(cache, path, version);
  if (directory.state === 'known') return { state: 'known', value: { kind: 'directory', directory: directory.value } };
  const file = downloadFile(cache, place.value, 'zip');
  const hash = await attempt(stat(downloadFile(cache, place.value, 'ziphash')));
  const zip = hash.state === 'known' ? await attempt(stat(file)) : hash;
  return zip.state === 'known' ? { state: 'known', value: { kind: 'zip', file } } : zip;
}

type Suffix = 'info' | 'mod' | 'zip' | 'ziphash' | 'partial';

async function downloaded(cache: string, path: string, version: string, suffix: Suffix): Promise<Fact<string>> {
  const place = locate(path, version);
  if (!place.ok) return absent(place.error);
  return attempt(readFile(downloadFile(cache, place.value, suffix), 'utf8'));
}

interface Place {
  /** Both escaped. */
  readonly path: string;
  readonly version: string;
}

function locate(path: string, version: string): Result<Place> {
  if (canonicalVersion(version) !== version) return { ok: false, error: 'not a canonical version' };
  const escapedPath = escapePath(path);
  if (!escapedPath.ok) return escapedPath;
  const escapedVersion = escapeVersion(version);
  if (!escapedVersion.ok) return escapedVersion;
  return { ok: true, value: { path: escapedPath.value, version: escapedVersion.value } };
}

function downloadFile(cache: string, place: Place, suffix: Suffix): string {
  return join(cache, 'cache', 'download', place.path, '@v', `${place.version}.${suffix}`);
}

/** What a reading gives: a file or directory that is not there is `absent`, any other failure `unavailable`. */
async function attempt<T>(reading: Promise<T>): Promise<Fact<T>> {
  try {
    return { state: 'known', value: await reading };
  } catch (error) {
    return unreadable(error);
  }
}

function unreadable(error: unknown): Fact<never> {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return absent('no such file');
  return { state: 'unavailable', why: `the module cache cannot be read (${code})` };
}

function absent(said: string): Extract<Fact<never>, { state: 'absent' }> {
  return { state: 'absent', evidence: [{ from: 'module cache', said }] };
}

async function isDirectory(path: string): Promise<boolean> {
  const found = await attempt(stat(path));
  return found.state === 'known' && found.value.isDirectory();
}

async function isRegularFile(path: string): Promise<boolean> {
  const found = await attempt(stat(path));
  return found.state === 'known' && found.value.isFile();
}
