import type { Requirement } from '../syntax/directives.ts';
import { isPseudoVersion } from '../syntax/pseudo-version.ts';
import { canonicalVersion } from '../syntax/module-path.ts';
import { isModuleVersion } from './module-version.ts';
import type { ModuleVersion } from './module-version.ts';
import type { MainModule, Project } from './project.ts';

export function moduleOf(requirement: Requirement): ModuleVersion {
  return { path: requirement.path.value, version: requirement.version.value };
}

/** The requirement's version is excluded, so that the go command ignores the line. */
export function isExcluded(main: MainModule, module: ModuleVersion): boolean {
  return main.mod.parsed.exclude.some(
    (exclusion) => exclusion.path.value === module.path && exclusion.version.value === module.version,
  );
}

/** The module is one of the user's own, which the go command takes from its directory. */
export function isMember(project: Project, path: string): boolean {
  return project.modules.some((main) => main.mod.parsed.module?.path.value === path);
}

/** The requirement names one version of a module, as the go command accepts it without a look-up. */
export function isValidModule(requirement: Requirement): boolean {
  return isModuleVersion(moduleOf(requirement));
}

/** The version names a tag: it is canonical and no pseudo-version. */
export function namesTag(version: string): boolean {
  return canonicalVersion(version) === version && !isPseudoVersion(version);
}

/** In a dependency's go.mod the go command takes `v1.2` for v1.2.0 and drops build metadata (modfile.ParseLax). */
export function asRead({ path, version }: ModuleVersion): ModuleVersion {
  return { path, version: canonicalVersion(version) || version };
}
