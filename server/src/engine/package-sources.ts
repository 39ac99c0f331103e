import { interned, remembered } from '../syntax/memory.ts';
import { checkImportPath } from '../syntax/module-path.ts';
import type { Fact, PackageSource, PackageSources } from './facts.ts';
import type { ModuleVersion } from './module-version.ts';
import { Replacements } from './replacements.ts';
import { isMember } from './requirements.ts';
import type { LoadWorld, Roots } from './root-requirements.ts';
import { Stop } from './root-requirements.ts';

/** Where a package comes from. The main module has the version `''`. */
export type Provider =
  | {
      readonly kind: 'module';
      readonly module: ModuleVersion;
      /** Modules whose path would fit too, and that do not have it. */
      readonly others: readonly ModuleVersion[];
    }
  | { readonly kind: 'standard' }
  /** No selected module has it. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'ambiguous'; readonly modules: readonly ModuleVersion[] }
  /** The go command refuses the path itself. */
  | { readonly kind: 'invalid'; readonly why: string }
  /** A module that may provide it could not be looked into. */
  | { readonly kind: 'unknown'; readonly why: string }
  | { readonly kind: 'pending' };

export type SourceResult =
  | { readonly state: 'known'; readonly source: PackageSource }
  | { readonly state: 'pending' }
  | { readonly state: 'unknown'; readonly why: string };

/** Finds packages in modules; what one answer tells of other packages of the module is not asked for again. */
export class Sources {
  readonly #world: LoadWorld;
  readonly #replacements: Replacements;
  /** By module path, version and import path. */
  readonly #read = new Map<string, Map<string, Map<string, PackageSource>>>();

  constructor(world: LoadWorld) {
    this.#world = world;
    this.#replacements = Replacements.ofModule(world.main);
  }

  /** What a module has at an import path that lies below its own. */
  source(module: ModuleVersion, importPath: string): SourceResult {
    const read = this.#readOf(module);
    const known = read.get(importPath);
    if (known) return { state: 'known', source: known };
    const fact = this.#ask(module, importPath);
    if (fact.state === 'pending') return fact;
    if (fact.state === 'unavailable') return { state: 'unknown', why: fact.why };
    if (fact.state === 'absent') return { state: 'unknown', why: `${module.path} could not be read` };
    for (const [path, source] of fact.value) read.set(path, source);
    return { state: 'known', source: fact.value.get(importPath)! };
  }

  #readOf({ path, version }: ModuleVersion): Map<string, PackageSource> {
    let versions = this.#read.get(path);
    if (!versions) this.#read.set(path, (versions = new Map()));
    let packages = versions.get(version);
    if (!packages) versions.set(version, (packages = new Map()));
    return packages;
  }

  /**
   * The one module that provides a package: with pruning a root where one has it, and else a module of the graph
   * (cmd/go/internal/modload/import.go:importFromModules).
   */
  provider(importPath: string, roots: Roots): Provider {
    const first = importPath.split('/', 1)[0]!;
    if (importPath.startsWith('.') || importPath.startsWith('/') || importPath.includes('@')) {
      return { kind: 'invalid', why: `${importPath} is not the path of a package` };
    }
    const fault = checkImportPath(importPath);
    if (fault !== undefined) return { kind: 'invalid', why: fault };
    const paths = candidatePaths(importPath);
    const isRoot = (path: string): string | undefined => roots.selected(path);
    if (STANDARD.has(first)) {
      const isFree = paths.every((path) => isRoot(path) === undefined);
      return isFree ? { kind: 'standard' } : { kind: 'unknown', why: `${importPath} may be of the standard library` };
    }
    if (roots.pruning === 'pruned') {
      const found = this.#among(importPath, paths, isRoot);
      if (found.kind !== 'missing') return found;
    }
    try {
      const { selected } = roots.graph();
      return this.#among(importPath, paths, (path) => selected.get(path));
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
      const { result } = error;
      return result.state === 'pending' ? { kind: 'pending' } : { kind: 'unknown', why: result.why };
    }
  }

  /** Whether all roots that may provide a package can be read. */
  rootSource(importPath: string, roots: Roots): 'read' | 'pending' | { readonly why: string } {
    let result: 'read' | 'pending' | { readonly why: string } = 'read';
    for (const path of candidatePaths(importPath)) {
      const version = roots.selected(path);
      if (version === undefined) continue;
      const source = this.source({ path, version }, importPath);
      if (source.state === 'pending') return 'pending';
      if (source.state === 'unknown') result = source;
    }
    return result;
  }

  #among(importPath: string, paths: readonly string[], select: (path: string) => string | undefined): Provider {
    const found: ModuleVersion[] = [];
    const others: ModuleVersion[] = [];
    let why: string | undefined;
    let pending = false;
    for (const path of paths) {
      const version = select(path);
      if (version === undefined) continue;
      const module = { path, version };
      const result = this.source(module, importPath);
      if (result.state === 'pending') pending = true;
      else if (result.state === 'unknown') why ??= result.why;
      else (result.source.hasGoFiles ? found : others).push(module);
    }
    if (pending) return { kind: 'pending' };
    if (why !== undefined) return { kind: 'unknown', why };
    if (found.length > 1) return { kind: 'ambiguous', modules: found };
    return found[0] ? { kind: 'module', module: found[0], others } : { kind: 'missing' };
  }

  #ask(module: ModuleVersion, importPath: string): Fact<PackageSources> {
    const { project, main, facts } = this.#world;
    const importedAs = module.path;
    if (module.version === '') {
      return this.#scanned(importPath) ?? facts.ask({ kind: 'directory-source', directory: main.directory, importedAs, importPath });
    }
    const source = this.#replacements.source(module);
    if (source.kind === 'directory') {
      return facts.ask({ kind: 'directory-source', directory: source.directory, importedAs, importPath });
    }
    const { path, version } = source;
    // A member of the workspace may never have been published, and then its name is nobody's business.
    const isOwn = project.workspace !== undefined && isMember(project, path);
    return facts.ask({ kind: 'package-source', path, version, importedAs, importPath, ...(isOwn && { cacheOnly: true }) });
  }

  /** The scan of the main module has read it already, unless the package is where `./...` does not lead. */
  #scanned(importPath: string): Fact<PackageSources> | undefined {
    const { main, facts } = this.#world;
    const scan = facts.ask({ kind: 'imports', directory: main.directory });
    if (scan.state !== 'known') return scan;
    const path = main.mod.parsed.module!.path.value;
    const source = scan.value.sources.get(importPath === path ? '.' : importPath.slice(path.length + 1));
    return source && { state: 'known', value: new Map([[importPath, source]]) };
  }
}

/**
 * The paths that a module with this package may have, longest first: the path itself, and what is left of it without its last
 * elements. What is required as `go` and `toolchain` are versions of Go, which have no packages.
 */
export const candidatePaths = remembered((importPath: string): readonly string[] => {
  const paths: string[] = [];
  for (let path = importPath; ; path = path.slice(0, path.lastIndexOf('/'))) {
    if (path !== 'go' && path !== 'toolchain') paths.push(interned(path));
    if (!path.includes('/')) return paths;
  }
});

/** The first elements of the paths in Go's standard library. */
const STANDARD = new Set(
  (
    'archive arena bufio builtin bytes cmd cmp compress container context crypto database debug embed encoding errors expvar ' +
    'flag fmt go hash html image index internal io iter log maps math mime net os path plugin reflect regexp runtime simd ' +
    'slices sort strconv strings structs sync syscall testing text time unicode unique unsafe uuid vendor weak'
  ).split(' '),
);
