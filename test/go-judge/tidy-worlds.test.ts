import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { goInstalled } from '../live/go-command.ts';
import { reportedLines, runEngine } from './engine-run.ts';
import { describeWorld, layOutWorld } from './laid-out-world.ts';
import { tidyWorlds } from './tidy-worlds.ts';
import type { TidyWorld } from './tidy-worlds.ts';

/** How many worlds are drawn, and from where; a longer run says so itself. */
const WORLDS = Number(process.env['GOMOD_HEALTH_TIDY_WORLDS'] ?? 40);
const SEED = Number(process.env['GOMOD_HEALTH_TIDY_SEED'] ?? 20260101);

/**
 * What no requirement leads to is stale if tidy adds no module. It may add one where a dependency's own go.mod lacks
 * what its packages import; such worlds are counted, and not judged.
 */
describe('stale-checksum in random worlds', function () {
  this.timeout(WORLDS * 10_000);

  before(async function () {
    if ((await goInstalled()) !== undefined) return;
    console.log('skipped: the go command is not installed, so that nobody says which lines go mod tidy removes');
    this.skip();
  });

  it('calls no line stale that go mod tidy keeps', async () => {
    const tally = { lines: 0, removed: 0, called: 0, failed: 0, added: 0 };
    for (const world of tidyWorlds(WORLDS, SEED)) await judge(world, tally);
    console.log(
      `      ${tally.lines} lines in ${WORLDS} worlds: go mod tidy removes ${tally.removed}, of which ${tally.called} are called stale; ` +
        `it fails in ${tally.failed} worlds and adds a module in ${tally.added}`,
    );
    assert.ok(tally.called > 0, 'nothing was called stale at all');
  });
});

interface Tally {
  lines: number;
  removed: number;
  called: number;
  failed: number;
  added: number;
}

async function judge(world: TidyWorld, tally: Tally): Promise<void> {
  const { sum, go, main, dispose } = await layOutWorld(world);
  try {
    const tidied = main({ 'go.sum': sum });
    const graph = await go.run(['mod', 'graph'], { directory: tidied });
    const { code } = await go.run(['mod', 'tidy'], { directory: tidied });
    if (code !== 0 || graph.code !== 0) {
      tally.failed++;
      return;
    }
    const before = new Set(graph.stdout.split(/\s/).map((module) => module.split('@')[0]));
    const after = (await go.run(['list', '-m', '-f', '{{.Path}}', 'all'], { directory: tidied })).stdout.trim().split('\n');
    if (after.some((path) => !before.has(path))) {
      tally.added++;
      return;
    }
    const work = main({ 'go.sum': sum });
    const run = await runEngine(work, { ...go.env });
    const kept = new Set(readFileSync(join(tidied, 'go.sum'), 'utf8').split('\n'));
    const lines = sum.trimEnd().split('\n');
    const called = reportedLines(run, 'stale-checksum', `${work}/go.sum`).map((line) => lines[line]!);
    const wrong = called.filter((line) => kept.has(line));
    assert.ok(wrong.length === 0, `called stale, but kept by go mod tidy:\n${wrong.join('\n')}\n${describeWorld(world)}`);
    tally.lines += lines.length;
    tally.removed += lines.filter((line) => !kept.has(line)).length;
    tally.called += called.length;
  } finally {
    dispose();
  }
}
