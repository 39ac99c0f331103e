import { moduleGraph } from '../engine/module-graph.ts';
import type { ModuleVersion } from '../engine/module-version.ts';
import { explainVersion } from '../engine/version-explanation.ts';
import type { VersionExplanation } from '../engine/version-explanation.ts';
import { settle } from '../host/settlement.ts';
import { checkPath } from '../syntax/module-path.ts';
import { isValid } from '../syntax/semver.ts';
import { CannotRun } from './cannot-run.ts';
import { jsonText } from './json-text.ts';
import { oneLine } from '../lsp/one-line.ts';
import { findPlaceAbove, openProject, openWorkplace } from './workplace.ts';
import type { WorkplaceOptions } from './workplace.ts';

export interface WhyOptions extends WorkplaceOptions {
  readonly format: 'text' | 'json';
  /** How many chains are shown at most. */
  readonly chains: number;
}

/** Runs `gomod-health why`: which requirements force a version of a module, and who would have to require less. */
export async function why(module: string, path: string, options: WhyOptions): Promise<number> {
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

function textExplanation(explanation: VersionExplanation): string {
  const { chains, more } = explanation;
  const lines = [verdict(explanation)];
  if (chains.length > 0) {
    lines.push('', `${count(chains.length, more)} to it:`);
    for (const chain of chains) lines.push('', ...chain.map((module, depth) => `${'  '.repeat(depth + 1)}${name(module)}`));
    if (explanation.version === explanation.selected) lines.push('', ...changes(explanation));
  }
  return lines.map((line) => `${line}\n`).join('');
}

function verdict({ path, version, selected, required }: VersionExplanation): string {
  const module = oneLine(path);
  if (selected === undefined) return `Nothing in the module graph requires ${module}.`;
  if (selected === '') return `${module} is a main module, which stands for every version of it.`;
  if (version === selected) return `${module} ${selected} is selected.`;
  const asked = `${module} ${oneLine(version ?? '')}`;
  if (required.includes(version!)) return `${asked} is required, but ${selected} is selected.`;
  return `Nothing in the module graph requires ${asked}; ${selected} is selected.`;
}

function count(shown: number, more: boolean): string {
  if (more) return `More than ${shown} chains of requirements lead`;
  return shown === 1 ? 'One chain of requirements leads' : `${shown} chains of requirements lead`;
}

/** Who would have to change for a lower version. */
function changes({ requirers, lower }: VersionExplanation): string[] {
  const less = lower === undefined ? 'nothing would require it' : `at most ${oneLine(lower)} would be selected`;
  return [
    requirers.length === 1 ? 'For a lower version this one must require less:' : 'For a lower version each of these must require less:',
    ...requirers.map((module) => `  ${name(module)}`),
    `Without ${requirers.length === 1 ? 'it' : 'them'} ${less}.`,
  ];
}

function name({ path, version }: ModuleVersion): string {
  return oneLine(`${path} ${version}`.trim());
}
