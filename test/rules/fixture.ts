import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { analyze, recordFacts } from '../../server/src/engine/analysis.ts';
import type { Analysis, ReportedFinding, ReportedUnchecked, RuleSettings } from '../../server/src/engine/analysis.ts';
import type { GoEnvironment } from '../../server/src/engine/environment.ts';
import { questionKey } from '../../server/src/engine/facts.ts';
import type { Project } from '../../server/src/engine/project.ts';
import type { Fix } from '../../server/src/engine/rule.ts';
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
import { hashGoMod, hashZip } from '../../server/src/net/dirhash.ts';
import { LineIndex } from '../../server/src/syntax/span.ts';
import { parseTxtar } from '../txtar.ts';
import type { ArchiveFile } from '../txtar.ts';
import { makeWorkTree } from '../world/git-origin.ts';
import { writeModuleCache } from '../world/module-cache.ts';
import { writeModuleProxy } from '../world/module-proxy.ts';
import type { PublishedModule } from '../world/module-proxy.ts';
import { FixtureNetwork } from './fixture-network.ts';
import type { PrivateModules } from './fixture-network.ts';
import { readMarks } from './marks.ts';
import type { Mark } from './marks.ts';

/**
 * A fixture laid out on the disk, without its marks. Besides the files of the project (a module nearby is `../NAME/…`) and
 * what FixtureNetwork describes, it may have
 *
 * - `env`: Go's variables, one `NAME=VALUE` a line;
 * - `settings`: severities of rules, one `RULE=SEVERITY` a line;
 * - `go`: what the go command says of the project, one `COMMAND: WORDS` a line, where it fails, or `COMMAND: ok`;
 * - `modules/PATH@VERSION/FILE`: a version that lies in the module cache, whole;
 * - `head/FILE`: what the last commit of the project's git repository has;
 * - `modcache/…`: single files of the module cache, as the go command names them;
 * - `unchecked`: what could not be judged, one `FILE:LINE what: why` a line; without it, nothing may be left unchecked;
 * - `asked`: every request to the network, in order; without it, they are not looked at;
 * - `fix/TITLE/FILE`: what a file is after a fix; `fix/TITLE (2)/FILE` after the second of that title.
 */
export interface Fixture {
  /** The directory that the module or workspace is in. */
  readonly directory: string;
  readonly comment: string;
  /** The project's files by name, unmarked. */
  readonly files: ReadonlyMap<string, string>;
  readonly marks: ReadonlyMap<string, readonly Mark[]>;
  /** Expected texts after a fix, by `TITLE/FILE`. */
  readonly fixed: ReadonlyMap<string, string>;
  readonly settings: RuleSettings;
  /** The lines of the sections `unchecked` and `asked`; undefined where there is none. */
  readonly unchecked: readonly string[] | undefined;
  readonly asked: readonly string[] | undefined;
  /** Analyses the files as they are, or with others in their place. */
  run(files?: ReadonlyMap<string, string>): Promise<Run>;
  close(): void;
}

export interface Run {
  readonly project: Project;
  readonly analysis: Analysis;
  readonly facts: ReadonlyMap<string, AnyFact>;
  /** What was not judged, as a section `unchecked` has it. */
  readonly unchecked: readonly string[];
  /** Every request to the network, in order. */
  readonly asked: readonly string[];
  /** Private modules that were named to a server not their own. */
  readonly leaks: readonly string[];
}

const WORLD = /^(?:proxy|mirror|origin|sumdb|modules)\//;

/** Reads a fixture and lays it out in a new temporary directory. */
export async function openFixture(text: string): Promise<Fixture> {
  const archive = parseTxtar(text);
  const base = mkdtempSync(join(tmpdir(), 'gomod-health-fixture-'));
  const directory = join(base, 'work');
  const files = new Map<string, string>();
  const marks = new Map<string, readonly Mark[]>();
  const fixed = new Map<string, string>();
  const head = new Map<string, string>();
  const sections = new Map<string, string>();
  for (const { name, data } of archive.files) {
    if (SECTIONS.has(name)) sections.set(name, data);
    else if (name.startsWith('fix/')) fixed.set(name.slice('fix/'.length), data);
    else if (name.startsWith('modcache/')) write(join(base, name), data);
    else if (name.startsWith('head/')) head.set(name.slice('head/'.length), data);
    else if (!WORLD.test(name)) {
      const marked = readMarks(data);
      files.set(name, marked.text);
      marks.set(name, marked.marks);
      write(join(directory, name), marked.text);
    }
  }
  if (head.size > 0) await makeWorkTree(directory, Object.fromEntries(head));
  const modules = publishedModules(archive.files);
  const sums = await writeModuleProxy(join(base, 'goproxy'), modules);
  await writeModuleCache(join(base, 'modcache'), modules, sums);
  const variables = { ...VARIABLES, ...parseVariables(sections.get('env') ?? ''), GOMODCACHE: join(base, 'modcache') };
  const { environment } = await readGoEnvironment({ env: variables, platform: 'linux' });
  const settings = parseVariables(sections.get('settings') ?? '') as RuleSettings;
  const network = () => new FixtureNetwork(archive.files, privateModules(variables));
  return {
    directory,
    comment: archive.comment,
    files,
    marks,
    fixed,
    settings,
    unchecked: linesOf(sections.get('unchecked')),
    asked: linesOf(sections.get('asked')),
    run: (changed = files) => run(directory, changed, environment, network(), settings),
    close: () => rmSync(base, { recursive: true, force: true }),
  };
}

