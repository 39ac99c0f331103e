import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseMod } from '../../server/src/syntax/mod-file.ts';
import { tidyWorlds } from '../go-judge/tidy-worlds.ts';
import type { TidyWorld } from '../go-judge/tidy-worlds.ts';
import { goCommand, goInstalled } from '../live/go-command.ts';
import { sumLines, writeModuleProxy } from '../world/module-proxy.ts';
import { loadPackages } from './package-run.ts';

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
  const base = mkdtempSync(join(tmpdir(), 'gomod-health-world-'));
  const work = join(base, 'work');
  const proxy = join(base, 'proxy');
  const sums = await writeModuleProxy(proxy, [...world.modules, OLD_MAIN]);
  for (const [name, text] of Object.entries({ ...world.files, 'go.sum': sums.map(sumLines).join('') })) {
    mkdirSync(dirname(join(work, name)), { recursive: true });
    writeFileSync(join(work, name), text);
  }
  const go = goCommand({ GOPROXY: pathToFileURL(proxy).href, GOSUMDB: 'off', GOWORK: 'off' });
  try {
    const tidied = join(base, 'tidied');
    await cp(work, tidied, { recursive: true });
    const { code } = await go.run(['mod', 'tidy'], { directory: tidied });
    const result = await loadPackages(work, { ...go.env });
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
    go.dispose();
    rmSync(base, { recursive: true, force: true });
  }
}

function assertSame(what: string, told: readonly string[], left: readonly string[], world: TidyWorld): void {
  const wrong = told.filter((item) => !left.includes(item));
  const lacking = left.filter((item) => !told.includes(item));
  if (wrong.length + lacking.length === 0) return;
  assert.fail(`${what}: told, but not left by tidy: ${wrong.join(', ')}; left, but not told: ${lacking.join(', ')}; ${describeWorld(world)}`);
}

/** An older main module, which dependencies may require. */
const OLD_MAIN = {
  path: 'example.com/m',
  version: 'v1.0.0',
  files: { 'go.mod': 'module example.com/m\n\ngo 1.16\n\nrequire example.com/a v1.0.0\n', 'm.go': 'package m\n' },
};

function describeWorld({ files, modules }: TidyWorld): string {
  const own = Object.entries(files).map(([name, text]) => `-- ${name} --\n${text}`);
  const others = modules.flatMap(({ path, version, files: texts }) =>
    Object.entries(texts).map(([name, text]) => `-- modules/${path}@${version}/${name} --\n${text}`),
  );
  return `in this world:\n${[...own, ...others].join('')}`;
}
