import { compareModuleVersions } from '../syntax/go-version.ts';
import type { Facts } from './facts.ts';
import { consistentGraph, upgradedGraph } from './module-graph.ts';
import type { ModuleGraph } from './module-graph.ts';
import { moduleKey } from './module-version.ts';
import type { ModuleVersion } from './module-version.ts';
import type { Project } from './project.ts';
import { RequirementChains } from './requirement-chains.ts';
import type { RequirementChain } from './requirement-chains.ts';
import { isExcluded, isMember } from './requirements.ts';

/** One module of the build list that an upgrade changes; `before` is missing for one that comes, `after` for one that goes. */
export interface BuildListChange {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** Why it comes or rises: from the main module to it; undefined for one that goes. */
  readonly chain: RequirementChain | undefined;
}

export interface UpgradePlan {
  readonly state: 'known';
  readonly module: ModuleVersion;
  /** What is selected now; undefined for a module that is not in the build list. */
  readonly before: string | undefined;
  /** The asked module first, then by path; `go` is among them where the go line rises. */
  readonly changes: readonly BuildListChange[];
  /** What comes on top if packages of the module need what it requires, which requirements don't tell. */
  readonly possible: readonly BuildListChange[];
}

export type UpgradePlanResult =
  | UpgradePlan
  | { readonly state: 'pending' }
  | { readonly state: 'unavailable'; readonly why: string }
  /** `go get` refuses it, or it is no upgrade. */
  | { readonly state: 'refused'; readonly why: string };

/** What `go get MODULE@VERSION` would do to the build list of a module, without doing it. */
export function upgradePlan(project: Project, facts: Facts, module: ModuleVersion): UpgradePlanResult {
  const [main] = project.modules;
  const { path, version } = module;
  if (!main) return { state: 'refused', why: 'there is no module here to upgrade in' };
  if (project.workspace) return { state: 'refused', why: 'in a workspace it depends on the member whose go.mod is changed; with GOWORK=off it is told' };
  if (isMember(project, path)) return { state: 'refused', why: `can't request version ${JSON.stringify(version)} of the main module (${path})` };
  if (isExcluded(main, module)) return { state: 'refused', why: `${path}@${version}: excluded by go.mod` };
  const before = consistentGraph(project, facts);
  if (before.state !== 'known') return before;
  const selected = before.selected.get(path);
  if (selected !== undefined && compareModuleVersions(path, selected, version) > 0) {
    return { state: 'refused', why: `${path} ${selected} is selected, which is above ${version}` };
  }
  const after = upgradedGraph(project, facts, module);
  if (after.state !== 'known') return after;
  const reached = after.selected.get(path)!;
  if (reached !== version) return { state: 'refused', why: `${path}@${version} requires ${path}@${reached}, not ${path}@${version}` };
  const required = (after.requirements.get(moduleKey(module)) ?? []).map((one) => one.path);
  const wider = upgradedGraph(project, facts, module, required);
  if (wider.state !== 'known') return wider;
  return {
    state: 'known',
    module,
    before: selected,
    changes: changesBetween(before, after, path),
    possible: changesBetween(after, wider, path).filter(({ after: comes }) => comes !== undefined),
  };
}

function changesBetween(before: ModuleGraph, after: ModuleGraph, first: string): BuildListChange[] {
  const chains = new RequirementChains(after);
  const paths = [...new Set([...before.selected.keys(), ...after.selected.keys()])].filter((path) => path !== 'toolchain');
  const changed = paths.filter((path) => before.selected.get(path) !== after.selected.get(path));
  changed.sort((a, b) => Number(b === first) - Number(a === first) || (a < b ? -1 : 1));
  return changed.map((path) => {
    const version = after.selected.get(path);
    return {
      path,
      before: before.selected.get(path),
      after: version,
      chain: version === undefined ? undefined : causeOf(chains, path, version, first),
    };
  });
}

/** The roots were raised too, so that a chain through another module tells more than that of the main module. */
function causeOf(chains: RequirementChains, path: string, version: string, first: string): RequirementChain | undefined {
  const module = { path, version };
  const shortest = chains.shortest(module);
  if (path === first || !shortest || shortest.length > 2) return shortest;
  const [requirer] = chains.requirers(module).filter((one) => one.version !== '');
  const through = requirer && chains.shortest(requirer);
  return through ? [...through, module] : shortest;
}
