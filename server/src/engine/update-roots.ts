import { moduleKey } from './module-version.ts';
import type { ModuleVersion } from './module-version.ts';
import type { Package } from './package-load.ts';
import { compareSelected, sameModules } from './root-requirements.ts';
import type { Roots } from './root-requirements.ts';
import { minimalRequirements } from './tidy-roots.ts';

/**
 * The requirements once more, with the providers of all packages in `all` and the modules to add, at the versions that are
 * selected then (cmd/go/internal/modload/buildlist.go:updateRoots). The same object where nothing changes.
 */
export function updateRoots(
  roots: Roots,
  packages: readonly Package[],
  add: readonly ModuleVersion[],
  direct: ReadonlySet<string>,
): Roots {
  return roots.pruning === 'pruned' ? updatePruned(roots, packages, add, direct) : updateUnpruned(roots, add, direct);
}

function updatePruned(
  old: Roots,
  packages: readonly Package[],
  add: readonly ModuleVersion[],
  direct: ReadonlySet<string>,
): Roots {
  const spots = new Map<string, ModuleVersion>();
  const added: ModuleVersion[] = [];
  for (const { external, inAll } of packages) {
    if (!external || !inAll) continue;
    if (old.selected(external.path) === undefined) added.push(external);
    else spots.set(moduleKey(external), external);
  }
  for (const module of add) {
    const version = old.selected(module.path);
    if (version === undefined || compareSelected(module.path, version, module.version) < 0) added.push(module);
  }
  let roots = added.length > 0 ? old.with([...old.list, ...added], direct) : old;
  let isRaised = added.length > 0;
  for (;;) {
    const isCompared = isRaised || roots.isGraphLoaded || !agreeWithRoots(roots, [...spots.values()]);
    const graph = isCompared ? roots.graph() : undefined;
    const list: ModuleVersion[] = [];
    const seen = new Set([roots.mainPath]);
    isRaised = false;
    for (const { path, version } of roots.list) {
      if (seen.has(path)) continue;
      seen.add(path);
      const selected = (graph ? graph.selected.get(path) : roots.selected(path))!;
      list.push({ path, version: selected });
      isRaised ||= selected !== version;
    }
    if (!isRaised) {
      const isSame = sameModules(list, roots.list) && sameSet(direct, roots.direct);
      return isSame ? roots : roots.with(list, direct);
    }
    roots = roots.with(list, direct);
  }
}

/** No module that provides a package requires more than the roots have (buildlist.go:spotCheckRoots). */
function agreeWithRoots(roots: Roots, modules: readonly ModuleVersion[]): boolean {
  const { requirements } = roots.peek();
  return modules.every((module) => {
    const required = requirements.get(moduleKey(module));
    return required?.every(({ path, version }) => {
      const root = roots.selected(path);
      // The main module itself has no version here, which the go command takes for a lower one.
      return root === undefined || (root !== '' && compareSelected(path, root, version) >= 0);
    });
  });
}

function updateUnpruned(old: Roots, add: readonly ModuleVersion[], direct: ReadonlySet<string>): Roots {
  const { selected } = old.graph();
  const base = new Set(old.list.filter(({ path, version }) => selected.get(path) === version).map(({ path }) => path));
  const built = [...selected].map(([path, version]) => ({ path, version })).filter(({ version }) => version !== '');
  const keep = [...built, ...add];
  // The language and the toolchain are used by every module itself.
  for (const { path } of keep) if (direct.has(path) || path === 'go' || path === 'toolchain') base.add(path);
  const list = minimalRequirements(old, keep, [...base]);
  const updated = old.with(list, direct);
  return updated.equals(old) && sameSet(direct, old.direct) ? old : updated;
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((item) => b.has(item));
}
