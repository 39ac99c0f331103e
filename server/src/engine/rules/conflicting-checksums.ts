import type { SumLine } from '../../syntax/directives.ts';
import { removeSumLines, sumLineKey } from '../../syntax/sum-file.ts';
import { hasComparableHash } from '../checksum-lines.ts';
import type { Checksums, Facts } from '../facts.ts';
import { isInConflict, mergeConflicts } from '../merge-conflict.ts';
import type { Project } from '../project.ts';
import { inFile } from '../requirement-fixes.ts';
import { routeOf } from '../route.ts';
import type { Finding, Fix, Rule } from '../rule.ts';
import { moduleLines, sumFiles } from '../sum-files.ts';
import type { ProjectSum } from '../sum-files.ts';

/**
 * Reports a second, different hash for the same module version, in one go.sum or between go.work.sum and a go.sum.
 *
 * Why it matters: at most one of them is right. The go command compares the first, and says `checksum mismatch` if that is
 * the wrong one; if it is the right one, the other waits until somebody sorts the file. It is how a moved tag, or a
 * merge that kept both sides, shows itself.
 *
 * Whether the first hash is the right one is a matter of `checksum-mismatch`.
 *
 * @example
 * github.com/acme/log v1.4.2 h1:Ab…=
 * github.com/acme/log v1.4.2 h1:Cd…=
 *
 * @fix
 * Removes this line; it is a safe fix where the checksum database has signed the first hash.
 *
 * @see https://go.dev/ref/mod#go-sum-files
 * @see https://go.dev/ref/mod#authenticating
 */
export const conflictingChecksums: Rule = {
  name: 'conflicting-checksums',
  severity: 'warning',
  summary: 'Two different hashes for one module version.',
  later: true,
  *check(project, facts) {
    const ofWorkspace = project.workspace?.sum;
    for (const { file } of sumFiles(project)) {
      yield* within(project, facts, file);
      // go.work.sum is read first, so that its hashes are compared.
      if (ofWorkspace && file !== ofWorkspace) yield* between(project, facts, ofWorkspace, file);
    }
  },
};

interface PlacedLine {
  readonly line: SumLine;
  readonly file: ProjectSum['file'];
}

function* within(project: Project, facts: Facts, file: ProjectSum['file']): Iterable<Finding> {
  const first = new Map<string, SumLine>();
  const seen = new Set<string>();
  for (const line of comparable(file)) {
    const { text: key } = sumLineKey(line);
    const earlier = first.get(key);
    if (!earlier) first.set(key, line);
    if (!earlier || earlier.hash.value === line.hash.value || seen.has(`${key} ${line.hash.value}`)) continue;
    seen.add(`${key} ${line.hash.value}`);
    yield finding(project, facts, { line: earlier, file }, { line, file });
  }
}

function* between(
  project: Project,
  facts: Facts,
  ofWorkspace: ProjectSum['file'],
  file: ProjectSum['file'],
): Iterable<Finding> {
  const first = firstLines(ofWorkspace);
  for (const [key, line] of firstLines(file)) {
    const earlier = first.get(key);
    if (!earlier || earlier.hash.value === line.hash.value) continue;
    yield finding(project, facts, { line: earlier, file: ofWorkspace }, { line, file });
  }
}

function firstLines(file: ProjectSum['file']): Map<string, SumLine> {
  const first = new Map<string, SumLine>();
  for (const line of comparable(file)) {
    const { text } = sumLineKey(line);
    if (!first.has(text)) first.set(text, line);
  }
  return first;
}

/** The lines with a hash of the one kind that the go command compares. The sides of a merge conflict are not compared. */
function comparable(file: ProjectSum['file']): SumLine[] {
  const merge = mergeConflicts(file.text);
  return moduleLines(file).filter((line) => hasComparableHash(line) && !isInConflict(merge, line));
}

function finding(project: Project, facts: Facts, earlier: PlacedLine, { line, file }: PlacedLine): Finding {
  const { path, version, mod } = sumLineKey(line);
  const what = mod ? `the go.mod file of ${path} ${version}` : `${path} ${version}`;
  const signed = signedHash(project, facts, line);
  return {
    at: { file: file.path, span: line.hash },
    module: { path, version },
    message:
      `There is another hash for ${what}, which comes first; at most one is right. Where the first is wrong, the go command ` +
      `says "verifying ${path}@${version}${mod ? '/go.mod' : ''}: checksum mismatch".`,
    related: [{ at: { file: earlier.file.path, span: earlier.line.hash }, message: 'The hash that the go command compares.' }],
    fixes: file.editable ? fixes(file, earlier, line, signed) : [],
  };
}

function fixes(file: ProjectSum['file'], earlier: PlacedLine, line: SumLine, signed: string | undefined): Fix[] {
  // The hash that is right is not the one to remove.
  if (signed === line.hash.value) return [];
  const isSafe = signed !== undefined && signed === earlier.line.hash.value;
  const edits = inFile(file, removeSumLines(file.parsed, [line]));
  return [{ title: 'Remove the second hash', safety: isSafe ? 'safe' : 'unsafe', edits }];
}

function signedHash(project: Project, facts: Facts, line: SumLine): string | undefined {
  const { path, version, mod } = sumLineKey(line);
  if (routeOf(project.environment, path).sumDb === undefined) return undefined;
  const signed = facts.ask({ kind: 'checksums', path, version });
  return signed.state === 'known' ? hashOf(signed.value, mod) : undefined;
}

function hashOf({ zip, mod: modHash }: Checksums, mod: boolean): string | undefined {
  return mod ? modHash : zip;
}
