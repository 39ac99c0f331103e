import type { Position } from 'vscode-languageserver/node';
import { moduleGraph } from '../engine/module-graph.ts';
import { reportTag } from '../engine/tag-report.ts';
import { explainVersion } from '../engine/version-explanation.ts';
import type { Span } from '../syntax/span.ts';
import { hoverMarkdown } from './features/requirement-hover.ts';
import { findRequirement } from './version-report.ts';
import type { Workbench } from './workbench.ts';

/** A hover, and the words that it is about. */
export interface VersionHover {
  readonly markdown: string;
  readonly at: Span;
}

/** What is known of the version of the requirement at a position; undefined while the module graph is not known. */
export async function explainRequirement(
  workbench: Workbench,
  uri: string,
  position: Position,
): Promise<VersionHover | undefined> {
  const found = await findRequirement(workbench, uri, position);
  if (!found) return undefined;
  const { project, main, requirement } = found;
  const { path, version } = requirement;
  return workbench.peek((facts) => {
    const graph = moduleGraph(project, facts);
    if (graph.state !== 'known') return undefined;
    const explanation = explainVersion(graph, path.value, undefined, 1);
    const verdicts = reportTag(project, facts, main, requirement);
    const markdown = hoverMarkdown(explanation, version.value, main.mod.parsed.module?.path.value, verdicts);
    return markdown === undefined ? undefined : { markdown, at: { start: path.start, end: version.end } };
  });
}
