import { rename, stat, writeFile } from 'node:fs/promises';
import { analyze } from '../engine/analysis.ts';
import type { Analysis, ReportedFinding } from '../engine/analysis.ts';
import type { Fix, Severity } from '../engine/rule.ts';
import { rules } from '../engine/rules/index.ts';
import { EditSet } from '../host/edit-set.ts';
import type { ProjectPlace } from '../host/project-loader.ts';
import { settle } from '../host/settlement.ts';
import { applyEdits } from '../syntax/span.ts';
import { CannotRun } from './cannot-run.ts';
import { jsonReport } from './json-report.ts';
import { progressLine } from './progress-line.ts';
import { textReport } from './text-report.ts';
import { findPlaces, openProject, openWorkplace } from './workplace.ts';
import type { Workplace } from './workplace.ts';

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
  const workplace = await openWorkplace(options);
  try {
    const places = await findPlaces(paths, workplace.environment, workplace.files);
    const applied: string[] = [];
    let found = await inspect(places, workplace);
    if (options.fix || options.unsafeFixes) {
      for (let round = 0; round < MAX_FIX_ROUNDS; round++) {
        const titles = await applyFixes(found, workplace, options.unsafeFixes ?? false);
        if (titles.length === 0) break;
        applied.push(...titles);
        found = await inspect(places, workplace);
      }
    }
    const result: CheckResult = {
      ...found,
      requests: workplace.requests(),
      milliseconds: Math.round(performance.now() - started),
      applied,
    };
    const report = options.format === 'json' ? jsonReport : textReport;
    process.stdout.write(await report(result, workplace.files));
    return fails(result.findings, options.failOn) ? 1 : 0;
  } finally {
    await workplace.close();
  }
}

type Inspection = Pick<CheckResult, 'findings' | 'unchecked' | 'texts' | 'modules'>;

async function inspect(places: readonly ProjectPlace[], workplace: Workplace): Promise<Inspection> {
  const findings: ReportedFinding[] = [];
  const unchecked: Analysis['unchecked'][number][] = [];
  const texts = new Map<string, string>();
  let modules = 0;
  const progress = progressLine(process.stderr);
  for (const place of places) {
    const project = await openProject(place, workplace);
    const analysis = await settle((facts) => analyze(project, facts, rules), workplace.store, {
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
async function applyFixes(found: Inspection, workplace: Workplace, unsafe: boolean): Promise<string[]> {
  const edits = new EditSet();
  const titles: string[] = [];
  for (const finding of found.findings) {
    const fix = (finding.fixes ?? []).find((candidate: Fix) => unsafe || candidate.safety === 'safe');
    if (fix && edits.add(fix)) titles.push(fix.title);
  }
  for (const [file, fileEdits] of edits.files) {
    const now = await workplace.files.read(file);
    const before = now.kind === 'text' ? now.text : '';
    const judged = found.texts.get(file);
    if (judged !== undefined && judged !== before) throw new CannotRun(`${file} changed while it was checked; nothing was written to it`);
    await replaceFile(file, applyEdits(before, fileEdits));
  }
  workplace.store.forget(({ kind }) => kind === 'imports' || kind === 'directory-mod');
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
