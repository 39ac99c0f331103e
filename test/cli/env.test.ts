import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnvironmentReport } from '../../server/src/lsp/environment-report.ts';
import type { EnvironmentReport } from '../../server/src/lsp/environment-report.ts';
import { goCommand, goInstalled } from '../live/go-command.ts';
import { gomodHealth } from './command.ts';

describe('gomod-health env', function () {
  this.timeout(60_000);
  let directory: string;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'gomod-health-env-'));
    mkdirSync(join(directory, 'work/inner'), { recursive: true });
    mkdirSync(join(directory, 'plain'));
    mkdirSync(join(directory, 'home/.config/go'), { recursive: true });
    writeFileSync(join(directory, 'work/go.work'), 'go 1.22\n');
    writeFileSync(join(directory, 'home/.config/go/env'), 'GOPRIVATE=corp.example\nGOVCS=public:git\n');
  });

  after(() => rmSync(directory, { recursive: true, force: true }));

  async function json(env: Record<string, string>, at = 'plain'): Promise<EnvironmentReport & { code: number }> {
    const result = await gomodHealth(['env', '--format', 'json'], {
      directory: join(directory, at), env: { HOME: join(directory, 'home'), ...env },
    });
    assert.equal(result.stderr, '');
    return { ...(JSON.parse(result.stdout) as EnvironmentReport), code: result.code };
  }

  describe('beside the go command', () => {
    before(async function () {
      if ((await goInstalled()) !== undefined) return;
      console.log('skipped: the go command is not installed, so it cannot judge the settings');
      this.skip();
    });

    const cases: [name: string, at: string, env: Record<string, string>][] = [
      ['nothing set', 'plain', {}],
      ['a workspace around the directory', 'work/inner', {}],
      ['a workspace that is switched off', 'work/inner', { GOWORK: 'off' }],
      ['a workspace that is named', 'plain', { GOWORK: 'DIR/work/go.work' }],
      ['every name', 'plain', {
        GO111MODULE: 'on', GOAUTH: 'off', GOFLAGS: '-mod=mod', GOINSECURE: 'a', GOMODCACHE: 'DIR/m', GONOPROXY: 'b', GONOSUMDB: 'c',
        GOPATH: 'DIR/p', GOPRIVATE: 'd', GOPROXY: 'direct', GOSUMDB: 'off', GOTOOLCHAIN: 'local', GOVCS: '*:off',
      }],
    ];
    for (const [name, at, env] of cases) {
      it(name, async () => {
        const named = Object.fromEntries(Object.entries(env).map(([key, value]) => [key, value.replace('DIR', directory)]));
        const { variables, code } = await json({ ...named, GOCACHE: join(directory, 'gocache') }, at);
        const found = Object.fromEntries(Object.entries(variables).map(([key, { value }]) => [key, value]));
        const go = goCommand();
        try {
          const none = Object.fromEntries([...Object.keys(process.env), ...Object.keys(go.env)].map((key) => [key, undefined]));
          const answer = await go.run(['env', '-json', ...Object.keys(found)], {
            directory: join(directory, at),
            env: { ...none, PATH: process.env['PATH'], HOME: join(directory, 'home'), GOCACHE: join(directory, 'gocache'), ...named },
          });
          assert.deepEqual(found, JSON.parse(answer.stdout));
          assert.equal(code, 0);
        } finally {
          go.dispose();
        }
      });
    }

    it('has the problem of GOSUMDB in the words of the go command', async () => {
      const go = goCommand({ GOPROXY: `file://${directory}/proxy`, GONOSUMDB: '', GOPRIVATE: '' });
      const base = join(directory, 'proxy/example.com/m/@v/v1.0.0');
      mkdirSync(join(directory, 'proxy/example.com/m/@v'), { recursive: true });
      writeFileSync(`${base}.info`, '{"Version":"v1.0.0"}');
      writeFileSync(`${base}.mod`, 'module example.com/m\n');
      try {
        for (const sumDb of ['nonsense', 'sum.golang.org a b', 'x+y+z', 'sum.golang.org+033de0ae+AAAA']) {
          const { problems, code } = await json({ GOSUMDB: sumDb });
          assert.equal(code, 1, sumDb);
          assert.deepEqual(problems.map(({ variable }) => variable), ['GOSUMDB']);
          writeFileSync(join(directory, 'plain/go.mod'), 'module example.com/main\n\ngo 1.22\n\nrequire example.com/m v1.0.0\n');
          const { stderr } = await go.run(['mod', 'download', 'example.com/m@v1.0.0'], {
            directory: join(directory, 'plain'), env: { GOSUMDB: sumDb },
          });
          assert.ok(stderr.includes(problems[0]!.message), `${sumDb}: go says ${stderr}, we say ${problems[0]!.message}`);
        }
      } finally {
        go.dispose();
        rmSync(join(directory, 'plain/go.mod'), { force: true });
      }
    });
  });

  it('says why each is so, and where answers are kept', async () => {
    const { variables, cache } = await json({ XDG_CACHE_HOME: join(directory, 'cache'), GOPROXY: 'off' }, 'work/inner');
    assert.deepEqual(variables.GOPROXY, { value: 'off', why: 'environment' });
    assert.deepEqual(variables.GONOPROXY, { value: 'corp.example', why: 'GOPRIVATE' });
    assert.deepEqual(variables.GOVCS, { value: 'public:git', why: join(directory, 'home/.config/go/env') });
    assert.deepEqual(variables.GOWORK, { value: join(directory, 'work/go.work'), why: 'found at or above the working directory' });
    assert.equal(cache, join(directory, 'cache/gomod-health'));
  });

  it('prints no credential, wherever it may stand', async () => {
    const secret = 'tOpSeCrEt';
    const env = {
      GOPROXY: `https://me:${secret}@a.example,https://b.example/?token=${secret},http:/${secret}@c`,
      GOSUMDB: `sum.golang.org https://me:${secret}@d.example/ https://${secret}@e.example`,
      GOAUTH: `netrc;credential-helper --token ${secret}`,
      GOPRIVATE: `https://me:${secret}@f.example`,
      GOFLAGS: `-ldflags=-X=a=https://me:${secret}@g.example`,
    };
    for (const format of ['text', 'json']) {
      const { stdout, stderr, code } = await gomodHealth(['env', '--format', format], { directory, env });
      assert.ok(!`${stdout}${stderr}`.includes(secret), stdout);
      assert.equal(code, 1);
      assert.match(stdout, /credential-helper …/);
    }
  });

  it('prints one line for each setting, and problems below', async () => {
    const { stdout, code } = await gomodHealth(['env'], {
      directory: join(directory, 'plain'), env: { HOME: join(directory, 'home'), GOPROXY: 'corp', GOVCS: 'a\u001b[31m:git' },
    });
    assert.equal(code, 1);
    assert.match(stdout, /^GOPROXY=corp +# environment$/m);
    assert.match(stdout, /^GONOSUMDB=corp\.example +# GOPRIVATE$/m);
    assert.match(stdout, /^problem GOPROXY: invalid proxy URL missing scheme: corp$/m);
    assert.match(stdout, /^GOVCS=a\\u\{1b\}\[31m:git /m);
    assert.ok(stdout.endsWith(`\nAnswers are kept in ${directory}/home/.cache/gomod-health\n`));
  });

  it('knows a user without a cache directory', async () => {
    assert.equal((await readEnvironmentReport({ GOPROXY: 'off' }, 'linux', directory)).cache, undefined);
  });

  it('refuses a format that there is not', async () => {
    const { code, stderr } = await gomodHealth(['env', '--format', 'xml'], { directory });
    assert.equal(code, 2);
    assert.match(stderr, /^gomod-health: .*Allowed choices are text, json/);
  });
});
