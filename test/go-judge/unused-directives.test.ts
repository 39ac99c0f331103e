import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseMod } from '../../server/src/syntax/mod-file.ts';
import { dropExclude, dropReplace } from '../../server/src/syntax/mod-edit.ts';
import { applyEdits } from '../../server/src/syntax/span.ts';
import { goInstalled } from '../live/go-command.ts';
import type { GoCommand } from '../live/go-command.ts';
import { runEngine } from './engine-run.ts';
import { describeWorld, layOutWorld } from './laid-out-world.ts';
import { tidyWorlds } from './tidy-worlds.ts';
import type { TidyWorld } from './tidy-worlds.ts';

/** How many worlds are drawn, and from where; a longer run says so itself. */
const WORLDS = Number(process.env['GOMOD_HEALTH_UNUSED_WORLDS'] ?? 60);
const SEED = Number(process.env['GOMOD_HEALTH_UNUSED_SEED'] ?? 20260102);

/**
 * As for stale-checksum, worlds in which tidy adds a module are counted, and not judged. A line is unused if the go command
 * does the same without it: `go mod graph` prints the same, and `go mod tidy` leaves the same requirements and go.sum.
 */
describe('unused-replace and unused-exclude in random worlds', function () {
  this.timeout(WORLDS * 10_000);

  before(async function () {
    if ((await goInstalled()) !== undefined) return;
    console.log('skipped: the go command is not installed, so that nobody says what a replacement or an exclusion changes');
    this.skip();
  });

  it('call no line unused that changes what the go command does', async () => {
    const tally = { lines: 0, idle: 0, called: 0, added: 0 };
    for (const world of tidyWorlds(WORLDS, SEED)) await judge(world, tally);
    console.log(
      `      ${tally.lines} replacements and exclusions in ${WORLDS} worlds: ${tally.idle} change nothing, of which ` +
        `${tally.called} are called unused; go mod tidy adds a module in ${tally.added} worlds`,
    );
    assert.ok(tally.called > 0, 'nothing was called unused at all');
  });
});

interface Tally {
  lines: number;
  idle: number;
  called: number;
  added: number;
}

async function judge(world: TidyWorld, tally: Tally): Promise<void> {
  const text = world.files['go.mod']!;
  const mod = parseMod(text);
  const lines = [
    ...mod.replace.map((replacement) => ({ start: replacement.oldPath.start, edits: dropReplace(mod, replacement) })),
    ...mod.exclude.map((exclusion) => ({ start: exclusion.path.start, edits: dropExclude(mod, exclusion) })),
  ];
  if (lines.length === 0) return;
  const { go, main, dispose } = await layOutWorld(world, { GOFLAGS: '-modcacherw -mod=mod' });
  try {
    const directory = main();
    const before = await behaviour(go, directory);
    if (await addsModule(go, directory, main())) {
      tally.added++;
      return;
    }
    const { analysis } = await runEngine(main(), { ...go.env });
    const unused = analysis.findings.filter(({ rule }) => rule === 'unused-replace' || rule === 'unused-exclude');
    for (const { start, edits } of lines) {
      const isIdle = (await behaviour(go, main({ 'go.mod': applyEdits(text, edits) }))) === before;
      const isCalled = unused.some(({ at }) => at.span.start === start);
      assert.ok(isIdle || !isCalled, `called unused at ${start}, but it changes something ${describeWorld(world)}`);
      tally.lines++;
      if (isIdle) tally.idle++;
      if (isCalled) tally.called++;
    }
  } finally {
    dispose();
  }
}

/** Whether tidy needs a module that nothing requires, because a dependency's own go.mod lacks what its packages import. */
async function addsModule(go: GoCommand, tidied: string, untouched: string): Promise<boolean> {
  const [before, after] = await Promise.all(
    [untouched, tidied].map((directory) => go.run(['mod', 'graph'], { directory })),
  );
  const paths = new Set(before!.stdout.split(/\s/).map((module) => module.split('@')[0]));
  return after!.stdout.split(/\s/).some((module) => !paths.has(module.split('@')[0]));
}

/** What the go command does: the graph that it prints, and what tidy leaves of the requirements and of go.sum. */
async function behaviour(go: GoCommand, directory: string): Promise<string> {
  const graph = await go.run(['mod', 'graph'], { directory });
  const tidy = await go.run(['mod', 'tidy'], { directory });
  const read = (name: string) => {
    try {
      return readFileSync(join(directory, name), 'utf8');
    } catch {
      return '';
    }
  };
  const requirements = parseMod(read('go.mod')).require.map(({ line }) => line.words.map(({ value }) => value).join(' '));
  return JSON.stringify([graph.code, graph.stdout.split('\n').sort(), tidy.code, requirements.sort(), read('go.sum')]);
}
