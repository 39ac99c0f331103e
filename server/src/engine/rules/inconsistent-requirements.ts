import type { Facts } from '../facts.ts';
import { fetchBound } from '../module-closure.ts';
import { OTHER_FILES, consistentGraph, moduleGraph } from '../module-graph.ts';
import type { MainModule, Project } from '../project.ts';
import { namesOtherFiles, readonlyModule } from '../readonly-module.ts';
import { moduleOf } from '../requirements.ts';
import type { Fix, Rule, Unchecked } from '../rule.ts';
import { outbidRequirements, selectedVersionFix } from '../selected-version.ts';
import type { OutbidRequirement } from '../selected-version.ts';

/**
 * Reports a required version below the one that the module graph selects.
 *
 * Why it matters: go.mod says one version and the build would use another, so the go command asks for go.mod to be brought
 * up to date: `go list -m all`, and every command that loads the module graph, stops with `updates to go.mod needed`.
 * `go build` may go on with the lower version as long as it does not have to look.
 *
 * It needs the go.mod file of every module in the graph, from the module cache or a proxy. Where the go command does not
 * stop, in a workspace or with -mod=mod, version-not-selected tells the same as a hint; with a vendor directory the graph
 * plays no part.
 *
 * @example
 * require github.com/acme/log v1.4.2
 * require github.com/acme/server v2.0.0+incompatible // requires github.com/acme/log v1.5.0
 *
 * @fix
 * Writes the selected version, with its go.sum lines from the checksum database. Unsafe: a build that has not looked at the
 * graph so far used the lower version.
 *
 * @see https://go.dev/ref/mod#minimal-version-selection
 * @see https://go.dev/ref/mod#go-mod-file-updates
 */
export const inconsistentRequirements: Rule = {
  name: 'inconsistent-requirements',
  severity: 'error',
  summary: 'A required version below the one that the module graph selects, so that go.mod needs an update.',
  later: true,
  *check(project, facts) {
    if (namesOtherFiles(project.environment)) yield* notChecked(project.modules, OTHER_FILES);
    const main = readonlyModule(project);
    if (!main) return;
    const graph = moduleGraph(project, facts, fetchBound(project));
    if (graph.state === 'unavailable') yield* notChecked([main], graph.why);
    if (graph.state !== 'known') return;
    for (const outbid of outbidRequirements(main, graph)) {
      const { requirement, selected, because } = outbid;
      const module = moduleOf(requirement);
      yield {
        at: { file: main.mod.path, span: requirement.version },
        module,
        message:
          `${module.path} ${module.version} is below ${selected}, which is selected ${because}. Commands that load ` +
          `the module graph, such as go list -m all, stop with "updates to go.mod needed". Require at least ${selected}.`,
        fixes: fixes(project, facts, main, outbid),
      };
    }
  },
};

function* notChecked(modules: readonly MainModule[], why: string): Iterable<Unchecked> {
  for (const { mod } of modules) {
    const { module, require } = mod.parsed;
    if (!module || require.length === 0) continue;
    const at = { file: mod.path, span: module.path };
    yield { at, module: { path: module.path.value, version: '' }, unchecked: 'which versions are selected', why };
  }
}

/** Raising one requirement may raise others, so that the version to write is the one where that has come to an end. */
function fixes(project: Project, facts: Facts, main: MainModule, { requirement }: OutbidRequirement): Fix[] {
  const raised = consistentGraph(project, facts, fetchBound(project));
  const version = raised.state === 'known' ? raised.selected.get(requirement.path.value) : undefined;
  const fix = version && selectedVersionFix(project, facts, main, requirement, version, 'unsafe');
  return fix ? [fix] : [];
}
