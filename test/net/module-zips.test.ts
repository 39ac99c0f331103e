import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Route } from '../../server/src/engine/network.ts';
import { createHttp } from '../../server/src/net/http.ts';
import { hashModuleZip } from '../../server/src/net/module-hash.ts';
import { createNetwork } from '../../server/src/net/network.ts';
import type { NetworkOptions, OpenNetwork } from '../../server/src/net/network.ts';
import { evictZips } from '../../server/src/net/zip-files.ts';
import { startChecksumDatabase } from '../world/checksum-database.ts';
import type { RunningChecksumDatabase } from '../world/checksum-database.ts';
import { serveModuleProxy, writeModuleProxy } from '../world/module-proxy.ts';
import type { ModuleProxyServer, ModuleSums } from '../world/module-proxy.ts';

const { signal } = new AbortController();
const PATH = 'example.com/Acme/lib';

describe('the zip file of a module', function () {
  this.timeout(30_000);
  let directory: string;
  let server: ModuleProxyServer;
  let database: RunningChecksumDatabase;
  let sums: ModuleSums[];
  let network: OpenNetwork;
  let hashed: string[];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'gomod-zips-'));
    hashed = [];
    sums = await writeModuleProxy(join(directory, 'proxy'), ['v1.0.0', 'v1.1.0'].map((version) => (
      { path: PATH, version, files: { 'go.mod': `module ${PATH}\n`, 'lib.go': `package lib // ${version}\n` } })));
    server = await serveModuleProxy(join(directory, 'proxy'));
    database = await startChecksumDatabase({ name: 'sum.example.com', records: sums.slice(0, 1) });
    network = open({});
  });
  afterEach(async () => {
    await network.close();
    await Promise.all([server.close(), database.close()]);
    await rm(directory, { recursive: true, force: true });
  });

  function open(more: Partial<NetworkOptions>): OpenNetwork {
    return createNetwork({
      settings: { private: '', noProxy: '', insecure: '', vcs: '' },
      environment: {},
      cacheDirectory: join(directory, 'cache'),
      bounds: { pause: 5, connect: 500, headers: 1000, whole: 1000, download: 1000 },
      hashPool: () => ({
        hash: (job) => {
          if (job.kind === 'directory') throw new Error('no zip file');
          hashed.push(job.file);
          return hashModuleZip(job.file);
        },
        close: () => Promise.resolve(),
      }),
      ...more,
    });
  }

  const route = (sumDb?: string, url = server.url): Route => ({ entries: [{ kind: 'proxy', url, fallBackOn: 'absent' }], sumDb });
  const kept = async (): Promise<string[]> => {
    const entries = await readdir(join(directory, 'cache', 'zips'), { recursive: true, withFileTypes: true }).catch(() => []);
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  };

  it('is kept on the disk once the checksum database has vouched for it, and hashed by a thread once', async () => {
    const first = await network.zip(PATH, 'v1.0.0', route(database.goSumDb), signal);
    assert.ok(first.state === 'known', JSON.stringify(first));
    assert.deepEqual(await hashModuleZip(first.value), { ok: true, value: sums[0]!.zip });
    const requests = server.requests.length;
    assert.deepEqual(await network.zip(PATH, 'v1.0.0', route(database.goSumDb), signal), first);
    assert.equal(server.requests.length, requests);
    assert.equal(hashed.length, 1);
    assert.equal((await stat(first.value)).mode & 0o077, 0, 'it is nobody else\'s business');
    assert.deepEqual(await kept(), ['v1.0.0.zip']);
    await network.close();
    network = open({ offline: true });
    assert.deepEqual(await network.zip(PATH, 'v1.0.0', route(database.goSumDb), signal), first);
  });

  it('comes from a proxy on the disk as well, which keeps its own', async () => {
    const fact = await network.zip(PATH, 'v1.0.0', route(database.goSumDb, pathToFileURL(join(directory, 'proxy')).href), signal);
    assert.ok(fact.state === 'known');
    assert.deepEqual(await hashModuleZip(fact.value), { ok: true, value: sums[0]!.zip });
    assert.ok((await stat(join(directory, 'proxy', 'example.com/!acme/lib/@v/v1.0.0.zip'))).isFile());
  });

  it('without a database is kept apart, and never passes for one that was verified', async () => {
    const unverified = await network.zip(PATH, 'v1.1.0', route(), signal);
    assert.ok(unverified.state === 'known');
    const verified = await network.zip(PATH, 'v1.1.0', route(database.goSumDb), signal);
    assert.ok(verified.state === 'unavailable');
    assert.match(verified.why, /the checksum database does not know this version/);
  });

  it('that is not what was signed is refused, with who has what, and not kept', async () => {
    const other = await readFile(join(directory, 'proxy', 'example.com/!acme/lib/@v/v1.1.0.zip'));
    await writeFile(join(directory, 'proxy', 'example.com/!acme/lib/@v/v1.0.0.zip'), other);
    const fact = await network.zip(PATH, 'v1.0.0', route(database.goSumDb), signal);
    assert.ok(fact.state === 'unavailable');
    assert.match(fact.why, /^verifying example\.com\/Acme\/lib@v1\.0\.0: SECURITY ERROR: checksum mismatch: http:\/\/127\.0\.0\.1:\d+ has h1:\S+, sum\.example\.com has h1:/);
    assert.deepEqual(await kept(), []);
  });

  it('that is a page of HTML is no security matter', async () => {
    server.faults.set('*', { kind: 'html' });
    const fact = await network.zip(PATH, 'v1.0.0', route(), signal);
    assert.ok(fact.state === 'unavailable');
    assert.match(fact.why, /gave no usable zip file: zip: not a valid zip file/);
    assert.doesNotMatch(fact.why, /SECURITY/);
    assert.deepEqual(await kept(), []);
  });

  it('is never in memory as a whole while it comes', async function () {
    const size = 256 << 20;
    const big = createServer((_request, response) => {
      response.writeHead(200, { 'content-length': String(size) });
      const chunk = Buffer.alloc(1 << 20);
      let sent = 0;
      const write = (): void => {
        while (sent < size) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', write);
        }
        response.end();
      };
      write();
    });
    await new Promise<void>((resolve) => big.listen(0, '127.0.0.1', resolve));
    const http = createHttp({ environment: {} });
    const url = `http://127.0.0.1:${(big.address() as AddressInfo).port}/x`;
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().arrayBuffers)), 5);
    const before = process.memoryUsage().arrayBuffers;
    try {
      const file = join(directory, 'big');
      const answer = await http.get(url, { signal, maxBytes: size, purpose: 'zip', reach: 'configured', file });
      assert.ok(answer.kind === 'answer' && answer.body.length === 0, JSON.stringify(answer));
      assert.equal((await stat(file)).size, size);
      console.log(`      ${size >> 20} MiB were written with ${Math.round((most - before) / (1 << 20))} MiB of buffers at most`);
      // What was written waits for the garbage collector, so that it is more than a chunk or two.
      assert.ok(most - before < size / 2, `${most - before} bytes`);
      const cut = await http.get(url, { signal, maxBytes: 1 << 20, purpose: 'zip', reach: 'configured', file });
      assert.match(cut.kind === 'failure' ? cut.why : '', /sent more than 1048576 bytes/);
      const nowhere = await http.get(url, { signal, maxBytes: size, purpose: 'zip', reach: 'configured', file: join(directory, 'none', 'x') });
      assert.match(nowhere.kind === 'failure' ? nowhere.why : '', /what it sends can't be written to the disk: ENOENT/);
    } finally {
      clearInterval(watch);
      await http.close();
      big.closeAllConnections();
      await new Promise((resolve) => big.close(resolve));
    }
  });

  it('goes when there are too many, those that were used the longest time ago first', async () => {
    const zips = join(directory, 'cache', 'zips', 'verified');
    await mkdir(zips, { recursive: true });
    const old = new Date(Date.now() - 2 * 60 * 60_000);
    for (const [name, age] of [['a.zip', 3], ['b.zip', 1], ['c.zip', 2], ['left.zip.x.tmp', 200], ['new.zip.y.tmp', 0]] as const) {
      const file = join(zips, name);
      await writeFile(file, Buffer.alloc(100));
      await utimes(file, old, new Date(Date.now() - age * 60_000));
    }
    await evictZips(join(directory, 'cache', 'zips'), join(zips, 'a.zip'), 350);
    assert.deepEqual((await readdir(zips)).sort(), ['a.zip', 'b.zip', 'new.zip.y.tmp']);
  });
});
