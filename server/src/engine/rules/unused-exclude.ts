import type { Exclusion } from '../../syntax/directives.ts';
import { compareModuleVersions } from '../../syntax/go-version.ts';
import { dropExclude } from '../../syntax/mod-edit.ts';
import { canonicalVersion } from '../../syntax/module-path.ts';
import { directiveUse } from '../directive-use.ts';
import type { DirectiveUse } from '../directive-use.ts';
import { moduleKey } from '../module-version.ts';
import { inFile } from '../requirement-fixes.ts';
import type { Rule } from '../rule.ts';

/**
 * Reports an exclusion of a version that nothing would choose any more.
 *
 * Why it matters: exclusions are written against one bad release and outlive it. Each of them is a line that the next person
 * has to ask about.
 *
 * It is said once the go.mod file of every version that any requirement leads to was read, and every import is known to be
 * provided: nothing requires the version, and a higher one is selected or the module is not required at all. An exclusion
 * above the selected version is never reported, since it keeps upgrades away from that version.
 *
 * @example
 * require github.com/acme/log v1.5.0
 * exclude github.com/acme/log v1.4.1 // required by nothing
 *
 * @fix
 * Removes the line. The build stays as it is; unsafe, since the line may be meant for a module that comes back.
 *
 * @see https://go.dev/ref/mod#go-mod-file-exclude
 */
export const unusedExclude: Rule = {
  name: 'unused-exclude',
  severity: 'hint',
  summary: 'An exclusion of a version that nothing would choose any more.',
  later: true,
  *check(project, facts) {
    for (const { mod } of project.modules) {
      if (mod.parsed.exclude.length === 0) continue;
      const use = directiveUse(project, mod, facts);
      if (!use) continue;
      for (const exclusion of mod.parsed.exclude) {
        const { path, version } = exclusion;
        if (!isUnused(exclusion, use) || isDoubled(exclusion, mod.parsed.exclude)) continue;
        yield {
          at: { file: mod.path, span: { start: path.start, end: version.end } },
          module: { path: path.value, version: version.value },
          message: `Nothing requires ${path.value} ${version.value} any more, ${otherwise(exclusion, use)}.`,
          unnecessary: true,
          fixes: mod.editable
            ? [{ title: 'Remove the unused exclusion', safety: 'unsafe', edits: inFile(mod, dropExclude(mod.parsed, exclusion)) }]
            : [],
        };
      }
    }
  },
};

function isUnused({ path, version }: Exclusion, { selected, paths, dropped }: DirectiveUse): boolean {
  if (canonicalVersion(version.value) !== version.value) return false;
  if (dropped.has(moduleKey({ path: path.value, version: version.value }))) return false;
  const inUse = selected.get(path.value);
  if (inUse === undefined) return !paths.has(path.value);
  return inUse === '' || compareModuleVersions(path.value, inUse, version.value) > 0;
}

/** It is the matter of duplicate-exclude first. */
function isDoubled({ path, version }: Exclusion, all: readonly Exclusion[]): boolean {
  return all.filter((other) => other.path.value === path.value && other.version.value === version.value).length > 1;
}

function otherwise({ path }: Exclusion, { selected }: DirectiveUse): string {
  const inUse = selected.get(path.value);
  if (inUse === undefined) return 'and no other version of the module either';
  return inUse === '' ? 'which is a main module' : `and the higher ${inUse} is selected`;
}
