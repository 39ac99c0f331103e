import type { Facts } from '../engine/facts.ts';
import { moduleGraph } from '../engine/module-graph.ts';
import type { Project } from '../engine/project.ts';
import { upgradePlan } from '../engine/upgrade-plan.ts';
import type { UpgradePlanResult } from '../engine/upgrade-plan.ts';
import { explainVersion } from '../engine/version-explanation.ts';
import type { VersionExplanation } from '../engine/version-explanation.ts';
import { settle } from '../host/settlement.ts';
import { checkPath } from '../syntax/module-path.ts';
import { isValid } from '../syntax/semver.ts';
import { CannotRun } from './cannot-run.ts';
import { jsonText } from './json-text.ts';
import { oneLine } from '../lsp/one-line.ts';
import { textUpgrade } from '../lsp/upgrade-view.ts';
import { textExplanation } from '../lsp/why-view.ts';
import { answerQuery, parseQuery } from './query.ts';
import type { AskedVersion } from './query.ts';
import { jsonUpgrade } from './upgrade-report.ts';
import { findPlaceAbove, openProject, openWorkplace } from './workplace.ts';
import type { WorkplaceOptions } from './workplace.ts';

export interface WhyOptions extends WorkplaceOptions {
  readonly format: 'text' | 'json';
  /** How many chains are shown at most. */
  readonly chains: number;
  /** Tell what `go get MODULE@VERSION` would change in place of why the version is there. */
  readonly upgrade?: boolean;
}

/** Runs `gomod-health why`: which requirements force a version of a module, and who would have to require less. */
export async function why(module: string, path: string, options: WhyOptions): Promise<number> {
  if (options.upgrade) return whyUpgrade(module, path, options);
  const asked = parseModule(module);
  const workplace = await openWorkplace(options);
  try {
    const project = await openProject(await findPlaceAbove(path, workplace), workplace);
    const { signal } = new AbortController();
    const graph = await settle((facts) => moduleGraph(project, facts), workplace.store, { signal });
    if (graph.state !== 'known') {
      throw new CannotRun(`the module graph can't be loaded: ${oneLine(graph.state === 'unavailable' ? graph.why : 'it was cancelled')}`);
    }
    const explanation = explainVersion(graph, asked.path, asked.version, options.chains);
    process.stdout.write(options.format === 'json' ? jsonExplanation(explanation) : textExplanation(explanation));
    return 0;
  } finally {
    await workplace.close();
  }
}

/** Tells what an upgrade would drag along; without a version, one to the newest. */
async function whyUpgrade(argument: string, path: string, options: WhyOptions): Promise<number> {
  const asked = parseQuery(argument, 'upgrade');
  const workplace = await openWorkplace(options);
  try {
    const project = await openProject(await findPlaceAbove(path, workplace), workplace);
    const { signal } = new AbortController();
    const plan = await settle((facts) => planOf(project, facts, asked), workplace.store, { signal });
    if (plan.state !== 'known') throw new CannotRun(`${argument}: ${oneLine(plan.state === 'pending' ? 'it was cancelled' : plan.why)}`);
    process.stdout.write(options.format === 'json' ? jsonUpgrade(plan) : textUpgrade(plan));
    return 0;
  } finally {
    await workplace.close();
  }
}

function planOf(project: Project, facts: Facts, asked: AskedVersion): UpgradePlanResult {
  const { found } = answerQuery(project, facts, asked);
  if (found.state === 'none') return { state: 'refused', why: found.why };
  return found.state === 'known' ? upgradePlan(project, facts, { path: asked.path, version: found.version }) : found;
}

/** `MODULE` or `MODULE@VERSION`. */
function parseModule(text: string): { path: string; version: string | undefined } {
  const at = text.indexOf('@');
  const path = at < 0 ? text : text.slice(0, at);
  const version = at < 0 ? undefined : text.slice(at + 1);
  const fault = path === 'go' || path === 'toolchain' ? undefined : checkPath(path);
  if (fault !== undefined) throw new CannotRun(oneLine(fault));
  if (version !== undefined && path !== 'go' && path !== 'toolchain' && !isValid(version)) {
    throw new CannotRun(`${oneLine(version) || 'an empty version'} is no version such as v1.2.3; a query has to be resolved first`);
  }
  return { path, version };
}

/** The stable, documented form: docs/cli.md. */
function jsonExplanation({ path, version, selected, required, chains, more, requirers, lower }: VersionExplanation): string {
  const report = {
    schema: 1,
    module: { path, version: version ?? null },
    selected: selected ?? null,
    required,
    chains,
    more,
    requirers,
    lower: lower ?? null,
  };
  return jsonText(report);
}
