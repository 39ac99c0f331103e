import { stat } from 'node:fs/promises';
import type { GoEnvironment } from '../engine/environment.ts';
import type { Checksums, DependencyMod, Fact, ModText, PackageSources, Question, QuestionOf } from '../engine/facts.ts';
import type { Network, Route } from '../engine/network.ts';
import { isOutsideProxies, routeOf } from '../engine/route.ts';
import { summarizeMod } from '../syntax/mod-summary.ts';
import type { Result } from '../syntax/result.ts';
import type { AnyFact, FactSource } from './fact-store.ts';
import { committedMod } from './committed-mod.ts';
import { findDownload } from './module-cache.ts';
import type { ModuleCache } from './module-cache.ts';
import { localTree, ModuleSource } from './module-source.ts';
import { ModuleSources } from './module-sources.ts';
import type { SourceFiles } from './source-files.ts';
import type { SourceScan } from './source-scan.ts';

/**
 * How far answers may be looked for.
 * - `on`: the disk, then the network.
 * - `cacheOnly`: the disk alone; with a network that is offline also the answers that it has kept there.
 * - `off`: nowhere; only what the files themselves say is judged.
 */
export type Reach = 'on' | 'cacheOnly' | 'off';

export interface FactSourceOptions {
  readonly environment: GoEnvironment;
  readonly reach: Reach;
  /** Why the reach is not `on`, in plain words for the user. */
  readonly reachReason?: string;
  readonly network: Network;
  /** Undefined when the go command would have no directory for it. */
  readonly cache: ModuleCache | undefined;
  readonly scan: SourceScan;
  readonly files: SourceFiles;
  /** Zip files are fetched of the modules whose packages have to be known and whose source is not in the module cache. */
  readonly fetchZips?: boolean;
  /** What makes hashes, loaded when the first is wanted; without it none are made. */
  readonly hashes?: () => Promise<Hashes>;
  /** What git is started with; without it git is not asked what was committed. */
  readonly env?: NodeJS.ProcessEnv;
}

/** The hashes of golang.org/x/mod/sumdb/dirhash. */
export interface Hashes {
  readonly zip: (file: string) => Promise<Result<string>>;
  readonly mod: (bytes: Uint8Array) => string;
}

/** Answers questions from the disk and, as far as the privacy policy allows, from the network. */
export function factSource(options: FactSourceOptions): FactSource {
  const sources = new ModuleSources();
  return (question, signal) => answer(options, sources, question, signal).catch((error: unknown) => unexpected(error));
}

/** Answers at once what lies in the module cache, for whoever has no text to show before; nothing for all other questions. */
export function answerAtOnce(cache: ModuleCache | undefined): (question: Question) => AnyFact | undefined {
  return (question) => (question.kind === 'mod' ? cachedMod(cache, question) : undefined);
}

function cachedMod(cache: ModuleCache | undefined, { path, version }: QuestionOf<'mod'>): Fact<DependencyMod> {
  return parsed(cache?.modText(path, version) ?? NO_CACHE);
}

async function answer(
  options: FactSourceOptions,
  sources: ModuleSources,
  question: Question,
  signal: AbortSignal,
): Promise<AnyFact> {
  const { network, cache } = options;
  if (options.reach === 'off') return unavailable(options.reachReason ?? 'looking beyond the files is switched off');
  switch (question.kind) {
    case 'cached':
      return cache?.hasVersion(question.path, question.version) ?? NO_CACHE;
    case 'package':
      return cache?.hasPackage(question.path, question.version, question.importPath) ?? NO_CACHE;
    case 'imports':
      return options.scan.imports(question.directory, signal);
    case 'cached-checksums':
      return cachedChecksums(options, question);
    case 'downloaded-checksums':
      return downloadedChecksums(options, question, signal);
    case 'package-source':
      return packageSource(options, sources, question, signal);
    case 'directory-source': {
      const { directory, importedAs, importPath } = question;
      return new ModuleSource(localTree(directory, options.files)).packages(importedAs, importPath);
    }
    case 'directory-mod':
      return directoryMod(options.files, question.directory);
    case 'committed-mod': {
      if (options.env === undefined) return unavailable('git is not asked');
      const text = await committedMod(question.directory, options.env, signal);
      return text.state === 'known' ? { state: 'known', value: dependencyMod(text.value, 'HEAD') } : text;
    }
    case 'mod':
      return cachedMod(cache, question);
    case 'remote-mod':
      return parsed(
        await overNetwork(options, question, (route) => network.mod(question.path, question.version, route, signal)),
      );
    case 'versions':
      return overNetwork(options, question, (route) => network.versions(question.path, route, signal));
    case 'release':
      return overNetwork(options, question, (route) => network.release(question.path, question.version, route, signal));
    case 'query':
      return overNetwork(options, question, (route) => network.query(question.path, question.query, route, signal));
    case 'tags':
      return overNetwork(options, question, () => network.tags(question.path, signal));
    case 'checksums':
      return overNetwork(options, question, (route) => network.checksums(question.path, question.version, route, signal));
  }
}

async function packageSource(
  options: FactSourceOptions,
  sources: ModuleSources,
  question: QuestionOf<'package-source'>,
  signal: AbortSignal,
): Promise<Fact<PackageSources>> {
  const { path, version, importedAs, importPath } = question;
  const source = await sources.of({ path, version }, async () => {
    const cached = await (options.cache?.source(path, version) ?? NO_CACHE);
    if (cached.state !== 'absent') return cached;
    const notThere = unavailable(`the source of ${path}@${version} is not in the module cache`);
    if (!options.fetchZips || question.cacheOnly) return notThere;
    const zip = await overNetwork(options, question, (route) => options.network.zip(path, version, route, signal));
    if (zip.state === 'absent') return unavailable(`the zip file of ${path}@${version} is nowhere to be had`);
    return zip.state === 'known' ? { state: 'known', value: { kind: 'zip', file: zip.value } } : zip;
  });
  return source.state === 'known' ? source.value.packages(importedAs, importPath) : source;
}

