import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Fact } from '../../server/src/engine/facts.ts';
import type { Network, Route } from '../../server/src/engine/network.ts';
import { hashZip } from '../../server/src/net/dirhash.ts';
import { createNetwork } from '../../server/src/net/network.ts';
import { ChecksumLog } from '../world/checksum-database.ts';
import { serveModuleProxy, writeModuleProxy } from '../world/module-proxy.ts';
import type { Fault, ModuleSums, PublishedModule } from '../world/module-proxy.ts';

const { signal } = new AbortController();

/** The module whose endpoints fail, and the one whose results must not be lost by that. */
const HIT = 'example.com/hit';
const OTHER = 'example.com/other';

const MODULES: readonly PublishedModule[] = [HIT, OTHER].map((path) => ({
  path, version: 'v1.2.0', files: { 'go.mod': `module ${path}\n\ngo 1.20\n` }, time: '2024-01-02T03:04:05Z',
}));

const WHOLE = 1200;
/** For all questions about both modules, in milliseconds: a retry or two on a busy machine, but no hanging. */
const BOUND = 8 * WHOLE;

const FAULTS: Readonly<Record<string, Fault>> = {
  ...Object.fromEntries([204, 301, 304, 400, 401, 403, 404, 410, 418, 429, 451, 500, 502, 503, 504].map((status) => [String(status), { kind: 'status', status }])),
  'long 429': { kind: 'status', status: 429, headers: { 'retry-after': '86400' } },
  html: { kind: 'html' },
  garbage: { kind: 'garbage' },
  empty: { kind: 'empty' },
  'other text': { kind: 'content', body: '{"Version":"v9.9.9"}\n' },
  half: { kind: 'half' },
  hang: { kind: 'hang' },
  stall: { kind: 'stall' },
  drip: { kind: 'drip' },
  reset: { kind: 'reset' },
  'to nowhere': { kind: 'redirect', to: 'http://127.0.0.1:1/' },
  'to itself': { kind: 'redirect', to: '' },
  'to garbage': { kind: 'redirect', to: 'http://[' },
  oversized: { kind: 'oversized' },
};

type Question = 'versions' | 'release' | 'latest' | 'mod' | 'zip' | 'checksums';

const QUESTIONS: readonly Question[] = ['versions', 'release', 'latest', 'mod', 'zip', 'checksums'];

/** The questions that an endpoint bears on; those about the other module hang on the shared ones as well. */
interface Endpoint {
  readonly path: string;
  readonly hit: readonly Question[];
  readonly shared?: readonly Question[];
}

