import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ProxyEntry } from '../../server/src/engine/environment.ts';
import { createChecksumDatabase } from '../../server/src/net/checksum-database.ts';
import type { ChecksumDatabase, ChecksumDatabaseOptions } from '../../server/src/net/checksum-database.ts';
import type { HttpAnswer, HttpGet } from '../../server/src/net/http.ts';
import { honest as attacked, rewritten } from './attack-cases.ts';
import { logOf, recordOf } from './sample-log.ts';

const log = logOf(300);
const NAME = log.name;
const { path, version, zip, mod } = recordOf(7);
const KNOWN = { state: 'known', value: { zip, mod, database: NAME } };

/** What the servers of a test say, by the beginning of the address: a status, a failure, or the database. */
type World = Readonly<Record<string, number | 'fails' | 'database'>>;

interface FakeGet {
  readonly get: HttpGet;
  /** The addresses asked, in their order. */
  readonly asked: string[];
}

function fakeGet(world: World, database = log): FakeGet {
  const asked: string[] = [];
  const get: HttpGet = async (url, { signal, reach }) => {
    asked.push(url);
    assert.equal(reach, 'configured');
    await new Promise(setImmediate);
    if (signal.aborted) return { kind: 'failure', failure: 'cancelled', why: 'cancelled' };
    const [start, says] = Object.entries(world).find(([address]) => url.startsWith(address)) ?? [url, 'fails'];
    if (says === 'fails') return { kind: 'failure', failure: 'dns', why: `no such host: ${new URL(url).host}` };
    if (says !== 'database') return answerOf(url, says, Buffer.of());
    const { status, body } = database.answer(url.slice(start.length));
    return answerOf(url, status, body);
  };
  return { get, asked };
}

function answerOf(url: string, status: number, body: Buffer): HttpAnswer {
  const texts: Record<number, string> = { 200: '200 OK', 403: '403 Forbidden', 404: '404 Not Found', 410: '410 Gone' };
  return { kind: 'answer', status, statusText: texts[status] ?? `${status}`, body, headers: {}, url };
}

function open(options: Partial<ChecksumDatabaseOptions> & { readonly get: HttpGet }): ChecksumDatabase {
  return createChecksumDatabase({ sumDb: log.verifierKey, proxies: [DIRECT], cacheDirectory: undefined, ...options });
}

const DIRECT: ProxyEntry = { kind: 'direct' };
const OFF: ProxyEntry = { kind: 'off' };

/** `https://a,` and `https://a|` as GOPROXY has them. */
function proxy(entry: string): ProxyEntry {
  return { kind: 'proxy', url: entry.slice(0, -1), fallBackOn: entry.endsWith('|') ? 'any' : 'absent' };
}

const never = new AbortController().signal;

interface TransportCase {
  readonly name: string;
  readonly proxies: readonly ProxyEntry[];
  readonly sumDb?: string;
  readonly world: World;
  /** The hosts and what is asked there, without the record and the tiles. */
  readonly asks: readonly string[];
  /** Undefined when the record is found. */
  readonly why?: string;
}

