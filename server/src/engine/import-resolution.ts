import type { Facts } from './facts.ts';
import type { ModuleVersion } from './module-version.ts';
import type { MainModule } from './project.ts';
import { Replacements } from './replacements.ts';
import { isExcluded, moduleOf } from './requirements.ts';

/** Whether every import of a main module is known to be provided by what its go.mod names. */
export type ImportResolution =
  | { readonly state: 'resolved' }
  | { readonly state: 'pending' }
  /** An import that is not known to be provided; `go mod tidy` may add a module for it. */
  | { readonly state: 'unresolved'; readonly why: string };

/**
 * Looks for each import and tool among the main module, its requirements and their replacements, as the go command does
 * first (cmd/go/internal/modload/import.go:importFromModules). Proof is a directory with Go files in the module cache or
 * in the replacement's directory; that a module's path is a prefix of the import proves nothing.
 */
export function importResolution(main: MainModule, facts: Facts): ImportResolution {
  const tools = main.mod.parsed.tool.map(({ path }) => path.value);
  return new ProviderSearch(main, facts).resolve(main.directory, tools, requirementsOf(main));
}

/**
 * The same for the directories that stand in for modules: they are code in the making as well, and what they import may be
 * required by themselves or by the main module.
 */
export function localImportResolution(main: MainModule, facts: Facts, directories: Iterable<string>): ImportResolution {
  const search = new ProviderSearch(main, facts);
  let result: ImportResolution = { state: 'resolved' };
  for (const directory of directories) {
    const mod = facts.ask({ kind: 'directory-mod', directory });
    const own = mod.state === 'known' ? mod.value.requires : [];
    const local = search.resolve(directory, [], [...requirementsOf(main), ...own]);
    if (local.state === 'unresolved') return local;
    if (local.state === 'pending') result = local;
  }
  return result;
}

function requirementsOf(main: MainModule): ModuleVersion[] {
  return main.mod.parsed.require.map(moduleOf).filter((module) => !isExcluded(main, module));
}

/** The import path is the package path of the module, or lies below it. */
export function isBelow(importPath: string, modulePath: string): boolean {
  return importPath === modulePath || importPath.startsWith(`${modulePath}/`);
}

class ProviderSearch {
  readonly #main: MainModule;
  readonly #facts: Facts;
  readonly #replacements: Replacements;

  constructor(main: MainModule, facts: Facts) {
    this.#main = main;
    this.#facts = facts;
    this.#replacements = Replacements.ofModule(main);
  }

  /** Whether these packages and all that a directory's packages import are provided by some of the modules. */
  resolve(directory: string, packages: readonly string[], modules: readonly ModuleVersion[]): ImportResolution {
    const scan = this.#facts.ask({ kind: 'imports', directory });
    if (scan.state === 'pending') return scan;
    if (scan.state !== 'known') {
      return { state: 'unresolved', why: scan.state === 'unavailable' ? scan.why : 'the Go files could not be read' };
    }
    const imported = scan.value.imports.filter(({ ignored }) => !ignored).map(({ importPath }) => importPath);
    let pending = false;
    for (const path of new Set([...imported, ...packages])) {
      const provided = this.#isProvided(path, modules);
      if (provided === 'pending') pending = true;
      else if (!provided) return { state: 'unresolved', why: `no module is known to provide the import ${path}` };
    }
    return pending ? { state: 'pending' } : { state: 'resolved' };
  }

  #isProvided(importPath: string, modules: readonly ModuleVersion[]): boolean | 'pending' {
    const { module, replace } = this.#main.mod.parsed;
    const places: (boolean | 'pending')[] = [];
    if (module && isBelow(importPath, module.path.value)) {
      places.push(this.#hasPackage(this.#main.directory, importPath, module.path.value));
    }
    for (const candidate of modules) {
      if (isBelow(importPath, candidate.path)) places.push(this.#isIn(candidate, importPath));
    }
    if (places.length === 0 && !replace.some(({ oldPath }) => isBelow(importPath, oldPath.value))) {
      return isStandardLibrary(importPath);
    }
    return places.includes(true) || (places.includes('pending') && 'pending');
  }

  #isIn(candidate: ModuleVersion, importPath: string): boolean | 'pending' {
    const source = this.#replacements.source(candidate);
    if (source.kind === 'directory') return this.#hasPackage(source.directory, importPath, candidate.path);
    // Under a replacement the package keeps the path it is imported by; its directory is found below the target.
    const below = importPath.slice(candidate.path.length);
    const { path, version } = source;
    const found = this.#facts.ask({ kind: 'package', path, version, importPath: path + below });
    return found.state === 'pending' ? 'pending' : found.state === 'known' && found.value;
  }

  #hasPackage(directory: string, importPath: string, modulePath: string): boolean | 'pending' {
    const scan = this.#facts.ask({ kind: 'imports', directory });
    if (scan.state === 'pending') return 'pending';
    return scan.state === 'known' && scan.value.packages.includes(packageDirectory(importPath, modulePath));
  }
}

function packageDirectory(importPath: string, modulePath: string): string {
  return importPath === modulePath ? '.' : importPath.slice(modulePath.length + 1);
}

/** The first element of a path outside the standard library has a dot, or the go command would not find it either. */
function isStandardLibrary(importPath: string): boolean {
  return !importPath.split('/', 1)[0]!.includes('.');
}
