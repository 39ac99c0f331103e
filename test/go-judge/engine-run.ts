import { analyze } from '../../server/src/engine/analysis.ts';
import type { Analysis } from '../../server/src/engine/analysis.ts';
import type { Facts } from '../../server/src/engine/facts.ts';
import type { Project } from '../../server/src/engine/project.ts';
import { rules } from '../../server/src/engine/rules/index.ts';
import { factSource } from '../../server/src/host/fact-source.ts';
import { FactStore } from '../../server/src/host/fact-store.ts';
import { readGoEnvironment } from '../../server/src/host/go-environment.ts';
import { moduleCache } from '../../server/src/host/module-cache.ts';
import { findProject, loadProject } from '../../server/src/host/project-loader.ts';
import { settle } from '../../server/src/host/settlement.ts';
import { sourceFiles } from '../../server/src/host/source-files.ts';
import { sourceScan } from '../../server/src/host/source-scan.ts';
import { createNetwork } from '../../server/src/net/network.ts';

export interface EngineRun {
  readonly project: Project;
  readonly analysis: Analysis;
}

/** Checks the module or workspace in a directory with the real network, under variables of its own. */
export function runEngine(directory: string, env: Readonly<Record<string, string>>): Promise<EngineRun> {
  return settleIn(directory, env, (project, facts) => ({ project, analysis: analyze(project, facts, rules) }));
}

/** Looks at the module or workspace in a directory with the real network, under variables of its own. */
export async function settleIn<T>(
  directory: string,
  env: Readonly<Record<string, string>>,
  look: (project: Project, facts: Facts) => T,
): Promise<T> {
  const { environment } = await readGoEnvironment({ env: { HOME: '/nowhere', GOROOT: '/nowhere', ...env }, platform: process.platform });
  const files = sourceFiles();
  const place = await findProject(directory, environment, files);
  if (!place) throw new Error(`there is no go.mod in ${directory}`);
  const { project } = await loadProject(place, { environment, files, nearby: [] });
  const network = createNetwork({ settings: environment, environment: env, cacheDirectory: undefined });
  const source = factSource({
    environment,
    reach: 'on',
    network,
    cache: environment.moduleCache === undefined ? undefined : moduleCache(environment.moduleCache),
    scan: sourceScan(),
    files,
  });
  try {
    const { signal } = new AbortController();
    return await settle((facts) => look(project, facts), new FactStore(source), { signal });
  } finally {
    await network.close();
  }
}

/** The zero-based lines of a file that a rule reports. */
export function reportedLines({ project, analysis }: EngineRun, rule: string, file: string): number[] {
  const texts = [project.workspace?.sum, ...project.modules.map(({ sum }) => sum)];
  const text = texts.find((sum) => sum?.path === file)?.text ?? '';
  return analysis.findings
    .filter((finding) => finding.rule === rule && finding.at.file === file)
    .map(({ at }) => text.slice(0, at.span.start).split('\n').length - 1);
}
