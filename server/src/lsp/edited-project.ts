import type { ReportedFinding } from '../engine/analysis.ts';
import type { MainModule, Project, SourceFile } from '../engine/project.ts';
import type { Place } from '../engine/rule.ts';
import { editorText } from '../host/source-files.ts';
import type { ModFile, SumFile } from '../syntax/directives.ts';
import { parseMod } from '../syntax/mod-file.ts';
import type { Span } from '../syntax/span.ts';
import { parseSum } from '../syntax/sum-file.ts';

/** A go.mod or go.sum file of one of a project's modules. */
export type EditedFile = SourceFile<ModFile> | SourceFile<SumFile>;

/**
 * A newer text of one of a project's go.mod or go.sum files, parsed; undefined for any other file, such as a go.work,
 * whose text tells which files there are.
 */
export function editedFile(project: Project, path: string, text: string): EditedFile | undefined {
  const file = filesOf(project).find((one) => one.path === path);
  if (!file) return undefined;
  const { hiddenByteOrderMark } = file;
  const source = { path, ...editorText(text), ...(hiddenByteOrderMark && { hiddenByteOrderMark }) };
  return file.parsed.kind === 'mod' ? { ...source, parsed: parseMod(text) } : { ...source, parsed: parseSum(text) };
}

/** The snapshot with one of its files exchanged. */
export function withFile(project: Project, file: EditedFile): Project {
  return { ...project, modules: project.modules.map((main) => withModuleFile(main, file)) };
}

function withModuleFile(main: MainModule, file: EditedFile): MainModule {
  if (main.mod.path === file.path) return { ...main, mod: file as SourceFile<ModFile> };
  return main.sum?.path === file.path ? { ...main, sum: file as SourceFile<SumFile> } : main;
}

/**
 * Findings of one snapshot where a newer one has the same text, until it is known whether they still hold: as an editor
 * moves its marks when it is typed in. Those that the edit touches are left out, and so are all fixes.
 */
export function carryFindings(findings: readonly ReportedFinding[], before: Project, now: Project): ReportedFinding[] {
  if (findings.length === 0) return [];
  const changes = changesBetween(before, now);
  const carry = ({ file, span }: Place): Place | undefined => {
    const change = changes.get(file);
    const moved = change ? moveSpan(span, change) : span;
    return moved && { file, span: moved };
  };
  return findings.flatMap(({ fixes: _, related, ...finding }) => {
    const at = carry(finding.at);
    if (!at) return [];
    const carried = related?.flatMap(({ at: place, message }) => {
      const moved = carry(place);
      return moved ? [{ at: moved, message }] : [];
    });
    return [{ ...finding, at, ...(carried && { related: carried }) }];
  });
}

/** The part of a text that an edit replaced, and how much longer the text is since. */
interface Change extends Span {
  readonly growth: number;
}

function changesBetween(before: Project, now: Project): Map<string, Change> {
  const texts = new Map(filesOf(now).map(({ path, text }) => [path, text]));
  const changes = new Map<string, Change>();
  for (const { path, text } of filesOf(before)) {
    const newer = texts.get(path);
    if (newer !== undefined && newer !== text) changes.set(path, changeBetween(text, newer));
  }
  return changes;
}

function filesOf({ modules }: Project): EditedFile[] {
  return modules.flatMap(({ mod, sum }) => (sum ? [mod, sum] : [mod]));
}

function changeBetween(before: string, now: string): Change {
  const most = Math.min(before.length, now.length);
  let start = 0;
  while (start < most && before.charCodeAt(start) === now.charCodeAt(start)) start++;
  let same = 0;
  while (same < most - start && before.charCodeAt(before.length - 1 - same) === now.charCodeAt(now.length - 1 - same)) same++;
  return { start, end: before.length - same, growth: now.length - before.length };
}

function moveSpan({ start, end }: Span, change: Change): Span | undefined {
  if (end < change.start) return { start, end };
  if (start > change.end) return { start: start + change.growth, end: end + change.growth };
  return undefined;
}
