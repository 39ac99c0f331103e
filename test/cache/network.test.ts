import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProxyEntry } from '../../server/src/engine/environment.ts';
import type { Route } from '../../server/src/engine/network.ts';
import { identityOf } from '../../server/src/net/answer-cache-proxy.ts';
import { createAnswerCache } from '../../server/src/net/answer-cache.ts';
import { answerDirectory, createNetwork } from '../../server/src/net/network.ts';
import type { NetworkOptions, OpenNetwork } from '../../server/src/net/network.ts';
import { startChecksumDatabase } from '../world/checksum-database.ts';
import type { RunningChecksumDatabase } from '../world/checksum-database.ts';
import { makeGitOrigins } from '../world/git-origin.ts';
import type { GitOrigins } from '../world/git-origin.ts';
import { serveModuleProxy, writeModuleProxy } from '../world/module-proxy.ts';
import type { ModuleProxyServer, ModuleSums } from '../world/module-proxy.ts';
import { everythingBelow, filesBelow } from './directory-files.ts';

const { signal } = new AbortController();
const WIDGET = 'github.com/acme/widget';
const VAULT = 'git.corp.example/team/vault';

describe('the network between runs', function () {
  this.timeout(30_000);
  let directory: string;
  let cacheDirectory: string;
  let server: ModuleProxyServer;
  let other: ModuleProxyServer;
  let database: RunningChecksumDatabase;
  let origins: GitOrigins;
  let sums: ModuleSums[];

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'gomod-kept-'));
    sums = await writeModuleProxy(join(directory, 'proxy'), [
      { path: WIDGET, version: 'v1.0.0', files: { 'go.mod': `module ${WIDGET}\n` } },
      { path: WIDGET, version: 'v1.1.0', files: { 'go.mod': `module ${WIDGET}\n\ngo 1.20\n` } },
    ]);
    server = await serveModuleProxy(join(directory, 'proxy'));
    other = await serveModuleProxy(join(directory, 'empty'));
    database = await startChecksumDatabase({ records: sums });
    origins = await makeGitOrigins(join(directory, 'origins'), [
      { url: `https://github.com/acme/widget`, commits: [{ files: { 'go.mod': `module ${WIDGET}\n` }, tags: ['v1.0.0'] }] },
      { url: `https://${VAULT}.git`, commits: [{ files: { 'go.mod': `module ${VAULT}.git\n` }, tags: ['v1.0.0'] }] },
    ]);
  });

  beforeEach(async () => {
    server.faults.clear();
    server.requests.length = 0;
    other.requests.length = 0;
    cacheDirectory = await mkdtemp(join(directory, 'cache-'));
  });

  after(async () => {
    await Promise.all([server?.close(), other?.close(), database?.close()]);
    await rm(directory, { recursive: true });
  });

  /** Asks as one run of the program does, and says how many requests it made. */
  async function run<T>(ask: (network: OpenNetwork) => Promise<T>, options: Partial<NetworkOptions> = {}): Promise<{ value: T; requests: number }> {
    const network = createNetwork({
      settings: { private: 'git.corp.example', noProxy: 'git.corp.example', insecure: '', vcs: '' },
      environment: { PATH: process.env['PATH'], HOME: directory, GIT_CONFIG_NOSYSTEM: '1', ...origins.environment },
      cacheDirectory,
      bounds: { connect: 500, headers: 500, whole: 1000, pause: 5 },
      ...options,
    });
    try {
      return { value: await ask(network), requests: network.requests };
    } finally {
      await network.close();
    }
  }

  const at = (url: string): ProxyEntry => ({ kind: 'proxy', url, fallBackOn: 'absent' });
  const through = (url: string): Route => ({ entries: [at(url)], sumDb: database.goSumDb });
  const direct: Route = { entries: [{ kind: 'direct' }], sumDb: undefined };

  const everything = (route: Route) => async (network: OpenNetwork) => ({
    versions: await network.versions(WIDGET, route, signal),
    release: await network.release(WIDGET, 'v1.1.0', route, signal),
    mod: await network.mod(WIDGET, 'v1.1.0', route, signal),
    checksums: await network.checksums(WIDGET, 'v1.1.0', route, signal),
  });

  it('asks nothing twice', async () => {
    const first = await run(everything(through(server.url)));
    assert.ok(Object.values(first.value).every(({ state }) => state === 'known'));
    assert.ok(first.requests > 4);
    const second = await run(everything(through(server.url)));
    assert.deepEqual(second, { value: first.value, requests: 0 });
  });

  it('asks another proxy for itself', async () => {
    await run(everything(through(server.url)));
    const { value } = await run(everything(through(other.url)));
    assert.deepEqual([value.versions.state, value.release.state, value.mod.state], ['absent', 'absent', 'absent']);
    assert.ok(other.requests.length >= 3);
  });

  it('asks nothing offline, and says only what it has', async () => {
    const nothing = await run(everything(through(server.url)), { offline: true });
    assert.equal(nothing.requests, 0);
    for (const fact of Object.values(nothing.value)) {
      assert.equal(fact.state, 'unavailable');
      assert.match(fact.state === 'unavailable' ? fact.why : '', /not asked: offline/);
    }
    const online = await run(everything(through(server.url)));
    const requests = server.requests.length + database.requests.length;
    assert.deepEqual(await run(everything(through(server.url)), { offline: true }), { value: online.value, requests: 0 });
    assert.equal(server.requests.length + database.requests.length, requests);
    const unknown = await run((network) => network.release(WIDGET, 'v1.0.0', through(server.url), signal), { offline: true });
    assert.equal(unknown.value.state, 'unavailable');
  });

  it('writes no credential', async () => {
    const url = server.url.replace('http://', 'http://me:hunter2@');
    await run(everything({ entries: [{ ...at(url), fallBackOn: 'any' } as ProxyEntry, at(server.url)], sumDb: database.goSumDb }));
    assert.ok(filesBelow(cacheDirectory).length > 3);
    const digest = Buffer.from('me:hunter2').toString('base64');
    assert.ok(!new RegExp(`hunter2|me:|me@|${digest}`).test(everythingBelow(cacheDirectory)));
  });

  it('drops a kept go.mod that the checksum database does not vouch for, and asks again', async () => {
    const cache = createAnswerCache({ directory: answerDirectory(cacheDirectory) });
    const key = JSON.stringify([identityOf(server.url), WIDGET, 'v1.1.0']);
    const forged = Buffer.from(`module ${WIDGET}\n\nrequire evil.example v1.0.0\n`);
    cache.write('mod', key, { state: 'known', value: { from: server.url } }, forged);
    await cache.settled();
    const mod = (network: OpenNetwork) => network.mod(WIDGET, 'v1.1.0', through(server.url), signal);
    const unverified = await run((network) => network.mod(WIDGET, 'v1.1.0', { ...through(server.url), sumDb: undefined }, signal));
    assert.ok(unverified.value.state === 'known' && unverified.value.value.text === forged.toString(), 'the test forged the right entry');
    const honest = { state: 'known', value: { text: `module ${WIDGET}\n\ngo 1.20\n`, from: server.url } };
    assert.deepEqual((await run(mod)).value, honest);
    assert.equal(server.requests.filter(({ path }) => path.endsWith('.mod')).length, 1);
    assert.deepEqual(await run(mod), { value: honest, requests: 0 });
  });

  it('keeps no go.mod that was refused', async () => {
    const file = `${WIDGET}/@v/v1.1.0.mod`;
    server.faults.set(file, { kind: 'content', body: `module ${WIDGET}\n\ngo 1.19\n` });
    const mod = (network: OpenNetwork) => network.mod(WIDGET, 'v1.1.0', through(server.url), signal);
    const refused = await run(mod);
    assert.match(refused.value.state === 'unavailable' ? refused.value.why : '', /^SECURITY ERROR/);
    server.faults.clear();
    assert.equal((await run(mod)).value.state, 'known');
  });

  it('asks again for entries that were spoiled, whatever they are', async () => {
    const first = await run(everything(through(server.url)));
    for (const file of filesBelow(answerDirectory(cacheDirectory))) await writeFile(file, 'x');
    const second = await run(everything(through(server.url)));
    assert.deepEqual(second.value, first.value);
    assert.equal(second.requests, 3);
    assert.equal((await run(everything(through(server.url)))).requests, 0);
  });

  describe('and an origin', () => {
    const versions = (path: string) => (network: OpenNetwork) => network.versions(path, direct, signal);

    it('is not asked for what its tags were known to have', async () => {
      const first = await run(versions(WIDGET));
      assert.deepEqual(first.value.state === 'known' && first.value.value.versions, ['v1.0.0']);
      assert.equal(first.requests, 1);
      assert.deepEqual(await run(versions(WIDGET)), { value: first.value, requests: 0 });
      assert.deepEqual(await run(versions(WIDGET), { offline: true }), { value: first.value, requests: 0 });
    });

    it('is asked anew before a tag is said to be missing', async () => {
      const release = (network: OpenNetwork) => network.release(WIDGET, 'v1.7.0', direct, signal);
      assert.equal((await run(release)).value.state, 'absent');
      execFileSync('git', ['tag', 'v1.7.0', 'v1.0.0'], { cwd: origins.directoryOf('https://github.com/acme/widget') });
      try {
        assert.equal((await run(release, { offline: true })).value.state, 'unavailable', 'offline nobody knows');
        assert.equal((await run((network) => network.tags(WIDGET, signal), { offline: true })).value.state, 'unavailable');
        assert.equal((await run(release)).value.state, 'known');
        const tags = await run((network) => network.tags(WIDGET, signal));
        assert.ok(tags.value.state === 'known' && tags.value.value.tags.includes('v1.7.0'));
      } finally {
        execFileSync('git', ['tag', '-d', 'v1.7.0'], { cwd: origins.directoryOf('https://github.com/acme/widget') });
      }
    });

    it('answers for its private modules alone, under its own key', async () => {
      const path = `${VAULT}.git`;
      assert.equal((await run(versions(path))).value.state, 'known');
      assert.doesNotMatch(everythingBelow(cacheDirectory), /corp|vault/, 'not even the name is written');
      const publicly = await run((network) => network.versions(path, through(other.url), signal));
      assert.equal(publicly.value.state, 'absent', 'a proxy is asked for itself');
    });
  });
});
