import type { Replacement } from '../../syntax/directives.ts';
import type { Project } from '../project.ts';
import { readonlyModule, selectsSilently } from '../readonly-module.ts';
import { Replacements } from '../replacements.ts';
import { isExcluded, isMember, moduleOf } from '../requirements.ts';
import type { Rule } from '../rule.ts';
import { directiveFiles } from '../text-files.ts';

/**
 * Reports a replacement whose go.mod declares neither its own path nor that of the module it replaces.
 *
 * Why it matters: the go command takes a module version in another's place only if its go.mod has one of the two names.
 * Otherwise every command that loads the module graph stops with `module declares its path as`, and points at no line.
 *
 * It is judged for replacements by a version, of modules that go.mod requires, once the version is in the module cache. A
 * directory may declare any path.
 *
 * @example
 * replace github.com/acme/log => github.com/fork/log v1.5.0 // its go.mod says: module github.com/old/log
 *
 * @see https://go.dev/ref/mod#go-mod-file-replace
 */
export const replaceTargetPathMismatch: Rule = {
  name: 'replace-target-path-mismatch',
  severity: 'error',
  summary: 'A replacement that declares another module path.',
  later: true,
  *check(project, facts) {
    if (!readonlyModule(project) && !selectsSilently(project)) return;
    const reported = new Set<Replacement>();
    for (const { path, replacement } of usedReplacements(project)) {
      const { newPath, newVersion } = replacement;
      if (!newVersion || reported.has(replacement)) continue;
      const mod = facts.ask({ kind: 'mod', path: newPath.value, version: newVersion.value });
      if (mod.state !== 'known' || mod.value.fault !== undefined) continue;
      const declared = mod.value.path;
      const file = directiveFiles(project).find(({ parsed }) => parsed.replace.includes(replacement));
      if (!file || declared === undefined || declared === path || declared === newPath.value) continue;
      reported.add(replacement);
      yield {
        at: { file: file.path, span: { start: newPath.start, end: newVersion.end } },
        module: { path: newPath.value, version: newVersion.value },
        message:
          `${newPath.value} ${newVersion.value} can't replace ${path}: its go.mod declares the path ${declared}. Choose a version ` +
          `that declares ${path} or ${newPath.value}. The go command says "module declares its path as: ${declared}".`,
      };
    }
  },
};

/** The replacements of what the main modules require, each with the path that it is required by. */
function* usedReplacements(project: Project): Iterable<{ path: string; replacement: Replacement }> {
  const replacements = Replacements.ofProject(project);
  for (const requirement of project.modules.flatMap(({ mod }) => mod.parsed.require)) {
    const module = moduleOf(requirement);
    if (isMember(project, module.path) || project.modules.some((member) => isExcluded(member, module))) continue;
    const replacement = replacements.find(module);
    if (replacement) yield { path: module.path, replacement };
  }
}
