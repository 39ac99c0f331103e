import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createChecksumDatabase } from '../../server/src/net/checksum-database.ts';
import type { ChecksumDatabase } from '../../server/src/net/checksum-database.ts';
import { createHttp } from '../../server/src/net/http.ts';
import type { HttpClient, TracedRequest } from '../../server/src/net/http.ts';

const TEST = join(import.meta.dirname, '..');

describe('the real checksum database, through the proxy that GOPROXY names', function () {
  this.timeout(300_000);
  const traced: TracedRequest[] = [];
  let http: HttpClient;
  let proxy: string;
  let cacheDirectory: string;

  before(async function () {
    http = createHttp({ environment: process.env, trace: (request) => traced.push(request) });
    const missing = await findProxy();
    if (missing === undefined) return;
    console.log(`skipped: ${missing}`);
    this.skip();
  });

  /** Why there is no proxy to ask. */
  async function findProxy(): Promise<string | undefined> {
    const go = spawnSync('go', ['env', 'GOPROXY'], { encoding: 'utf8' });
    if (go.status !== 0) return 'Go is not installed, so GOPROXY is not known';
    proxy = go.stdout.trim().split(/[,|]/)[0]!;
    if (!/^https?:/.test(proxy)) return `GOPROXY begins with ${JSON.stringify(proxy)}, which is no server`;
    const url = `${proxy}/sumdb/sum.golang.org/supported`;
    const signal = AbortSignal.timeout(20_000);
    const answer = await http.get(url, { signal, maxBytes: 1000, purpose: 'sumdb', reach: 'configured' });
    if (answer.kind === 'failure') return `the proxy can't be reached: ${answer.why}`;
    return answer.status === 200 ? undefined : `the proxy does not carry sum.golang.org: ${answer.statusText}`;
  }

  beforeEach(async () => {
    cacheDirectory = await mkdtemp(join(tmpdir(), 'sumdb-live-'));
    traced.length = 0;
  });
  afterEach(() => rm(cacheDirectory, { recursive: true, force: true }));
  after(() => http.close());

  function open(): ChecksumDatabase {
    return createChecksumDatabase({
      sumDb: 'sum.golang.org',
      proxies: [{ kind: 'proxy', url: proxy, fallBackOn: 'absent' }],
      get: http.get,
      cacheDirectory,
    });
  }

  /** Looks all versions up at once. Every line of the go.sum file must be what the database has signed. */
  async function requireLines(file: string): Promise<number> {
    const database = open();
    const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
    const checks = lines.map(async (line) => {
      const [path, version, hash] = line.split(' ') as [string, string, string];
      const [bare, isMod] = version.endsWith('/go.mod') ? [version.slice(0, -7), true] : [version, false];
      const fact = await database.checksums(path, bare, new AbortController().signal);
      assert.ok(fact.state === 'known', `${line}: ${JSON.stringify(fact)}`);
      assert.equal(isMod ? fact.value.mod : fact.value.zip, hash, line);
    });
    await Promise.all(checks);
    await database.settled();
    return lines.length;
  }

  it('has signed what go.sum has for golang.org/x/mod', async () => {
    assert.equal(await requireLines(join(TEST, 'sumdb', 'oracle', 'go.sum')), 2);
  });

  it('does not know a version that was never published', async () => {
    const fact = await open().checksums('golang.org/x/mod', 'v0.0.9999', new AbortController().signal);
    assert.equal(fact.state, 'absent', JSON.stringify(fact));
  });

  it('has signed every line of a go.sum of hundreds of lines, and is asked nothing twice', async () => {
    const file = join(TEST, 'live', 'module', 'go.sum');
    const started = performance.now();
    const lines = await requireLines(file);
    assert.ok(lines >= 500);
    const bytes = traced.reduce((sum, request) => sum + request.bytes, 0);
    const tiles = traced.filter(({ purpose }) => purpose === 'tile').length;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`      ${lines} lines: ${traced.length} requests (${tiles} tiles), ${bytes} bytes, ${seconds} s`);
    assert.equal(new Set(traced.map(({ url }) => url)).size, traced.length);

    traced.length = 0;
    await requireLines(file);
    assert.equal(traced.length, 0, 'a second run asks nothing');
  });
});
