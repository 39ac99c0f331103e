import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseMod } from '../../server/src/syntax/mod-file.ts';
import { dropExclude, dropReplace } from '../../server/src/syntax/mod-edit.ts';
import { applyEdits } from '../../server/src/syntax/span.ts';
import type { TextEdit } from '../../server/src/syntax/span.ts';
import { goCommand, goInstalled } from '../live/go-command.ts';
import type { GoCommand } from '../live/go-command.ts';
import { writeModuleProxy } from '../world/module-proxy.ts';
import { runEngine } from './engine-run.ts';
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
  const base = mkdtempSync(join(tmpdir(), 'gomod-health-unused-'));
  await writeModuleProxy(join(base, 'proxy'), [...world.modules, OLD_MAIN]);
  const go = goCommand({
    GOPROXY: pathToFileURL(join(base, 'proxy')).href,
    GOSUMDB: 'off',
    GOWORK: 'off',
    GOFLAGS: '-modcacherw -mod=mod',
  });
  try {
    const directory = layOut(world, base, []);
    const before = await behaviour(go, directory);
    if (await addsModule(go, directory, layOut(world, base, []))) {
      tally.added++;
      return;
    }
    const work = layOut(world, base, []);
    const { analysis } = await runEngine(work, { ...go.env });
    const unused = analysis.findings.filter(({ rule }) => rule === 'unused-replace' || rule === 'unused-exclude');
    for (const { start, edits } of lines) {
      const isIdle = (await behaviour(go, layOut(world, base, edits))) === before;
      const isCalled = unused.some(({ at }) => at.span.start === start);
      assert.ok(isIdle || !isCalled, `called unused at ${start}, but it changes something: ${JSON.stringify(world, undefined, 2)}`);
      tally.lines++;
      if (isIdle) tally.idle++;
      if (isCalled) tally.called++;
    }
  } finally {
    go.dispose();
    rmSync(base, { recursive: true, force: true });
  }
}

/** An older main module, which dependencies may require. */
const OLD_MAIN = {
  path: 'example.com/m',
  version: 'v1.0.0',
  files: { 'go.mod': 'module example.com/m\n\ngo 1.16\n\nrequire example.com/a v1.0.0\n', 'm.go': 'package m\n' },
};

/** The main module in a directory of its own, its go.mod with some edits. */
function layOut(world: TidyWorld, base: string, edits: readonly TextEdit[]): string {
  const directory = mkdtempSync(join(base, 'work-'));
  for (const [name, text] of Object.entries(world.files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), name === 'go.mod' ? applyEdits(text, edits) : text);
  }
  return directory;
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
