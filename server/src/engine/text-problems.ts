import type { Problem, ProblemKind } from '../syntax/directives.ts';
import type { Line } from '../syntax/tree.ts';
import { isOnMarker, mergeConflicts } from './merge-conflict.ts';
import type { DirectiveFile } from './text-files.ts';

/** The one rule that reports each kind of fault, so that nothing is said twice and nothing is left unsaid. */
export const PROBLEM_RULES: Readonly<Record<ProblemKind, string>> = {
  syntax: 'syntax-error',
  'unknown-directive': 'syntax-error',
  'repeated-directive': 'syntax-error',
  usage: 'syntax-error',
  quoting: 'syntax-error',
  retraction: 'syntax-error',
  'byte-order-mark': 'syntax-error',
  'module-path': 'invalid-module-path',
  version: 'invalid-version',
  'path-major': 'major-path-mismatch',
  'go-version': 'invalid-go-version',
  toolchain: 'invalid-go-version',
  replacement: 'invalid-replace',
};

/**
 * The faults of a file that a rule reports. What a conflict marker does to its line belongs to `merge-conflict`, and a line
 * that can't be split into words is not judged by its words as well.
 */
export function problemsFor(rule: string, { text, parsed: { problems } }: DirectiveFile): Problem[] {
  const own = problems.filter(({ kind }) => PROBLEM_RULES[kind] === rule);
  if (own.length === 0) return [];
  const conflicts = mergeConflicts(text);
  const unsplit = problems.filter(({ kind }) => kind === 'syntax');
  const isConsequence = ({ kind, start, reportedAt }: Problem): boolean =>
    kind !== 'syntax' &&
    unsplit.some((other) => reportedAt <= other.start && !text.slice(Math.min(reportedAt, start), other.start).includes('\n'));
  return own.filter((problem) => !isOnMarker(conflicts, problem) && !isConsequence(problem));
}

/** Tells the lines that have no fault in themselves, so that more can be said of what they mean. */
export function soundLines(file: DirectiveFile): (line: Line) => boolean {
  const { problems } = file.parsed;
  const conflicts = mergeConflicts(file.text);
  return (line) =>
    !isOnMarker(conflicts, line) &&
    !problems.some(({ start, reportedAt }) => reportedAt === line.start || (line.start <= start && start < line.end));
}

/** The go command's words on one line. */
export function oneLine(message: string): string {
  return message.replace(/\s*\n\s*/g, ' ');
}
