import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { analyze, recordFacts } from '../../server/src/engine/analysis.ts';
import type { Analysis } from '../../server/src/engine/analysis.ts';
import type { GoEnvironment } from '../../server/src/engine/environment.ts';
import { questionKey } from '../../server/src/engine/facts.ts';
import type { Project } from '../../server/src/engine/project.ts';
import { rules } from '../../server/src/engine/rules/index.ts';
import { factSource } from '../../server/src/host/fact-source.ts';
import { FactStore } from '../../server/src/host/fact-store.ts';
import type { AnyFact } from '../../server/src/host/fact-store.ts';
import { readGoEnvironment } from '../../server/src/host/go-environment.ts';
import { moduleCache } from '../../server/src/host/module-cache.ts';
import { findNearbyModules, findProject, loadProject } from '../../server/src/host/project-loader.ts';
import { settle } from '../../server/src/host/settlement.ts';
import { sourceFiles } from '../../server/src/host/source-files.ts';
import { sourceScan } from '../../server/src/host/source-scan.ts';
import { parseTxtar } from '../txtar.ts';
import { FixtureNetwork } from './fixture-network.ts';
import { readMarks } from './marks.ts';
import type { Mark } from './marks.ts';

/** A fixture laid out on the disk, without its marks. */
export interface Fixture {
  /** The directory that the module or workspace is in. */
  readonly directory: string;
  readonly comment: string;
  /** The project's files by name, unmarked. */
  readonly files: ReadonlyMap<string, string>;
  readonly marks: ReadonlyMap<string, readonly Mark[]>;
  /** Expected texts after a fix, by `TITLE/FILE`. */
  readonly fixed: ReadonlyMap<string, string>;
  /** Analyses the files as they are, or with others in their place. */
  run(files?: ReadonlyMap<string, string>): Promise<Run>;
  close(): void;
}

export interface Run {
  readonly project: Project;
  readonly analysis: Analysis;
  readonly facts: ReadonlyMap<string, AnyFact>;
}

const WORLD = /^(?:proxy|origin|sumdb)\//;

/** Reads a fixture and lays it out in a new temporary directory. */
export async function openFixture(text: string): Promise<Fixture> {
  const archive = parseTxtar(text);
  const base = mkdtempSync(join(tmpdir(), 'gomod-health-fixture-'));
  const directory = join(base, 'work');
  const files = new Map<string, string>();
  const marks = new Map<string, readonly Mark[]>();
  const fixed = new Map<string, string>();
  let variables = '';
  for (const { name, data } of archive.files) {
    if (name === 'env') variables = data;
    else if (name.startsWith('fix/')) fixed.set(name.slice('fix/'.length), data);
    else if (name.startsWith('modcache/')) write(join(base, name), data);
    else if (!WORLD.test(name)) {
      const marked = readMarks(data);
      files.set(name, marked.text);
      marks.set(name, marked.marks);
      write(join(directory, name), marked.text);
    }
  }
  const environment = await fixtureEnvironment(variables, join(base, 'modcache'));
  const network = () => new FixtureNetwork(archive.files);
  return {
    directory,
    comment: archive.comment,
    files,
    marks,
    fixed,
    run: (changed = files) => run(directory, changed, environment, network()),
    close: () => rmSync(base, { recursive: true, force: true }),
  };
}

/** Analyses a project with facts that are only partly known. */
export function analyzeWith(project: Project, facts: ReadonlyMap<string, AnyFact>): Analysis {
  return analyze(project, recordFacts((key) => held(facts.get(key))), rules);
}

function held(fact: AnyFact | undefined): { fact: AnyFact; refresh: boolean } | undefined {
  return fact && { fact, refresh: false };
}

async function run(
  directory: string,
  changed: ReadonlyMap<string, string>,
  environment: GoEnvironment,
  network: FixtureNetwork,
): Promise<Run> {
  const overlays = new Map([...changed].map(([name, text]) => [`${directory}/${name}`, text]));
  const files = sourceFiles(overlays);
  const place = await findProject(directory, environment, files);
  if (!place) throw new Error('the fixture has no go.mod');
  const nearby = await findNearbyModules(place, [], files);
  const { project } = await loadProject(place, { environment, files, nearby });
  const facts = new Map<string, AnyFact>();
  const source = factSource({
    environment,
    reach: 'on',
    network,
    cache: environment.moduleCache === undefined ? undefined : moduleCache(environment.moduleCache),
    scan: sourceScan({ overlays }),
    files,
  });
  const store = new FactStore(async (question, signal) => {
    const fact = await source(question, signal);
    facts.set(questionKey(question), fact);
    return fact;
  });
  const { signal } = new AbortController();
  const analysis = await settle((known) => analyze(project, known, rules), store, { signal });
  return { project, analysis, facts };
}

async function fixtureEnvironment(variables: string, cache: string): Promise<GoEnvironment> {
  const env: Record<string, string> = {
    HOME: '/nowhere',
    GOENV: 'off',
    GOROOT: '/nowhere',
    GOPROXY: 'https://proxy.example.com',
    GOSUMDB: 'sum.golang.org',
    GOMODCACHE: cache,
  };
  for (const line of variables.split('\n')) {
    const at = line.indexOf('=');
    if (at > 0) env[line.slice(0, at).trim()] = line.slice(at + 1).trim();
  }
  return (await readGoEnvironment({ env, platform: 'linux' })).environment;
}

function write(path: string, data: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, data);
}
