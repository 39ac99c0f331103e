import { createWriteStream } from 'node:fs';
import { rename, stat, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { analyze } from '../engine/analysis.ts';
import type { Analysis, ReportedFinding } from '../engine/analysis.ts';
import type { Fix, Severity } from '../engine/rule.ts';
import { rules } from '../engine/rules/index.ts';
import { EditSet } from '../host/edit-set.ts';
import { factSource } from '../host/fact-source.ts';
import { FactStore } from '../host/fact-store.ts';
import { readGoEnvironment } from '../host/go-environment.ts';
import { moduleCache } from '../host/module-cache.ts';
import { discoverModules } from '../host/module-discovery.ts';
import { findNearbyModules, findProject, loadProject } from '../host/project-loader.ts';
import type { ProjectPlace } from '../host/project-loader.ts';
import { settle } from '../host/settlement.ts';
import { sourceFiles } from '../host/source-files.ts';
import type { SourceFiles } from '../host/source-files.ts';
import { sourceScan } from '../host/source-scan.ts';
import { openNetwork } from '../lsp/network.ts';
import type { GoEnvironment } from '../engine/environment.ts';
import { applyEdits } from '../syntax/span.ts';
import { CannotRun } from './cannot-run.ts';
import { jsonReport } from './json-report.ts';
import { progressLine } from './progress-line.ts';
import { textReport } from './text-report.ts';

export interface CheckOptions {
  readonly format: 'text' | 'json';
  readonly failOn: Severity | 'never';
  readonly offline?: boolean;
  readonly fix?: boolean;
  readonly unsafeFixes?: boolean;
  readonly trace?: string;
}

/** Everything that was found, over all projects. */
export interface CheckResult extends Analysis {
  /** The texts of the files that findings are in. */
  readonly texts: ReadonlyMap<string, string>;
  /** How many requirements were looked at. */
  readonly modules: number;
  readonly requests: number;
  readonly milliseconds: number;
  /** The titles of the fixes that were applied. */
  readonly applied: readonly string[];
}

const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info', 'hint'];

/** A fix may make room for another; more rounds than this mean that fixes undo each other. */
const MAX_FIX_ROUNDS = 10;

/** Runs `gomod-health check`; returns the exit status. */
export async function check(paths: readonly string[], options: CheckOptions): Promise<number> {
  const started = performance.now();
  const bench = await openBench(options);
  try {
    const places = await findPlaces(paths, bench.environment, bench.files);
    const applied: string[] = [];
    let found = await inspect(places, bench);
    if (options.fix || options.unsafeFixes) {
      for (let round = 0; round < MAX_FIX_ROUNDS; round++) {
        const titles = await applyFixes(found, bench, options.unsafeFixes ?? false);
        if (titles.length === 0) break;
        applied.push(...titles);
        found = await inspect(places, bench);
      }
    }
    const result: CheckResult = {
      ...found,
      requests: bench.requests(),
      milliseconds: Math.round(performance.now() - started),
      applied,
    };
    const report = options.format === 'json' ? jsonReport : textReport;
    process.stdout.write(await report(result, bench.files));
    return fails(result.findings, options.failOn) ? 1 : 0;
  } finally {
    await bench.close();
  }
}

/** What a check works with. */
interface Bench {
  readonly environment: GoEnvironment;
  readonly files: SourceFiles;
  readonly store: FactStore;
  requests(): number;
  close(): Promise<void>;
}

async function openBench(options: CheckOptions): Promise<Bench> {
  const report = await readGoEnvironment({ env: process.env, platform: process.platform });
  const { environment } = report;
  const files = sourceFiles();
  const trace = options.trace === undefined ? undefined : createWriteStream(options.trace);
  const network = openNetwork(report, trace && ((request) => void trace.write(`${JSON.stringify(request)}\n`)));
  const source = factSource({
    environment,
    reach: options.offline ? 'cacheOnly' : 'on',
    ...(options.offline && { reachReason: 'not asked: --offline' }),
    network,
    cache: environment.moduleCache === undefined ? undefined : moduleCache(environment.moduleCache),
    scan: sourceScan(),
    files,
  });
  return {
    environment,
    files,
    store: new FactStore(source),
    requests: () => network.requests,
    close: async () => {
      await network.close();
      trace?.end();
    },
  };
}

async function findPlaces(
  paths: readonly string[],
  environment: GoEnvironment,
  files: SourceFiles,
): Promise<ProjectPlace[]> {
  const places = new Map<string, ProjectPlace>();
  const add = (place: ProjectPlace | undefined) => {
    if (place) places.set(`${place.kind} ${place.directory}`, place);
  };
  for (const path of paths) {
    const absolute = resolve(path).replaceAll('\\', '/');
    const found = await stat(absolute).catch((error: NodeJS.ErrnoException) => error);
    if (found instanceof Error) {
      throw new CannotRun(`${path} can't be read: ${found.code === 'ENOENT' ? 'there is no such file' : found.code}`);
    }
    add(await findProject(absolute, environment, files));
    if (found.isDirectory()) {
      for (const directory of await discoverModules(absolute, environment.moduleCache, files)) {
        add(await findProject(directory, environment, files));
      }
    }
    if (places.size === 0) throw new CannotRun(`${path} is in no Go module: there is no go.mod at, above or below it`);
  }
  return [...places.values()];
}

type Inspection = Pick<CheckResult, 'findings' | 'unchecked' | 'texts' | 'modules'>;

async function inspect(places: readonly ProjectPlace[], bench: Bench): Promise<Inspection> {
  const findings: ReportedFinding[] = [];
  const unchecked: Analysis['unchecked'][number][] = [];
  const texts = new Map<string, string>();
  let modules = 0;
  const progress = progressLine(process.stderr);
  for (const place of places) {
    const nearby = await findNearbyModules(place, [], bench.files);
    const { project, failures } = await loadProject(place, { environment: bench.environment, files: bench.files, nearby });
    if (failures.length > 0) throw new CannotRun(failures.join('; '));
    const analysis = await settle((facts) => analyze(project, facts, rules), bench.store, {
      signal: new AbortController().signal,
      onRound: ({ open }) => progress.show(open === 0 ? '' : `checking ${place.directory}: ${open} questions open`),
    });
    findings.push(...analysis.findings);
    unchecked.push(...analysis.unchecked);
    for (const main of project.modules) {
      modules += main.mod.parsed.require.length;
      texts.set(main.mod.path, main.mod.text);
      if (main.sum) texts.set(main.sum.path, main.sum.text);
    }
    if (project.workspace) texts.set(project.workspace.work.path, project.workspace.work.text);
    if (project.workspace?.sum) texts.set(project.workspace.sum.path, project.workspace.sum.text);
  }
  progress.show('');
  return { findings, unchecked, texts, modules };
}

/** Applies the best admitted fix of each finding, as far as they keep out of each other's way. */
async function applyFixes(found: Inspection, bench: Bench, unsafe: boolean): Promise<string[]> {
  const edits = new EditSet();
  const titles: string[] = [];
  for (const finding of found.findings) {
    const fix = (finding.fixes ?? []).find((candidate: Fix) => unsafe || candidate.safety === 'safe');
    if (fix && edits.add(fix)) titles.push(fix.title);
  }
  for (const [file, fileEdits] of edits.files) {
    const now = await bench.files.read(file);
    const before = now.kind === 'text' ? now.text : '';
    const judged = found.texts.get(file);
    if (judged !== undefined && judged !== before) throw new CannotRun(`${file} changed while it was checked; nothing was written to it`);
    await replaceFile(file, applyEdits(before, fileEdits));
  }
  bench.store.forget(({ kind }) => kind === 'imports' || kind === 'directory-mod');
  return titles;
}

/** Writes a file whole or not at all, and keeps its mode. */
async function replaceFile(file: string, text: string): Promise<void> {
  const before = await stat(file).catch(() => undefined);
  const temporary = `${file}.gomod-health-${process.pid}`;
  try {
    await writeFile(temporary, text, before && { mode: before.mode });
    await rename(temporary, file);
  } catch (error) {
    throw new CannotRun(`${file} can't be written: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}

function fails(findings: readonly ReportedFinding[], failOn: CheckOptions['failOn']): boolean {
  if (failOn === 'never') return false;
  const limit = SEVERITIES.indexOf(failOn);
  return findings.some(({ severity }) => SEVERITIES.indexOf(severity) <= limit);
}
