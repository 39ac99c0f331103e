import type { Replacement } from '../../syntax/directives.ts';
import { compareModuleVersions } from '../../syntax/go-version.ts';
import { dropReplace } from '../../syntax/mod-edit.ts';
import type { Facts } from '../facts.ts';
import { consistentGraph, maxFetchedFor, moduleGraph } from '../module-graph.ts';
import type { ModuleVersion } from '../module-version.ts';
import type { Project } from '../project.ts';
import { readonlyModule, selectsSilently } from '../readonly-module.ts';
import { Replacements } from '../replacements.ts';
import { RequirementChains, chainInWords } from '../requirement-chains.ts';
import { inFile, withChecksums } from '../requirement-fixes.ts';
import { namesTag } from '../requirements.ts';
import type { Fix, Rule } from '../rule.ts';
import { directiveFiles, mainOf, nameOf } from '../text-files.ts';
import type { DirectiveFile } from '../text-files.ts';

/**
 * Reports a replacement of all versions of a module by one that is lower than the module graph needs.
 *
 * Why it matters: the line goes before every requirement. Whatever version is required, by go.mod or by a dependency that
 * relies on it, the build has the one of the replacement, without its later fixes, and each upgrade of the module is in vain.
 *
 * It is judged by the whole module graph, where both versions are tags of the same module; in a workspace and with -mod=mod
 * nothing is fetched for it. A replacement of one version names
 * what it takes the place of and ends with the next upgrade, and a fork has versions of its own, so neither is reported.
 *
 * @example
 * require github.com/acme/log v1.5.0
 * replace github.com/acme/log => github.com/acme/log v1.4.2
 *
 * @fix
 * Removes the replacement, with the go.sum lines of the selected version from the checksum database. Unsafe: somebody has
 * pinned the lower version for a reason.
 *
 * @see https://go.dev/ref/mod#go-mod-file-replace
 */
export const replacedFixHidden: Rule = {
  name: 'replaced-fix-hidden',
  severity: 'info',
  summary: 'A replacement by a lower version than the module graph needs.',
  later: true,
  *check(project, facts) {
    if (!readonlyModule(project) && !selectsSilently(project)) return;
    const pins = directiveFiles(project).flatMap((file) => file.parsed.replace.filter(isPin).map((pin) => ({ file, pin })));
    if (pins.length === 0) return;
    const graph = consistentGraph(project, facts, maxFetchedFor(project));
    if (graph.state !== 'known') return;
    const replacements = Replacements.ofProject(project);
    for (const { file, pin } of pins) {
      const path = pin.oldPath.value;
      const version = graph.selected.get(path);
      if (!version || !namesTag(version) || replacements.find({ path, version }) !== pin) continue;
      const { newVersion } = pin as Pin;
      if (compareModuleVersions(path, newVersion.value, version) >= 0) continue;
      yield {
        at: { file: file.path, span: newVersion },
        module: { path, version: newVersion.value },
        message:
          `The build has ${path} ${newVersion.value} in place of ${version}${because(project, facts, { path, version })}. ` +
          `As long as this line stands, no requirement brings what was fixed after ${newVersion.value} into the build.`,
        fixes: fixes(project, facts, file, pin, version),
      };
    }
  },
};

type Pin = Replacement & { readonly newVersion: NonNullable<Replacement['newVersion']> };

/** All versions of a module are replaced by one of its own tags. */
function isPin({ oldPath, oldVersion, newPath, newVersion }: Replacement): boolean {
  return !oldVersion && newVersion !== undefined && newPath.value === oldPath.value && namesTag(newVersion.value);
}

function because(project: Project, facts: Facts, module: ModuleVersion): string {
  const graph = moduleGraph(project, facts, maxFetchedFor(project));
  const chain = graph.state === 'known' ? new RequirementChains(graph).shortest(module) : undefined;
  return chain ? `, which is selected because ${chainInWords(chain)}` : ', which is selected';
}

function fixes(project: Project, facts: Facts, file: DirectiveFile, pin: Replacement, version: string): Fix[] {
  if (!file.editable) return [];
  const path = pin.oldPath.value;
  const draft = {
    title: `Remove the replacement from ${nameOf(file)}, so that ${version} is used`,
    safety: 'unsafe' as const,
    edits: inFile(file, dropReplace(file.parsed, pin)),
  };
  const main = project.workspace ? undefined : mainOf(project, file);
  const fix = main ? withChecksums(project, facts, main, { path, version }, draft) : draft;
  return fix ? [fix] : [];
}
