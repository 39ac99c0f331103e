import type { ModFile } from '../syntax/directives.ts';
import { compareModuleVersions, compareGoVersions, DEFAULT_GO_MOD_VERSION, DEFAULT_GO_WORK_VERSION } from '../syntax/go-version.ts';
import { rememberedOf } from '../syntax/memory.ts';
import { canonicalVersion } from '../syntax/module-path.ts';
import type { DependencyMod, Fact, Facts } from './facts.ts';
import { fetchBound } from './module-closure.ts';
import { keyed, moduleKey } from './module-version.ts';
import type { KeyedModules, ModuleVersion } from './module-version.ts';
import type { MainModule, Project } from './project.ts';
import { namesOtherFiles, readonlyModule } from './readonly-module.ts';
import { oncePerRound } from './round-memory.ts';
import { Replacements } from './replacements.ts';
import type { Source } from './replacements.ts';
import { asRead, isMember, moduleOf } from './requirements.ts';
import { resolveRequirement } from './version-query.ts';

/**
 * The module graph as far as the go command loads it, and what it selects. A main module has the version `''`, which is
 * above all others.
 */
export interface ModuleGraph {
  readonly state: 'known';
  /** The main modules, in the order of go.work. */
  readonly mains: readonly ModuleVersion[];
  /** The requirements of each module whose go.mod was loaded, by the module's key, in the order of its file. */
  readonly requirements: ReadonlyMap<string, readonly ModuleVersion[]>;
  /** The highest required version of each path. */
  readonly selected: ReadonlyMap<string, string>;
  /** Keys of the versions that something requires, and that an exclusion takes out of the graph. */
  readonly dropped: ReadonlySet<string>;
}

export type ModuleGraphResult =
  | ModuleGraph
  | { readonly state: 'pending' }
  /** One go.mod could not be read, and it may require anything. */
  | { readonly state: 'unavailable'; readonly why: string };

/**
 * Loads the module graph with pruning, as `go mod graph` does, from the files as they stand
 * (cmd/go/internal/modload/buildlist.go:readModGraph). Where more than `maxFetched` of them are not in the module cache, and
 * where one of those belongs to a module of the workspace, a bounded load is `unavailable`.
 */
export function moduleGraph(project: Project, facts: Facts, maxFetched = Infinity): ModuleGraphResult {
  return graphAsWritten(project, facts, maxFetched);
}

const graphAsWritten = oncePerRound((project: Project, facts, maxFetched: number): ModuleGraphResult => {
  if (namesOtherFiles(project.environment)) return { state: 'unavailable', why: OTHER_FILES };
  const [main] = project.modules;
  const roots = main && !project.workspace ? rootsAsWritten(main) : undefined;
  if (main && roots) return graphOfRoots(project, main, facts, roots, pruningOf(main.mod.parsed.go?.version.value), maxFetched);
  const load = new GraphLoad(project, facts, maxFetched);
  if (project.workspace) load.loadWorkspace();
  else load.loadModule();
  return load.result();
});

/** Undefined where go.mod has a query for a version, which is looked up while the graph is loaded. */
function rootsAsWritten(main: MainModule): ModuleVersion[] | undefined {
  const requirements = main.mod.parsed.require.map(moduleOf);
  return requirements.every(({ version }) => canonicalVersion(version) === version) ? rootsOf(main, requirements) : undefined;
}

/** The graphs of one main module that are known, by pruning and roots: several rules load the same ones in a round. */
const sharedGraphs = oncePerRound((_main: MainModule, _facts, _of: 'module'): Map<string, ModuleGraph> => new Map());

/** Those that follow from a go.mod file and from files in the module cache alone, kept as long as the go.mod is. */
const lastingGraphs = rememberedOf((_published: object) => rememberedOf((_mod: ModFile): Map<string, ModuleGraph> => new Map()));

function graphKey(roots: readonly ModuleVersion[], pruning: 'pruned' | 'unpruned'): string {
  return [pruning, ...roots.map(moduleKey)].join('\n');
}

