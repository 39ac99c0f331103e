import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { createChecksumDatabase } from '../../server/src/net/checksum-database.ts';
import { createHttp } from '../../server/src/net/http.ts';
import { startChecksumDatabase } from '../world/checksum-database.ts';
import type { RunningChecksumDatabase } from '../world/checksum-database.ts';
import { sumLines, writeModuleProxy } from '../world/module-proxy.ts';
import type { ModuleSums } from '../world/module-proxy.ts';
import { recordOf } from './sample-log.ts';

const PATH = 'example.com/Hello';
const VERSION = 'v1.0.0';
const FILES = { 'go.mod': `module ${PATH}\n\ngo 1.21\n`, 'hello.go': 'package hello\n' };

describe('the go command, asking the checksum database of these tests', function () {
  this.timeout(120_000);
  let directory: string;
  let proxy: string;
  let sums: ModuleSums;
  let database: RunningChecksumDatabase;

  before(async function () {
    if (spawnSync('go', ['version']).status !== 0) {
      console.log('skipped: Go is not installed');
      this.skip();
    }
    directory = await mkdtemp(join(tmpdir(), 'go-command-'));
    proxy = pathToFileURL(join(directory, 'proxy')).href;
    sums = (await writeModuleProxy(join(directory, 'proxy'), [{ path: PATH, version: VERSION, files: FILES }]))[0]!;
  });

  after(() => directory && rm(directory, { recursive: true, force: true }));
  afterEach(() => database.close());

  /** Downloads the module in an empty module, with nothing in any cache. */
  async function download(goProxy: string, goSumDb: string): Promise<{ failure: string; goSum: string; home: string }> {
    const home = await mkdtemp(join(directory, 'home-'));
    const work = join(home, 'work');
    await mkdir(work);
    await writeFile(join(work, 'go.mod'), `module example.com/work\n\ngo 1.21\n\nrequire ${PATH} ${VERSION}\n`);
    const where = { GOENV: 'off', GOPATH: home, GOMODCACHE: join(home, 'mod'), GOWORK: 'off', GOFLAGS: '-modcacherw' };
    const whom = { GOTOOLCHAIN: 'local', GOPRIVATE: '', GONOSUMDB: '', GOPROXY: goProxy, GOSUMDB: goSumDb };
    const env = { ...process.env, ...where, ...whom };
    const failure = await promisify(execFile)('go', ['mod', 'download', PATH], { cwd: work, env }).then(
      () => '',
      (error: { stderr: string }) => error.stderr,
    );
    return { failure, home, goSum: await readFile(join(work, 'go.sum'), 'utf8').catch(() => '') };
  }

  /** A database of some size that has the module, with the given hash for its zip. */
  async function start(zip: string): Promise<RunningChecksumDatabase> {
    const others = Array.from({ length: 600 }, (_, at) => recordOf(at));
    database = await startChecksumDatabase({ records: others.toSpliced(300, 0, { ...sums, zip }) });
    return database;
  }

  it('accepts it at its own address, and writes the lines that it signed', async () => {
    const { goSumDb } = await start(sums.zip);
    const { failure, goSum } = await download(proxy, goSumDb);
    assert.equal(failure, '');
    assert.equal(goSum, sumLines(sums));
    assert.deepEqual(database.requests.toSorted(), [
      '/lookup/example.com/!hello@v1.0.0',
      '/tile/8/0/001',
      '/tile/8/0/002.p/89',
      '/tile/8/1/000.p/2',
    ]);
  });

  it('accepts it through a proxy that carries it', async () => {
    const { verifierKey, url, name } = await start(sums.zip);
    const { failure } = await download(`${proxy},${url}`, verifierKey);
    assert.equal(failure, '');
    assert.equal(database.requests[0], `/sumdb/${name}/supported`);
    assert.ok(database.requests.every((path) => path.startsWith(`/sumdb/${name}/`)), database.requests.join('\n'));
  });

  it('finds the mismatch when it signed another hash', async () => {
    const signed = 'h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=';
    const { goSumDb, name } = await start(signed);
    const { failure } = await download(proxy, goSumDb);
    assert.ok(failure.includes(`checksum mismatch\n\tdownloaded: ${sums.zip}\n\t${name}: ${signed}`), failure);
    assert.ok(failure.includes('SECURITY ERROR'));
  });

  it('leaves a cache that answers the same lookup without a request', async () => {
    const { goSumDb } = await start(sums.zip);
    const { home } = await download(proxy, goSumDb);
    const asked = database.requests.length;
    const http = createHttp({ environment: {} });
    const client = createChecksumDatabase({
      sumDb: goSumDb,
      proxies: [{ kind: 'direct' }],
      get: http.get,
      cacheDirectory: undefined,
      moduleCache: join(home, 'mod'),
    });
    const fact = await client.checksums(PATH, VERSION, new AbortController().signal);
    await http.close();
    assert.deepEqual(fact, { state: 'known', value: { zip: sums.zip, mod: sums.mod, database: database.name } });
    assert.equal(database.requests.length, asked);
  });
});
