import type { ModuleGraph } from './module-graph.ts';
import type { ModuleVersion } from './module-version.ts';
import { RequirementChains } from './requirement-chains.ts';
import type { RequirementChain } from './requirement-chains.ts';

/** Why a version of a module is in a module graph. */
export interface VersionExplanation {
  readonly path: string;
  /** The version that is asked about: the selected one where none is named; undefined for a module that nothing requires. */
  readonly version: string | undefined;
  /** What is selected; empty for a main module, undefined for a module that nothing requires. */
  readonly selected: string | undefined;
  /** Every version that something in the graph requires, ascending. */
  readonly required: readonly string[];
  /** From a main module to the version, both included, the shortest first. */
  readonly chains: readonly RequirementChain[];
  /** There are more chains than were asked for. */
  readonly more: boolean;
  /** Whose go.mod requires exactly this version; each of them has to require less before a lower one can be selected. */
  readonly requirers: readonly ModuleVersion[];
  /** The highest of the lower versions that something requires: no more than this is selected without the requirers. */
  readonly lower: string | undefined;
}

/** Tells which requirements lead to a version, with at most `limit` chains. */
export function explainVersion(graph: ModuleGraph, path: string, version: string | undefined, limit: number): VersionExplanation {
  const chains = new RequirementChains(graph);
  const selected = graph.selected.get(path);
  const asked = version ?? selected;
  const required = chains.versions(path);
  if (asked === undefined || asked === '') {
    return { path, version: asked, selected, required, chains: [], more: false, requirers: [], lower: undefined };
  }
  const module = { path, version: asked };
  const at = required.indexOf(asked);
  return {
    path,
    version: asked,
    selected,
    required,
    ...chains.all(module, limit),
    requirers: chains.requirers(module),
    lower: at > 0 ? required[at - 1] : undefined,
  };
}
