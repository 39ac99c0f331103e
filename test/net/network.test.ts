import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import type { ProxyEntry } from '../../server/src/engine/environment.ts';
import type { Fact } from '../../server/src/engine/facts.ts';
import type { Route } from '../../server/src/engine/network.ts';
import type { TracedRequest } from '../../server/src/net/http.ts';
import { createNetwork } from '../../server/src/net/network.ts';
import type { OpenNetwork } from '../../server/src/net/network.ts';
import { askChain } from '../../server/src/net/proxy-chain.ts';
import { startChecksumDatabase } from '../world/checksum-database.ts';
import type { RunningChecksumDatabase } from '../world/checksum-database.ts';
import { makeGitOrigins } from '../world/git-origin.ts';
import type { GitOrigins } from '../world/git-origin.ts';
import { serveModuleProxy, writeModuleProxy } from '../world/module-proxy.ts';
import type { ModuleProxyServer, ModuleSums } from '../world/module-proxy.ts';

const { signal } = new AbortController();

function proxy(url: string, separator: ',' | '|' = ','): ProxyEntry {
  return { kind: 'proxy', url, fallBackOn: separator === '|' ? 'any' : 'absent' };
}

const DIRECT: ProxyEntry = { kind: 'direct' };
const OFF: ProxyEntry = { kind: 'off' };

describe('a chain of proxies', () => {
  const facts: Record<string, Fact<string>> = {
    known: { state: 'known', value: 'v1.0.0' },
    absent: { state: 'absent', evidence: [{ from: 'a', said: '404 Not Found' }] },
    broken: { state: 'unavailable', why: 'proxy broken answered 403 Forbidden' },
    down: { state: 'unavailable', why: 'proxy down: no such host' },
  };

  async function ask(chain: string): Promise<{ asked: string[]; fact: Fact<string> }> {
    const asked: string[] = [];
    const entries = [...chain.matchAll(/([a-z]+)([,|]?)/g)].map(([, name = '', separator]): ProxyEntry =>
      name === 'off' ? OFF : name.startsWith('direct') ? DIRECT : proxy(name, separator === '|' ? '|' : ','),
    );
    const direct = facts[/direct([a-z]+)/.exec(chain)?.[1] ?? 'absent']!;
    const fact = await askChain(entries, async (entry) => {
      asked.push(entry.kind === 'proxy' ? entry.url : 'direct');
      return entry.kind === 'proxy' ? facts[entry.url]! : direct;
    });
    return { asked, fact };
  }

  const cases: [chain: string, asked: string, state: string, words?: RegExp][] = [
    ['known,absent', 'known', 'known'],
    ['absent,known', 'absent known', 'known'],
    ['absent|known', 'absent known', 'known'],
    ['absent,absent', 'absent absent', 'absent'],
    ['absent,directabsent', 'absent direct', 'absent'],
    ['absent,directbroken', 'absent direct', 'unavailable', /403/],
    ['broken,known', 'broken', 'unavailable', /403/],
    ['broken,directknown', 'broken', 'unavailable', /403/],
    ['broken|known', 'broken known', 'known'],
    ['broken|directknown', 'broken direct', 'known'],
    ['broken|absent', 'broken absent', 'unavailable', /403/],
    ['broken|directabsent', 'broken direct', 'unavailable', /403/],
    ['broken|down|absent', 'broken down absent', 'unavailable', /no such host/],
    ['broken|directdown', 'broken direct', 'unavailable', /no such host/],
    ['absent,broken,known', 'absent broken', 'unavailable', /403/],
    ['absent|broken|known', 'absent broken known', 'known'],
    ['off', '', 'unavailable', /^module lookup disabled by GOPROXY=off$/],
    ['absent,off', 'absent', 'unavailable', /disabled by GOPROXY=off/],
    ['known,off', 'known', 'known'],
    ['broken|off', 'broken', 'unavailable', /403/],
    ['off,known', '', 'unavailable', /disabled by GOPROXY=off/],
    ['', '', 'unavailable', /contains no entries/],
  ];
  for (const [chain, asked, state, words] of cases) {
    it(`${chain || '(empty)'}: ${state}`, async () => {
      const answer = await ask(chain);
      assert.equal(answer.asked.join(' '), asked);
      assert.equal(answer.fact.state, state);
      if (words) assert.match(answer.fact.state === 'unavailable' ? answer.fact.why : '', words);
    });
  }

  it('joins the evidence', async () => {
    const { fact } = await ask('absent,absent,directabsent');
    assert.equal(fact.state === 'absent' && fact.evidence.length, 3);
  });

  it('never says absent when one place that was asked could not tell', async () => {
    const names = fc.constantFrom('known', 'absent', 'broken', 'down');
    const chains = fc.array(fc.tuple(names, fc.constantFrom(',', '|')), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(chains, async (parts) => {
        const { asked, fact } = await ask(parts.map(([name, separator]) => name + separator).join(''));
        const all = asked.map((name) => facts[name]!.state);
        if (fact.state === 'absent') assert.ok(all.length > 0 && all.every((state) => state === 'absent'));
        if (fact.state === 'known') assert.equal(all.at(-1), 'known');
        assert.equal(fact.state === 'known', all.includes('known'));
      }),
    );
  });
});

