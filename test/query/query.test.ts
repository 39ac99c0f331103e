import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runCommand } from '../cli/bundle.ts';
import { goCommand, goInstalled } from '../live/go-command.ts';
import type { PublishedModule } from '../world/module-proxy.ts';
import { writeModuleProxy } from '../world/module-proxy.ts';

const NEWER = 'v0.0.0-20240601000000-0123456789ab';
const OLDER = 'v0.0.0-20200101000000-abcdefabcdef';

/** What is published, as PATH@VERSION and what its go.mod has after the module line; undefined for no go.mod. */
const PUBLISHED: Readonly<Record<string, string | undefined>> = {
  'example.com/a@v1.0.0': 'go 1.21',
  'example.com/a@v1.1.0': 'go 1.21',
  'example.com/a@v1.1.1': 'go 1.21',
  'example.com/a@v1.2.0-rc.1': 'go 1.21',
  'example.com/a@v1.2.0': 'go 1.21',
  'example.com/a@v1.3.0-beta': 'go 1.21',
  'example.com/retracting@v1.0.0': 'go 1.21',
  'example.com/retracting@v1.1.0': 'go 1.21',
  'example.com/retracting@v1.2.0': 'go 1.21\n\nretract [v1.1.0, v1.2.0] // data loss',
  'example.com/excluded@v1.0.0': 'go 1.21',
  'example.com/excluded@v1.1.0': 'go 1.21',
  'example.com/old@v1.0.0': undefined,
  'example.com/old@v2.0.0+incompatible': undefined,
  'example.com/old@v3.1.0+incompatible': undefined,
  'example.com/new@v1.5.0': 'go 1.21',
  'example.com/new@v2.0.0+incompatible': undefined,
  'example.com/two/v2@v2.0.0': 'go 1.21',
  'example.com/two/v2@v2.3.4': 'go 1.21',
  'example.com/Capital@v0.1.0': 'go 1.21',
  [`example.com/untagged@${OLDER}`]: 'go 1.21',
  [`example.com/untagged@${NEWER}`]: 'go 1.21',
  'example.com/replaced@v1.0.0': 'go 1.21',
  'example.com/fork@v1.9.0': 'go 1.21',
};

const GO_MOD = `module example.com/m

go 1.21

require (
	example.com/a v1.1.0
	example.com/old v2.0.0+incompatible
	example.com/untagged ${NEWER}
	example.com/excluded v1.1.0
)

exclude example.com/excluded v1.1.0

replace example.com/replaced v1.4.0 => example.com/fork v1.9.0

replace example.com/local => ./local
`;

const QUERIES = [
  ...['latest', 'upgrade', 'patch', 'v1', 'v1.0', 'v1.1', 'v1.2', 'v1.4', 'v2', '<v1.1.0', '<=v1.1.0', '<v1', '<v1.2', '<=v1', '<=v1.2'],
  ...['>v1.1.1', '>=v1.1.1', '>v1', '>v1.1', '>=v1.2', '>v1.2.0', '>v9.0.0', '<v0.1.0', '<x', '>=', 'v1.1.0', 'v1.1.9', 'v1.2.0-rc.1', 'v2.0.0'],
  ...['v1.0.0+meta', 'main', 'nowhere', 'abcdef0', 'v1.0.0+incompatible'],
].map((query) => `example.com/a@${query}`).concat(
  ['latest', 'upgrade', 'v1', 'v1.1.0', 'v1.2.0', '<v1.2.0', '>v1.0.0'].map((query) => `example.com/retracting@${query}`),
  ['latest', 'upgrade', 'v1', 'v1.1.0', '>=v1.1.0'].map((query) => `example.com/excluded@${query}`),
  ['latest', 'upgrade', 'patch', 'v1', 'v2', 'v2.0.0', 'v3', '<v3', '>v1.0.0', 'v9'].map((query) => `example.com/old@${query}`),
  ['latest', 'v1', 'v2', 'v2.0.0+incompatible', '>v1.5.0', '>=v2', '<v2.5.0', 'patch'].map((query) => `example.com/new@${query}`),
  ['latest', 'v2', 'v2.0', 'v1', '>=v2', 'v2.0.0', 'v1.0.0'].map((query) => `example.com/two/v2@${query}`),
  ['latest', 'upgrade', 'patch', 'v0', NEWER, OLDER].map((query) => `example.com/untagged@${query}`),
  ['latest', 'v1', 'v1.4.0', 'v1.0.0', '>v1.0.0', 'v1.5.0'].map((query) => `example.com/replaced@${query}`),
  ['latest', 'v1'].map((query) => `example.com/local@${query}`),
  ['example.com/Capital@latest', 'example.com/capital@latest', 'example.com/m@upgrade', 'example.com/nothing@latest', 'example.com/nothing@v1.0.0'],
);

