import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageGraph } from '../../server/src/engine/package-graph.ts';
import { parseMod } from '../../server/src/syntax/mod-file.ts';
import { settleIn } from './engine-run.ts';
import { describeWorld, layOutWorld } from './laid-out-world.ts';
import { tidyWorlds } from './tidy-worlds.ts';
import type { TidyWorld } from './tidy-worlds.ts';
import { goInstalled } from '../live/go-command.ts';

/** How many worlds are drawn, and from where; a longer run says so itself. */
const WORLDS = Number(process.env['GOMOD_HEALTH_TIDY_WORLDS'] ?? 40);
const SEED = Number(process.env['GOMOD_HEALTH_TIDY_SEED'] ?? 20260101);

describe('what go mod tidy would leave', function () {
  this.timeout(WORLDS * 10_000);

  before(async function () {
    if ((await goInstalled()) !== undefined) return;
    console.log('skipped: the go command is not installed, so that nobody says what go mod tidy leaves');
    this.skip();
  });

  it('is told from the packages in random worlds', async () => {
    const tally = { told: 0, silent: 0, failed: 0, lines: 0 };
    for (const world of tidyWorlds(WORLDS, SEED)) await judge(world, tally);
    console.log(
      `      in ${tally.told} of ${WORLDS} worlds the requirements and all ${tally.lines} lines of go.sum that go mod tidy leaves are told; ` +
        `${tally.silent} are left open, in ${tally.failed} tidy fails`,
    );
    assert.ok(tally.told > WORLDS / 3, 'hardly anything was told');
  });
});

interface Tally {
  told: number;
  silent: number;
  failed: number;
  lines: number;
}

async function judge(world: TidyWorld, tally: Tally): Promise<void> {
  const { sum, go, main, dispose } = await layOutWorld(world);
  try {
    const tidied = main({ 'go.sum': sum });
    const { code } = await go.run(['mod', 'tidy'], { directory: tidied });
    const result = await settleIn(main({ 'go.sum': sum }), { ...go.env }, (project, facts) => packageGraph(project, project.modules[0]!, facts));
    if (code !== 0) {
      tally.failed++;
      return;
    }
    if (result.state !== 'known' || !result.tidied) {
      tally.silent++;
      return;
    }
    const mod = parseMod(readFileSync(join(tidied, 'go.mod'), 'utf8'));
    const written = mod.require.map(({ path, version, indirect }) => `${path.value} ${version.value}${indirect ? ' // indirect' : ''}`);
    const { roots, direct, sums: keys } = result.tidied;
    const told = roots
      .filter(({ path }) => path !== 'go' && path !== 'toolchain')
      .map(({ path, version }) => `${path} ${version}${direct.has(path) ? '' : ' // indirect'}`);
    const kept = readFileSync(join(tidied, 'go.sum'), 'utf8').trimEnd().split('\n').filter((line) => line !== '');
    assertSame('requirements', told, written, world);
    // Lines of go and toolchain may stay, but nothing adds them.
    const needed = [...keys].filter((key) => !/^(?:go|toolchain) /.test(key));
    assertSame('lines of go.sum', needed, kept.map((line) => line.slice(0, line.lastIndexOf(' '))), world);
    tally.told++;
    tally.lines += kept.length;
  } finally {
    dispose();
  }
}

function assertSame(what: string, told: readonly string[], left: readonly string[], world: TidyWorld): void {
  const wrong = told.filter((item) => !left.includes(item));
  const lacking = left.filter((item) => !told.includes(item));
  if (wrong.length + lacking.length === 0) return;
  assert.fail(`${what}: told, but not left by tidy: ${wrong.join(', ')}; left, but not told: ${lacking.join(', ')}; ${describeWorld(world)}`);
}
