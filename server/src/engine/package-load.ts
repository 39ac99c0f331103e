import { compareGoVersions, DEFAULT_GO_MOD_VERSION } from '../syntax/go-version.ts';
import { compareText } from '../syntax/utf8.ts';
import type { PackageSource } from './facts.ts';
import type { ModuleVersion } from './module-version.ts';
import type { LoadedPackage } from './package-graph.ts';
import { Sources } from './package-sources.ts';
import type { Provider } from './package-sources.ts';
import { Stop } from './root-requirements.ts';
import type { LoadWorld, Roots } from './root-requirements.ts';

/** A package, or the tests of one, while packages are loaded (cmd/go/internal/modload/load.go:loadPkg). */
export interface Package {
  readonly path: string;
  readonly provider: Provider;
  /** The module that it comes from, where that is not the main module. */
  readonly external: ModuleVersion | undefined;
  readonly source: PackageSource | undefined;
  readonly imports: Package[];
  readonly isTest: boolean;
  test: Package | undefined;
  inAll: boolean;
}

/** One pass over the packages of the main module and all that they import, under one set of requirements. */
export class PackageLoad {
  readonly sources: Sources;
  /** In the order in which they are reached from the main module; tests are packages of their own here. */
  readonly packages: readonly Package[] = [];
  mainPackages: readonly string[] = [];
  /** Something was asked that is not answered yet. */
  pending = false;
  /** Why something could not be read. */
  gap: string | undefined;
  /** The go command would stop at an import: it is ambiguous, or no path of a package. */
  faulty = false;
  missing: readonly string[] = [];
  readonly #world: LoadWorld;
  readonly #roots: Roots;
  readonly #closesOverTests: boolean;
  readonly #tools: ReadonlySet<string>;
  readonly #byPath = new Map<string, Package>();

  constructor(world: LoadWorld, roots: Roots) {
    this.#world = world;
    this.#roots = roots;
    this.sources = new Sources(world);
    this.#tools = new Set(world.main.mod.parsed.tool.map(({ path }) => path.value));
    this.#closesOverTests = compareGoVersions(roots.go ?? DEFAULT_GO_MOD_VERSION, NARROW_ALL) < 0;
  }

