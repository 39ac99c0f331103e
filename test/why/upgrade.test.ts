import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runCommand } from '../cli/bundle.ts';
import { goCommand, goInstalled } from '../live/go-command.ts';
import { publishedModules } from '../selection/judged-world.ts';
import { writeModuleProxy } from '../world/module-proxy.ts';

interface Change {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly chain: readonly { readonly path: string; readonly version: string }[];
}

/** How many random worlds the go command judges. */
const WORLDS = 40;

describe('gomod-health why --upgrade', function () {
  this.timeout(300_000);
  let base: string;
  before(async () => {
    base = await mkdtemp(join(tmpdir(), 'gomod-health-upgrade-'));
  });
  after(() => rm(base, { recursive: true, force: true }));

  async function lay(name: string, modules: Readonly<Record<string, string>>, goMod: string): Promise<{ directory: string; env: Record<string, string> }> {
    const directory = join(base, name, 'm');
    await writeModuleProxy(join(base, name, 'proxy'), publishedModules({ modules }));
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'go.mod'), goMod);
    await writeFile(join(directory, 'm.go'), 'package m\n');
    const env = {
      HOME: base,
      GOENV: 'off',
      GOPROXY: pathToFileURL(join(base, name, 'proxy')).href,
      GOSUMDB: 'off',
      GOMODCACHE: join(base, 'modcache', name),
      XDG_CACHE_HOME: join(base, 'cache'),
    };
    return { directory, env };
  }

  it(`tells what go get makes of the build list, in ${WORLDS} random worlds`, async function () {
    if ((await goInstalled()) === undefined) {
      console.log('skipped: the go command is not installed, so that nobody judges the build lists');
      this.skip();
    }
    const counts = { upgrades: 0, changed: 0, refused: 0 };
    for (let seed = 1; seed <= WORLDS; seed++) {
      const { modules, goMod, asked } = randomWorld(seed);
      const { directory, env } = await lay(`world-${seed}`, modules, goMod);
      const go = goCommand({ GOPROXY: env['GOPROXY']!, GOSUMDB: 'off', GOFLAGS: '-mod=mod -modcacherw' });
      try {
        const { status, stdout, stderr } = await runCommand(['why', asked, '--upgrade', '--format', 'json'], { cwd: directory, env });
        const list = async () => versionsOf((await go.run(['list', '-m', 'all'], { directory })).stdout);
        const before = await list();
        // With -mod=mod the go command raises the go line, and then prunes what it did not before.
        await writeFile(join(directory, 'go.mod'), goMod);
        const got = await go.run(['get', asked], { directory });
        if (status !== 0) {
          assert.match(stderr, /is selected, which is above|requires .* not /, `${seed}: ${stderr}`);
          counts.refused++;
          continue;
        }
        assert.equal(got.code, 0, `${seed}: ${got.stderr}`);
        const { changes } = JSON.parse(stdout) as { changes: Change[] };
        const expected = new Map(before);
        for (const { path, before: was, after } of changes) {
          if (path === 'go') continue;
          assert.equal(was ?? undefined, before.get(path), `${seed}: ${path}`);
          if (after === null) expected.delete(path);
          else expected.set(path, after);
        }
        assert.deepEqual([...expected].sort(), [...(await list())].sort(), `seed ${seed}: ${asked}\n${goMod}`);
        const goLine = /^go (\S+)$/m.exec(await readFile(join(directory, 'go.mod'), 'utf8'))![1];
        const goChange = changes.find(({ path }) => path === 'go');
        if (goChange) assert.equal(goChange.after, goLine, `${seed}`);
        counts.upgrades++;
        if (changes.length > 1) counts.changed++;
      } finally {
        go.dispose();
      }
    }
    console.log(`      ${counts.upgrades} upgrades as the go command makes them, ${counts.changed} of which drag others along; ${counts.refused} refused.`);
    assert.ok(counts.upgrades > WORLDS / 2 && counts.changed > WORLDS / 6, JSON.stringify(counts));
  });

  const MODULES = {
    'web@v1.0.0': 'go 1.21\n\nrequire (\n\texample.com/log v1.4.2\n\texample.com/old v1.0.0 // indirect\n)',
    'web@v1.1.0': 'go 1.22\n\nrequire (\n\texample.com/log v1.5.0\n\texample.com/new v0.1.0\n)',
    'log@v1.3.0': 'go 1.21',
    'log@v1.4.2': 'go 1.21',
    'log@v1.5.0': 'go 1.21',
    'old@v1.0.0': 'go 1.21',
    'new@v0.1.0': 'go 1.21\n\nrequire example.com/deep v1.0.0',
    'deep@v1.0.0': 'go 1.21',
    'turn@v1.0.0': 'go 1.21\n\nrequire example.com/turn v1.1.0',
    'turn@v1.1.0': 'go 1.21',
  };
  const GO_MOD = 'module example.com/m\n\ngo 1.21\n\nrequire (\n\texample.com/log v1.4.2\n\texample.com/web v1.0.0\n)\n';

  it('is told in words', async () => {
    const { directory, env } = await lay('words', MODULES, GO_MOD);
    const upgrade = await runCommand(['why', 'example.com/web', '--upgrade'], { cwd: directory, env });
    assert.equal(
      upgrade.stdout,
      `go get example.com/web@v1.1.0 would change the build list:

  example.com/web v1.0.0 → v1.1.0
  example.com/log v1.4.2 → v1.5.0, because example.com/web v1.1.0 requires example.com/log v1.5.0
  + example.com/new v0.1.0, because example.com/web v1.1.0 requires example.com/new v0.1.0
  - example.com/old v1.0.0
  go 1.21 → 1.22, because example.com/web v1.1.0 requires go 1.22

Only if packages need it, which requirements do not tell:

  + example.com/deep v1.0.0, because example.com/new v0.1.0 requires example.com/deep v1.0.0
`,
    );
    const none = await runCommand(['why', 'example.com/log@v1.4.2', '--upgrade'], { cwd: directory, env });
    assert.equal(none.stdout, 'go get example.com/log@v1.4.2 would not change the build list.\n');
  });

  const REFUSALS = [
    ['example.com/web@v0.9.0', /reading .*v0\.9\.0\.info: no such file/],
    ['example.com/web@<v1.0.0', /no matching versions for query "<v1\.0\.0"/],
    ['example.com/m@v1.0.0', /reading .*v1\.0\.0\.info: no such file/],
    ['example.com/m@upgrade', /can't request version "" of the main module/],
    ['example.com/log@v1.3.0', /example\.com\/log v1\.4\.2 is selected, which is above v1\.3\.0/],
    ['example.com/turn@v1.0.0', /example\.com\/turn@v1\.0\.0 requires example\.com\/turn@v1\.1\.0, not example\.com\/turn@v1\.0\.0/],
    ['example.com/log@v7', /no matching versions for query "v7"/],
  ] as const;
  for (const [asked, words] of REFUSALS) {
    it(`of ${asked} says so where it can't be`, async () => {
      const { directory, env } = await lay('refusals', MODULES, GO_MOD);
      const { status, stderr } = await runCommand(['why', asked, '--upgrade'], { cwd: directory, env });
      assert.equal(status, 2);
      assert.match(stderr, words);
    });
  }
});