describe('the network', () => {
  let directory: string;
  let server: ModuleProxyServer;
  let database: RunningChecksumDatabase;
  let origins: GitOrigins;
  let sums: ModuleSums[];
  let network: OpenNetwork;
  let traced: TracedRequest[];

  before(async function () {
    this.timeout(30_000);
    directory = await mkdtemp(join(tmpdir(), 'gomod-network-'));
    sums = await writeModuleProxy(join(directory, 'proxy'), [
      { path: 'github.com/acme/widget', version: 'v1.0.0', files: { 'go.mod': 'module github.com/acme/widget\n', 'w.go': 'package widget\n' } },
      { path: 'github.com/acme/widget', version: 'v1.1.0', files: { 'go.mod': 'module github.com/acme/widget\n\ngo 1.20\n' } },
      { path: 'github.com/acme/other', version: 'v1.0.0', files: {} },
    ]);
    server = await serveModuleProxy(join(directory, 'proxy'));
    database = await startChecksumDatabase({ records: sums.slice(0, 2) });
    origins = await makeGitOrigins(join(directory, 'origins'), [
      {
        url: 'https://github.com/acme/widget',
        commits: [
          { files: { 'go.mod': 'module github.com/acme/widget\n', 'w.go': 'package widget\n' }, tags: ['v1.0.0'] },
          { files: { 'go.mod': 'module github.com/acme/widget\n\ngo 1.20\n' }, tags: ['v1.1.0', 'v1.2.0'] },
        ],
      },
    ]);
  });

  beforeEach(() => {
    server.faults.clear();
    server.requests.length = 0;
    traced = [];
    network = createNetwork({
      settings: { private: '', noProxy: '', insecure: '', vcs: '' },
      environment: { PATH: process.env['PATH'], HOME: directory, GIT_CONFIG_NOSYSTEM: '1', ...origins.environment },
      cacheDirectory: undefined,
      bounds: { connect: 500, headers: 300, whole: 600, pause: 5 },
      trace: (request) => traced.push(request),
    });
  });

  afterEach(() => network.close());

  after(async () => {
    await server.close();
    await database.close();
    await rm(directory, { recursive: true });
  });

  function route(...entries: ProxyEntry[]): Route {
    return { entries, sumDb: undefined };
  }

  it('goes on to the origin only after a definite no', async () => {
    const chain = route(proxy(server.url), DIRECT);
    assert.equal((await network.release('github.com/acme/widget', 'v1.1.0', chain, signal)).state, 'known');
    assert.deepEqual(traced.map(({ purpose }) => purpose), ['info']);
    const late = await network.release('github.com/acme/widget', 'v1.2.0', chain, signal);
    assert.deepEqual(late, { state: 'known', value: { version: 'v1.2.0', from: 'https://github.com/acme/widget' } });
    const never = await network.release('github.com/acme/widget', 'v1.3.0', chain, signal);
    assert.deepEqual(never, {
      state: 'absent',
      evidence: [
        { from: server.url, said: '404 Not Found' },
        { from: 'https://github.com/acme/widget', said: 'no such tag' },
      ],
    });
    server.faults.set('*', { kind: 'status', status: 403 });
    assert.equal((await network.release('github.com/acme/widget', 'v1.2.0', chain, signal)).state, 'unavailable');
    assert.equal(network.requests, traced.length);
  });

  it('asks two proxies, the second on disk', async () => {
    const chain = route(proxy(server.url, '|'), proxy(pathToFileURL(join(directory, 'proxy')).href));
    server.faults.set('*', { kind: 'reset' });
    const fact = await network.versions('github.com/acme/widget', chain, signal);
    assert.deepEqual(fact.state === 'known' && fact.value.versions, ['v1.0.0', 'v1.1.0']);
    assert.equal((await network.versions('github.com/acme/none', chain, signal)).state, 'unavailable');
  });

  it('asks nobody where nobody may be asked', async () => {
    for (const chain of [route(), route(OFF)]) {
      assert.equal((await network.versions('github.com/acme/widget', chain, signal)).state, 'unavailable');
      assert.equal((await network.release('github.com/acme/widget', 'v1.0.0', chain, signal)).state, 'unavailable');
      assert.equal((await network.mod('github.com/acme/widget', 'v1.0.0', chain, signal)).state, 'unavailable');
      assert.equal((await network.checksums('github.com/acme/widget', 'v1.0.0', chain, signal)).state, 'unavailable');
    }
    assert.equal(network.requests, 0);
  });

  describe('believes a go.mod', () => {
    const verified = (): Route => ({ entries: [proxy(server.url), DIRECT], sumDb: database.goSumDb });

    it('that the checksum database vouches for, from a proxy and from an origin', async () => {
      const fact = await network.mod('github.com/acme/widget', 'v1.1.0', verified(), signal);
      assert.deepEqual(fact, { state: 'known', value: { text: 'module github.com/acme/widget\n\ngo 1.20\n', from: server.url } });
      server.faults.set('*', { kind: 'status', status: 404 });
      const direct = await network.mod('github.com/acme/widget', 'v1.0.0', verified(), signal);
      assert.deepEqual(direct, {
        state: 'known',
        value: { text: 'module github.com/acme/widget\n', from: 'https://github.com/acme/widget' },
      });
    });

    it('not when it was changed', async () => {
      server.faults.set('github.com/acme/widget/@v/v1.1.0.mod', { kind: 'content', body: 'module github.com/acme/widget\n\ngo 1.19\n' });
      const fact = await network.mod('github.com/acme/widget', 'v1.1.0', verified(), signal);
      assert.match(
        fact.state === 'unavailable' ? fact.why : '',
        /^SECURITY ERROR: verifying github.com\/acme\/widget@v1.1.0\/go.mod: checksum mismatch: http.* has h1:.*=, checksums.example.com has h1:/,
      );
    });

    it('not when the database does not know it, or does not answer', async () => {
      const unknown = await network.mod('github.com/acme/other', 'v1.0.0', verified(), signal);
      assert.match(unknown.state === 'unavailable' ? unknown.why : '', /does not know this version/);
      const sumDb = `${database.verifierKey} http://127.0.0.1:1`;
      const down = await network.mod('github.com/acme/widget', 'v1.1.0', { ...verified(), sumDb }, signal);
      assert.match(down.state === 'unavailable' ? down.why : '', /connection refused/);
    });

    it('without the database where the route names none', async () => {
      const fact = await network.mod('github.com/acme/other', 'v1.0.0', route(proxy(server.url)), signal);
      assert.equal(fact.state === 'known' && fact.value.text, 'module github.com/acme/other\n');
    });

    it('and asks the database only for what is there', async () => {
      const before = database.requests.length;
      assert.equal((await network.mod('github.com/acme/widget', 'v1.9.0', verified(), signal)).state, 'absent');
      assert.equal(database.requests.length, before);
    });
  });

  it('tells the signed checksums', async () => {
    const fact = await network.checksums('github.com/acme/widget', 'v1.0.0', { entries: [DIRECT], sumDb: database.goSumDb }, signal);
    assert.deepEqual(fact, { state: 'known', value: { zip: sums[0]!.zip, mod: sums[0]!.mod, database: database.name } });
  });

  it('keeps passwords out of everything it says', async () => {
    const secret = 'https://me:hunter2@127.0.0.1:1';
    const chain = route(proxy(secret, '|'), proxy('https://me:hunter2@['), DIRECT);
    const said = [
      await network.versions('github.com/acme/none', chain, signal),
      await network.release('github.com/acme/none', 'v1.0.0', chain, signal),
      await network.mod('github.com/acme/none', 'v1.0.0', chain, signal),
      await network.mod('github.com/acme/widget', 'v1.0.0', { ...chain, sumDb: `${database.verifierKey} ${secret}` }, signal),
      await network.checksums('github.com/acme/none', 'v1.0.0', { ...chain, sumDb: database.verifierKey }, signal),
      traced,
    ];
    assert.ok(traced.length > 0);
    assert.doesNotMatch(JSON.stringify(said), /hunter2|me:|me@/);
  });

  it('throws nothing, whatever it is asked', async () => {
    const text = fc.oneof(fc.string(), fc.constantFrom('github.com/acme/widget', 'github.com/../x', 'v1.0.0', '-x', 'a.b/c\n', '\0'));
    await fc.assert(
      fc.asyncProperty(text, text, async (path, version) => {
        const chain = route(proxy(server.url));
        const states = await Promise.all([
          network.versions(path, chain, signal),
          network.release(path, version, chain, signal),
          network.mod(path, version, chain, signal),
        ]);
        assert.ok(states.every(({ state }) => state !== 'pending'));
      }),
      { numRuns: 60 },
    );
  });
});
