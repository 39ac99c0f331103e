import type { Requirement } from '../syntax/directives.ts';
import { setRequirementVersion } from '../syntax/mod-edit.ts';
import type { Facts } from './facts.ts';
import type { ModuleGraph } from './module-graph.ts';
import type { MainModule, Project } from './project.ts';
import { Replacements } from './replacements.ts';
import { RequirementChains, chainInWords } from './requirement-chains.ts';
import { inFile, withChecksums } from './requirement-fixes.ts';
import { isExcluded, moduleOf } from './requirements.ts';
import type { Fix, Safety } from './rule.ts';

/** A requirement of a main module that another one outbids. */
export interface OutbidRequirement {
  readonly requirement: Requirement;
  /** What is selected instead. */
  readonly selected: string;
  /** The reason: `because a v1.0.0 requires b v1.2.0`. */
  readonly because: string;
}

/**
 * The requirements of a main module whose version is not the one that the graph selects. The reasons are those of the graph
 * as the files stand.
 */
export function outbidRequirements(main: MainModule, graph: ModuleGraph, asWritten = graph): OutbidRequirement[] {
  const mains = new Set(graph.mains.map(({ path }) => path));
  const outbid = main.mod.parsed.require.filter((requirement) => {
    const module = moduleOf(requirement);
    const selected = graph.selected.get(module.path);
    if (mains.has(module.path) || isExcluded(main, module)) return false;
    return selected !== undefined && selected !== module.version;
  });
  if (outbid.length === 0) return [];
  const chains = new RequirementChains(asWritten);
  return outbid.map((requirement) => {
    const path = requirement.path.value;
    const selected = graph.selected.get(path)!;
    const chain = chains.shortest({ path, version: selected });
    const because = chain ? `because ${chainInWords(chain)}` : 'once other requirements are raised as they must be';
    return { requirement, selected, because };
  });
}

/** Writes the selected version into the requirement, with the go.sum lines of what the go command reads for it. */
export function selectedVersionFix(
  project: Project,
  facts: Facts,
  main: MainModule,
  requirement: Requirement,
  version: string,
  safety: Safety,
): Fix | undefined {
  if (!main.mod.editable) return undefined;
  const draft = {
    title: `Use ${version}, the selected version of ${requirement.path.value}`,
    safety,
    edits: inFile(main.mod, setRequirementVersion(main.mod.parsed, requirement, version)),
  };
  const source = Replacements.ofProject(project).source({ path: requirement.path.value, version });
  return source.kind === 'directory' ? draft : withChecksums(project, facts, main, source, draft);
}
