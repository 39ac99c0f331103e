import { interned } from '../syntax/memory.ts';
import { canonicalVersion, checkVersion } from '../syntax/module-path.ts';

/** A module path at a version, unescaped. */
export interface ModuleVersion {
  readonly path: string;
  readonly version: string;
}

/** One spelling for one module version, usable as a key. */
export function moduleKey(module: ModuleVersion): string {
  return `${module.path} ${module.version}`;
}

/** Whether it names one version of a module, as the go command accepts it without a look-up; files may hold any words. */
export function isModuleVersion({ path, version }: ModuleVersion): boolean {
  return canonicalVersion(version) === version && checkVersion(path, version) === undefined;
}

/** Modules with their keys, which are looked up more often than they are made. */
export interface KeyedModules {
  readonly list: readonly ModuleVersion[];
  /** In the order of the list. */
  readonly keys: readonly string[];
}

export function keyed(list: readonly ModuleVersion[]): KeyedModules {
  return { list, keys: list.map((module) => interned(moduleKey(module))) };
}