const A = `https://a.example/sumdb/${NAME}`;
const B = `https://b.example/mod/sumdb/${NAME}`;
const CASES: readonly TransportCase[] = [
  { name: 'direct', proxies: [DIRECT], world: { [`https://${NAME}`]: 'database' }, asks: [`https://${NAME}`] },
  {
    name: 'a proxy that carries it, and then there only',
    proxies: [proxy('https://a.example,'), DIRECT],
    world: { [A]: 'database' },
    asks: [`${A}/supported`, A],
  },
  {
    name: 'the second proxy when the first does not carry it',
    proxies: [proxy('https://a.example,'), proxy('https://b.example/mod,'), DIRECT],
    world: { [A]: 404, [B]: 'database' },
    asks: [`${A}/supported`, `${B}/supported`, B],
  },
  {
    name: 'the database itself when no proxy carries it',
    proxies: [proxy('https://a.example,'), proxy('https://b.example/mod,')],
    world: { [A]: 410, [B]: 404, [`https://${NAME}`]: 'database' },
    asks: [`${A}/supported`, `${B}/supported`, `https://${NAME}`],
  },
  {
    name: 'nobody else when a proxy refuses',
    proxies: [proxy('https://a.example,'), DIRECT],
    world: { [A]: 403, [`https://${NAME}`]: 'database' },
    asks: [`${A}/supported`],
    why: `reading ${A}/supported: 403 Forbidden`,
  },
  {
    name: 'nobody else when a proxy can not be reached',
    proxies: [proxy('https://a.example,'), DIRECT],
    world: { [`https://${NAME}`]: 'database' },
    asks: [`${A}/supported`],
    why: 'no such host: a.example',
  },
  {
    name: 'the next proxy after a failure when | allows it',
    proxies: [proxy('https://a.example|'), proxy('https://b.example/mod,')],
    world: { [B]: 'database' },
    asks: [`${A}/supported`, `${B}/supported`, B],
  },
  {
    name: 'the database itself after a failure and | and direct',
    proxies: [proxy('https://a.example|'), DIRECT],
    world: { [A]: 500, [`https://${NAME}`]: 'database' },
    asks: [`${A}/supported`, `https://${NAME}`],
  },
  {
    name: 'nobody else after a failure and | and off',
    proxies: [proxy('https://a.example|'), OFF],
    world: { [`https://${NAME}`]: 'database' },
    asks: [`${A}/supported`],
    why: 'no such host: a.example',
  },
  {
    name: 'nobody else after a failure and | and a proxy that does not carry it',
    proxies: [proxy('https://a.example|'), proxy('https://b.example/mod,')],
    world: { [B]: 404, [`https://${NAME}`]: 'database' },
    asks: [`${A}/supported`, `${B}/supported`],
    why: 'no such host: a.example',
  },
  {
    name: 'the database itself after a proxy that does not carry it and off, as the go command does',
    proxies: [proxy('https://a.example,'), OFF],
    world: { [A]: 404, [`https://${NAME}`]: 'database' },
    asks: [`${A}/supported`, `https://${NAME}`],
  },
  {
    name: 'the address in GOSUMDB, past all proxies',
    proxies: [proxy('https://a.example,')],
    sumDb: `${log.verifierKey} https://c.example/sums/`,
    world: { 'https://c.example/sums': 'database' },
    asks: ['https://c.example/sums'],
  },
  {
    name: 'nobody when nothing may be asked',
    proxies: [],
    world: {},
    asks: [],
    why: 'GOPROXY list is not the empty string, but contains no entries',
  },
  {
    name: 'nobody for GOSUMDB=off',
    proxies: [DIRECT],
    sumDb: 'off',
    world: {},
    asks: [],
    why: 'checksum database disabled by GOSUMDB=off',
  },
  {
    name: 'nobody when GOSUMDB names no known key',
    proxies: [DIRECT],
    sumDb: 'sums.example.com',
    world: {},
    asks: [],
    why: 'invalid GOSUMDB: malformed verifier id',
  },
  {
    name: 'nobody when the address in GOSUMDB is none',
    proxies: [DIRECT],
    sumDb: `${log.verifierKey} nonsense`,
    world: {},
    asks: [],
    why: 'invalid GOSUMDB URL: an address that is not a URL',
  },
  {
    name: 'nobody when the address in GOSUMDB has another scheme',
    proxies: [DIRECT],
    sumDb: `${log.verifierKey} ftp://c.example`,
    world: {},
    asks: [],
    why: 'invalid GOSUMDB URL: unsupported scheme: ftp://c.example/',
  },
];