/**
 * How many go.mod files are fetched for a module graph: none where no go command stops on what the graph shows, so that
 * only what lies in the module cache is looked at.
 */
export function maxFetchedFor(project: Project): number {
  return readonlyModule(project) ? fetchBound(project) : 0;
}

/**
 * The graph of one main module from other roots than its go.mod has, `go` and `toolchain` among them, as `go mod tidy`
 * loads it: the workspace plays no part. The load is bounded as {@link moduleGraph} describes.
 */
export function graphOfRoots(
  project: Project,
  main: MainModule,
  facts: Facts,
  roots: readonly ModuleVersion[],
  pruning: 'pruned' | 'unpruned',
  maxFetched = Infinity,
): ModuleGraphResult {
  const lasting = lastingGraphs(facts.published ?? facts)(main.mod.parsed);
  const graphs = sharedGraphs(main, facts, 'module');
  const key = graphKey(roots, pruning);
  const known = graphs.get(key) ?? lasting.get(key);
  if (known) return known;
  const load = new GraphLoad({ ...project, workspace: undefined, modules: [main] }, facts, maxFetched, project);
  load.loadModule(roots, pruning);
  const result = load.result();
  if (result.state === 'known') (load.isLasting ? lasting : graphs).set(key, result);
  return result;
}

/**
 * The graph after the roots were raised to what is selected, until nothing changes: what `go list -mod=mod -m all`
 * selects, and, where go.mod is consistent, `go list -m all` (buildlist.go:expandGraph, updatePrunedRoots).
 */
export function consistentGraph(project: Project, facts: Facts, maxFetched = Infinity): ModuleGraphResult {
  return graphAfterRaising(project, facts, maxFetched);
}

/** Why nothing is said of a graph that the go command would read from elsewhere. */
export const OTHER_FILES = 'GOFLAGS has -modfile or -overlay, so that the go command reads another file than go.mod as it is here';

const graphAfterRaising = oncePerRound((project: Project, facts, maxFetched: number): ModuleGraphResult => {
  const graph = moduleGraph(project, facts, maxFetched);
  // Without pruning, what a lower version requires stays in the build list, and the rewritten roots keep it there.
  if (graph.state !== 'known' || project.workspace || !isPruned(project)) return graph;
  return raiseRoots(project, facts, maxFetched, graph, rootsIn(graph));
});

/**
 * What `go get PATH@VERSION` makes of a single main module, as far as requirements tell: its roots with this one exchanged
 * or added, raised until nothing changes (edit.go:editRequirements, for a version not below the selected one). The go
 * command then looks at packages: a module that newly provides one becomes a root too; `promoted` names such.
 */
export function upgradedGraph(
  project: Project,
  facts: Facts,
  { path, version }: ModuleVersion,
  promoted: readonly string[] = [],
): ModuleGraphResult {
  const graph = consistentGraph(project, facts);
  if (graph.state !== 'known' || project.workspace) return graph;
  // Without pruning, what go.mod does not list stays as it is selected all the same.
  const kept = isPruned(project) ? rootsIn(graph) : [...graph.selected].filter(([, kept]) => kept !== '').map(([p, v]) => ({ path: p, version: v }));
  const roots = [...kept.filter((root) => root.path !== path), { path, version }];
  const upgraded = loadRoots(project, facts, Infinity, roots);
  if (upgraded.state !== 'known') return upgraded;
  const listed = new Set(roots.map((root) => root.path));
  const added = promoted.filter((name) => !listed.has(name) && (upgraded.selected.get(name) ?? '') !== '');
  const all = [...roots, ...added.map((name) => ({ path: name, version: upgraded.selected.get(name)! }))];
  return raiseRoots(project, facts, Infinity, upgraded, all);
}

function isPruned({ modules: [main] }: Project): boolean {
  return main !== undefined && pruningOf(main.mod.parsed.go?.version.value) === 'pruned';
}

function rootsIn(graph: ModuleGraph): readonly ModuleVersion[] {
  return graph.requirements.get(moduleKey(graph.mains[0]!)) ?? [];
}

