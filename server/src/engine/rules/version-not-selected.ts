import { consistentGraph, moduleGraph } from '../module-graph.ts';
import { selectsSilently } from '../readonly-module.ts';
import { moduleOf } from '../requirements.ts';
import type { Rule } from '../rule.ts';
import { outbidRequirements, selectedVersionFix } from '../selected-version.ts';

/**
 * Reports a required version that the build does not use, because another module requires a higher one.
 *
 * Why it matters: whoever reads the line takes it for the version in use. Minimal version selection takes the highest
 * version that any module of the graph requires; the message names the shortest way to the module that asks for it.
 *
 * This is said where the go command goes on without a word: in a workspace, whose members select together, and with
 * -mod=mod. Elsewhere the go command stops, and inconsistent-requirements says so. It is judged by what the module cache
 * has; nothing is fetched for it.
 *
 * @example
 * require github.com/acme/log v1.4.2 // github.com/acme/server v1.0.0 requires v1.5.0
 *
 * @fix
 * Writes the selected version, with its go.sum lines from the checksum database. In a workspace that is unsafe: the module
 * by itself gets the higher version too.
 *
 * @see https://go.dev/ref/mod#minimal-version-selection
 * @see https://go.dev/ref/mod#workspaces
 */
export const versionNotSelected: Rule = {
  name: 'version-not-selected',
  severity: 'hint',
  summary: 'A required version that is not the one in use.',
  later: true,
  *check(project, facts) {
    if (!selectsSilently(project)) return;
    const graph = consistentGraph(project, facts, 0);
    const asWritten = moduleGraph(project, facts, 0);
    if (graph.state !== 'known' || asWritten.state !== 'known') return;
    for (const main of project.modules) {
      for (const { requirement, selected, because } of outbidRequirements(main, graph, asWritten)) {
        const module = moduleOf(requirement);
        const fix = selectedVersionFix(project, facts, main, requirement, selected, project.workspace ? 'unsafe' : 'safe');
        yield {
          at: { file: main.mod.path, span: requirement.version },
          module,
          message: `${module.path} ${module.version} is declared, but ${selected} is selected ${because}.`,
          fixes: fix ? [fix] : [],
        };
      }
    }
  },
};
