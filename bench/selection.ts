import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { analyze } from '../server/src/engine/analysis.ts';
import { fetchBound } from '../server/src/engine/module-closure.ts';
import { moduleGraph } from '../server/src/engine/module-graph.ts';
import { packageGraph } from '../server/src/engine/package-graph.ts';
import { rules } from '../server/src/engine/rules/index.ts';
import { readGoEnvironment } from '../server/src/host/go-environment.ts';
import type { Settings } from '../server/src/lsp/settings.ts';
import { Workbench } from '../server/src/lsp/workbench.ts';
import { createNetwork } from '../server/src/net/network.ts';
import { goCommand, goInstalled } from '../test/live/go-command.ts';
import { median } from './statistics.ts';

/**
 * What is timed: the build list after an edit of go.mod in what the server holds open, the same as a whole process and by
 * `go list -m all`; all verdicts about go.sum, with packages known, after an edit of go.mod and of a .go file, and
 * `go mod tidy -diff`.
 */
type Measured = 'buildList' | 'buildListProcess' | 'goList' | 'afterGoMod' | 'afterGoFile' | 'goTidy';

/** Medians in milliseconds. */
export interface SelectionTimes extends Readonly<Record<Measured, number>> {
  /** How many modules the build list has. */
  readonly modules: number;
}

/** The module of test/modules with the longest build list. */
const MODULE = join(import.meta.dirname, '../test/modules/operator-117');

/** The first edits warm the server up, as those before them did in an editor. */
const WARM_UP = 30;
const RUNS = 15;

/**
 * Times build lists and verdicts beside the go command's, in turn, with all that the module needs in the user's module cache.
 *
 * @returns a sentence where it can't be measured
 */
export async function measureSelection(program: string): Promise<SelectionTimes | string> {
  if ((await goInstalled()) === undefined) return 'the go command is not installed';
  const { stdout: moduleCache } = await promisify(execFile)('go', ['env', 'GOMODCACHE']);
  const go = goCommand({ GOMODCACHE: moduleCache.trim() });
  // What lies beside a module is looked at, too, so that the directory for temporary files must not be its parent.
  const base = mkdtempSync(join(tmpdir(), 'gomod-health-bench-selection-'));
  const directory = join(base, 'module');
  try {
    cpSync(MODULE, directory, { recursive: true });
    const fetched = await go.run(['mod', 'tidy', '-diff'], { directory, timeout: 300_000 });
    if (fetched.code !== 0) return `the module can't be loaded here: ${fetched.stderr.trim().split('\n').at(-1)!}`;
    const env = { ...go.env, GOPROXY: 'off', XDG_CACHE_HOME: join(base, 'cache') };
    const server = await openServer(directory, env);
    const times: Record<Measured, number[]> = { buildList: [], buildListProcess: [], goList: [], afterGoMod: [], afterGoFile: [], goTidy: [] };
    const graph = [program, 'graph', '--format', 'json', directory];
    for (let run = 0; run < WARM_UP; run++) {
      server.editGoMod(run);
      await server.sumVerdicts();
    }
    let modules = 0;
    for (let run = 0; run < RUNS; run++) {
      times.goList.push(await timed(() => go.run(['list', '-m', 'all'], { directory })));
      server.editGoMod(run);
      times.buildList.push(await timed(async () => (modules = await server.buildList())));
      times.buildListProcess.push(await timed(() => promisify(execFile)(process.execPath, graph, { env, maxBuffer: 64 << 20 })));
      times.goTidy.push(await timed(() => go.run(['mod', 'tidy', '-diff'], { directory })));
      server.editGoMod(run + RUNS);
      times.afterGoMod.push(await timed(() => server.sumVerdicts()));
      server.editGoFile(run);
      times.afterGoFile.push(await timed(() => server.sumVerdicts()));
    }
    await server.close();
    const medians = Object.fromEntries(Object.entries(times).map(([what, all]) => [what, median(all)]));
    return { modules, ...(medians as Record<Measured, number>) };
  } finally {
    go.dispose();
    rmSync(base, { recursive: true, force: true });
  }
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

const SUM_RULES = rules.filter(({ name }) => name.includes('checksum'));

/** What the language server holds of the module, without its protocol and the pause that it waits for after a keystroke. */
async function openServer(directory: string, env: Readonly<Record<string, string>>) {
  const { environment } = await readGoEnvironment({ env, platform: process.platform });
  const network = createNetwork({ settings: environment, environment: env, cacheDirectory: undefined });
  const goMod = join(directory, 'go.mod');
  const goFile = join(directory, 'operator.go');
  const overlays = new Map([[goMod, readFileSync(goMod, 'utf8')], [goFile, readFileSync(goFile, 'utf8')]]);
  const [modText, goText] = [...overlays.values()] as [string, string];
  const settings: Settings = { reach: 'cacheOnly', reachReason: 'the bench asks nobody', rules: {} };
  const workbench = new Workbench({ environment, network, settings, overlays, folders: [directory] });
  const place = await workbench.placeOf(goMod);
  if (!place) throw new Error('there is no module');
  const { signal } = new AbortController();
  const edit = (path: string, text: string) => {
    overlays.set(path, text);
    workbench.edited(path);
  };
  return {
    editGoMod: (run: number) => edit(goMod, `${modText}\n// Edit ${run}.\nexclude example.com/edit v1.0.${run}\n`),
    editGoFile: (run: number) => edit(goFile, goText.replace('import (', `import (\n\t_ "archive/${run % 2 ? 'tar' : 'zip'}"`)),
    async buildList(): Promise<number> {
      const { project } = await workbench.load(place);
      const graph = await workbench.settle((facts) => moduleGraph(project, facts, fetchBound(project)), signal);
      if (graph.state !== 'known') throw new Error('the module graph is not known');
      return graph.selected.size;
    },
    async sumVerdicts(): Promise<void> {
      const { project } = await workbench.load(place);
      const main = project.modules[0]!;
      let isKnown = false;
      const { findings } = await workbench.settle((facts) => {
        const packages = packageGraph(project, main, facts);
        isKnown = packages.state === 'known' && packages.tidied !== undefined;
        return analyze(project, facts, SUM_RULES);
      }, signal);
      if (!isKnown || findings.length > 0) throw new Error(`packages are not known, or a tidy go.sum has findings: ${findings[0]?.message}`);
    },
    close: () => network.close(),
  };
}