  /** @throws Stop where the main module has no packages, or where a root that may provide what it imports can't be read */
  requireSources(): void {
    const packages = this.#findMainPackages();
    if (packages.length + this.#tools.size === 0) throw new Stop({ state: 'unavailable', why: 'there is no Go code yet' });
    const main = { path: this.#roots.mainPath, version: '' };
    const imports = new Set(this.#tools);
    for (const path of packages) {
      const result = this.sources.source(main, path);
      if (result.state !== 'known') continue;
      for (const imported of [...result.source.imports, ...result.source.testImports]) imports.add(imported);
    }
    const found = [...imports].map((path) => this.sources.rootSource(path, this.#roots));
    if (found.includes('pending')) throw new Stop({ state: 'pending' });
    const unreadable = found.find((result) => typeof result === 'object');
    if (unreadable && this.#roots.pruning === 'unpruned') throw new Stop({ state: 'unavailable', why: unreadable.why });
  }

  run(): void {
    this.mainPackages = this.#findMainPackages();
    const starts = [...new Set([...this.mainPackages, ...this.#tools])];
    const queue: Package[] = [];
    for (const path of starts) this.#reach(path, this.#tools.has(path), queue);
    for (let item = queue.pop(); item; item = queue.pop()) this.#follow(item, queue);
    this.#order(starts);
    const reached = this.packages.filter(({ isTest }) => !isTest);
    this.missing = reached.filter(({ provider }) => provider.kind === 'missing').map(({ path }) => path).sort(compareText);
  }

  /** Paths of the modules that provide what the main module's packages and tests import. */
  directModules(): ReadonlySet<string> {
    return new Set(this.directImports().keys());
  }

  directImports(): ReadonlyMap<string, readonly string[]> {
    const direct = new Map<string, Set<string>>();
    for (const { provider, imports } of this.packages) {
      if (provider.kind !== 'module' || provider.module.version !== '') continue;
      for (const { path, external } of imports) {
        if (external) direct.set(external.path, (direct.get(external.path) ?? new Set()).add(path));
      }
    }
    return new Map([...direct].map(([path, imports]) => [path, [...imports].sort(compareText)]));
  }

  loaded(): ReadonlyMap<string, LoadedPackage> {
    const loaded = new Map<string, LoadedPackage>();
    for (const { path, provider, source, imports, test, inAll, isTest } of this.packages) {
      if (isTest || provider.kind === 'standard') continue;
      loaded.set(path, {
        importPath: path,
        provider,
        imports: imports.map((imported) => imported.path),
        testImports: test?.imports.map((imported) => imported.path) ?? [],
        alwaysImported: source?.alwaysImported ?? [],
        inAll,
      });
    }
    return loaded;
  }

  #findMainPackages(): string[] {
    const { main, facts } = this.#world;
    const scan = facts.ask({ kind: 'imports', directory: main.directory });
    if (scan.state === 'pending') throw new Stop(scan);
    if (scan.state !== 'known') {
      throw new Stop({ state: 'unavailable', why: scan.state === 'unavailable' ? scan.why : 'the Go files could not be read' });
    }
    const path = this.#roots.mainPath;
    return [...scan.value.sources]
      .filter(([, source]) => source.isPackage)
      .map(([directory]) => (directory === '.' ? path : `${path}/${directory}`))
      .sort(compareText);
  }

  /** Finds a package once; where it turns out to be in `all` later, what it imports is followed again. */
  #reach(path: string, inAll: boolean, queue: Package[]): Package {
    const known = this.#byPath.get(path);
    if (known) {
      if (inAll && !known.inAll) {
        known.inAll = true;
        queue.push(known);
      }
      return known;
    }
    const found = this.#find(path);
    found.inAll = inAll || this.#tools.has(path) || isMain(found);
    this.#byPath.set(path, found);
    queue.push(found);
    return found;
  }

  #find(path: string): Package {
    const provider = this.sources.provider(path, this.#roots);
    const module = provider.kind === 'module' ? provider.module : undefined;
    const result = module && this.sources.source(module, path);
    if (provider.kind === 'pending') this.pending = true;
    if (provider.kind === 'unknown') this.gap ??= provider.why;
    if (provider.kind === 'ambiguous' || provider.kind === 'invalid') this.faulty = true;
    return {
      path,
      provider,
      external: module && module.version !== '' ? module : undefined,
      source: result?.state === 'known' ? result.source : undefined,
      imports: [],
      isTest: false,
      test: undefined,
      inAll: false,
    };
  }

  /** Follows what a package imports, and what its tests do where they count (load.go:applyPkgFlags). */
  #follow(item: Package, queue: Package[]): void {
    const { source } = item;
    if (!source) return;
    item.imports.length = 0;
    item.imports.push(...source.imports.map((path) => this.#reach(path, item.inAll, queue)));
    if (!isMain(item) && !item.inAll) return;
    const inAll = isMain(item) || (this.#closesOverTests && item.inAll);
    item.test ??= { ...item, imports: [], isTest: true, test: undefined, inAll };
    item.test.inAll ||= inAll;
    const test = item.test;
    test.imports.length = 0;
    test.imports.push(...source.testImports.map((path) => this.#reach(path, test.inAll, queue)));
  }

  /** Breadth first, tests after imports, as the go command lists them (load.go:buildStacks). */
  #order(starts: readonly string[]): void {
    const order = this.packages as Package[];
    order.push(...starts.map((path) => this.#byPath.get(path)!));
    const seen = new Set(order);
    for (const item of order) {
      for (const next of [...item.imports, ...(item.test ? [item.test] : [])]) {
        if (seen.has(next)) continue;
        seen.add(next);
        order.push(next);
      }
    }
  }
}

/** Below it the tests of all packages in `all` belong to `all` (cmd/go/internal/gover: NarrowAllVersion). */
const NARROW_ALL = '1.16';

function isMain({ provider }: Package): boolean {
  return provider.kind === 'module' && provider.module.version === '';
}