const SECTIONS: ReadonlySet<string> = new Set(['env', 'settings', 'go', 'unchecked', 'asked']);

/**
 * Go's variables where a fixture does not say otherwise. With -mod=mod the go command adds to go.sum what is missing, so
 * that only fixtures about that need a whole one; those set `GOFLAGS=`.
 */
const VARIABLES = {
  HOME: '/nowhere',
  GOENV: 'off',
  GOROOT: '/nowhere',
  GOPROXY: 'https://proxy.example.com',
  GOSUMDB: 'sum.golang.org',
  GOFLAGS: '-mod=mod',
};

/** The versions that a fixture has whole, from its `modules/PATH@VERSION/FILE`. */
export function publishedModules(files: readonly ArchiveFile[]): PublishedModule[] {
  const modules = new Map<string, { path: string; version: string; files: Record<string, string> }>();
  for (const { name, data } of files) {
    const parts = /^modules\/([^@]+)@([^/]+)\/(.+)$/.exec(name);
    if (!parts) continue;
    const [, path, version, file] = parts as unknown as [string, string, string, string];
    const module = modules.get(`${path}@${version}`) ?? { path, version, files: {} };
    modules.set(`${path}@${version}`, module);
    module.files[file] = data;
  }
  return [...modules.values()];
}

/** Lines `NAME=VALUE`. */
export function parseVariables(text: string): Record<string, string> {
  const pairs = text.split('\n').filter((line) => line.includes('='));
  return Object.fromEntries(pairs.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

/** Taken from the variables themselves, apart from how the product reads them, so that the one can judge the other. */
function privateModules(variables: Readonly<Record<string, string>>): PrivateModules {
  const all = variables['GOPRIVATE'] ?? '';
  return {
    noProxy: variables['GONOPROXY'] ?? all,
    noSumDb: variables['GOSUMDB'] === 'off' ? '*' : (variables['GONOSUMDB'] ?? all),
  };
}

function linesOf(section: string | undefined): string[] | undefined {
  return section?.split('\n').filter((line) => line !== '');
}

export interface LabelledFix {
  readonly finding: ReportedFinding;
  readonly fix: Fix;
  /** The title, followed by a number from the second fix of that title on. */
  readonly label: string;
}

/** The fixes of all findings in their order, each with a name of its own. */
export function labelledFixes({ findings }: Analysis): LabelledFix[] {
  const count = new Map<string, number>();
  return findings.flatMap((finding) =>
    (finding.fixes ?? []).map((fix) => {
      const number = (count.get(fix.title) ?? 0) + 1;
      count.set(fix.title, number);
      return { finding, fix, label: number === 1 ? fix.title : `${fix.title} (${number})` };
    }),
  );
}

/** A message as marks have it, with `$WORK` for the fixture's directory. */
export function shownMessage(directory: string, message: string): string {
  return message.replaceAll(directory, '$WORK');
}

/** The files that a fix changes, below the fixture's directory. */
export function filesOf(fixture: Fixture, fix: Fix): string[] {
  return [...new Set(fix.edits.map(({ file }) => file.slice(fixture.directory.length + 1)))];
}

/** Analyses a project with facts that are only partly known. */
export function analyzeWith(
  project: Project,
  facts: ReadonlyMap<string, AnyFact>,
  settings: RuleSettings,
): Analysis {
  return analyze(project, recordFacts((key) => held(facts.get(key))), rules, settings);
}

function held(fact: AnyFact | undefined): { fact: AnyFact; refresh: boolean } | undefined {
  return fact && { fact, refresh: false };
}

async function run(
  directory: string,
  changed: ReadonlyMap<string, string>,
  environment: GoEnvironment,
  network: FixtureNetwork,
  settings: RuleSettings,
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
    hashes: () => Promise.resolve({ zip: hashZip, mod: hashGoMod }),
    env: process.env,
  });
  const store = new FactStore(async (question, signal) => {
    const fact = await source(question, signal);
    facts.set(questionKey(question), fact);
    return fact;
  });
  const { signal } = new AbortController();
  const analysis = await settle((known) => analyze(project, known, rules, settings), store, { signal });
  const unchecked = analysis.unchecked.map((report) => showUnchecked(report, directory, overlays));
  return { project, analysis, facts, unchecked, asked: network.asked, leaks: network.leaks };
}

function showUnchecked(
  { at, unchecked, why }: ReportedUnchecked,
  directory: string,
  texts: ReadonlyMap<string, string>,
): string {
  const { line } = new LineIndex(texts.get(at.file)!).position(at.span.start);
  return `${at.file.slice(directory.length + 1)}:${line + 1} ${unchecked}: ${shownMessage(directory, why)}`;
}

function write(path: string, data: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, data);
}
