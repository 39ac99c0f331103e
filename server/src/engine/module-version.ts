/** A module path at a version, unescaped. */
export interface ModuleVersion {
  readonly path: string;
  readonly version: string;
}

/** One spelling for one module version, usable as a key. */
export function moduleKey(module: ModuleVersion): string {
  return `${module.path} ${module.version}`;
}
