import { compareModuleVersions } from '../syntax/go-version.ts';
import type { ModuleGraph } from './module-graph.ts';
import { moduleKey } from './module-version.ts';
import type { ModuleVersion } from './module-version.ts';

/** One way from a main module to a version of a module: the go.mod of each requires the next. */
export type RequirementChain = readonly ModuleVersion[];

/**
 * The ways in which the requirements of a module graph lead to a version. Each of them makes the selected version at least
 * this one, also where it goes through a version that is not selected itself.
 */
export class RequirementChains {
  readonly #graph: ModuleGraph;
  readonly #modules = new Map<string, ModuleVersion>();
  /** The module through which the shortest chain comes; undefined for a main module. */
  readonly #nearer = new Map<string, ModuleVersion | undefined>();
  readonly #lengths = new Map<string, number>();
  readonly #requirers = new Map<string, ModuleVersion[]>();

  constructor(graph: ModuleGraph) {
    this.#graph = graph;
    for (const main of graph.mains) this.#reach(main, undefined);
    // The map grows while it is walked, so that it is walked breadth first.
    for (const [key, from] of this.#modules) {
      for (const to of graph.requirements.get(key) ?? []) {
        if (moduleKey(to) === key) continue;
        if (!this.#modules.has(moduleKey(to))) this.#reach(to, from);
        const requirers = this.#requirers.get(moduleKey(to)) ?? [];
        this.#requirers.set(moduleKey(to), requirers);
        if (!requirers.includes(from)) requirers.push(from);
      }
    }
  }

  /** Every version that requirements lead to, the nearest to the main modules first. */
  modules(): Iterable<ModuleVersion> {
    return this.#modules.values();
  }

  /** From a main module to this one, both included; undefined for a version that no requirement leads to. */
  shortest(module: ModuleVersion): RequirementChain | undefined {
    if (!this.#modules.has(moduleKey(module))) return undefined;
    const chain: ModuleVersion[] = [];
    for (let at: ModuleVersion | undefined = module; at; at = this.#nearer.get(moduleKey(at))) chain.push(at);
    return chain.reverse();
  }

  /** The modules whose go.mod requires exactly this version, the nearest to the main modules first. */
  requirers(module: ModuleVersion): readonly ModuleVersion[] {
    return this.#requirers.get(moduleKey(module)) ?? [];
  }

  /** Every version of a path that something requires, ascending. */
  versions(path: string): string[] {
    const versions = [...this.#modules.values()].filter((module) => module.path === path).map(({ version }) => version);
    return versions.filter((version) => version !== '').sort((a, b) => compareModuleVersions(path, a, b));
  }

  /** At most `limit` chains to a version, without going in circles, the shortest first; `more` when there are others. */
  all(module: ModuleVersion, limit: number): { readonly chains: readonly RequirementChain[]; readonly more: boolean } {
    const chains: RequirementChain[] = [];
    const mains = new Set(this.#graph.mains.map(moduleKey));
    // Ends of chains, by the length that the whole chain has at least. No step makes it shorter.
    const ends: RequirementChain[][] = [];
    const add = (end: RequirementChain) => {
      const length = end.length + this.#lengths.get(moduleKey(end[0]!))!;
      (ends[length] ??= []).push(end);
    };
    if (this.#modules.has(moduleKey(module))) add([module]);
    for (let length = 0, steps = 0; length < ends.length; length++) {
      // The newest first, so that a chain is followed to its end before there are too many of them.
      for (let end = ends[length]?.pop(); end; end = ends[length]?.pop()) {
        const [first] = end as [ModuleVersion];
        if (++steps > MAX_STEPS) return { chains, more: true };
        if (!mains.has(moduleKey(first))) {
          for (const requirer of this.requirers(first).toReversed()) if (!end.includes(requirer)) add([requirer, ...end]);
          continue;
        }
        if (chains.length === limit) return { chains, more: true };
        chains.push(end);
      }
    }
    return { chains, more: false };
  }

  #reach(module: ModuleVersion, from: ModuleVersion | undefined): void {
    this.#modules.set(moduleKey(module), module);
    this.#nearer.set(moduleKey(module), from);
    this.#lengths.set(moduleKey(module), from ? this.#lengths.get(moduleKey(from))! + 1 : 0);
  }
}

/** How many ends of chains are looked at before the search for all of them is given up. */
const MAX_STEPS = 100_000;

/**
 * A chain as part of a sentence: `a v1.0.0 requires b v1.2.0, which requires c v0.5.0`. The main module is only named where
 * it requires the version itself.
 */
export function chainInWords(chain: RequirementChain): string {
  const named = chain.length > 2 ? chain.slice(1) : chain;
  return named
    .map(({ path, version }, index) => `${['', ' requires '][index] ?? ', which requires '}${`${path} ${version}`.trim()}`)
    .join('');
}
