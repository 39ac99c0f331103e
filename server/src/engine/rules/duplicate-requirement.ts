import type { Requirement } from '../../syntax/directives.ts';
import { dropLines } from '../../syntax/line-edit.ts';
import { canonicalVersion } from '../../syntax/module-path.ts';
import { compare } from '../../syntax/semver.ts';
import { isInConflict, mergeConflicts } from '../merge-conflict.ts';
import type { MainModule } from '../project.ts';
import { inFile } from '../requirement-fixes.ts';
import type { Finding, Rule } from '../rule.ts';
import { soundLines } from '../text-problems.ts';

/**
 * Reports a module that is required twice in one go.mod.
 *
 * Why it matters: with two versions the go command selects the higher one and says `updates to go.mod needed`, so that no
 * build starts. The same version twice does no harm, and is a hint: the second line says nothing.
 *
 * @example
 * require github.com/acme/log v1.4.0
 * require github.com/acme/log v1.4.2
 *
 * @fix
 * Removes the line that does not count: the one with the lower version, or the second for the same.
 *
 * @see https://go.dev/ref/mod#go-mod-file-require
 * @see https://go.dev/ref/mod#minimal-version-selection
 */
export const duplicateRequirement: Rule = {
  name: 'duplicate-requirement',
  severity: 'error',
  summary: 'A module that is required twice.',
  fixAllTitle: (count) => `Resolve all ${count} requirements that stand twice`,
  *check(project) {
    for (const main of project.modules) {
      for (const group of groups(main)) {
        const kept = keptOf(group);
        for (const other of group) if (other !== kept) yield finding(main, kept, other);
      }
    }
  },
};

type Group = [Requirement, ...Requirement[]];

/** The sound requirements by module path. Within a merge conflict it is the conflict that is reported. */
function groups({ mod }: MainModule): Group[] {
  const repeated = repeatedPaths(mod.parsed.require);
  if (repeated.size === 0) return [];
  const isSound = soundLines(mod);
  const conflicts = mergeConflicts(mod.text);
  const found = new Map<string, Group>();
  for (const requirement of mod.parsed.require) {
    const { path, version, line } = requirement;
    if (!repeated.has(path.value)) continue;
    const isCanonical = canonicalVersion(version.value) === version.value;
    if (!isCanonical || !isSound(line) || isInConflict(conflicts, line)) continue;
    const group = found.get(path.value);
    if (group) group.push(requirement);
    else found.set(path.value, [requirement]);
  }
  return [...found.values()].filter(({ length }) => length > 1);
}

function repeatedPaths(requirements: readonly Requirement[]): Set<string> {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const { path } of requirements) {
    if (seen.has(path.value)) repeated.add(path.value);
    seen.add(path.value);
  }
  return repeated;
}

/** The line that says most: the highest version, and of the same version the one that is not marked indirect. */
function keptOf(group: Group): Requirement {
  return group.reduce((best, each) => {
    const order = compare(each.version.value, best.version.value);
    return order > 0 || (order === 0 && best.indirect && !each.indirect) ? each : best;
  });
}

function finding({ mod }: MainModule, kept: Requirement, other: Requirement): Finding {
  const path = kept.path.value;
  const version = kept.version.value;
  const isSame = other.version.value === version;
  const edits = inFile(mod, dropLines(mod.parsed, [other.line]));
  const title = isSame ? `Remove this requirement on ${path}` : `Remove ${path} ${other.version.value}; ${version} is selected`;
  return {
    at: { file: mod.path, span: { start: other.path.start, end: other.version.end } },
    module: { path, version: other.version.value },
    severity: isSame ? 'hint' : 'error',
    message: isSame
      ? `${path} ${version} is required by another line as well. This one says nothing more.`
      : `${path} is required at ${version} as well, which is selected. The go command says "updates to go.mod needed".`,
    unnecessary: isSame,
    related: [{ at: { file: mod.path, span: kept.line }, message: 'The requirement that counts.' }],
    fixes: mod.editable ? [{ title, safety: 'safe', edits }] : [],
  };
}
