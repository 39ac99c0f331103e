import type { GoEnvironment } from './environment.ts';
import { moduleKey } from './module-version.ts';
import type { MainModule, Project } from './project.ts';
import { isExcluded, isValidModule, moduleOf } from './requirements.ts';

/**
 * The one main module whose go.mod and go.sum must be complete, because the go command only reads them
 * (cmd/go/internal/modload/init.go:mustHaveCompleteRequirements, import.go:mustHaveSums). Undefined in a workspace, under
 * vendoring, where GOFLAGS lets the go command write the files or names others, and where it stops at a fault of them
 * before it looks further, such as two versions of one module.
 */
export function readonlyModule({ environment, workspace, modules }: Project): MainModule | undefined {
  const [main] = modules;
  if (workspace || !main || main.vendored || main.sum?.editable === false) return undefined;
  if (isOtherwiseTold(environment) || main.mod.parsed.module === undefined) return undefined;
  if (main.mod.parsed.problems.length > 0 || (main.sum && main.sum.parsed.problems.length > 0)) return undefined;
  const { require } = main.mod.parsed;
  if (!require.every(isValidModule)) return undefined;
  const required = require.map(moduleOf).filter((module) => !isExcluded(main, module));
  const paths = new Set(required.map(({ path }) => path));
  return paths.size === new Set(required.map(moduleKey)).size ? main : undefined;
}

function isOtherwiseTold({ goFlags }: GoEnvironment): boolean {
  return goFlags.some((flag) => /^--?(?:mod=(?!readonly$)|modfile=|overlay=)/.test(flag));
}
