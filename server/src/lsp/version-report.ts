import { Position } from 'vscode-languageserver/node';
import { moduleGraph } from '../engine/module-graph.ts';
import { upgradePlan } from '../engine/upgrade-plan.ts';
import type { UpgradePlan } from '../engine/upgrade-plan.ts';
import { explainVersion } from '../engine/version-explanation.ts';
import { queryVersion } from '../engine/version-query.ts';
import type { MainModule, Project } from '../engine/project.ts';
import type { Facts } from '../engine/facts.ts';
import type { Requirement } from '../syntax/directives.ts';
import { LineIndex } from '../syntax/span.ts';
import { requirementAt } from './features/requirement-hover.ts';
import { oneLine } from './one-line.ts';
import { pathOfUri } from './places.ts';
import { CannotReport } from './shown-report.ts';
import type { ShownReport } from './shown-report.ts';
import { textUpgrade } from './upgrade-view.ts';
import { textExplanation } from './why-view.ts';
import type { Workbench } from './workbench.ts';

/** The command that explains a requirement; its arguments are the URI of the go.mod and a position in the requirement. */
export const EXPLAIN_VERSION = 'gomodHealth.explainVersion';

/** How many chains a report shows. */
const CHAINS = 10;

/** A requirement and where it stands. */
export interface FoundRequirement {
  readonly project: Project;
  readonly main: MainModule;
  readonly requirement: Requirement;
}

/** The requirement at a position of a go.mod, as the editor has it. */
export async function findRequirement(
  workbench: Workbench,
  uri: string,
  position: Position,
): Promise<FoundRequirement | undefined> {
  const file = pathOfUri(uri);
  const place = file === undefined ? undefined : await workbench.placeOf(file);
  if (!place) return undefined;
  const { project } = await workbench.load(place);
  const main = project.modules.find(({ mod }) => mod.path === file);
  const requirement = main && requirementAt(main.mod.parsed, new LineIndex(main.mod.text).offset(position));
  return requirement && { project, main: main!, requirement };
}

/** Why a version is selected, and what an upgrade would drag along: as `gomod-health why` and `why --upgrade` tell it. */
export async function explainVersionOf(
  workbench: Workbench,
  signal: AbortSignal,
  uri: unknown,
  position: unknown,
): Promise<ShownReport> {
  const found = typeof uri === 'string' && Position.is(position) ? await findRequirement(workbench, uri, position) : undefined;
  if (!found) throw new CannotReport('There is no requirement of a go.mod at that place.');
  const { project } = found;
  const path = found.requirement.path.value;
  const graph = await workbench.settle((facts) => moduleGraph(project, facts), signal);
  if (graph.state !== 'known') {
    const why = graph.state === 'unavailable' ? graph.why : 'it was cancelled';
    throw new CannotReport(`The module graph can't be loaded: ${oneLine(why)}`);
  }
  const explanation = explainVersion(graph, path, undefined, CHAINS);
  const upgrade = await workbench.settle((facts) => newest(project, facts, path, explanation.selected), signal);
  const text = textExplanation(explanation);
  const summary = text.split('\n')[0]!;
  return { summary, text: typeof upgrade === 'string' ? `${text}\n${oneLine(upgrade)}\n` : `${text}\n${textUpgrade(upgrade)}` };
}

/** The upgrade to the newest version, or why there is none to tell. */
function newest(project: Project, facts: Facts, path: string, current: string | undefined): UpgradePlan | string {
  const found = queryVersion(project, facts, { path, query: 'upgrade', current });
  if (found.state === 'pending') return 'It is not known yet what an upgrade would change.';
  if (found.state !== 'known') return `What an upgrade would change is not known: ${found.why}`;
  const plan = upgradePlan(project, facts, { path, version: found.version });
  if (plan.state === 'known') return plan;
  return plan.state === 'pending' ? 'It is not known yet what an upgrade would change.' : `What an upgrade would change is not known: ${plan.why}`;
}