describe('every endpoint with every fault', function () {
  this.timeout(180_000);
  let directory: string;
  let sums: ModuleSums[];
  let log: ChecksumLog;
  let endpoints: Readonly<Record<string, Endpoint>>;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'gomod-faults-'));
    sums = await writeModuleProxy(directory, MODULES);
    for (const path of [HIT, OTHER]) await writeFile(join(directory, path, '@latest'), '{"Version":"v1.2.0","Time":"2024-01-02T03:04:05Z"}\n');
    log = new ChecksumLog('sum.example.com', sums);
    const tile = `tile/8/0/000.p/${log.size}`;
    for (const path of ['supported', 'latest', tile, ...sums.map(({ path: name, version }) => `lookup/${name}@${version}`)]) {
      const file = join(directory, 'sumdb', log.name, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, log.answer(`/${path}`).body);
    }
    const sumDb = `sumdb/${log.name}`;
    endpoints = {
      list: { path: `${HIT}/@v/list`, hit: ['versions'] },
      info: { path: `${HIT}/@v/v1.2.0.info`, hit: ['release'] },
      latest: { path: `${HIT}/@latest`, hit: ['latest'] },
      mod: { path: `${HIT}/@v/v1.2.0.mod`, hit: ['mod'] },
      zip: { path: `${HIT}/@v/v1.2.0.zip`, hit: ['zip'] },
      lookup: { path: `${sumDb}/lookup/${HIT}@v1.2.0`, hit: ['mod', 'zip', 'checksums'] },
      supported: { path: `${sumDb}/supported`, hit: ['mod', 'zip', 'checksums'], shared: ['mod', 'zip', 'checksums'] },
      tile: { path: `${sumDb}/${tile}`, hit: ['mod', 'zip', 'checksums'], shared: ['mod', 'zip', 'checksums'] },
    };
  });

  after(() => rm(directory, { recursive: true, force: true }));

  function truth(path: string, question: Question, url: string): unknown {
    const { zip, mod } = sums.find((known) => known.path === path)!;
    switch (question) {
      case 'versions':
        return { versions: ['v1.2.0'], from: url };
      case 'release':
      case 'latest':
        return { version: 'v1.2.0', time: '2024-01-02T03:04:05Z', from: url };
      case 'mod':
        return { text: `module ${path}\n\ngo 1.20\n`, from: url };
      case 'zip':
        return zip;
      case 'checksums':
        return { zip, mod, database: log.name };
    }
  }

  function ask(network: Network, path: string, question: Question, route: Route): Promise<Fact<unknown>> {
    switch (question) {
      case 'versions':
        return network.versions(path, route, signal);
      case 'release':
        return network.release(path, 'v1.2.0', route, signal);
      case 'latest':
        return network.query(path, 'latest', route, signal);
      case 'mod':
        return network.mod(path, 'v1.2.0', route, signal);
      case 'zip':
        return zipHash(network, path, route);
      case 'checksums':
        return network.checksums(path, 'v1.2.0', route, signal);
    }
  }

  /** Of the file that was kept, read again from the disk. */
  async function zipHash(network: Network, path: string, route: Route): Promise<Fact<string>> {
    const zip = await network.zip(path, 'v1.2.0', route, signal);
    if (zip.state !== 'known') return zip;
    const hash = await hashZip(zip.value);
    return hash.ok ? { state: 'known', value: hash.value } : { state: 'unavailable', why: `the kept file is none: ${hash.error}` };
  }

  /** What came of one fault at one endpoint, in a few letters for the table. */
  async function tryFault(endpoint: Endpoint, fault: Fault): Promise<string> {
    const server = await serveModuleProxy(directory);
    const cacheDirectory = await mkdtemp(join(tmpdir(), 'gomod-faults-cache-'));
    const network = createNetwork({
      settings: { private: '', noProxy: '', insecure: '', vcs: '' },
      environment: {},
      cacheDirectory,
      bounds: { connect: 500, headers: WHOLE, whole: WHOLE, download: WHOLE, pause: 5, attempts: 2 },
    });
    const { url } = server;
    const route: Route = { entries: [{ kind: 'proxy', url, fallBackOn: 'absent' }], sumDb: log.verifierKey };
    server.faults.set(endpoint.path, fault.kind === 'redirect' && fault.to === '' ? { ...fault, to: `/${endpoint.path}` } : fault);
    try {
      const started = performance.now();
      const facts = await Promise.all(
        [HIT, OTHER].flatMap((path) => QUESTIONS.map(async (question) => ({ path, question, fact: await ask(network, path, question, route) }))),
      );
      assert.ok(performance.now() - started < BOUND, `it took ${performance.now() - started} ms`);
      const said: Fact<unknown>[] = [];
      for (const { path, question, fact } of facts) {
        const depends = path === HIT ? endpoint.hit : (endpoint.shared ?? []);
        // No versions at all is an answer like another: so a proxy says that a module has none.
        const isEmptyList = question === 'versions' && path === HIT && endpoint.path.endsWith('/list') && fault.kind === 'empty';
        // Nobody but the proxy knows which version is the latest, so that another well-formed one is its answer.
        const isOtherLatest = question === 'latest' && path === HIT && endpoint.path.endsWith('/@latest') && fault.kind === 'content';
        if (isOtherLatest) assert.deepEqual(fact, { state: 'known', value: { version: 'v9.9.9', from: url } });
        else if (isEmptyList) assert.deepEqual(fact, { state: 'known', value: { versions: [], from: url } });
        else if (fact.state === 'known') assert.deepEqual(fact.value, truth(path, question, url), `${question} of ${path} is false`);
        if (!depends.includes(question)) assert.equal(fact.state, 'known', `${question} of ${path} is lost: ${JSON.stringify(fact)}`);
        else if (path === HIT) said.push(fact);
        if (fact.state === 'absent') {
          const isDefinite = fault.kind === 'status' && (fault.status === 404 || fault.status === 410);
          assert.ok(isDefinite, `${question} of ${path} is said to be absent: ${JSON.stringify(fact)}`);
        }
        if (fact.state === 'unavailable') assert.doesNotMatch(fact.why, /the kept file is none|unexpected fault|internal error|undefined|\[object/);
      }
      return said.map(({ state }) => LETTERS[state]).join('');
    } finally {
      await network.close();
      await server.close();
      const left = await readdir(cacheDirectory, { recursive: true });
      await rm(cacheDirectory, { recursive: true, force: true });
      assert.deepEqual(left.filter((name) => name.endsWith('.tmp')), [], 'something half written was left');
    }
  }

  const LETTERS = { known: 'k', absent: 'a', unavailable: '?', pending: '!' };

  it('hangs nowhere, says nothing false, and loses nothing of another module', async () => {
    const cells = new Map<string, string>();
    const failures: string[] = [];
    const waiting = Object.entries(endpoints).flatMap(([name, endpoint]) => Object.entries(FAULTS).map(([fault, value]) => ({ name, endpoint, fault, value })));
    const all = waiting.length;
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const { name, endpoint, fault, value } = next;
        const cell = await tryFault(endpoint, value).catch((error: Error) => {
          failures.push(`${name} with ${fault}: ${error.message}`);
          return 'FAIL';
        });
        cells.set(`${name} ${fault}`, cell);
      }
    };
    await Promise.all(Array.from({ length: 6 }, work));
    const names = Object.keys(endpoints);
    const rows = Object.keys(FAULTS).map((fault) => `      ${fault.padEnd(12)}${names.map((name) => cells.get(`${name} ${fault}`)!.padEnd(11)).join('')}`);
    console.log(`      ${''.padEnd(12)}${names.map((name) => name.padEnd(11)).join('')}\n${rows.join('\n')}`);
    console.log(`      ${all} cases; of each question that the endpoint bears on: k known and right, a absent, ? not known`);
    assert.deepEqual(failures, []);
    assert.equal(cells.size, all);
    assert.equal(cells.get('info 404'), 'a');
    assert.equal(cells.get('info 403'), '?');
  });

  it('knows everything without a fault', async () => {
    assert.equal(await tryFault({ path: 'none', hit: QUESTIONS }, { kind: 'html' }), 'kkkkkk');
  });
});
