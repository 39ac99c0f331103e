import { canonicalVersion } from '../syntax/module-path.ts';
import type { DependencyMod, Fact, Facts } from './facts.ts';
import { moduleKey } from './module-version.ts';
import type { ModuleVersion } from './module-version.ts';
import type { MainModule, Project } from './project.ts';
import { oncePerRound } from './round-memory.ts';
import { Replacements } from './replacements.ts';
import { asRead, isExcluded, isMember, moduleOf } from './requirements.ts';

/** Every module version that the requirements lead to, with replacements and exclusions applied. */
export type ModuleClosure =
  | {
      readonly state: 'known';
      /** The versions as required, by their keys. */
      readonly nodes: ReadonlyMap<string, ModuleVersion>;
      /** Keys of the versions that something requires, and that an exclusion takes out. */
      readonly dropped: ReadonlySet<string>;
      /** Keys of the versions that the go command would read for them. */
      readonly sources: ReadonlySet<string>;
      /** The local directories among what it would read. */
      readonly directories: ReadonlySet<string>;
    }
  | { readonly state: 'pending' }
  | { readonly state: 'unavailable'; readonly why: string };

/**
 * How many go.mod files that are not in the module cache are fetched for one module's closure. Versions that pruning
 * hides from the go command are in no cache, and there can be thousands; nobody who opens a file has asked for those.
 */
const MAX_FETCHED_MODS = 200;

export function fetchBound(project: Project): number {
  return project.thorough ? Infinity : MAX_FETCHED_MODS;
}

/**
 * The unpruned closure of one main module: each requirement of each version, to the end. It holds at least what any
 * go command loads, whatever the pruning. One go.mod that can't be read may require anything, so then nothing is known.
 * The workspace plays no part, as it plays none in `go mod tidy`.
 */
export function moduleClosure(project: Project, main: MainModule, facts: Facts): ModuleClosure {
  const index = project.modules.indexOf(main);
  return index < 0 ? closureOf(project, main, facts) : closureOfMain(project, facts, index);
}

const closureOfMain = oncePerRound((project: Project, facts, index: number) => {
  return closureOf(project, project.modules[index]!, facts);
});

function closureOf(project: Project, main: MainModule, facts: Facts): ModuleClosure {
  const requirements = main.mod.parsed.require.map(moduleOf);
  const query = requirements.find(({ version }) => canonicalVersion(version) !== version);
  if (query) return { state: 'unavailable', why: `which version of ${query.path} is meant by ${query.version} is not known` };
  const walk = new ClosureWalk(project, main, facts);
  walk.follow(requirements);
  return walk.result();
}

class ClosureWalk {
  readonly #project: Project;
  readonly #main: MainModule;
  readonly #facts: Facts;
  readonly #replacements: Replacements;
  readonly #nodes = new Map<string, ModuleVersion>();
  readonly #paths = new Set<string>();
  /** Modules of which an excluded version is required. */
  readonly #excluded = new Set<string>();
  readonly #dropped = new Set<string>();
  readonly #sources = new Set<string>();
  readonly #directories = new Set<string>();
  /** Versions whose go.mod is not in the module cache; those that were asked for stay here, to be counted. */
  readonly #uncached: ModuleVersion[] = [];
  #pending = false;
  #why: string | undefined;

  constructor(project: Project, main: MainModule, facts: Facts) {
    this.#project = project;
    this.#main = main;
    this.#facts = facts;
    this.#replacements = Replacements.ofModule(main);
  }

  /** Adds all that these modules lead to, from the disk first; what only the network has is fetched within the bound. */
  follow(modules: readonly ModuleVersion[]): void {
    this.#followCached(modules);
    for (let asked = 0; asked < this.#uncached.length && !this.#pending && this.#why === undefined; ) {
      if (this.#uncached.length > fetchBound(this.#project)) {
        this.#why = `more than ${MAX_FETCHED_MODS} go.mod files of the module graph are not in the module cache`;
        return;
      }
      const round = this.#uncached.slice(asked);
      asked = this.#uncached.length;
      this.#followCached(round.flatMap((source) => this.#requires(source, this.#facts.ask({ kind: 'remote-mod', ...source }))));
    }
  }

  result(): ModuleClosure {
    if (this.#why !== undefined) return { state: 'unavailable', why: this.#why };
    if (this.#pending) return { state: 'pending' };
    const lost = [...this.#excluded].find((path) => !this.#paths.has(path));
    // If one of its packages is imported, tidy chooses a version of its own.
    if (lost !== undefined) return { state: 'unavailable', why: `${lost} is required only in versions that are excluded` };
    return {
      state: 'known',
      nodes: this.#nodes,
      dropped: this.#dropped,
      sources: this.#sources,
      directories: this.#directories,
    };
  }

  #followCached(modules: readonly ModuleVersion[]): void {
    const queue = [...modules];
    for (let module = queue.pop(); module; module = queue.pop()) {
      const key = moduleKey(module);
      if (this.#nodes.has(key)) continue;
      if (isExcluded(this.#main, module)) {
        this.#excluded.add(module.path);
        this.#dropped.add(key);
        continue;
      }
      this.#nodes.set(key, module);
      this.#paths.add(module.path);
      const source = this.#replacements.source(module);
      if (source.kind === 'directory') {
        this.#directories.add(source.directory);
        queue.push(...this.#requires(module, this.#facts.ask({ kind: 'directory-mod', directory: source.directory })));
        continue;
      }
      const { path, version } = source;
      if (this.#sources.has(moduleKey(source))) continue;
      this.#sources.add(moduleKey(source));
      const mod = this.#facts.ask({ kind: 'mod', path, version });
      if (mod.state !== 'absent') queue.push(...this.#requires(source, mod));
      // A member of the workspace may never have been published, and then its name is nobody's business.
      else if (path !== ownPath(this.#main) && isMember(this.#project, path)) {
        this.#why ??= `${path} is a module of this workspace, and ${version} of it is not in the module cache`;
      } else this.#uncached.push({ path, version });
    }
  }

  #requires({ path, version }: ModuleVersion, mod: Fact<DependencyMod>): readonly ModuleVersion[] {
    switch (mod.state) {
      case 'known':
        if (mod.value.fault !== undefined) this.#why ??= `${path}@${version}: ${mod.value.fault}`;
        return mod.value.requires.map(asRead);
      case 'pending':
        this.#pending = true;
        return [];
      case 'unavailable':
        this.#why ??= mod.why;
        return [];
      case 'absent':
        this.#why ??= 'a go.mod file of the module graph is nowhere to be had';
        return [];
    }
  }
}

function ownPath(main: MainModule): string | undefined {
  return main.mod.parsed.module?.path.value;
}