describe('gomod-health query', function () {
  this.timeout(120_000);
  let base: string;
  let directory: string;
  let env: Record<string, string>;

  before(async () => {
    base = await mkdtemp(join(tmpdir(), 'gomod-health-query-'));
    directory = join(base, 'm');
    const proxy = join(base, 'proxy');
    await writeModuleProxy(proxy, Object.entries(PUBLISHED).map(published));
    await write(join(proxy, 'example.com/a/@v/main.info'), '{"Version":"v1.2.1-0.20240102030405-0123456789ab"}');
    await write(join(proxy, 'example.com/untagged/@latest'), JSON.stringify({ Version: OLDER, Time: '2020-01-01T00:00:00Z' }));
    await write(join(directory, 'go.mod'), GO_MOD);
    await write(join(directory, 'local/go.mod'), 'module example.com/local\n\ngo 1.21\n');
    env = { HOME: base, GOENV: 'off', GOPROXY: pathToFileURL(proxy).href, GOSUMDB: 'off', XDG_CACHE_HOME: join(base, 'cache') };
  });
  after(() => rm(base, { recursive: true, force: true }));

  const run = (argument: string, ...flags: string[]) =>
    runCommand(['query', argument, ...flags], { cwd: directory, env: { ...env, GOMODCACHE: join(base, 'modcache') } });

  it(`gives what go list -m gives, ${QUERIES.length} times`, async function () {
    if ((await goInstalled()) === undefined) {
      console.log('skipped: the go command is not installed, so that nobody judges the versions');
      this.skip();
    }
    const go = goCommand({ GOPROXY: env['GOPROXY']!, GOSUMDB: 'off' });
    try {
      const template = '{{.Path}}@{{with .Error}}!{{.Err}}{{else}}{{.Version}}{{end}}';
      const different: string[] = [];
      for (const argument of QUERIES) {
        const judged = await go.run(['list', '-m', '-e', '-mod=mod', '-f', template, argument], { directory });
        const { status, stdout, stderr } = await run(argument);
        const path = argument.slice(0, argument.indexOf('@'));
        const said = judged.stdout.trim();
        const isError = judged.code !== 0 || said.startsWith(`${path}@!`);
        const expected = isError ? 'an error' : said.replace('@', ' ').trim();
        const found = status === 0 ? stdout.trim() : status === 1 ? 'an error' : `status ${status}: ${stderr.trim()}`;
        if (found !== expected) different.push(`${argument}: ${found}, not ${expected} ${judged.stderr}`);
        const words = WORDS.find((one) => one.test(judged.stdout + judged.stderr))?.exec(judged.stdout + judged.stderr)?.[0];
        if (isError && words !== undefined && !stderr.includes(words)) different.push(`${argument}: ${stderr.trim()} without: ${words}`);
      }
      assert.deepEqual(different, []);
    } finally {
      go.dispose();
    }
  });

  it('has it in JSON, also where there is none', async () => {
    const upgraded = JSON.parse((await run('example.com/a@upgrade', '--format', 'json')).stdout) as Record<string, unknown>;
    assert.deepEqual(upgraded, {
      schema: 1,
      module: { path: 'example.com/a', version: 'v1.2.0' },
      query: 'upgrade',
      current: 'v1.1.0',
      time: upgraded['time'],
      from: env['GOPROXY'],
      error: null,
    });
    const none = await run('example.com/a@v7', '--format', 'json');
    assert.equal(none.status, 1);
    const { module, error } = JSON.parse(none.stdout) as Record<string, unknown>;
    assert.deepEqual([module, error], [{ path: 'example.com/a', version: null }, 'no matching versions for query "v7"']);
  });

  it('needs no module', async () => {
    const { status, stdout } = await runCommand(['query', 'example.com/a@v1.1'], { cwd: base, env: { ...env, GOMODCACHE: join(base, 'modcache') } });
    assert.deepEqual([status, stdout], [0, 'example.com/a v1.1.1\n']);
  });

  it('says when a version that is named is excluded', async () => {
    const { status, stderr } = await run('example.com/excluded@v1.1.0');
    assert.deepEqual([status, stderr], [0, 'gomod-health: example.com/excluded@v1.1.0 is excluded by go.mod, so that go get refuses it\n']);
  });

  it('does not ask proxies about private modules, nor anybody with --offline', async () => {
    const trace = join(base, 'trace');
    const asked = { ...env, GOMODCACHE: join(base, 'modcache'), GOPRIVATE: 'private.invalid', GOPROXY: 'https://proxy.invalid' };
    const hidden = await runCommand(['query', 'private.invalid/a@latest', '--trace', trace, '--timeout', '2'], { cwd: base, env: asked });
    assert.equal(hidden.status, 2);
    assert.doesNotMatch(hidden.stderr, /proxy\.invalid/);
    const offline = await runCommand(['query', 'example.com/a@latest', '--offline'], { cwd: base, env: asked });
    assert.deepEqual([offline.status, offline.stderr], [2, 'gomod-health: example.com/a@latest: not asked: --offline\n']);
  });

  for (const [argument, words] of [
    ['example.com//a@v1', /malformed module path/],
    ['example.com/a@', /invalid module version ""/],
    ['example.com/a@-x', /invalid module version "-x"/],
    ['example.com/a@../../etc/passwd', /disallowed version string|invalid|malformed/],
    ['go@latest', /the versions of go are not those of a module/],
  ] as const) {
    it(`refuses ${argument}`, async () => {
      const { status, stdout, stderr } = await run(argument);
      assert.equal(status, 2);
      assert.equal(stdout, '');
      assert.match(stderr, words);
    });
  }
});

/** Words of the go command that ours have, too. */
const WORDS = [/no matching versions for query "[^"]*"/, /ambiguous semantic version "[^"]*" in range "[^"]*"/, /invalid semantic version "[^"]*" in range/];

function published([key, rest]: [string, string | undefined]): PublishedModule {
  const at = key.indexOf('@');
  const path = key.slice(0, at);
  const files = { 'p.go': 'package p\n', ...(rest !== undefined && { 'go.mod': `module ${path}\n\n${rest}\n` }) };
  const time = key.includes('-2') ? key.replace(/^.*?-(\d{4})(\d\d)(\d\d).*/, '$1-$2-$3T00:00:00Z') : undefined;
  return { path, version: key.slice(at + 1), files, ...(time !== undefined && { time }) };
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
