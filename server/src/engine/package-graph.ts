import { canonicalVersion } from '../syntax/module-path.ts';
import type { Facts } from './facts.ts';
import { fetchBound } from './module-closure.ts';
import { pruningOf, rootsOf } from './module-graph.ts';
import { moduleKey } from './module-version.ts';
import type { ModuleVersion } from './module-version.ts';
import { PackageLoad } from './package-load.ts';
import type { Package } from './package-load.ts';
import type { Provider } from './package-sources.ts';
import type { MainModule, Project } from './project.ts';
import { Replacements } from './replacements.ts';
import { moduleOf } from './requirements.ts';
import { Roots, Stop } from './root-requirements.ts';
import { neededSums } from './needed-sums.ts';
import { tidyRoots } from './tidy-roots.ts';
import { updateRoots } from './update-roots.ts';

/** A package that `go mod tidy` loads: of the main module, of its tools, or imported by others, directly or not. */
export interface LoadedPackage {
  readonly importPath: string;
  /** The module that provides it, or why none is named. */
  readonly provider: Provider;
  /** Import paths, each once, sorted; none where the package could not be read. */
  readonly imports: readonly string[];
  /** Those of its tests, where tidy looks at them. */
  readonly testImports: readonly string[];
  /** Those imports that every build reads, whatever its platform and tags. */
  readonly alwaysImported: readonly string[];
  /** It belongs to the pattern `all`. */
  readonly inAll: boolean;
}

/** What `go mod tidy` would leave behind. */
export interface TidiedModule {
  /** All requirements of the tidied go.mod, sorted; `go` and `toolchain` are among them where go.mod has such a line. */
  readonly roots: readonly ModuleVersion[];
  /** Paths of the modules that provide a package that the main module imports; others are marked `// indirect`. */
  readonly direct: ReadonlySet<string>;
  /** The keys of the lines that go.sum needs: `PATH VERSION` and `PATH VERSION/go.mod`. */
  readonly sums: ReadonlySet<string>;
  /** The keys `PATH VERSION` of all versions in the module graph, selected or not, as the go command would read them. */
  required(): ReadonlySet<string>;
}

/**
 * The packages of one main module and of all that they import, as `go mod tidy` loads them.
 *
 * Where `gap` is set, the source of some module is not at hand: then `packages` holds what could be read, each entry true
 * for itself, and `tidied` is not known. An import whose provider is `missing` is in no module that is selected: tidy would
 * look for a module to add, so that `tidied` is not known either.
 */
export interface PackageGraph {
  readonly state: 'known';
  /** By import path. The standard library is not in it. */
  readonly packages: ReadonlyMap<string, LoadedPackage>;
  /** The import paths of the main module's own packages, as `./...` matches them. */
  readonly mainPackages: readonly string[];
  /** The main module's packages and tests import a package of these modules, by module path: which packages, sorted. */
  readonly directImports: ReadonlyMap<string, readonly string[]>;
  /** Imports of loaded packages that no selected module provides, sorted. */
  readonly missing: readonly string[];
  readonly gap: string | undefined;
  readonly tidied: TidiedModule | undefined;
}

export type PackageGraphResult =
  | PackageGraph
  | { readonly state: 'pending' }
  /** Neither the packages of the main module nor its module graph are known. */
  | { readonly state: 'unavailable'; readonly why: string };

/**
 * Loads the packages of a main module as `go mod tidy` does (cmd/go/internal/modload/load.go:LoadPackages with the pattern
 * `all`, tests and the tag `*`), and tells what it would make of go.mod and go.sum. The workspace and `vendor` play no part,
 * as they play none in tidy. It presupposes that tidy would succeed.
 */
export function packageGraph(project: Project, main: MainModule, facts: Facts): PackageGraphResult {
  const ofFacts = loaded.get(facts) ?? new WeakMap<MainModule, PackageGraphResult>();
  loaded.set(facts, ofFacts);
  const known = ofFacts.get(main) ?? load(project, main, facts);
  ofFacts.set(main, known);
  return known;
}

/** Several rules ask for it in one round; what comes out is the same as without this memory. */
const loaded = new WeakMap<Facts, WeakMap<MainModule, PackageGraphResult>>();

/** The go command needs two or three rounds; more mean that it would not come to an end either. */
const MAX_ROUNDS = 20;