function versionsOf(list: string): Map<string, string> {
  return new Map(list.trim().split('\n').map((line) => line.split(' ') as [string, string]).filter(([, version]) => version !== undefined));
}

/** Modules that require each other at random, one main module, and an upgrade of one of them. */
function randomWorld(seed: number): { modules: Record<string, string>; goMod: string; asked: string } {
  const random = generator(seed);
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)]!;
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const versions = ['v1.0.0', 'v1.1.0', 'v1.2.0', 'v1.3.0'];
  const requires = (chance: number, from: string) =>
    names.filter((name) => name !== from && random() < chance).map((name) => `\texample.com/${name} ${pick(versions)}\n`).join('');
  const modules: Record<string, string> = {};
  for (const name of names) {
    for (const version of versions) {
      modules[`${name}@${version}`] = `go ${pick(['1.16', '1.17', '1.20', '1.21', '1.22.1'])}\n\nrequire (\n${requires(0.25, name)})`;
    }
  }
  const goMod = `module example.com/m\n\ngo ${pick(['1.16', '1.17', '1.21', '1.23'])}\n\nrequire (\n${requires(0.5, '')})\n`;
  return { modules, goMod, asked: `example.com/${pick(names)}@${pick(['v1.2.0', 'v1.3.0', 'v1.3.0'])}` };
}

/** Mulberry32: the same numbers from the same seed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