function loadRoots(project: Project, facts: Facts, maxFetched: number, roots: readonly ModuleVersion[]): ModuleGraphResult {
  const load = new GraphLoad(project, facts, maxFetched);
  load.loadModule(roots);
  return load.result();
}

/** Each root at the version that is selected, and the graph that this gives, until both agree. */
function raiseRoots(
  project: Project,
  facts: Facts,
  maxFetched: number,
  loaded: ModuleGraph,
  written: readonly ModuleVersion[],
): ModuleGraphResult {
  let graph: ModuleGraphResult = loaded;
  let roots = written;
  let isLoaded = rootsIn(loaded) === written;
  while (graph.state === 'known') {
    const { selected }: ModuleGraph = graph;
    const raised = roots.map(({ path }) => ({ path, version: selected.get(path)! }));
    if (isLoaded && raised.every(({ version }, index) => version === roots[index]!.version)) break;
    roots = raised;
    isLoaded = true;
    graph = loadRoots(project, facts, maxFetched, roots);
  }
  return graph;
}

/** The main modules, then every selected module by path; `go` and `toolchain` are left out, as `go list -m all` does. */
export function buildList(graph: ModuleGraph): ModuleVersion[] {
  const mains = new Set(graph.mains.map(({ path }) => path));
  const others = [...graph.selected]
    .filter(([path]) => !mains.has(path) && path !== 'go' && path !== 'toolchain')
    .map(([path, version]) => ({ path, version }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  return [...graph.mains, ...others];
}

/** All edges of the graph in the order of `go mod graph`: breadth first from the main modules. */
export function graphEdges(graph: ModuleGraph): { readonly from: ModuleVersion; readonly to: ModuleVersion }[] {
  const edges: { from: ModuleVersion; to: ModuleVersion }[] = [];
  const queue = [...graph.mains];
  const seen = new Set(queue.map(moduleKey));
  // The queue grows while it is walked.
  for (const from of queue) {
    for (const to of graph.requirements.get(moduleKey(from)) ?? []) {
      edges.push({ from, to });
      if (seen.has(moduleKey(to))) continue;
      seen.add(moduleKey(to));
      queue.push(to);
    }
  }
  return edges;
}

/** Whether a module's own requirements stand for those of its dependencies, or in a workspace for none of them. */
type Pruning = 'pruned' | 'unpruned' | 'workspace';

interface Summary extends KeyedModules {
  readonly pruning: 'pruned' | 'unpruned';
}

/**
 * What is known of modules under one main module's replacements and exclusions: graphs of the same versions are loaded
 * several times in one round.
 */
const sharedSummaries = oncePerRound((_main: MainModule, _facts, _of: 'module'): Map<string, Summary> => new Map());

/** What the go.mod files in the module cache say, by the keys of their own modules: they stay what they are. */
const summariesOfCache = rememberedOf((_published: object): Map<string, Summary> => new Map());

class GraphLoad {
  readonly #facts: Facts;
  readonly #project: Project;
  readonly #around: Project;
  readonly #replacements: Replacements;
  readonly #mains: readonly ModuleVersion[];
  readonly #excluded: ReadonlySet<string>;
  readonly #dropped = new Set<string>();
  readonly #requirements = new Map<string, readonly ModuleVersion[]>();
  readonly #selected = new Map<string, string>();
  readonly #summaries = new Map<string, Summary | undefined>();
  /** The keys of what was followed in each way. */
  readonly #followed: Readonly<Record<Pruning, Set<string>>> = { pruned: new Set(), unpruned: new Set(), workspace: new Set() };
  readonly #required = new Set<string>();
  readonly #maxFetched: number;
  readonly #fetched = new Set<string>();
  readonly #shared: Map<string, Summary>;
  readonly #cached: Map<string, Summary>;
  /** Nothing but the main modules' files and the module cache was looked at, by which the same graph comes out again. */
  isLasting = true;
  #pending = false;
  #why: string | undefined;

  /** @param around the project that the user works in, where it is more than what is loaded */
  constructor(project: Project, facts: Facts, maxFetched: number, around = project) {
    this.#project = project;
    this.#around = around;
    this.#facts = facts;
    this.#maxFetched = maxFetched;
    const [main] = project.modules;
    this.#shared = main && !project.workspace ? sharedSummaries(main, facts, 'module') : new Map();
    this.#cached = summariesOfCache(facts.published ?? facts);
    this.#replacements = Replacements.ofProject(project);
    this.#mains = project.modules.map((main) => ({ path: main.mod.parsed.module?.path.value ?? '', version: '' }));
    this.#excluded = new Set(
      project.modules.flatMap(({ mod }) =>
        mod.parsed.exclude.map(({ path, version }) => moduleKey({ path: path.value, version: version.value })),
      ),
    );
    for (const { path, version } of this.#mains) this.#selected.set(path, version);
  }

  /**
   * @param roots what to start from; the requirements of go.mod when not said
   * @param pruning that of go.mod's go line when not said
   */
  loadModule(roots?: readonly ModuleVersion[], pruning?: 'pruned' | 'unpruned'): void {
    const main = this.#project.modules[0];
    if (!main) return;
    const list = roots ?? rootsOf(main, this.#requirementsOf(main));
    for (const requirement of main.mod.parsed.require) this.#isDropped(moduleOf(requirement));
    this.#require(moduleKey(this.#mains[0]!), keyed(list));
    this.#load(keyed(list), pruning ?? pruningOf(main.mod.parsed.go?.version.value));
  }

  /** Members and go.work's own lines are the roots; what members require at less than what is selected is loaded too. */
  loadWorkspace(): void {
    const work = this.#project.workspace!.work.parsed;
    const roots = [...this.#mains, ...goRoots(work.go?.version.value ?? DEFAULT_GO_WORK_VERSION, work.toolchain?.version.value)];
    for (const root of roots) this.#select(root);
    this.#load(keyed(roots), 'workspace');
    const followed = new Set(roots.map(({ path }) => path));
    const seen = new Set<string>();
    for (;;) {
      const raised = this.#raised(followed, seen);
      if (raised.length === 0) return;
      for (const module of raised) {
        seen.add(moduleKey(module));
        followed.add(module.path);
      }
      this.#load(keyed(raised), 'workspace');
    }
  }

  result(): ModuleGraphResult {
    if (this.#why !== undefined) return { state: 'unavailable', why: this.#why };
    if (this.#pending) return { state: 'pending' };
    return {
      state: 'known',
      mains: this.#mains,
      requirements: this.#requirements,
      selected: this.#selected,
      dropped: this.#dropped,
    };
  }

  /** The selected versions whose requirements are not yet followed as a workspace's. */
  #raised(followed: ReadonlySet<string>, seen: ReadonlySet<string>): ModuleVersion[] {
    const raised = new Map<string, ModuleVersion>();
    for (const path of followed) {
      const module = { path, version: this.#selected.get(path) ?? '' };
      if (!seen.has(moduleKey(module))) {
        raised.set(moduleKey(module), module);
        continue;
      }
      for (const required of this.#requirements.get(moduleKey(module)) ?? []) {
        const selected = { path: required.path, version: this.#selected.get(required.path)! };
        const isHigher = this.#compare(required.path, selected.version, required.version) > 0;
        if (isHigher && !seen.has(moduleKey(selected))) raised.set(moduleKey(selected), selected);
      }
    }
    return [...raised.values()];
  }

  #load(roots: KeyedModules, pruning: Pruning): void {
    const queue = [{ modules: roots, pruning }];
    for (let item = queue.pop(); item; item = queue.pop()) {
      const { modules, pruning } = item;
      const followed = this.#followed[pruning];
      for (let at = 0; at < modules.list.length; at++) {
        const key = modules.keys[at]!;
        if (followed.has(key)) continue;
        followed.add(key);
        const summary = this.#summary(modules.list[at]!, key);
        if (!summary || (pruning === 'pruned' && summary.pruning === 'pruned')) continue;
        queue.push({ modules: summary, pruning: pruning === 'unpruned' ? 'unpruned' : summary.pruning });
      }
    }
  }

  /** Reads a module's go.mod once, and adds its requirements to the graph. */
  #summary(module: ModuleVersion, key: string): Summary | undefined {
    if (this.#summaries.has(key)) return this.#summaries.get(key);
    const shared = this.#shared.get(key);
    if (shared && !this.#cached.has(key)) this.isLasting = false;
    const summary = shared ?? this.#read(module, key);
    this.#summaries.set(key, summary);
    if (summary) this.#require(key, summary);
    return summary;
  }

  #read(module: ModuleVersion, key: string): Summary | undefined {
    const { path, version } = module;
    if (path === 'go' || path === 'toolchain') return { ...keyed(toolchainOf(module)), pruning: 'pruned' };
    if (version === '') {
      const main = this.#project.modules.find(({ mod }) => mod.parsed.module?.path.value === path);
      return main && this.#withoutDropped(summarize(this.#requirementsOf(main), main.mod.parsed.go?.version.value));
    }
    const source = this.#replacements.source(module);
    const isItself = source.kind === 'module' && source.path === path && source.version === version;
    const cached = isItself ? this.#cached.get(key) : undefined;
    const summary = cached ?? this.#readSource(module, source);
    if (!summary) return undefined;
    const whole = this.#withoutDropped(summary);
    // What is noted about a file on the way is noted by every load.
    if (whole === summary && this.#why === undefined) this.#shared.set(key, whole);
    return whole;
  }

  #readSource(module: ModuleVersion, source: Source): Summary | undefined {
    if (source.kind === 'directory') {
      this.isLasting = false;
      const mod = this.#known(this.#facts.ask({ kind: 'directory-mod', directory: source.directory }), module);
      return mod && summaryOf(mod);
    }
    const { path, version } = source;
    const cached = this.#facts.ask({ kind: 'mod', path, version });
    if (cached.state !== 'known') this.isLasting = false;
    const mod = this.#known(cached.state === 'absent' ? this.#fetch({ path, version }) : cached, module);
    if (!mod) return undefined;
    if (mod.path !== module.path && mod.path !== path) {
      this.#why ??= declaredPathMismatch(module, mod.path);
      return undefined;
    }
    const summary = summaryOf(mod);
    if (cached.state === 'known' && mod.fault === undefined) this.#cached.set(moduleKey(source), summary);
    return summary;
  }

  /** As the go command writes them: a query such as v1.2 stands for a version. */
  #requirementsOf(main: MainModule): ModuleVersion[] {
    return main.mod.parsed.require.map(moduleOf).flatMap(({ path, version }) => {
      if (canonicalVersion(version) === version) return [{ path, version }];
      this.isLasting = false;
      const resolved = resolveRequirement(main, this.#facts, path, version);
      if (resolved.state === 'known') return [{ path, version: resolved.version }];
      if (resolved.state === 'pending') this.#pending = true;
      else this.#why ??= `which version of ${path} is meant by ${version} is not known: ${resolved.why}`;
      return [];
    });
  }

  #fetch(module: ModuleVersion): Fact<DependencyMod> {
    if (this.#maxFetched !== Infinity) {
      // A member of the workspace may never have been published, and then its name is nobody's business.
      if (this.#around.workspace && isMember(this.#around, module.path)) {
        return { state: 'unavailable', why: `${module.path} ${module.version} is not in the module cache` };
      }
      this.#fetched.add(moduleKey(module));
      if (this.#fetched.size > this.#maxFetched) {
        return { state: 'unavailable', why: `more than ${this.#maxFetched} go.mod files are not in the module cache` };
      }
    }
    return this.#facts.ask({ ...module, kind: 'remote-mod' });
  }

  #known(mod: Fact<DependencyMod>, { path, version }: ModuleVersion): DependencyMod | undefined {
    switch (mod.state) {
      case 'known':
        if (mod.value.fault !== undefined) this.#why ??= `${path}@${version}: ${mod.value.fault}`;
        return mod.value;
      case 'pending':
        this.#pending = true;
        return undefined;
      case 'unavailable':
        this.#why ??= mod.why;
        return undefined;
      case 'absent':
        this.#why ??= `${path}@${version}: its go.mod file is not to be had`;
        return undefined;
    }
  }

  #withoutDropped(summary: Summary): Summary {
    if (!summary.keys.some((key) => this.#excluded.has(key))) return summary;
    return { ...keyed(summary.list.filter((module) => !this.#isDropped(module))), pruning: summary.pruning };
  }

  #isDropped(module: ModuleVersion): boolean {
    const key = moduleKey(module);
    if (this.#excluded.has(key)) this.#dropped.add(key);
    return this.#excluded.has(key);
  }

  #require(key: string, { list, keys }: KeyedModules): void {
    this.#requirements.set(key, list);
    for (let at = 0; at < list.length; at++) {
      if (this.#required.has(keys[at]!)) continue;
      this.#required.add(keys[at]!);
      this.#select(list[at]!);
    }
  }

  #select({ path, version }: ModuleVersion): void {
    const selected = this.#selected.get(path);
    if (selected === undefined || this.#compare(path, version, selected) > 0) this.#selected.set(path, version);
  }

  #compare(path: string, a: string, b: string): number {
    if (a === '' || b === '') return a === b ? 0 : a === '' ? 1 : -1;
    return compareModuleVersions(path, a, b);
  }
}

/** A graph is loaded again with every answer that comes, from files that stay what they are. */
const summaryOf = rememberedOf((mod: DependencyMod): Summary => summarize(mod.requires.map(asRead), mod.go));

/** A go line from 1.21 on is a requirement (modfile.go:summaryFromModFile). */
function summarize(requires: readonly ModuleVersion[], go: string | undefined): Summary {
  const isRequired = go !== undefined && compareGoVersions(go, '1.21') >= 0;
  return { ...keyed(isRequired ? [...requires, { path: 'go', version: go }] : requires), pruning: pruningOf(go) };
}

/** The requirements that a main module starts from, `go` and `toolchain` among them (init.go:rootsFromModFile). */
export function rootsOf(main: MainModule, requirements: readonly ModuleVersion[]): ModuleVersion[] {
  const { exclude, go, toolchain } = main.mod.parsed;
  const excluded = new Set(exclude.map(({ path, version }) => moduleKey({ path: path.value, version: version.value })));
  const roots = requirements.filter((module) => !excluded.has(moduleKey(module)));
  roots.push(...goRoots(go?.version.value ?? DEFAULT_GO_MOD_VERSION, toolchain?.version.value));
  return roots.sort((a, b) => {
    if (a.path !== b.path) return a.path < b.path ? -1 : 1;
    return compareModuleVersions(a.path, a.version, b.version);
  });
}

function goRoots(go: string, toolchain: string | undefined): ModuleVersion[] {
  const roots = [{ path: 'go', version: go }];
  if (toolchain !== undefined) roots.push({ path: 'toolchain', version: toolchain });
  return roots;
}

/** `go 1.21` and above require the toolchain of that name (modfile.go:rawGoModSummary). */
function toolchainOf({ path, version }: ModuleVersion): ModuleVersion[] {
  const hasToolchain = path === 'go' && compareGoVersions(version, '1.21') >= 0;
  return hasToolchain ? [{ path: 'toolchain', version: `go${version}` }] : [];
}

/** From go 1.17 on, go.mod lists what pruning would hide. */
export function pruningOf(go: string | undefined): 'pruned' | 'unpruned' {
  return go !== undefined && compareGoVersions(go, '1.17') >= 0 ? 'pruned' : 'unpruned';
}

function declaredPathMismatch({ path, version }: ModuleVersion, declared: string | undefined): string {
  return declared === undefined
    ? `${path}@${version}: parsing go.mod: missing module line`
    : `${path}@${version}: parsing go.mod: module declares its path as: ${declared} but was required as: ${path}`;
}