/** The zip file is hashed anew, and must have the hash that was noted when it was fetched. */
async function cachedChecksums(
  { environment, hashes }: FactSourceOptions,
  { path, version }: QuestionOf<'cached-checksums'>,
): Promise<Fact<Checksums>> {
  const cache = environment.moduleCache;
  if (cache === undefined || hashes === undefined) return NO_CACHE;
  const download = await findDownload(cache, path, version);
  if (download.state !== 'known') return download;
  const { zip, mod, hash } = download.value;
  const make = await hashes();
  const made = zip && (await make.zip(zip.file));
  const isRight = made?.ok === true && hash.ok && made.value === hash.value;
  const found = { zip: isRight ? made.value : undefined, mod: mod && make.mod(mod), database: 'module cache' };
  return { state: 'known', value: found };
}

/** The module cache comes first, with the hash that was noted when the zip file was fetched: the go command compares that one. */
async function downloadedChecksums(
  options: FactSourceOptions,
  question: QuestionOf<'downloaded-checksums'>,
  signal: AbortSignal,
): Promise<Fact<Checksums>> {
  const { environment, hashes, fetchZips, network } = options;
  const { path, version } = question;
  if (hashes === undefined) return unavailable('nothing here makes hashes');
  const cache = environment.moduleCache;
  const download = cache === undefined ? NO_CACHE : await findDownload(cache, path, version);
  if (download.state === 'unavailable') return download;
  if (download.state === 'known' && download.value.hash.ok) {
    const { mod, hash } = download.value;
    const made = mod && (await hashes()).mod(mod);
    return { state: 'known', value: { zip: hash.value, mod: made, database: 'the module cache' } };
  }
  if (!fetchZips) return unavailable(`${path}@${version} is not in the module cache`);
  const text = await overNetwork(options, question, (route) => network.mod(path, version, route, signal));
  if (text.state !== 'known') return text;
  const file = await overNetwork(options, question, (route) => network.zip(path, version, route, signal));
  const make = await hashes();
  const zip = file.state === 'known' ? await make.zip(file.value) : undefined;
  const mod = make.mod(Buffer.from(text.value.text));
  return { state: 'known', value: { zip: zip?.ok ? zip.value : undefined, mod, database: 'the download' } };
}

const NO_CACHE: Fact<never> = { state: 'absent', evidence: [{ from: 'module cache', said: 'there is none' }] };

type NetworkQuestion = QuestionOf<
  'versions' | 'release' | 'query' | 'remote-mod' | 'tags' | 'checksums' | 'downloaded-checksums' | 'package-source'
>;

/** The privacy policy: what may leave this machine, and to whom. */
async function overNetwork<T>(
  { environment, reach, reachReason, network }: FactSourceOptions,
  question: NetworkQuestion,
  request: (route: Route) => Promise<Fact<T>>,
): Promise<Fact<T>> {
  const notAsked = unavailable(reachReason ?? 'the network is switched off');
  if (reach !== 'on' && !network.offline) return notAsked;
  const route = routeOf(environment, question.path);
  const refusal = refuse(environment, question, route);
  if (refusal !== undefined) return unavailable(refusal);
  const fact = await request(route);
  return reach !== 'on' && fact.state === 'unavailable' ? notAsked : fact;
}

function refuse(environment: GoEnvironment, question: NetworkQuestion, route: Route): string | undefined {
  if (route.entries.length === 0) return 'GOPROXY names no proxy';
  if (route.entries[0]?.kind === 'off') return 'module lookup disabled by GOPROXY=off';
  // A chain that ends in "off" says that nobody beyond its proxies is to be asked.
  const closed = route.entries.some((entry) => entry.kind === 'off') && !isOutsideProxies(environment, question.path);
  if (question.kind === 'tags' && closed) return 'GOPROXY ends in "off", so origins are not asked';
  if (question.kind === 'checksums' && route.sumDb === undefined) return 'the checksum database is not asked about it';
  return undefined;
}

async function directoryMod(files: SourceFiles, directory: string): Promise<Fact<DependencyMod>> {
  const path = `${directory}/go.mod`;
  const result = await files.read(path);
  if (result.kind === 'failure') return unavailable(result.why);
  if (result.kind === 'absent') return { state: 'absent', evidence: [{ from: directory, said: await lackOf(directory) }] };
  return { state: 'known', value: dependencyMod(result.text, path) };
}

/** What is lacking where a directory has no go.mod that could be read. */
async function lackOf(directory: string): Promise<string> {
  const found = await stat(directory).catch(() => undefined);
  if (!found) return 'no such directory';
  return found.isDirectory() ? 'no go.mod' : 'not a directory';
}

function parsed(mod: Fact<ModText>): Fact<DependencyMod> {
  return mod.state === 'known' ? { state: 'known', value: dependencyMod(mod.value.text, mod.value.from) } : mod;
}

function dependencyMod(text: string, from: string): DependencyMod {
  return { ...summarizeMod(text), from };
}

function unavailable(why: string): Fact<never> {
  return { state: 'unavailable', why };
}

function unexpected(error: unknown): AnyFact {
  return unavailable(`an unexpected fault: ${error instanceof Error ? error.message : String(error)}`);
}
