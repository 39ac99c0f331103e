import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { goCommand, goInstalled } from '../live/go-command.ts';
import { layOutCase, readSpecCases, SPEC_CASES } from '../spec/spec-case.ts';
import type { LaidOutCase, SpecCase } from '../spec/spec-case.ts';
import { reportedLines, runEngine } from './engine-run.ts';
import type { EngineRun } from './engine-run.ts';

/** How many lines were judged, over all cases. */
const tally = { expected: 0, foundFromFiles: 0, found: 0, called: 0, confirmed: 0, unjudged: 0, kept: 0, clean: 0 };

describe('stale-checksum on the judged cases of go.sum', function () {
  this.timeout(60_000);

  before(async function () {
    const reason =
      SPEC_CASES === undefined
        ? '../shared/spec/cases is not there'
        : (await goInstalled()) === undefined
          ? 'the go command is not installed, so that nobody fills the module cache'
          : undefined;
    if (reason === undefined) return;
    console.log(`skipped: ${reason}`);
    this.skip();
  });

  for (const spec of readSpecCases().filter(speaksOfSums)) it(spec.name, () => judge(spec));

  after(() => {
    if (tally.called === 0) return;
    console.log(
      `      ${tally.expected} lines are judged stale: ${tally.foundFromFiles} found from the files alone, ${tally.found} with the module cache.\n` +
        `      ${tally.called} lines were called stale, of which go mod tidy removed ${tally.confirmed}; in ${tally.unjudged} it fails on the case.\n` +
        `      ${tally.kept} lines that it keeps and ${tally.clean} tidy files were left alone.`,
    );
  });
});

function speaksOfSums({ expectations, needsRepositories }: SpecCase): boolean {
  return !needsRepositories && expectations.some((words) => /^(?:stale|keep|tidy-clean|missing|wrong|conflict|malformed)\b/.test(words));
}

async function judge(spec: SpecCase): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'gomod-health-case-'));
  const laid = await layOutCase(spec, directory);
  const go = goCommand({ ...laid.env, GOMODCACHE: laid.env['GOMODCACHE']! });
  try {
    const fromFiles = await runEngine(laid.work, { ...laid.env, GOPROXY: 'off' });
    const tidied = join(directory, 'tidied');
    await cp(laid.work, tidied, { recursive: true });
    const { code } = await go.run(['mod', 'tidy'], { directory: moduleIn(tidied) });
    const withCache = await runEngine(laid.work, laid.env);
    for (const run of [fromFiles, withCache]) holdAgainstExpectations(spec, laid, run);
    countStale(spec, laid, fromFiles, withCache);
    confirm(laid, withCache, code === 0 ? tidied : undefined);
  } finally {
    go.dispose();
    await laid.close();
  }
}

/** A case of a workspace tidies the member that its go.sum lines are about. */
function moduleIn(directory: string): string {
  return existsSync(join(directory, 'go.mod')) ? directory : dirname(join(directory, 'a', 'go.mod'));
}

function holdAgainstExpectations({ expectations }: SpecCase, laid: LaidOutCase, run: EngineRun): void {
  for (const words of expectations) {
    const kept = /^keep (\S+):(\d+)$/.exec(words);
    if (kept) {
      assert.ok(!staleLines(laid, run, kept[1]!).includes(Number(kept[2])), `${words}, but it is called stale`);
    }
    if (words === 'tidy-clean') {
      const said = run.analysis.findings.filter(({ at, rule }) => /\.sum$/.test(at.file) || rule === 'missing-checksum');
      assert.deepEqual(said.map(({ message }) => message), []);
    }
  }
}

function countStale({ expectations }: SpecCase, laid: LaidOutCase, fromFiles: EngineRun, withCache: EngineRun): void {
  for (const words of expectations) {
    const stale = /^stale (\S+):(\d+)$/.exec(words);
    if (words.startsWith('keep ')) tally.kept++;
    if (words === 'tidy-clean') tally.clean++;
    if (!stale) continue;
    tally.expected++;
    if (staleLines(laid, fromFiles, stale[1]!).includes(Number(stale[2]))) tally.foundFromFiles++;
    if (staleLines(laid, withCache, stale[1]!).includes(Number(stale[2]))) tally.found++;
  }
}

/** Every line that is called stale must be one that the go command removes. */
function confirm(laid: LaidOutCase, run: EngineRun, tidied: string | undefined): void {
  for (const { sum } of run.project.modules) {
    if (!sum) continue;
    const name = sum.path.slice(laid.work.length + 1);
    const called = staleLines(laid, run, name);
    tally.called += called.length;
    if (tidied === undefined) {
      tally.unjudged += called.length;
      continue;
    }
    const file = join(tidied, name);
    const left = existsSync(file) ? linesOf(file) : [];
    for (const number of called) {
      const line = linesOf(sum.path)[number - 1]!;
      assert.ok(!left.includes(line), `${name}:${number} is called stale, but go mod tidy keeps it: ${line}`);
      tally.confirmed++;
    }
  }
}

/** Without the spaces around them, but with a byte order mark, which makes a line another one. */
function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8').split('\n').map((line) => line.replace(/^[ \t]+|[ \t\r]+$/g, ''));
}

/** One-based, as the cases count them. */
function staleLines({ work }: LaidOutCase, run: EngineRun, file: string): number[] {
  return reportedLines(run, 'stale-checksum', `${work}/${file}`).map((line) => line + 1);
}
