import type { Replacement } from '../../syntax/directives.ts';
import { dropLines } from '../../syntax/line-edit.ts';
import { canonicalVersion } from '../../syntax/module-path.ts';
import { isInConflict, mergeConflicts } from '../merge-conflict.ts';
import { inFile } from '../requirement-fixes.ts';
import type { Finding, Fix, Related, Rule } from '../rule.ts';
import { directiveFiles } from '../text-files.ts';
import type { DirectiveFile } from '../text-files.ts';
import { soundLines } from '../text-problems.ts';

/**
 * Reports a module that one go.mod or go.work replaces twice, both times for the same version or both times for all.
 *
 * Why it matters: two targets make every go command stop with `conflicting replacements`. The same target twice does no
 * harm, and is a hint. A replacement of one version beside one of all versions is no conflict: the first goes before.
 *
 * @example
 * replace github.com/acme/log => ../log
 * replace github.com/acme/log => github.com/fork/log v1.4.3
 *
 * @fix
 * Removes the line that says nothing; of two targets, keeps the one that you choose.
 *
 * @see https://go.dev/ref/mod#go-mod-file-replace
 */
export const duplicateReplace: Rule = {
  name: 'duplicate-replace',
  severity: 'error',
  summary: 'A module that is replaced twice.',
  fixAllTitle: (count) => `Remove all ${count} replacements that stand twice`,
  *check(project) {
    for (const file of directiveFiles(project)) {
      for (const [first, ...others] of groups(file)) {
        for (const other of others) yield finding(file, first, other, [first, ...others]);
      }
    }
  },
};

type Group = [Replacement, ...Replacement[]];

function groups(file: DirectiveFile): Group[] {
  const isSound = soundLines(file);
  const conflicts = mergeConflicts(file.text);
  const found = new Map<string, Group>();
  for (const replacement of file.parsed.replace) {
    if (!isSound(replacement.line) || isInConflict(conflicts, replacement.line)) continue;
    const key = replaced(replacement);
    const group = found.get(key);
    if (group) group.push(replacement);
    else found.set(key, [replacement]);
  }
  return [...found.values()].filter(({ length }) => length > 1);
}

/** As the go command names it: `PATH` or `PATH@VERSION`. */
function replaced({ oldPath, oldVersion }: Replacement): string {
  return oldVersion ? `${oldPath.value}@${canonicalVersion(oldVersion.value)}` : oldPath.value;
}

function target({ newPath, newVersion }: Replacement): string {
  return newVersion ? `${newPath.value}@${canonicalVersion(newVersion.value)}` : newPath.value;
}

function finding(file: DirectiveFile, first: Replacement, other: Replacement, group: Group): Finding {
  const related: Related[] = [{ at: { file: file.path, span: first.line }, message: 'The first replacement.' }];
  const what = replaced(first);
  const isSame = target(first) === target(other);
  const at = {
    file: file.path,
    span: isSame
      ? { start: other.oldPath.start, end: other.line.end }
      : { start: other.newPath.start, end: (other.newVersion ?? other.newPath).end },
  };
  if (isSame) {
    const edits = inFile(file, dropLines(file.parsed, [other.line]));
    return {
      at,
      severity: 'hint',
      message: `${what} is replaced by ${target(first)} already. This line says nothing more.`,
      unnecessary: true,
      related,
      fixes: file.editable ? [{ title: 'Remove the second replacement', safety: 'safe', edits }] : [],
    };
  }
  return {
    at,
    severity: 'error',
    message:
      `${what} is replaced twice, by ${target(first)} and by ${target(other)}. ` +
      `The go command says "conflicting replacements for ${what}".`,
    related,
    fixes: file.editable ? [keepOnly(file, first, group), keepOnly(file, other, group)] : [],
  };
}

function keepOnly(file: DirectiveFile, kept: Replacement, group: Group): Fix {
  const dropped = group.filter((each) => each !== kept).map(({ line }) => line);
  return {
    title: `Keep the replacement by ${target(kept)} alone`,
    safety: 'unsafe',
    edits: inFile(file, dropLines(file.parsed, dropped)),
  };
}
