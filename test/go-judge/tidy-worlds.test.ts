import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { goCommand, goInstalled } from '../live/go-command.ts';
import { sumLines, writeModuleProxy } from '../world/module-proxy.ts';
import { reportedLines, runEngine } from './engine-run.ts';
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
  const base = mkdtempSync(join(tmpdir(), 'gomod-health-world-'));
  const work = join(base, 'work');
  const proxy = join(base, 'proxy');
  const sums = await writeModuleProxy(proxy, [...world.modules, OLD_MAIN]);
  const sum = sums.map(sumLines).join('');
  for (const [name, text] of Object.entries({ ...world.files, 'go.sum': sum })) {
    mkdirSync(dirname(join(work, name)), { recursive: true });
    writeFileSync(join(work, name), text);
  }
  const go = goCommand({ GOPROXY: pathToFileURL(proxy).href, GOSUMDB: 'off', GOWORK: 'off' });
  try {
    const tidied = join(base, 'tidied');
    await cp(work, tidied, { recursive: true });
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
    const run = await runEngine(work, { ...go.env });
    const kept = new Set(readFileSync(join(tidied, 'go.sum'), 'utf8').split('\n'));
    const lines = sum.trimEnd().split('\n');
    const called = reportedLines(run, 'stale-checksum', `${work}/go.sum`).map((line) => lines[line]!);
    const wrong = called.filter((line) => kept.has(line));
    assert.ok(wrong.length === 0, describeWorld(world, readFileSync(join(tidied, 'go.mod'), 'utf8'), wrong));
    tally.lines += lines.length;
    tally.removed += lines.filter((line) => !kept.has(line)).length;
    tally.called += called.length;
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

function describeWorld({ files, modules }: TidyWorld, tidied: string, wrong: readonly string[]): string {
  const own = Object.entries(files).map(([name, text]) => `-- ${name} --\n${text}`);
  const others = modules.flatMap(({ path, version, files: texts }) =>
    Object.entries(texts).map(([name, text]) => `-- modules/${path}@${version}/${name} --\n${text}`),
  );
  return `called stale, but kept by go mod tidy:\n${wrong.join('\n')}\nin this world:\n${[...own, ...others].join('')}\n-- go.mod after tidy --\n${tidied}`;
}
