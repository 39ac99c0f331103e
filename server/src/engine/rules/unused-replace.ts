import type { Replacement } from '../../syntax/directives.ts';
import { dropReplace } from '../../syntax/mod-edit.ts';
import { canonicalVersion } from '../../syntax/module-path.ts';
import { directiveUse } from '../directive-use.ts';
import type { DirectiveUse } from '../directive-use.ts';
import type { Project } from '../project.ts';
import { inFile } from '../requirement-fixes.ts';
import type { Rule } from '../rule.ts';
import { directiveFiles, nameOf } from '../text-files.ts';

/**
 * Reports a replacement of a module or version that no requirement leads to.
 *
 * Why it matters: whoever reads the line believes that the build takes the module from there. Most often the line named one
 * version and the requirement has moved on, so that the fork or the directory is out of the build without a word.
 *
 * A module need not stand in go.mod to be replaced. So it is said only once the go.mod file of every version that any
 * requirement leads to, however deep, was read, and every import of the module and of its local replacements is known to be
 * provided, so that none is left for which the go command would turn to the replacement. With a vendor directory nothing is
 * said.
 *
 * @example
 * require github.com/acme/log v1.5.0
 * replace github.com/acme/log v1.4.2 => ../log // v1.4.2 is required by nothing
 *
 * @fix
 * Removes the line. The build stays as it is; unsafe, since the line may be meant for a module that comes back.
 *
 * @see https://go.dev/ref/mod#go-mod-file-replace
 */
export const unusedReplace: Rule = {
  name: 'unused-replace',
  severity: 'hint',
  summary: 'A replacement that nothing makes use of.',
  later: true,
  *check(project, facts) {
    for (const file of directiveFiles(project)) {
      if (file.parsed.replace.length === 0) continue;
      const use = directiveUse(project, file, facts);
      if (!use) continue;
      for (const replacement of file.parsed.replace) {
        if (use.replacements.has(replacement) || hasOtherFault(project, replacement)) continue;
        const { oldPath, oldVersion, newPath, newVersion } = replacement;
        yield {
          at: { file: file.path, span: { start: oldPath.start, end: (newVersion ?? newPath).end } },
          module: { path: oldPath.value, version: oldVersion?.value ?? '' },
          message: `The build makes no use of this replacement: ${reason(replacement, use)}.`,
          unnecessary: true,
          fixes: file.editable
            ? [
                {
                  title: `Remove the unused replacement from ${nameOf(file)}`,
                  safety: 'unsafe',
                  edits: inFile(file, dropReplace(file.parsed, replacement)),
                },
              ]
            : [],
        };
      }
    }
  },
};

/** It is the matter of duplicate-replace, workspace-replace-conflict or non-canonical-version first. */
function hasOtherFault(project: Project, replacement: Replacement): boolean {
  const version = replacement.oldVersion?.value ?? '';
  const isSame = (other: Replacement) => {
    return other.oldPath.value === replacement.oldPath.value && (other.oldVersion?.value ?? '') === version;
  };
  const same = directiveFiles(project).flatMap(({ parsed }) => parsed.replace.filter(isSame));
  return same.length > 1 || canonicalVersion(version) !== version;
}

function reason({ oldPath, oldVersion }: Replacement, { selected, paths }: DirectiveUse): string {
  const version = selected.get(oldPath.value);
  if (version === '') return `${oldPath.value} is a main module`;
  if (!paths.has(oldPath.value)) return `no requirement leads to ${oldPath.value}`;
  if (!oldVersion) return `other replacements of ${oldPath.value} come before it`;
  return `no requirement leads to ${oldPath.value} ${oldVersion.value}${version === undefined ? '' : `; ${version} is selected`}`;
}
