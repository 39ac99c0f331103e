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
  if (modFlag(environment) !== 'readonly' || namesOtherFiles(environment)) return undefined;
  return isSound(main) && (!main.sum || main.sum.parsed.problems.length === 0) ? main : undefined;
}

/**
 * The go command selects other versions than go.mod has without a word: in a workspace, or because -mod=mod lets it write
 * them into go.mod (cmd/go/internal/modload/buildlist.go:expandGraph).
 */
export function selectsSilently({ environment, workspace, modules }: Project): boolean {
  const isFree = (workspace !== undefined && !workspace.vendor) || modFlag(environment) === 'mod';
  return isFree && !namesOtherFiles(environment) && modules.every(isSound);
}

/** No flag keeps the go command from building from a vendor directory. */
export function mayUseVendor({ environment, modules }: Project): boolean {
  const isOther = environment.goFlags.some((flag) => /^--?mod=(?!vendor$)/.test(flag));
  return !isOther && !namesOtherFiles(environment) && modules.every(isSound);
}

/** The value of -mod in GOFLAGS, the last where there are several; `readonly` is what is in force without it. */
function modFlag({ goFlags }: GoEnvironment): string {
  const values = goFlags.map((flag) => /^--?mod=(.*)$/.exec(flag)?.[1]).filter((value) => value !== undefined);
  return values.at(-1) ?? 'readonly';
}

/** Another go.mod than the one that is looked at, or other contents of it, are in force. */
export function namesOtherFiles({ goFlags }: GoEnvironment): boolean {
  return goFlags.some((flag) => /^--?(?:modfile|overlay)=/.test(flag));
}

/** The go command accepts the file, and each requirement names one version of one module. */
function isSound(main: MainModule): boolean {
  const { module, problems, require } = main.mod.parsed;
  if (module === undefined || problems.length > 0 || !require.every(isValidModule)) return false;
  const required = require.map(moduleOf).filter((required) => !isExcluded(main, required));
  const paths = new Set(required.map(({ path }) => path));
  return paths.size === new Set(required.map(moduleKey)).size;
}