describe('the way to the checksum database', () => {
  for (const { name, proxies, sumDb, world, asks, why } of CASES) {
    it(`asks ${name}`, async () => {
      const { get, asked } = fakeGet(world);
      const database = open({ get, proxies, ...(sumDb === undefined ? {} : { sumDb }) });
      const expected = why === undefined ? KNOWN : { state: 'unavailable', why };
      assert.deepEqual(await database.checksums(path, version, never), expected);
      assert.deepEqual(asked.map((url) => url.replace(/\/(lookup|tile)\/.*$/, '')).filter(isNew), asks);

      const before = asked.length;
      assert.deepEqual(await database.checksums(path, version, never), expected);
      assert.equal(asked.length, before, 'the second time nothing is asked');
    });
  }

  it('is found once for many lookups', async () => {
    const { get, asked } = fakeGet({ [A]: 404, [B]: 'database' });
    const database = open({ get, proxies: [proxy('https://a.example,'), proxy('https://b.example/mod,')] });
    await Promise.all(Array.from({ length: 300 }, (_, at) => database.checksums(recordOf(at).path, version, never)));
    assert.equal(asked.filter((url) => url.endsWith('/supported')).length, 2);
    assert.equal(new Set(asked).size, asked.length);
  });

  it('tells no credentials', async () => {
    const base = `https://me:secret@a.example/sumdb/${NAME}`;
    const proxies = [proxy('https://me:secret@a.example,')];
    const carrying = open({ ...fakeGet({ [base]: 'database' }), proxies });
    const absent = await carrying.checksums('example.com/x', version, never);
    assert.deepEqual(absent, { state: 'absent', evidence: [{ from: A, said: '404 Not Found' }] });
    const refused = await open({ ...fakeGet({ [base]: 403 }), proxies }).checksums(path, version, never);
    assert.deepEqual(refused, { state: 'unavailable', why: `reading ${A}/supported: 403 Forbidden` });
  });

  it('leads to a file:// tree when that has the database, and past it when not', async () => {
    const root = await mkdtemp(join(tmpdir(), 'sumdb-files-'));
    const proxies = [proxy(`${pathToFileURL(root).href},`), DIRECT];
    const { get, asked } = fakeGet({ [`https://${NAME}`]: 'database' });
    assert.deepEqual(await open({ get, proxies }).checksums(path, version, never), KNOWN);
    assert.ok(asked.length > 0 && asked.every((url) => url.startsWith(`https://${NAME}/`)));

    for (const url of [...asked.map((address) => address.slice(`https://${NAME}`.length)), '/supported']) {
      const file = join(root, 'sumdb', NAME, url);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, log.answer(url).body);
    }
    const offline = fakeGet({});
    assert.deepEqual(await open({ get: offline.get, proxies }).checksums(path, version, never), KNOWN);
    const absent = await open({ get: offline.get, proxies }).checksums('example.com/x', version, never);
    assert.deepEqual(absent.state === 'absent' && absent.evidence.map(({ said }) => said), ['no such file']);
    const sumDb = `${log.verifierKey} ${pathToFileURL(join(root, 'sumdb', NAME)).href}`;
    assert.deepEqual(await open({ get: offline.get, sumDb }).checksums(path, version, never), KNOWN);
    assert.deepEqual(offline.asked, []);
    await rm(root, { recursive: true });
  });
});

describe('a caller who stops waiting', () => {
  /** Answers only when told, or when the request is ended. */
  function slowGet(): FakeGet & { readonly go: () => void; readonly ended: () => number } {
    const inner = fakeGet({ [`https://${NAME}`]: 'database' });
    let go = (): void => undefined;
    const gate = new Promise<void>((resolve) => (go = resolve));
    let ended = 0;
    const get: HttpGet = async (url, request) => {
      const stop = new Promise<void>((resolve) => {
        request.signal.addEventListener('abort', () => {
          ended += 1;
          resolve();
        });
      });
      await Promise.race([gate, stop]);
      return inner.get(url, request);
    };
    return { get, asked: inner.asked, go, ended: () => ended };
  }

  const CANCELLED = { state: 'unavailable', why: 'cancelled' };

  it('hears at once, and the others get their answer', async () => {
    const { get, go, ended } = slowGet();
    const database = open({ get });
    const leaver = new AbortController();
    const left = database.checksums(path, version, leaver.signal);
    const stays = database.checksums(path, version, never);
    leaver.abort();
    assert.deepEqual(await left, CANCELLED);
    assert.equal(ended(), 0);
    go();
    assert.deepEqual(await stays, KNOWN);
  });

  it('as the last one ends the requests; who comes later is served', async () => {
    const { get, go, ended } = slowGet();
    const database = open({ get });
    const leaver = new AbortController();
    const left = [database.checksums(path, version, leaver.signal), database.lookup(path, version, leaver.signal)];
    await new Promise(setImmediate);
    leaver.abort();
    assert.deepEqual(await left[0], CANCELLED);
    assert.deepEqual(await left[1], { kind: 'unavailable', why: 'cancelled' });
    assert.equal(ended(), 1);
    const later = database.checksums(path, version, never);
    go();
    assert.deepEqual(await later, KNOWN);
  });

  it('before asking asks nothing', async () => {
    const { get, asked } = fakeGet({});
    assert.deepEqual(await open({ get }).checksums(path, version, AbortSignal.abort()), CANCELLED);
    assert.deepEqual(asked, []);
  });
});

