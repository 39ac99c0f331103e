import { analyze } from '../engine/analysis.ts';
import type { Analysis, ReportedFinding } from '../engine/analysis.ts';
import type { FileEdit, Fix, Severity } from '../engine/rule.ts';
import { rules } from '../engine/rules/index.ts';
import { EditSet } from '../host/edit-set.ts';
import type { ProjectPlace } from '../host/project-loader.ts';
import { refusals } from '../host/refusals.ts';
import { settle } from '../host/settlement.ts';
import type { SourceFiles } from '../host/source-files.ts';
import { filesOf } from '../lsp/file-view.ts';
import { applyEdits } from '../syntax/span.ts';
import { CannotRun } from './cannot-run.ts';
import { writeChanges } from './file-changes.ts';
import type { FileChange } from './file-changes.ts';
import { jsonReport } from './json-report.ts';
import { progressLine } from './progress-line.ts';
import { textReport } from './text-report.ts';
import { findPlaces, openWorkplace, readProject } from './workplace.ts';
import type { Workplace, WorkplaceOptions } from './workplace.ts';

export interface CheckOptions extends WorkplaceOptions {
  readonly format: 'text' | 'json';
  readonly failOn: Severity | 'never';
  readonly fix?: boolean;
  readonly unsafeFixes?: boolean;
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
    const places = await findPlaces(paths, workplace);
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
    for (const message of found.notUnderstood) workplace.say(message);
    if (found.notUnderstood.length > 0) return 2;
    return fails(result.findings, options.failOn) ? 1 : 0;
  } finally {
    await workplace.close();
  }
}

interface Inspection extends Pick<CheckResult, 'findings' | 'unchecked' | 'texts' | 'modules'> {
  /** One sentence for each file that could not be read, or in which a fault is that no finding tells of. */
  readonly notUnderstood: readonly string[];
}

/** A project that can't be read is left out, as long as there is another. */
async function inspect(places: readonly ProjectPlace[], workplace: Workplace): Promise<Inspection> {
  const findings: ReportedFinding[] = [];
  const unchecked: Analysis['unchecked'][number][] = [];
  const notUnderstood: string[] = [];
  const texts = new Map<string, string>();
  let modules = 0;
  let left = places.length;
  const progress = progressLine(process.stderr);
  for (const place of places) {
    const { project, failures } = await readProject(place, workplace);
    notUnderstood.push(...failures);
    if (failures.length > 0) {
      left--;
      continue;
    }
    const analysis = await settle((facts) => analyze(project, facts, rules), workplace.store, {
      signal: new AbortController().signal,
      onRound: ({ open }) => progress.show(open === 0 ? '' : `checking ${place.directory}: ${open} questions open`),
    });
    findings.push(...analysis.findings);
    unchecked.push(...analysis.unchecked);
    notUnderstood.push(...refusals(project, analysis.findings));
    for (const main of project.modules) modules += main.mod.parsed.require.length;
    for (const { path, text } of filesOf(project)) texts.set(path, text);
  }
  progress.show('');
  if (left === 0) throw new CannotRun(notUnderstood.join('; '));
  return { findings, unchecked, notUnderstood, texts, modules };
}

/** Applies the best admitted fix of each finding, as far as they keep out of each other's way. */
async function applyFixes(found: Inspection, { files, store }: Workplace, unsafe: boolean): Promise<string[]> {
  const edits = new EditSet();
  const titles: string[] = [];
  for (const finding of found.findings) {
    const fix = (finding.fixes ?? []).find((candidate: Fix) => unsafe || candidate.safety === 'safe');
    if (fix && edits.add(fix)) titles.push(fix.title);
  }
  const changes: FileChange[] = [];
  for (const [file, fileEdits] of edits.files) {
    const before = found.texts.get(file) ?? (await textToEdit(file, fileEdits, files));
    changes.push({ file, before, after: applyEdits(before ?? '', fileEdits) });
  }
  await writeChanges(changes);
  store.forget(({ kind }) => kind === 'imports' || kind === 'directory-mod' || kind === 'directory-source');
  return titles;
}

/** The text of a file that no project has: one that is to be made, or one that is as the edits expect it. */
async function textToEdit(file: string, edits: readonly FileEdit[], files: SourceFiles): Promise<string | undefined> {
  const now = await files.read(file);
  if (now.kind === 'failure') throw new CannotRun(now.why);
  const isExpected =
    now.kind === 'absent'
      ? edits.every(({ end, expects }) => end === 0 && expects === undefined)
      : now.editable && edits.every(({ start, end, expects }) => now.text.slice(start, end) === expects);
  if (!isExpected) throw new CannotRun(`${file} changed while it was checked; nothing was written`);
  return now.kind === 'absent' ? undefined : now.text;
}

function fails(findings: readonly ReportedFinding[], failOn: CheckOptions['failOn']): boolean {
  if (failOn === 'never') return false;
  const limit = SEVERITIES.indexOf(failOn);
  return findings.some(({ severity }) => SEVERITIES.indexOf(severity) <= limit);
}
