import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runCommand } from '../cli/bundle.ts';
import { goCommand, goInstalled } from '../live/go-command.ts';
import type { GoCommand } from '../live/go-command.ts';
import { openModule } from './open-module.ts';
import type { Knowledge, OpenModule } from './open-module.ts';
import { keyOf, trialsOf } from './trials.ts';
import type { Trial } from './trials.ts';

/** How many files are spoiled in all, and from where the random numbers come; a longer run says so itself. */
const TRIALS = Number(process.env['GOMOD_HEALTH_SUM_TRIALS'] ?? 1000);
const SEED = Number(process.env['GOMOD_HEALTH_SUM_SEED'] ?? 20261121);

/** Fetching what a module needs for the first time may take so long, in milliseconds; with it all there, a second or two. */
const FETCHING = 300_000;

const NAMES = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name).sort();

describe('modules that import well-known libraries', function () {
  this.timeout(FETCHING);
  let go: GoCommand;

  before(async function () {
    if ((await goInstalled()) === undefined) {
      console.log('skipped: the go command is not installed, so that nobody judges the modules');
      this.skip();
    }
    // All share the user's module cache: what is fetched once is there for every run.
    const { stdout } = await promisify(execFile)('go', ['env', 'GOMODCACHE']);
    go = goCommand({ GOMODCACHE: stdout.trim() });
  });

  after(() => go?.dispose());

  for (const name of NAMES) describe(name, () => judge(name, Math.ceil(TRIALS / NAMES.length)));

  // The last suite, since a suite's own tests run before those of suites in it.
  describe('all of them', () => {
    it('at least 99 % of what tidy changes in go.sum is told, with packages known', function () {
      const { trials, stale, staleFound, missing, missingFound } = tally.packages;
      if (trials === 0) {
        console.log('skipped: no module could be loaded');
        this.skip();
      }
      for (const [level, counts] of Object.entries(tally)) console.log(`      go.sum with ${LEVELS[level as Knowledge]}: ${shown(counts)}`);
      assert.ok(staleFound + missingFound >= 0.99 * (stale + missing));
    });
  });

  function judge(name: string, trials: number): void {
    let directory: string;

    before(async function () {
      directory = mkdtempSync(join(tmpdir(), `gomod-health-${name}-`));
      cpSync(join(import.meta.dirname, name), directory, { recursive: true });
      const { code, stdout, stderr } = await go.run(['mod', 'tidy', '-diff'], { directory, timeout: FETCHING });
      assert.equal(stdout, '', `${name} is not tidy`);
      if (code === 0) return;
      console.log(`skipped: ${name} can't be loaded here: ${stderr.trim().split('\n').at(-1)}`);
      this.skip();
    });

    after(() => rmSync(directory, { recursive: true, force: true }));

    it('has the go command\'s build list and graph', async () => {
      const edges = await go.run(['mod', 'graph'], { directory });
      const list = await go.run(['list', '-m', '-f', '{{.Path}} {{.Version}}', 'all'], { directory });
      const run = (...flags: string[]) => runCommand(['graph', ...flags], { cwd: directory, env: go.env });
      assert.equal((await run()).stdout, edges.stdout);
      const { buildList } = JSON.parse((await run('--format', 'json')).stdout) as { buildList: { path: string; version: string }[] };
      assert.deepEqual(buildList.map(({ path, version }) => `${path} ${version}`), list.stdout.trimEnd().split('\n'));
      assert.ok(buildList.length >= 150 && buildList.length <= 500, `the build list has ${buildList.length} modules`);
    });

    it(`has no false verdict in ${trials} spoiled files`, async () => {
      const tidy = readFileSync(join(directory, 'go.sum'), 'utf8');
      const foreign = NAMES.filter((other) => other !== name).flatMap((other) => {
        return readFileSync(join(import.meta.dirname, other, 'go.sum'), 'utf8').trimEnd().split('\n');
      });
      const open = await openModule(directory, go.env);
      try {
        let last = tidy;
        for (const trial of trialsOf(tidy, foreign, trials, SEED + NAMES.indexOf(name))) {
          if (!trial.hasWrongHash) last = trial.text;
          await judgeTrial(open, trial);
        }
        // What tidy makes of such a file is asked as well: the same as it leaves of the right one.
        writeFileSync(join(directory, 'go.sum'), last);
        const { code, stderr } = await go.run(['mod', 'tidy'], { directory, env: { GOPROXY: 'off', GOSUMDB: 'off' } });
        assert.equal(code, 0, stderr);
        assert.deepEqual(keysOf(readFileSync(join(directory, 'go.sum'), 'utf8')), keysOf(tidy));
      } finally {
        await open.close();
      }
    });
  }
});

const LEVELS: Readonly<Record<Knowledge, string>> = { text: 'the text alone', graph: 'the module graph known', packages: 'packages known' };

const tally: Record<Knowledge, Counts> = { text: noCounts(), graph: noCounts(), packages: noCounts() };

interface Counts {
  trials: number;
  stale: number;
  staleFound: number;
  missing: number;
  missingFound: number;
}

function noCounts(): Counts {
  return { trials: 0, stale: 0, staleFound: 0, missing: 0, missingFound: 0 };
}

function shown({ trials, stale, staleFound, missing, missingFound }: Counts): string {
  const share = (found: number, all: number) => `${found} of ${all} (${((100 * found) / all).toFixed(1)} %)`;
  return `${trials} files, no false verdict; ${share(staleFound, stale)} stale lines found, ${share(missingFound, missing)} missing ones`;
}

async function judgeTrial(open: OpenModule, trial: Trial): Promise<void> {
  for (const level of Object.keys(LEVELS) as Knowledge[]) {
    const { stale, missing } = await open.verdicts(trial.text, level);
    for (const line of stale) assert.ok(trial.stale.has(line), `${level}: false stale: ${trial.text.split('\n')[line]}`);
    for (const key of missing) assert.ok(trial.missing.has(key), `${level}: false missing: ${key}`);
    const counts = tally[level];
    counts.trials++;
    counts.stale += trial.stale.size;
    counts.staleFound += stale.size;
    if (trial.malformed) continue;
    counts.missing += trial.missing.size;
    counts.missingFound += missing.size;
  }
}

function keysOf(text: string): string[] {
  return [...new Set(text.trimEnd().split('\n').map(keyOf))].sort();
}
