import type { ModuleVersion } from './module-version.ts';
import { moduleKey } from './module-version.ts';
import type { Package, PackageLoad } from './package-load.ts';
import { byModule, compareSelected } from './root-requirements.ts';
import type { Roots } from './root-requirements.ts';

/** The fewest requirements under which all packages that were loaded come from where they come now. */
export function tidyRoots(roots: Roots, load: PackageLoad): Roots {
  return roots.pruning === 'pruned' ? tidyPruned(roots, load) : tidyUnpruned(roots, load);
}

/**
 * The providers of the packages in `all`; of the others only those that would come from another version otherwise, or be
 * found twice (cmd/go/internal/modload/buildlist.go:tidyPrunedRoots).
 */
function tidyPruned(old: Roots, load: PackageLoad): Roots {
  const list = goLines(old);
  const isRoot = new Set([old.mainPath, 'go', 'toolchain']);
  const queue: Package[] = [];
  for (const item of load.packages) {
    if (!item.inAll) continue;
    if (item.external && !isRoot.has(item.external.path)) {
      list.push(item.external);
      isRoot.add(item.external.path);
    }
    queue.push(item);
  }
  const raised = withLowered(old.with(list), queue, isRoot);
  return withDisambiguated(raised, load, isRoot);
}

/** Walks outwards from `all`, and keeps the version of what the roots so far would select lower. */
function withLowered(start: Roots, all: readonly Package[], isRoot: Set<string>): Roots {
  let tidy = start;
  const queued = new Set(all);
  for (let layer = all; layer.length > 0; ) {
    const { selected } = tidy.graph();
    const list = [...tidy.list];
    const next: Package[] = [];
    for (const item of layer) {
      if (item.provider.kind === 'standard') continue;
      for (const reached of [...item.imports, ...(item.test ? [item.test] : [])]) {
        if (queued.has(reached)) continue;
        queued.add(reached);
        next.push(reached);
      }
      const { external } = item;
      if (!external || isRoot.has(external.path)) continue;
      const now = selected.get(external.path);
      if (now !== undefined && compareSelected(external.path, now, external.version) >= 0) continue;
      list.push(external);
      isRoot.add(external.path);
    }
    if (list.length > tidy.list.length) tidy = tidy.with(list);
    layer = next;
  }
  tidy.graph();
  return tidy;
}

/** A package that only the roots' zip files would show twice needs its module among the roots. */
function withDisambiguated(start: Roots, load: PackageLoad, isRoot: Set<string>): Roots {
  let tidy = start;
  for (;;) {
    const added: ModuleVersion[] = [];
    for (const { path, external } of load.packages) {
      if (!external || isRoot.has(external.path)) continue;
      if (load.sources.provider(path, tidy).kind !== 'ambiguous') continue;
      added.push(external);
      isRoot.add(external.path);
    }
    if (added.length === 0) return tidy;
    tidy = tidy.with([...tidy.list, ...added]);
    tidy.graph();
  }
}

/** Without pruning: the minimal list, with what is imported directly (buildlist.go:tidyUnprunedRoots). */
function tidyUnpruned(old: Roots, load: PackageLoad): Roots {
  const keep = goLines(old);
  const kept = new Set(keep.map(({ path }) => path));
  const base: string[] = [];
  const others = new Map<string, string>();
  for (const { external, provider } of load.packages) {
    if (!external) continue;
    if (!kept.has(external.path)) {
      keep.push(external);
      kept.add(external.path);
      if (old.direct.has(external.path)) base.push(external.path);
    }
    if (provider.kind === 'module') for (const { path, version } of provider.others) others.set(path, version);
  }
  const lowered: ModuleVersion[] = [];
  for (const [path, version] of old.load(keep, 'unpruned').selected) {
    const other = others.get(path);
    if (other !== undefined && compareSelected(path, version, other) < 0) lowered.push({ path, version: other });
  }
  return old.with(minimalRequirements(old, [...keep, ...lowered], base));
}

/**
 * The shortest list of requirements that selects what the given ones select, with those of `base` always listed
 * (cmd/go/internal/mvs/mvs.go:Req).
 */
export function minimalRequirements(
  roots: Roots,
  required: readonly ModuleVersion[],
  base: readonly string[],
): ModuleVersion[] {
  const { selected, requirements } = roots.load(required, 'unpruned');
  const main = moduleKey({ path: roots.mainPath, version: '' });
  const requiredBy = (module: ModuleVersion) => (moduleKey(module) === main ? [] : (requirements.get(moduleKey(module)) ?? []));
  const list = [...selected].map(([path, version]) => ({ path, version })).filter((module) => moduleKey(module) !== main);
  const postorder = inPostorder(list.sort(byModule), requiredBy);
  const have = new Set<string>([main]);
  const minimal: ModuleVersion[] = [];
  const add = (module: ModuleVersion): void => {
    minimal.push(module);
    const stack = [module];
    for (let at = stack.pop(); at; at = stack.pop()) {
      if (have.has(moduleKey(at))) continue;
      have.add(moduleKey(at));
      stack.push(...requiredBy(at));
    }
  };
  for (const path of new Set(base)) {
    const version = selected.get(path);
    if (version !== undefined) add({ path, version });
  }
  for (const module of postorder.reverse()) {
    if (selected.get(module.path) === module.version && !have.has(moduleKey(module))) add(module);
  }
  return minimal;
}

function inPostorder(
  modules: readonly ModuleVersion[],
  requiredBy: (module: ModuleVersion) => readonly ModuleVersion[],
): ModuleVersion[] {
  const postorder: ModuleVersion[] = [];
  const seen = new Set<string>();
  // A stack of its own: chains of requirements are longer than the calls that may be nested.
  const stack: { readonly module: ModuleVersion; readonly left: Iterator<ModuleVersion> }[] = [];
  const enter = (module: ModuleVersion): void => {
    if (seen.has(moduleKey(module))) return;
    seen.add(moduleKey(module));
    stack.push({ module, left: requiredBy(module)[Symbol.iterator]() });
  };
  for (const module of modules) {
    enter(module);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const next = top.left.next();
      if (!next.done) {
        enter(next.value);
        continue;
      }
      postorder.push(top.module);
      stack.pop();
    }
  }
  return postorder;
}

/** The `go` and `toolchain` lines stay as they are. */
function goLines(roots: Roots): ModuleVersion[] {
  return ['go', 'toolchain'].flatMap((path) => {
    const version = roots.selected(path);
    return version === undefined ? [] : [{ path, version }];
  });
}
