import type { Requirement } from '../syntax/directives.ts';
import { setRequirementVersion } from '../syntax/mod-edit.ts';
import type { TextEdit } from '../syntax/span.ts';
import { formatSumLine, insertSumLines } from '../syntax/sum-file.ts';
import type { NewSumLine } from '../syntax/sum-file.ts';
import type { Facts } from './facts.ts';
import type { ModuleVersion } from './module-version.ts';
import type { MainModule, Project, SourceFile } from './project.ts';
import type { FileEdit, Fix, Safety } from './rule.ts';
import { routeOf } from './route.ts';

/** Edits of one file, with the file named. */
export function inFile(file: SourceFile<unknown>, edits: readonly TextEdit[]): FileEdit[] {
  return edits.map((edit) => ({ file: file.path, ...edit }));
}

/** Writes another version into a requirement, with its verified go.sum lines. */
export function versionFix(
  project: Project,
  facts: Facts,
  main: MainModule,
  requirement: Requirement,
  version: string,
  title: string,
): Fix | undefined {
  const edits = setRequirementVersion(main.mod.parsed, requirement, version);
  return withChecksums(project, facts, main, { path: requirement.path.value, version }, {
    title,
    safety: 'unsafe',
    edits: inFile(main.mod, edits),
  });
}

/** Where the build takes its modules from `vendor/`, a changed go.mod is only half of the way. */
export function forVendoring(main: MainModule, fixes: readonly Fix[]): readonly Fix[] {
  if (!main.vendored) return fixes;
  return fixes.map((fix) => ({ ...fix, title: `${fix.title} (vendor: run go mod vendor afterwards)` }));
}

/** A fix before its go.sum lines are added. */
export interface FixDraft {
  readonly title: string;
  readonly safety: Safety;
  readonly edits: readonly FileEdit[];
  readonly preview?: boolean;
}

/**
 * Adds the go.sum lines of a module version to a fix, so that the build goes on after it. They come from the checksum
 * database; where that may not be asked or does not answer, or go.sum must not be written, the title says what is left.
 * Undefined while the answer is pending.
 */
export function withChecksums(
  project: Project,
  facts: Facts,
  main: MainModule,
  module: ModuleVersion,
  draft: FixDraft,
): Fix | undefined {
  if (routeOf(project.environment, module.path).sumDb === undefined) return withoutChecksums(draft);
  const checksums = facts.ask({ kind: 'checksums', path: module.path, version: module.version });
  if (checksums.state === 'pending') return undefined;
  if (checksums.state !== 'known' || main.sum?.editable === false) return withoutChecksums(draft);
  const { zip, mod } = checksums.value;
  const entries: NewSumLine[] = [];
  if (zip !== undefined) entries.push({ path: module.path, version: module.version, hash: zip });
  if (mod !== undefined) entries.push({ path: module.path, version: `${module.version}/go.mod`, hash: mod });
  return { ...draft, edits: [...draft.edits, ...checksumEdits(main, entries)] };
}

function withoutChecksums(draft: FixDraft): Fix {
  return { ...draft, title: `${draft.title} (go.sum: run go mod tidy afterwards)` };
}

/** The edits that add lines to a module's go.sum, which is made where there is none. */
export function checksumEdits(main: MainModule, entries: readonly NewSumLine[]): FileEdit[] {
  if (main.sum) {
    return inFile(main.sum, insertSumLines(main.sum.parsed, entries)).map((edit) => ({ ...edit, anyOrder: true }));
  }
  const newText = entries.map((entry) => `${formatSumLine(entry.path, entry.version, entry.hash)}\n`).join('');
  return newText === '' ? [] : [{ file: `${main.directory}/go.sum`, start: 0, end: 0, newText, anyOrder: true }];
}
