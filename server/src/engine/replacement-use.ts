import type { Replacement } from '../syntax/directives.ts';
import type { Project } from './project.ts';
import { Replacements } from './replacements.ts';
import { isExcluded, moduleOf } from './requirements.ts';

/**
 * Whether a requirement of a main module is certain to be taken from a replacement's target, so that a go command fails
 * where the target can't be had. What only dependencies require is not certain to be loaded.
 */
export function isRequiredUnder(project: Project, replacement: Replacement): boolean {
  const replacements = Replacements.ofProject(project);
  return project.modules.some((main) =>
    main.mod.parsed.require.map(moduleOf).some(
      (module) => !isExcluded(main, module) && replacements.find(module)?.line === replacement.line,
    ),
  );
}
