import type { SumFile, SumLine } from '../../syntax/directives.ts';
import { checkPath } from '../../syntax/module-path.ts';
import type { Span, TextEdit } from '../../syntax/span.ts';
import { parseSum, sumLineKey } from '../../syntax/sum-file.ts';
import type { Facts } from '../facts.ts';
import { mergeConflicts } from '../merge-conflict.ts';
import type { ConflictSide, MergeConflict } from '../merge-conflict.ts';
import type { Project, SourceFile } from '../project.ts';
import { inFile } from '../requirement-fixes.ts';
import { routeOf } from '../route.ts';
import type { Finding, Fix, Related, Rule } from '../rule.ts';
import { sumFiles } from '../sum-files.ts';
import type { ProjectSum } from '../sum-files.ts';
import { directiveFiles } from '../text-files.ts';
import type { DirectiveFile } from '../text-files.ts';
import { oneLine } from '../text-problems.ts';

/**
 * Reports a merge conflict that git left in go.mod, go.work, go.sum or go.work.sum.
 *
 * Why it matters: the go command does not know git's markers. It says `unknown directive: <<<<<<<` for go.mod and `malformed
 * go.sum: wrong number of fields` for go.sum, once for each marker.
 *
 * The lines of go.sum don't exclude each other: both sides are kept as a rule, and `go mod tidy` removes what is too much.
 *
 * @example
 * <<<<<<< HEAD
 * require github.com/acme/log v1.4.2
 * =======
 * require github.com/acme/log v1.5.0
 * >>>>>>> feature
 *
 * @fix
 * In go.sum, keeps the lines of both sides, each once, without those whose hash is not the one that the checksum database has
 * signed. In go.mod and go.work, keeps the side that you choose.
 *
 * @see https://git-scm.com/docs/git-merge#_how_conflicts_are_presented
 * @see https://go.dev/ref/mod#go-sum-files
 */
export const mergeConflict: Rule = {
  name: 'merge-conflict',
  severity: 'error',
  summary: 'A merge conflict that git left in the file.',
  fixAllTitle: (count) => `Keep both sides of all ${count} conflicts`,
  *check(project, facts) {
    for (const file of directiveFiles(project)) {
      for (const conflict of mergeConflicts(file.text)) yield inDirectives(file, conflict);
    }
    for (const sum of sumFiles(project)) {
      for (const conflict of mergeConflicts(sum.file.text)) yield inChecksums(project, facts, sum, conflict);
    }
  },
};

function inDirectives(file: DirectiveFile, conflict: MergeConflict): Finding {
  const sides = conflict.sides ?? [];
  const said = refusal(file, conflict);
  return {
    ...described(file, conflict),
    severity: said === undefined ? 'warning' : 'error',
    message: `${opening(conflict)}${said === undefined ? '' : ` The go command says "${oneLine(said)}".`}`,
    fixes: file.editable ? sides.map((side, at) => keepSide(file, conflict, side, at === 0 ? 'first' : 'second')) : [],
  };
}

/** What the go command says of the first marker that it minds; one with two words may pass for a module's version. */
function refusal({ text, parsed }: DirectiveFile, { markers }: MergeConflict): string | undefined {
  for (const marker of markers) {
    const problem = parsed.problems.find(({ start }) => marker.start <= start && start < marker.end);
    const isRequired = parsed.kind === 'mod' && parsed.require.some(({ line }) => line.start === marker.start);
    // The main module's versions are looked up, and for that the path is checked first.
    const isPath = parsed.kind === 'mod' && (problem?.kind === 'version' || (isRequired && !problem));
    if (isPath) return checkPath(text.slice(marker.start, marker.start + 7));
    if (problem) return problem.message;
  }
  return undefined;
}

function inChecksums(project: Project, facts: Facts, { file, isRead }: ProjectSum, conflict: MergeConflict): Finding {
  // A marker with two words behind it has three fields, as a line has.
  const isMalformed = conflict.markers.some((marker) => file.parsed.problems.some(({ start }) => start === marker.start));
  const fix = keepBoth(project, facts, file, conflict);
  return {
    ...described(file, conflict),
    severity: isRead && isMalformed ? 'error' : 'warning',
    message: `${opening(conflict)} The go command says "malformed go.sum: wrong number of fields".`,
    fixes: file.editable && fix ? [fix] : [],
  };
}

function described(file: SourceFile<unknown>, { markers }: MergeConflict): Pick<Finding, 'at' | 'related'> {
  const [first, ...others] = markers;
  const related: Related[] = others.map((span) => ({ at: { file: file.path, span }, message: 'A marker of the same conflict.' }));
  return { at: { file: file.path, span: { start: first!.start, end: first!.end } }, related };
}

function opening({ sides }: MergeConflict): string {
  if (!sides) return 'A marker of a merge conflict was left behind. Remove it.';
  const names = sides.map(({ label }) => label).filter((label) => label !== '');
  const between = names.length === 2 ? ` between ${names.join(' and ')}` : '';
  return `A merge conflict${between} was left in the file. Decide what to keep.`;
}

function keepSide(file: DirectiveFile, conflict: MergeConflict, side: ConflictSide, which: string): Fix {
  const name = side.label === '' ? `the ${which} side` : side.label;
  const newText = file.text.slice(side.start, side.end);
  return { title: `Keep ${name}`, safety: 'unsafe', edits: edits(file, conflict, newText) };
}

/** Undefined for a marker without its others, and while answers are awaited. */
function keepBoth(
  project: Project,
  facts: Facts,
  file: SourceFile<SumFile>,
  conflict: MergeConflict,
): Fix | undefined {
  if (!conflict.sides) return undefined;
  const kept: string[] = [];
  let isPending = false;
  for (const { start, end } of conflict.sides) {
    const text = file.text.slice(start, end);
    for (const line of parseSum(text).lines) {
      const written = `${line.path.value} ${line.version.value} ${line.hash.value}`;
      const verdict = verdictOn(project, facts, line);
      isPending ||= verdict === 'pending';
      if (verdict !== 'wrong' && !kept.includes(written)) kept.push(written);
    }
  }
  if (isPending) return undefined;
  const lineEnd = file.text.slice(conflict.start, conflict.end).includes('\r\n') ? '\r\n' : '\n';
  const newText = kept.map((line) => line + lineEnd).join('');
  return { title: 'Keep the lines of both sides', safety: 'safe', edits: edits(file, conflict, newText) };
}

/** What is not signed can't be told to be wrong. */
function verdictOn(project: Project, facts: Facts, line: SumLine): 'good' | 'wrong' | 'pending' {
  const { path, version, mod } = sumLineKey(line);
  if (routeOf(project.environment, path).sumDb === undefined) return 'good';
  const signed = facts.ask({ kind: 'checksums', path, version });
  if (signed.state === 'pending') return 'pending';
  const hash = signed.state === 'known' ? (mod ? signed.value.mod : signed.value.zip) : undefined;
  return hash !== undefined && line.hash.value.startsWith('h1:') && hash !== line.hash.value ? 'wrong' : 'good';
}

function edits(file: SourceFile<unknown>, { start, end }: Span, newText: string): ReturnType<typeof inFile> {
  const edit: TextEdit = { start, end, newText };
  return inFile(file, [edit]);
}
