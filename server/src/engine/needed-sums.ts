import { compareGoVersions } from '../syntax/go-version.ts';
import { pruningOf } from './module-graph.ts';
import { moduleKey } from './module-version.ts';
import type { ModuleVersion } from './module-version.ts';
import type { Package } from './package-load.ts';
import { candidatePaths } from './package-sources.ts';
import { Replacements } from './replacements.ts';
import { Roots } from './root-requirements.ts';

/**
 * The keys of the lines that `go mod tidy` keeps in go.sum, given the requirements that it leaves
 * (cmd/go/internal/modload/init.go:keepSums and load.go:LoadPackages): `PATH VERSION` for a zip file, `PATH VERSION/go.mod`.
 * Those of `go` and `toolchain` are among them: nothing ever adds such a line, but one that is there stays.
 */
export function neededSums(roots: Roots, packages: readonly Package[]): ReadonlySet<string> {
  const keys = new SumKeys(roots, packages);
  keys.addOf(roots);
  const compatible = compatiblePruning(roots.go);
  if (compatible !== roots.pruning) keys.addOf(new Roots(roots.world, compatible, roots.list, roots.direct));
  return keys.found;
}

/** From go 1.21 on go.sum has what is needed to compile a package: the go line of its module. */
const TIDY_GO_MOD_SUM = '1.21';

class SumKeys {
  readonly found = new Set<string>();
  readonly #packages: readonly Package[];
  readonly #replacements: Replacements;
  readonly #keepsProviders: boolean;

  constructor(roots: Roots, packages: readonly Package[]) {
    this.#packages = packages.filter(({ isTest, provider }) => !isTest && provider.kind === 'module');
    this.#replacements = Replacements.ofModule(roots.world.main);
    this.#keepsProviders = roots.go !== undefined && compareGoVersions(roots.go, TIDY_GO_MOD_SUM) >= 0;
  }

  addOf(roots: Roots): void {
    for (const item of this.#packages) this.#addPackage(item, roots);
    const graph = roots.graph();
    for (const key of graph.requirements.keys()) {
      const space = key.lastIndexOf(' ');
      this.#add({ path: key.slice(0, space), version: key.slice(space + 1) }, '/go.mod');
    }
  }

  #addPackage({ path, external, provider }: Package, roots: Roots): void {
    if (external && this.#keepsProviders) this.#add(external, '/go.mod');
    const module = provider.kind === 'module' ? provider.module : undefined;
    const isByRoots = roots.pruning === 'pruned' && module !== undefined && roots.selected(module.path) === module.version;
    for (const prefix of candidatePaths(path)) {
      const version = isByRoots ? roots.selected(prefix) : roots.graph().selected.get(prefix);
      if (version !== undefined) this.#add({ path: prefix, version }, '');
    }
  }

  #add(module: ModuleVersion, suffix: '' | '/go.mod'): void {
    if (module.version === '') return;
    const source = this.#replacements.source(module);
    if (source.kind === 'module') this.found.add(`${moduleKey(source)}${suffix}`);
  }
}

/** By default go.sum has what the go command before needs, up to go 1.20; from 1.21 on nothing for older ones. */
function compatiblePruning(go: string | undefined): 'pruned' | 'unpruned' {
  if (go === undefined || compareGoVersions(go, '1.21') >= 0) return pruningOf(go);
  return pruningOf(previous(go));
}

/** `1.16` for `1.17` and its releases (cmd/go/internal/gover/gover.go:Prev). */
function previous(go: string): string {
  const [major, minor] = go.split('.');
  return `${major}.${Number.parseInt(minor ?? '0', 10) - 1}`;
}
