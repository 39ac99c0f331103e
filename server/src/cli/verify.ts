import type { Facts } from '../engine/facts.ts';
import { moduleKey } from '../engine/module-version.ts';
import type { ModuleVersion } from '../engine/module-version.ts';
import type { Project } from '../engine/project.ts';
import { findDownload } from '../host/module-cache.ts';
import type { Download } from '../host/module-cache.ts';
import { settle } from '../host/settlement.ts';
import { hashGoMod } from '../net/dirhash.ts';
import { threadsFor } from '../net/hash-pool.ts';
import type { HashPool } from '../net/hash-pool.ts';
import type { Result } from '../syntax/result.ts';
import { sumLineKey } from '../syntax/sum-file.ts';
import { openHashPool } from '../lsp/hash-threads.ts';
import { progressLine } from './progress-line.ts';
import { verifyJson, verifyText } from './verify-report.ts';
import { findPlaceAbove, openProject, openWorkplace } from './workplace.ts';
import type { Workplace, WorkplaceOptions } from './workplace.ts';

export interface VerifyOptions extends WorkplaceOptions {
  readonly format: 'text' | 'json';
}

/** One of those that ought to agree, with the hash that it has. */
export interface Side {
  readonly who: 'go.sum' | 'checksum database' | 'module cache' | 'zip file' | 'directory';
  readonly hash: string;
}

/** Something of a module version that is not as it should be. */
export interface VerifyFailure {
  readonly module: ModuleVersion;
  /** What the hashes are of: the module's files, or its go.mod alone. */
  readonly of: 'module' | 'go.mod';
  /** In the words of the go command, as far as it has some. */
  readonly message: string;
  /** Who disagrees with whom; empty where something could not be read. */
  readonly sides: readonly Side[];
}

export interface VerifyReport {
  readonly failures: readonly VerifyFailure[];
  /** What could not be compared; no fault is known of it. */
  readonly unchecked: readonly { readonly module: ModuleVersion; readonly why: string }[];
  readonly counts: VerifyCounts;
}

export interface VerifyCounts {
  /** Module versions in go.sum. */
  readonly modules: number;
  readonly zips: number;
  readonly directories: number;
  /** Lines of go.sum, and how many of them the checksum database has signed. */
  readonly lines: number;
  readonly signed: number;
  readonly requests: number;
  readonly milliseconds: number;
}

/**
 * Runs `gomod-health verify`: the module cache against what was downloaded, as `go mod verify` has it, and go.sum
 * against the module cache and the checksum database, which it has not. Exit status: 0 nothing disagrees, 1 something
 * does, 2 it could not run.
 */
export async function verify(path: string, options: VerifyOptions): Promise<number> {
  const started = performance.now();
  const workplace = await openWorkplace(options);
  let pool: HashPool | undefined;
  try {
    const lines = sumLines(await openProject(await findPlaceAbove(path, workplace), workplace));
    const modules = await Promise.all(lines.map((module) => withDownload(module, workplace.environment.moduleCache)));
    pool = openHashPool(threadsFor(modules.reduce((sum, { download }) => sum + (download?.zip?.bytes ?? 0), 0)));
    const [cache, database] = await Promise.all([verifyCache(modules, pool), verifyDatabase(modules, workplace)]);
    const report: VerifyReport = {
      failures: [...cache.failures, ...database.failures],
      unchecked: [...cache.unchecked, ...database.unchecked],
      counts: {
        modules: modules.length,
        zips: modules.filter(({ download }) => download?.zip).length,
        directories: modules.filter(({ download }) => download?.directory !== undefined).length,
        lines: modules.reduce((sum, { zip, mod }) => sum + zip.length + mod.length, 0),
        signed: database.signed,
        requests: workplace.requests(),
        milliseconds: Math.round(performance.now() - started),
      },
    };
    process.stdout.write(options.format === 'json' ? verifyJson(report) : verifyText(report));
    return report.failures.length > 0 ? 1 : 0;
  } finally {
    await Promise.all([pool?.close(), workplace.close()]);
  }
}

/** A module version with the hashes of its lines in all go.sum files of a project. */
interface SumModule extends ModuleVersion {
  readonly zip: readonly string[];
  readonly mod: readonly string[];
}

function sumLines(project: Project): SumModule[] {
  const modules = new Map<string, ModuleVersion & { zip: Set<string>; mod: Set<string> }>();
  for (const file of [project.workspace?.sum, ...project.modules.map(({ sum }) => sum)]) {
    for (const line of file?.parsed.lines ?? []) {
      const { path, version, mod } = sumLineKey(line);
      const known = modules.get(moduleKey({ path, version })) ?? { path, version, zip: new Set(), mod: new Set() };
      modules.set(moduleKey(known), known);
      known[mod ? 'mod' : 'zip'].add(line.hash.value);
    }
  }
  return [...modules.values()].map(({ path, version, zip, mod }) => ({ path, version, zip: [...zip], mod: [...mod] }));
}

interface DownloadedModule extends SumModule {
  readonly download: Download | undefined;
  /** Why it is not known what was downloaded. */
  readonly why?: string;
}

async function withDownload(module: SumModule, cache: string | undefined): Promise<DownloadedModule> {
  if (cache === undefined) return { ...module, download: undefined };
  const download = await findDownload(cache, module.path, module.version);
  if (download.state === 'known') return { ...module, download: download.value };
  return { ...module, download: undefined, ...(download.state === 'unavailable' && { why: download.why }) };
}

type Verdicts = Pick<VerifyReport, 'failures' | 'unchecked'>;

