import type { ModFile, Requirement } from '../syntax/directives.ts';
import { parseMod } from '../syntax/mod-file.ts';
import { compare } from '../syntax/semver.ts';
import type { Span } from '../syntax/span.ts';
import { compareText } from '../syntax/utf8.ts';
import type { MergeConflict } from './merge-conflict.ts';

/**
 * The requirements of both sides of a conflict, each module once with the higher of its versions, as whole lines: what the
 * go command itself makes of two lists of requirements. Undefined unless both sides are nothing but lines of
 * requirements.
 */
export function mergedRequirements(file: ModFile, conflict: MergeConflict): string | undefined {
  const inBlock = isInRequireBlock(file, conflict);
  const [ours, theirs] = (conflict.sides ?? []).map(({ start, end }) => readLines(file.text.slice(start, end), inBlock));
  if (!ours || !theirs) return undefined;
  const merged = new Map<string, RequirementLine>();
  for (const line of [...ours, ...theirs]) {
    const present = merged.get(line.path);
    if (!present || isPreferred(line, present)) merged.set(line.path, line);
  }
  const lines = [...merged.values()];
  if (isSorted(ours) && isSorted(theirs)) lines.sort((a, b) => compareText(a.path, b.path));
  return lines.map(({ text }) => text).join('');
}

interface RequirementLine {
  readonly path: string;
  readonly version: string;
  readonly indirect: boolean;
  /** The whole line, and the comments above it. */
  readonly text: string;
}

function isInRequireBlock({ tree }: ModFile, { start, end }: Span): boolean {
  return tree.statements.some((statement) => {
    return statement.kind === 'block' && statement.words[0]?.raw === 'require' && statement.start < start && end <= statement.close.start;
  });
}

/** Undefined when a side has anything else than requirements, one a line. */
function readLines(side: string, inBlock: boolean): RequirementLine[] | undefined {
  const opening = inBlock ? 'require (\n' : '';
  const text = `${opening}${side}${inBlock ? ')\n' : ''}`;
  const { tree, require, problems } = parseMod(text);
  const [first, ...others] = tree.statements;
  const block = inBlock && first?.kind === 'block' && others.length === 0 ? first : undefined;
  const lines = block ? block.lines : inBlock ? [] : tree.statements.filter((one) => one.kind === 'line');
  const isAll = (block ? 1 : lines.length) === tree.statements.length && lines.length === require.length;
  // A comment that belongs to no line belongs to no requirement either.
  const loose = [...tree.comments.before, ...tree.comments.after, ...(block?.closeComments.before ?? [])];
  const isSound = problems.length === 0 && isAll && lines.length > 0 && loose.every((comment) => comment.text === '');
  return isSound ? require.map((requirement) => lineOf(text, requirement)) : undefined;
}

function lineOf(text: string, { path, version, indirect, line }: Requirement): RequirementLine {
  const first = line.comments.before.find((comment) => comment.text !== '') ?? line;
  const end = text.indexOf('\n', line.end);
  const start = text.lastIndexOf('\n', first.start - 1) + 1;
  return { path: path.value, version: version.value, indirect, text: text.slice(start, end < 0 ? text.length : end + 1) };
}

/** Of equal versions, the one that is not marked as indirect. */
function isPreferred(line: RequirementLine, present: RequirementLine): boolean {
  return (compare(line.version, present.version) || Number(present.indirect) - Number(line.indirect)) > 0;
}

function isSorted(lines: readonly RequirementLine[]): boolean {
  return lines.every(({ path }, at) => at === 0 || compareText(lines[at - 1]!.path, path) <= 0);
}
