import type { Fact, DependencyMod, Facts } from '../facts.ts';
import type { ModuleVersion } from '../module-version.ts';
import type { Project } from '../project.ts';
import { readonlyModule, selectsSilently } from '../readonly-module.ts';
import { Replacements } from '../replacements.ts';
import { isExcluded, isMember, isValidModule, moduleOf } from '../requirements.ts';
import type { Rule } from '../rule.ts';

/**
 * Reports a requirement by another path than the one that the module's own go.mod declares.
 *
 * Why it matters: every command that loads the module graph stops with `module declares its path as`. Often the repository was
 * renamed or moved, differs in capital letters, or is a fork that is meant to stand in for the original.
 *
 * It is judged once the version is in the module cache, and of others with `gomod-health check --deep`. Replacements have a
 * rule of their own, `replace-target-path-mismatch`.
 *
 * @example
 * require github.com/Acme/log v1.4.2 // its go.mod says: module github.com/acme/log
 *
 * @see https://go.dev/ref/mod#go-mod-file-module
 */
export const declaredPathMismatch: Rule = {
  name: 'declared-path-mismatch',
  severity: 'error',
  summary: 'A module that declares another path than it is required by.',
  later: true,
  *check(project, facts) {
    if (!readonlyModule(project) && !selectsSilently(project)) return;
    const replacements = Replacements.ofProject(project);
    for (const { mod } of project.modules) {
      for (const requirement of mod.parsed.require) {
        const module = moduleOf(requirement);
        if (!isValidModule(requirement) || replacements.find(module) || isMember(project, module.path)) continue;
        if (project.modules.some((member) => isExcluded(member, module))) continue;
        const declared = declaredPath(project, facts, module);
        if (declared === undefined || declared === module.path) continue;
        yield {
          at: { file: mod.path, span: requirement.path },
          module,
          message:
            `${module.path} ${module.version} calls itself ${declared}. Require and import it by that path; a fork can stand in for ` +
            `the original with: replace ${declared} => ${module.path} ${module.version}. The go command says ` +
            `"module declares its path as: ${declared}" and "but was required as: ${module.path}".`,
        };
      }
    }
  },
};

function declaredPath(project: Project, facts: Facts, { path, version }: ModuleVersion): string | undefined {
  let mod: Fact<DependencyMod> = facts.ask({ kind: 'mod', path, version });
  if (mod.state === 'absent' && project.thorough) mod = facts.ask({ kind: 'remote-mod', path, version });
  return mod.state === 'known' && mod.value.fault === undefined ? mod.value.path : undefined;
}