function load(project: Project, main: MainModule, facts: Facts): PackageGraphResult {
  const { parsed } = main.mod;
  if (parsed.problems.length > 0 || !parsed.module) return { state: 'unavailable', why: 'go.mod has errors' };
  const query = parsed.require.map(moduleOf).find(({ version }) => canonicalVersion(version) !== version);
  if (query) return { state: 'unavailable', why: `which version of ${query.path} is meant by ${query.version} is not known` };
  try {
    return loadUntilStable(project, main, facts);
  } catch (error) {
    if (error instanceof Stop) return error.result;
    throw error;
  }
}

function loadUntilStable(project: Project, main: MainModule, facts: Facts): PackageGraphResult {
  const world = { project, main, facts, maxFetched: fetchBound(project) };
  const { go, require } = main.mod.parsed;
  const written = new Set(require.filter(({ indirect }) => !indirect).map(({ path }) => path.value));
  let roots = withGoLine(new Roots(world, pruningOf(go?.version.value), rootsOf(main, require.map(moduleOf)), written));
  // Where sources are lacking anyway, nobody is asked for the go.mod files of the whole graph.
  new PackageLoad(world, roots).requireSources();
  if (roots.pruning === 'unpruned' && !roots.allSelected()) roots = updateRoots(roots, [], [], written);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    roots = withPruningOfGoLine(roots);
    const load = new PackageLoad(world, roots);
    load.run();
    if (load.pending) return { state: 'pending' };
    if (load.gap !== undefined || load.faulty) return partial(load);
    const direct = load.directModules();
    let tidied = tidyRoots(roots, load);
    const updated = updateRoots(roots, load.packages, tidied.list, direct);
    if (updated.go !== roots.go) {
      roots = updated;
      continue;
    }
    const before = roots;
    const isChanged = updated !== roots && !updated.equals(roots) && changesPackages(updated, load.packages);
    roots = updated;
    if (isChanged) continue;
    if (load.missing.length > 0) return partial(load);
    if (updated !== before) tidied = tidyRoots(roots, load);
    const sums = neededSums(tidied, load.packages);
    const required = () => requiredVersions(tidied);
    return { ...partial(load), gap: undefined, tidied: { roots: tidied.list, direct, sums, required } };
  }
  return { state: 'unavailable', why: 'the requirements that go mod tidy would write do not settle' };
}

function requiredVersions(roots: Roots): ReadonlySet<string> {
  const replacements = Replacements.ofModule(roots.world.main);
  const required = new Set<string>();
  for (const modules of roots.graph().requirements.values()) {
    for (const module of modules) {
      const source = replacements.source(module);
      if (source.kind === 'module') required.add(moduleKey(source));
    }
  }
  return required;
}

/**
 * Where go.mod has no go line, the running go command writes its own version first (modload/init.go:loadModFile). That is at
 * least the one from which on nothing changes for go.mod and go.sum.
 */
function withGoLine(roots: Roots): Roots {
  if (roots.world.main.mod.parsed.go) return roots;
  const others = roots.list.filter(({ path }) => path !== 'go');
  return roots.with([...others, { path: 'go', version: OLDEST_RUNNING_GO }]);
}

const OLDEST_RUNNING_GO = '1.21';

/** A dependency's go line may raise that of go.mod above the first with pruning (buildlist.go:convertPruning). */
function withPruningOfGoLine(roots: Roots): Roots {
  const pruning = pruningOf(roots.go);
  if (pruning === roots.pruning) return roots;
  const built = [...roots.graph().selected].map(([path, version]) => ({ path, version })).filter(({ version }) => version !== '');
  return new Roots(roots.world, pruning, built, roots.direct);
}

/** Another version of a module that provides a package is selected now (load.go:updateRequirements). */
function changesPackages(roots: Roots, packages: readonly Package[]): boolean {
  const graph = roots.graph();
  return packages.some(({ external }) => external && graph.selected.get(external.path) !== external.version);
}

function partial(load: PackageLoad, gap = load.gap): PackageGraph {
  return {
    state: 'known',
    packages: load.loaded(),
    mainPackages: load.mainPackages,
    directImports: load.directImports(),
    missing: load.missing,
    gap,
    tidied: undefined,
  };
}

