import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { percentile } from '../../server/src/net/proxy-comparison.ts';
import type { ProxyMeasurement } from '../../server/src/net/proxy-comparison.ts';
import { gomodHealth } from '../cli/command.ts';
import type { CommandResult } from '../cli/command.ts';
import { startChecksumDatabase } from '../world/checksum-database.ts';
import type { RunningChecksumDatabase } from '../world/checksum-database.ts';
import { makeGitOrigins } from '../world/git-origin.ts';
import type { GitOrigins } from '../world/git-origin.ts';
import { serveModuleProxy, writeModuleProxy } from '../world/module-proxy.ts';
import type { ModuleProxyServer, PublishedModule } from '../world/module-proxy.ts';

const module = (path: string, version: string, text = ''): PublishedModule => ({
  path, version, files: { 'go.mod': `module ${path}\n`, 'a.go': `package a\n${text}` },
});

describe('gomod-health proxies', function () {
  this.timeout(60_000);
  let directory: string;
  let good: ModuleProxyServer;
  let stale: ModuleProxyServer;
  let forged: ModuleProxyServer;
  let database: RunningChecksumDatabase;
  let origins: GitOrigins;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'gomod-proxies-'));
    const a = module('github.com/acme/a', 'v1.0.0', '// text\n'.repeat(5000));
    const b = module('github.com/acme/b', 'v1.0.0');
    const sums = await writeModuleProxy(join(directory, 'good'), [a, module('github.com/acme/a', 'v1.1.0'), b]);
    await writeModuleProxy(join(directory, 'stale'), [a, b]);
    const evil = module('github.com/acme/a', 'v1.0.0', '// evil\n');
    await writeModuleProxy(join(directory, 'forged'), [evil, { ...b, files: { 'go.mod': `module ${b.path}\n\ngo 1.1\n` } }]);
    [good, stale, forged] = await Promise.all(['good', 'stale', 'forged'].map((name) => serveModuleProxy(join(directory, name)))) as
      [ModuleProxyServer, ModuleProxyServer, ModuleProxyServer];
    database = await startChecksumDatabase({ records: sums });
    const commit = { files: { 'go.mod': 'module github.com/acme/a\n' }, tags: ['v1.0.0', 'v1.1.0'] };
    origins = await makeGitOrigins(join(directory, 'origins'), [{ url: 'https://github.com/acme/a', commits: [commit] }]);
    mkdirSync(join(directory, 'main'));
    writeFileSync(join(directory, 'main/go.mod'), [
      'module example.com/main', '', 'go 1.22', '',
      'require github.com/acme/b v1.0.0 // indirect', 'require github.com/acme/a v1.0.0',
      'require corp.example.com/vault v1.0.0', 'require sums.example.com/quiet v1.0.0', 'require github.com/acme/replaced v1.0.0',
      'require github.com/acme/c v0.0.0-20240102030405-0123456789ab', 'replace github.com/acme/replaced => ./replaced', '',
    ].join('\n'));
  });

  after(async () => {
    await Promise.all([good, stale, forged, database].map((server) => server?.close()));
    await rm(directory, { recursive: true, force: true });
  });

  function run(args: readonly string[], env: Record<string, string> = {}): Promise<CommandResult> {
    return gomodHealth(['proxies', ...args], {
      directory: join(directory, 'main'),
      env: {
        HOME: directory, XDG_CACHE_HOME: join(directory, 'cache'), GOENV: 'off', GOWORK: 'off', GIT_CONFIG_NOSYSTEM: '1', ...origins.environment,
        GOPROXY: `${good.url},${stale.url}|direct`, GOSUMDB: database.goSumDb, GOPRIVATE: 'corp.example.com', GONOSUMDB: 'corp.example.com,sums.example.com', ...env,
      },
    });
  }

  interface Report {
    readonly unchecked: Readonly<Record<string, number>>;
    readonly modules: readonly { readonly path: string }[];
    readonly proxies: readonly ProxyMeasurement[];
  }

  async function measure(args: readonly string[], env?: Record<string, string>): Promise<Report & { code: number }> {
    const { code, stdout, stderr } = await run(['--format', 'json', ...args], env);
    assert.equal(stderr, '');
    return { code, ...(JSON.parse(stdout) as Report) };
  }

  it('compares those of GOPROXY: answers, times, a zip, freshness, hashes', async () => {
    const { code, modules, proxies } = await measure([]);
    assert.equal(code, 0);
    assert.deepEqual(modules.map(({ path }) => path), ['github.com/acme/a', 'github.com/acme/b'], 'direct requirements first');
    assert.deepEqual(proxies.map(({ address, requests, answered, absent, failures }) => [address, requests, answered, absent, failures]), [
      [good.url, 7, 7, 0, {}], [stale.url, 7, 7, 0, {}],
    ]);
    for (const { median, p95, zip, integrity } of proxies) {
      assert.ok(median! > 0 && p95! >= median!);
      assert.ok(zip!.bytes > 100 && zip!.milliseconds > 0);
      assert.deepEqual(integrity.map(({ of, state }) => [of, state]), [['go.mod', 'agrees'], ['go.mod', 'agrees'], ['module', 'agrees']]);
    }
    assert.deepEqual(proxies.map(({ freshness }) => freshness.map(({ newest, atOrigin, state }) => [newest, atOrigin ?? null, state])), [
      [['v1.1.0', 'v1.1.0', 'current'], ['v1.0.0', null, 'unchecked']],
      [['v1.0.0', 'v1.1.0', 'behind'], ['v1.0.0', null, 'unchecked']],
    ]);
  });

  it('never names a private module, nor one that no database may hear of, to any proxy', async () => {
    for (const server of [good, stale, forged]) server.requests.length = 0;
    await measure([good.url, stale.url, forged.url]);
    const asked = [...good.requests, ...stale.requests, ...forged.requests].map(({ path }) => path);
    assert.ok(asked.length > 0);
    assert.deepEqual(asked.filter((path) => /corp|vault|quiet|replaced/.test(path)), []);
    assert.deepEqual(database.requests.filter((path) => /corp|vault|quiet|replaced/.test(path)), []);
    assert.ok(good.requests.length <= 8, 'the number of requests is bounded');
  });

  it('finds a proxy that gives something else than what was signed', async () => {
    const { code, proxies } = await measure([forged.url]);
    assert.equal(code, 1);
    assert.deepEqual(proxies[0]!.integrity.map(({ module: { path }, of, state }) => [path, of, state]), [
      ['github.com/acme/a', 'go.mod', 'agrees'], ['github.com/acme/b', 'go.mod', 'disagrees'], ['github.com/acme/a', 'module', 'disagrees'],
    ]);
    const { stdout } = await run([forged.url]);
    assert.match(stdout, /SECURITY ERROR: http:\/\/127\.0\.0\.1:\d+: github\.com\/acme\/a@v1\.0\.0: checksum mismatch: it gives h1:\S+, the checksum database has h1:/);
  });

  it('takes a page of HTML in place of a zip file for a failure, and for no forgery', async () => {
    good.faults.set('github.com/acme/a/@v/v1.0.0.zip', { kind: 'html' });
    try {
      const { code, proxies } = await measure([good.url]);
      assert.equal(code, 0);
      assert.match(Object.keys(proxies[0]!.failures).join(), /gave no usable zip file: zip: not a valid zip file/);
      assert.deepEqual(proxies[0]!.integrity.map(({ of }) => of), ['go.mod', 'go.mod']);
      assert.equal(proxies[0]!.zip, undefined);
    } finally {
      good.faults.clear();
    }
  });

  it('leaves hashes unchecked where the database can not be asked', async () => {
    const { code, unchecked, proxies } = await measure([forged.url], { GOSUMDB: 'off' });
    assert.equal(code, 0);
    assert.ok(proxies[0]!.integrity.every(({ state }) => state === 'unchecked'));
    assert.equal(Object.entries(unchecked).find(([why]) => why.startsWith('hashes: '))?.[1], 2, JSON.stringify(unchecked));
  });

  it('counts what is not there and what fails, and takes one that is down for what it is', async () => {
    good.faults.set('github.com/acme/a/@v/list', { kind: 'status', status: 403 });
    good.faults.set('github.com/acme/b/@v/v1.0.0.info', { kind: 'status', status: 404 });
    try {
      const { code, proxies } = await measure([good.url, 'http://127.0.0.1:1', pathToFileURL(join(directory, 'stale')).href]);
      assert.equal(code, 0);
      const [faulty, down, local] = proxies;
      assert.deepEqual([faulty!.answered, faulty!.absent, Object.values(faulty!.failures)], [5, 1, [1]]);
      assert.match(Object.keys(faulty!.failures)[0]!, /403 Forbidden/);
      assert.deepEqual([down!.answered, down!.median, down!.zip, down!.integrity], [0, undefined, undefined, []]);
      assert.match(Object.keys(down!.failures).join(), /connection refused/);
      assert.deepEqual([local!.answered, local!.requests], [7, 7]);
    } finally {
      good.faults.clear();
    }
  });

  it('prints a table without credentials', async () => {
    const { stdout, code } = await run([stale.url, good.url.replace('http://', 'https://me:hunter2@')]);
    assert.equal(code, 0);
    const [head, first] = stdout.split('\n');
    assert.match(head!, /^proxy +answers +median +p95 +zip +newest versions +hashes$/);
    assert.match(first!, /^http:\/\/127\.0\.0\.1:\d+ +7 of 7 +\d+ ms +\d+ ms +[\d.]+ MiB\/s +1 behind, 1 unchecked +3 agrees$/);
    assert.match(stdout, /lists github\.com\/acme\/a v1\.0\.0; its origin has v1\.1\.0/);
    assert.match(stdout, /^not checked: 1 × newest version: \S.*$/m, 'why no origin of b was asked');
    assert.match(stdout, /asked about 2 public modules of this project\n$/);
    assert.doesNotMatch(stdout, /hunter2|me@/);
  });

  it('refuses what is no proxy', async () => {
    for (const [args, env, words] of [
      [['direct'], {}, /each argument must be the address of one proxy/],
      [[`${'ftp'}://x`], {}, /invalid proxy URL scheme/],
      [[], { GOPROXY: 'direct' }, /GOPROXY names no proxy/],
      [[], { GOPRIVATE: '*' }, /no public module/],
    ] as [string[], Record<string, string>, RegExp][]) {
      const { code, stderr } = await run(args, env);
      assert.equal(code, 2);
      assert.match(stderr, words);
    }
  });

  it('takes percentiles by the nearest rank', () => {
    assert.equal(percentile([], 0.5), undefined);
    assert.equal(percentile([3], 0.95), 3);
    assert.equal(percentile([4, 1, 3, 2], 0.5), 2);
    assert.equal(percentile(Array.from({ length: 100 }, (_, at) => at + 1), 0.95), 95);
  });
});
