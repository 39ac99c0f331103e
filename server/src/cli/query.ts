import { isMember, isExcluded } from '../engine/requirements.ts';
import { moduleGraph } from '../engine/module-graph.ts';
import type { Facts } from '../engine/facts.ts';
import type { Project } from '../engine/project.ts';
import { queryVersion } from '../engine/version-query.ts';
import type { QueryAnswer } from '../engine/version-query.ts';
import { settle } from '../host/settlement.ts';
import { compareGoVersions } from '../syntax/go-version.ts';
import { checkPath } from '../syntax/module-path.ts';
import { CannotRun } from './cannot-run.ts';
import { jsonText } from './json-text.ts';
import { oneLine } from '../lsp/one-line.ts';
import { findPlaceIfAny, openProject, openWorkplace } from './workplace.ts';
import type { Workplace, WorkplaceOptions } from './workplace.ts';

export interface QueryOptions extends WorkplaceOptions {
  readonly format: 'text' | 'json';
}

/**
 * Runs `gomod-health query`: the version that a version query stands for, as `go list -m MODULE@QUERY` has it. Exit status: 0
 * found, 1 there is none, 2 it could not be found out.
 */
export async function query(argument: string, path: string, options: QueryOptions): Promise<number> {
  const asked = parseQuery(argument, 'latest');
  const workplace = await openWorkplace(options);
  try {
    const project = await openProjectIfAny(path, workplace);
    const { signal } = new AbortController();
    const result = await settle((facts) => answerQuery(project, facts, asked), workplace.store, { signal });
    const { found, current } = result;
    if (found.state === 'unavailable') throw new CannotRun(`${argument}: ${oneLine(found.why)}`);
    if (found.state === 'pending') throw new CannotRun(`${argument}: it was cancelled`);
    if (options.format === 'json') process.stdout.write(jsonAnswer(asked, current, found));
    if (found.state === 'none') {
      workplace.say(`${argument}: ${found.why}`);
      return 1;
    }
    const module = { path: asked.path, version: found.version };
    if (options.format === 'text') process.stdout.write(`${oneLine(`${module.path} ${module.version}`.trim())}\n`);
    if (project.modules.some((main) => isExcluded(main, module))) {
      workplace.say(`${module.path}@${module.version} is excluded by go.mod, so that go get refuses it`);
    }
    return 0;
  } finally {
    await workplace.close();
  }
}

/** A module, and what is asked of its versions. */
export interface AskedVersion {
  readonly path: string;
  readonly query: string;
}

/**
 * Reads `MODULE@QUERY`, or `MODULE` alone for `usual`.
 * @throws CannotRun for a malformed path, and for a query that might be taken for a flag
 */
export function parseQuery(text: string, usual: string): AskedVersion {
  const at = text.indexOf('@');
  const path = at < 0 ? text : text.slice(0, at);
  const query = at < 0 ? usual : text.slice(at + 1);
  if (path === 'go' || path === 'toolchain') throw new CannotRun(`the versions of ${path} are not those of a module`);
  const fault = checkPath(path);
  if (fault !== undefined) throw new CannotRun(oneLine(fault));
  // So that nobody takes it for a flag or a directory (cmd/go/internal/modload/list.go:ParsePathVersion).
  if (query === '' || /^[-/]/.test(query)) throw new CannotRun(`invalid module version ${JSON.stringify(query)}`);
  return { path, query };
}

/** A query needs no module; without one nothing is excluded, replaced or in use. */
async function openProjectIfAny(path: string, workplace: Workplace): Promise<Project> {
  const place = await findPlaceIfAny(path, workplace);
  if (place) return openProject(place, workplace);
  return { environment: workplace.environment, workspace: undefined, modules: [], nearby: [] };
}

interface Answered {
  readonly found: QueryAnswer;
  readonly current: string | undefined;
}

/** What a query stands for in a project, with the version in use. */
export function answerQuery(project: Project, facts: Facts, { path, query: wanted }: AskedVersion): Answered {
  const isRelative = wanted === 'upgrade' || wanted === 'patch';
  const current = currentVersion(project, facts, path, isRelative);
  if (typeof current === 'object') return { found: current, current: undefined };
  return { found: queryVersion(project, facts, { path, query: wanted, current }), current };
}

/** What go.mod requires; where that may not be what is selected and the query starts from it, the whole graph tells. */
function currentVersion(project: Project, facts: Facts, path: string, isRelative: boolean): string | undefined | QueryAnswer {
  const [main] = project.modules;
  if (!main || isMember(project, path)) return undefined;
  const root = project.workspace ? undefined : main.mod.parsed.require.find((one) => one.path.value === path)?.version.value;
  const isPruned = compareGoVersions(main.mod.parsed.go?.version.value ?? '1.16', '1.17') >= 0;
  if (!isRelative || (root !== undefined && isPruned)) return root;
  const graph = moduleGraph(project, facts);
  return graph.state === 'known' ? graph.selected.get(path) : graph;
}

/** The stable, documented form: docs/cli.md. */
function jsonAnswer({ path, query: wanted }: AskedVersion, current: string | undefined, found: QueryAnswer): string {
  const known = found.state === 'known' ? found : undefined;
  return jsonText({
    schema: 1,
    module: { path, version: known?.version ?? null },
    query: wanted,
    current: current ?? null,
    time: known?.time ?? null,
    from: known?.from ?? null,
    error: found.state === 'none' ? found.why : null,
  });
}