/** Compares what was downloaded with what was noted then, and with go.sum. The largest zip files come first. */
async function verifyCache(modules: readonly DownloadedModule[], pool: HashPool): Promise<Verdicts> {
  const progress = progressLine(process.stderr);
  const bySize = [...modules].sort((a, b) => (b.download?.zip?.bytes ?? 0) - (a.download?.zip?.bytes ?? 0));
  const failures = new Map<ModuleVersion, readonly VerifyFailure[]>();
  let left = modules.length;
  await Promise.all(
    bySize.map(async (module) => {
      failures.set(module, await verifyDownload(module, pool));
      left -= 1;
      progress.show(left === 0 ? '' : `verifying the module cache: ${left} of ${modules.length} left`);
    }),
  );
  return {
    failures: modules.flatMap((module) => failures.get(module)!),
    unchecked: modules.flatMap((module) => (module.why === undefined ? [] : [{ module: plain(module), why: module.why }])),
  };
}

/** As cmd/go/internal/modcmd/verify.go:verifyMod, and go.sum beside it. */
async function verifyDownload(module: DownloadedModule, pool: HashPool): Promise<VerifyFailure[]> {
  const { download } = module;
  if (!download) return [];
  const modFailures = download.mod ? sumMismatch(module, 'go.mod', hashGoMod(download.mod)) : [];
  const { zip, directory, hash } = download;
  if (!hash.ok) return zip ? [...modFailures, failure(module, `missing ziphash: ${hash.error}`)] : modFailures;
  const noted: Side = { who: 'module cache', hash: hash.value };
  const [zipHash, directoryHash] = await Promise.all([
    zip && pool.hash({ kind: 'zip', file: zip.file }),
    directory === undefined
      ? undefined
      : pool.hash({ kind: 'directory', directory, prefix: `${module.path}@${module.version}` }),
  ]);
  return [
    ...modification(module, zipHash, noted, 'zip file', `zip has been modified (${zip?.file})`),
    ...modification(module, directoryHash, noted, 'directory', `dir has been modified (${directory})`),
    ...sumMismatch(module, 'module', hash.value),
    ...modFailures,
  ];
}

function modification(
  module: ModuleVersion,
  found: Result<string> | undefined,
  noted: Side,
  who: Side['who'],
  message: string,
): VerifyFailure[] {
  if (found === undefined || (found.ok && found.value === noted.hash)) return [];
  if (!found.ok) return [failure(module, found.error)];
  return [failure(module, message, [noted, { who, hash: found.value }])];
}

/** Whether a hash in the module cache is one of those that go.sum has. Only `h1:` counts (fetch.go:checkModSum). */
function sumMismatch(module: SumModule, of: VerifyFailure['of'], cached: string): VerifyFailure[] {
  const hashes = (of === 'module' ? module.zip : module.mod).filter((hash) => hash.startsWith('h1:'));
  if (hashes.length === 0 || hashes.includes(cached)) return [];
  const sides = hashes.map((hash): Side => ({ who: 'go.sum', hash }));
  return [failure(module, 'checksum mismatch', [{ who: 'module cache', hash: cached }, ...sides], of)];
}

/** Compares every line of go.sum with what the checksum database has signed, as far as it may be asked. */
async function verifyDatabase(
  modules: readonly DownloadedModule[],
  workplace: Workplace,
): Promise<Verdicts & { signed: number }> {
  const { signal } = new AbortController();
  return settle((facts) => compareWithDatabase(modules, facts), workplace.store, { signal });
}

function compareWithDatabase(modules: readonly DownloadedModule[], facts: Facts): Verdicts & { signed: number } {
  const failures: VerifyFailure[] = [];
  const unchecked: { module: ModuleVersion; why: string }[] = [];
  let signed = 0;
  for (const module of modules) {
    const fact = facts.ask({ kind: 'checksums', path: module.path, version: module.version });
    if (fact.state === 'unavailable' && fact.why.startsWith('SECURITY ERROR')) {
      failures.push(failure(module, fact.why));
    } else if (fact.state === 'unavailable') {
      unchecked.push({ module: plain(module), why: fact.why });
    } else if (fact.state === 'absent') {
      unchecked.push({ module: plain(module), why: 'the checksum database does not know this version' });
    } else if (fact.state === 'known') {
      for (const part of ['module', 'go.mod'] as const) {
        const right = part === 'module' ? fact.value.zip : fact.value.mod;
        const hashes = (part === 'module' ? module.zip : module.mod).filter((hash) => hash.startsWith('h1:'));
        const wrong = right === undefined ? [] : hashes.filter((hash) => hash !== right);
        signed += right === undefined ? 0 : hashes.length - wrong.length;
        if (right !== undefined && wrong.length > 0) failures.push(unsigned(module, part, wrong, right));
      }
    }
  }
  return { failures, unchecked, signed };
}

function unsigned(module: DownloadedModule, of: VerifyFailure['of'], wrong: readonly string[], right: string): VerifyFailure {
  const { download } = module;
  const noted = download?.hash.ok ? download.hash.value : undefined;
  const cached = of === 'module' ? noted : download?.mod && hashGoMod(download.mod);
  const sides: Side[] = [
    ...wrong.map((hash): Side => ({ who: 'go.sum', hash })),
    { who: 'checksum database', hash: right },
    ...(cached === undefined ? [] : [{ who: 'module cache', hash: cached } as const]),
  ];
  return failure(module, 'SECURITY ERROR: checksum mismatch', sides, of);
}

function failure(
  module: ModuleVersion,
  message: string,
  sides: readonly Side[] = [],
  of: VerifyFailure['of'] = 'module',
): VerifyFailure {
  return { module: plain(module), of, message, sides };
}

function plain({ path, version }: ModuleVersion): ModuleVersion {
  return { path, version };
}