describe('a database kept on disk', () => {
  let cacheDirectory: string;
  beforeEach(async () => (cacheDirectory = await mkdtemp(join(tmpdir(), 'sumdb-disk-'))));
  afterEach(() => rm(cacheDirectory, { recursive: true, force: true }));

  async function filesBelow(directory: string): Promise<string[]> {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  }

  async function lookUpAll(get: HttpGet): Promise<void> {
    const database = open({ get, cacheDirectory });
    const records = Array.from({ length: 300 }, (_, at) => recordOf(at));
    const facts = await Promise.all(records.map((record) => database.checksums(record.path, record.version, never)));
    const zips = facts.map((fact) => fact.state === 'known' && fact.value.zip);
    assert.deepEqual(zips, records.map((record) => record.zip));
    await database.settled();
  }

  it('is asked nothing twice by a later run, and leaves whole files only', async () => {
    const first = fakeGet({ [`https://${NAME}`]: 'database' });
    await lookUpAll(first.get);
    assert.equal(first.asked.length, 300 + 3);
    const files = await filesBelow(cacheDirectory);
    assert.equal(files.length, 300 + 3 + 1);
    assert.ok(files.every((file) => !file.endsWith('.tmp')));
    const second = fakeGet({});
    await lookUpAll(second.get);
    assert.deepEqual(second.asked, []);
  });

  it('is asked again for what was spoiled, whatever it is, and the file is whole again', async () => {
    await lookUpAll(fakeGet({ [`https://${NAME}`]: 'database' }).get);
    const files = await filesBelow(cacheDirectory);
    const spoiled = files.filter((file, at) => !/lookup/.test(file) || at % 40 === 0);
    for (const file of spoiled) {
      await writeFile(file, 'spoiled');
      await lookUpAll(fakeGet({ [`https://${NAME}`]: 'database' }).get);
      const offline = fakeGet({});
      await lookUpAll(offline.get);
      assert.deepEqual(offline.asked, [], file);
    }
    assert.ok(spoiled.length >= 8);
  });

  it('does without a disk that takes nothing', async () => {
    cacheDirectory = join(cacheDirectory, 'file');
    await writeFile(cacheDirectory, 'not a directory');
    const { get, asked } = fakeGet({ [`https://${NAME}`]: 'database' });
    await lookUpAll(get);
    assert.equal(asked.length, 303);
    assert.ok((await stat(cacheDirectory)).isFile());
  });

  it('is known again when it forks in a later run', async () => {
    const sumDb = attacked.verifierKey;
    const world: World = { [`https://${NAME}`]: 'database' };
    const before = open({ get: fakeGet(world, attacked).get, sumDb, cacheDirectory });
    assert.equal((await before.checksums(recordOf(8).path, version, never)).state, 'known');
    await before.settled();

    const fork = open({ get: fakeGet(world, rewritten(700, 5)).get, sumDb, cacheDirectory });
    const fact = await fork.checksums(recordOf(5).path, version, never);
    assert.ok(fact.state === 'unavailable');
    assert.equal(
      fact.why,
      `SECURITY ERROR: ${NAME}: go.sum database server misbehavior detected! ` +
        'its tree of 700 records does not continue the tree of 600 records seen before',
    );
    const lookup = await fork.lookup(recordOf(5).path, version, never);
    assert.ok(lookup.kind === 'security');
    assert.equal(lookup.attack, 'fork');
    assert.match(lookup.evidence ?? '', /proof of misbehavior/);
  });
});

/** Leaves one of equal neighbours. */
function isNew(address: string, at: number, all: readonly string[]): boolean {
  return at === 0 || all[at - 1] !== address;
}
