import { compareModuleVersions } from '../syntax/go-version.ts';
import type { Facts } from './facts.ts';
import { graphOfRoots } from './module-graph.ts';
import type { ModuleGraph, ModuleGraphResult } from './module-graph.ts';
import type { ModuleVersion } from './module-version.ts';
import type { MainModule, Project } from './project.ts';

/** What one load of packages works with. */
export interface LoadWorld {
  readonly project: Project;
  readonly main: MainModule;
  readonly facts: Facts;
  /** How many go.mod files may be fetched for one module graph. */
  readonly maxFetched: number;
}

/** Ends a load at something that is not known. */
export class Stop extends Error {
  readonly result: Exclude<ModuleGraphResult, ModuleGraph>;

  constructor(result: Exclude<ModuleGraphResult, ModuleGraph>) {
    super(result.state);
    this.result = result;
  }
}

/**
 * The requirements of a main module and the graph that they lead to, which is loaded when it is first wanted
 * (cmd/go/internal/modload/buildlist.go:Requirements).
 */
export class Roots {
  readonly world: LoadWorld;
  readonly pruning: 'pruned' | 'unpruned';
  /** Sorted by path, then version. */
  readonly list: readonly ModuleVersion[];
  /** Paths of the modules that provide what the main module imports. */
  readonly direct: ReadonlySet<string>;
  /** The go command has loaded the graph by now; it leaves roots alone that it has not compared with their graph. */
  isGraphLoaded = false;
  readonly #selected = new Map<string, string>();
  #graph: ModuleGraph | undefined;

  constructor(
    world: LoadWorld,
    pruning: 'pruned' | 'unpruned',
    list: readonly ModuleVersion[],
    direct: ReadonlySet<string>,
  ) {
    this.world = world;
    this.pruning = pruning;
    this.list = [...list].sort(byModule);
    this.direct = direct;
    for (const { path, version } of list) {
      const known = this.#selected.get(path);
      if (known === undefined || compareModuleVersions(path, known, version) < 0) this.#selected.set(path, version);
    }
    this.#selected.set(this.mainPath, '');
  }

  get mainPath(): string {
    return this.world.main.mod.parsed.module?.path.value ?? '';
  }

  get go(): string | undefined {
    return this.#selected.get('go');
  }

  /** The highest version of a path among the roots; `''` for the main module. */
  selected(path: string): string | undefined {
    return this.#selected.get(path);
  }

  /** @throws Stop where it is not known */
  graph(): ModuleGraph {
    this.isGraphLoaded = true;
    return this.peek();
  }

  /** The graph, without the consequences of having loaded it. */
  peek(): ModuleGraph {
    this.#graph ??= this.load(this.list, this.pruning);
    return this.#graph;
  }

  /** The graph of other roots of the same module. */
  load(list: readonly ModuleVersion[], pruning: 'pruned' | 'unpruned'): ModuleGraph {
    const { project, main, facts, maxFetched } = this.world;
    const graph = graphOfRoots(project, main, facts, list, pruning, maxFetched);
    if (graph.state !== 'known') throw new Stop(graph);
    return graph;
  }

  with(list: readonly ModuleVersion[], direct = this.direct): Roots {
    return new Roots(this.world, this.pruning, list, direct);
  }

  allSelected(): boolean {
    const { selected } = this.graph();
    return this.list.every(({ path, version }) => selected.get(path) === version);
  }

  equals(other: Roots): boolean {
    return sameModules(this.list, other.list);
  }
}

export function sameModules(a: readonly ModuleVersion[], b: readonly ModuleVersion[]): boolean {
  return a.length === b.length && a.every(({ path, version }, at) => b[at]!.path === path && b[at]!.version === version);
}

export function byModule(a: ModuleVersion, b: ModuleVersion): number {
  if (a.path !== b.path) return a.path < b.path ? -1 : 1;
  return compareSelected(a.path, a.version, b.version);
}

/** The main module's version `''` is above all others. */
export function compareSelected(path: string, a: string, b: string): number {
  if (a === '' || b === '') return a === b ? 0 : a === '' ? 1 : -1;
  return compareModuleVersions(path, a, b);
}
