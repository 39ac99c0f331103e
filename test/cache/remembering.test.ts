import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fact } from '../../server/src/engine/facts.ts';
import { createRememberingProxy } from '../../server/src/net/answer-cache-proxy.ts';
import type { RememberingProxy } from '../../server/src/net/answer-cache-proxy.ts';
import { createValidatingGet } from '../../server/src/net/answer-cache-validators.ts';
import { createAnswerCache } from '../../server/src/net/answer-cache.ts';
import type { AnswerCache } from '../../server/src/net/answer-cache.ts';
import { createHttp } from '../../server/src/net/http.ts';
import type { HttpAnswer, HttpClient, HttpRequest, TracedRequest } from '../../server/src/net/http.ts';
import type { ModBytes, ModuleProxy } from '../../server/src/net/module-proxy.ts';

const { signal } = new AbortController();
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const YEAR = 365 * 24 * 60 * MINUTE;

const ABSENT: Fact<never> = { state: 'absent', evidence: [{ from: 'https://p.example', said: '404 Not Found' }] };
const BROKEN: Fact<never> = { state: 'unavailable', why: 'proxy https://p.example answered 403 Forbidden' };

describe('a proxy whose answers are kept', () => {
  let directory: string;
  let now: number;
  let asked: string[];
  let answer: 'known' | 'absent' | 'unavailable';
  let cache: AnswerCache;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'gomod-remembering-'));
    now = Date.parse('2026-01-01T00:00:00Z');
    asked = [];
    answer = 'known';
    cache = createAnswerCache({ directory, now: () => now });
  });

  // An answer may still be being written; its directory then can't be removed at the first try.
  afterEach(() => rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }));

  const mod = (): ModBytes => ({ bytes: Buffer.from('module a.example/m\n'), text: 'module a.example/m\n', from: 'https://p.example' });

  function give<T>(what: string, value: T): Promise<Fact<T>> {
    asked.push(what);
    return Promise.resolve(answer === 'known' ? { state: 'known', value } : answer === 'absent' ? ABSENT : BROKEN);
  }

  const server: ModuleProxy = {
    list: (path) => give(`list ${path}`, { versions: ['v1.0.0'], from: 'https://p.example' }),
    info: (path, version) => give(`info ${path} ${version}`, { version, from: 'https://p.example' }),
    query: (path, query) => give(`query ${path} ${query}`, { version: 'v1.0.0', from: 'https://p.example' }),
    mod: (path, version) => give(`mod ${path} ${version}`, mod()),
    zip: (path, version) => give(`zip ${path} ${version}`, { from: 'https://p.example' }),
  };

  /** As a new process would open it. */
  function open(address = 'https://p.example', offline = false, trace?: (request: TracedRequest) => void): RememberingProxy {
    return createRememberingProxy(server, { address, cache, offline, now: () => now, trace });
  }

  const questions: Record<string, (proxy: RememberingProxy) => Promise<Fact<unknown>>> = {
    list: (proxy) => proxy.list('a.example/m', signal),
    query: (proxy) => proxy.query('a.example/m', 'main', signal),
    info: (proxy) => proxy.info('a.example/m', 'v1.0.0', signal),
    mod: async (proxy) => {
      const fact = await proxy.mod('a.example/m', 'v1.0.0', signal);
      if (fact.state === 'known') proxy.confirmMod('a.example/m', 'v1.0.0', fact.value);
      return fact;
    },
  };

  // For how long each answer counts, in milliseconds.
  const lifetimes: [question: string, state: 'known' | 'absent' | 'unavailable', lifetime: number, offline: number][] = [
    ['list', 'known', 5 * MINUTE, Infinity],
    ['query', 'known', 5 * MINUTE, 5 * MINUTE],
    ['info', 'known', Infinity, Infinity],
    ['mod', 'known', Infinity, Infinity],
    ['list', 'absent', MINUTE, MINUTE],
    ['query', 'absent', MINUTE, MINUTE],
    ['info', 'absent', MINUTE, MINUTE],
    ['mod', 'absent', MINUTE, MINUTE],
    ['list', 'unavailable', 0, 0],
    ['query', 'unavailable', 0, 0],
    ['info', 'unavailable', 0, 0],
    ['mod', 'unavailable', 0, 0],
  ];
  for (const [question, state, online, whenOffline] of lifetimes) {
    for (const [isOffline, lifetime] of [[false, online], [true, whenOffline]] as const) {
      it(`counts ${question}, ${state}, for ${lifetime / MINUTE} minutes ${isOffline ? 'offline' : 'online'}`, async () => {
        answer = state;
        const ask = questions[question]!;
        const first = await ask(open());
        await cache.settled();
        assert.equal(first.state, state);
        const again = async (): Promise<boolean> => {
          const before = asked.length;
          const fact = await ask(open('https://p.example', isOffline));
          const fromDisk = asked.length === before;
          if (fromDisk) assert.deepEqual(JSON.stringify(fact), JSON.stringify(first));
          return fromDisk;
        };
        const start = now;
        for (const age of [0, 59 * SECOND, 61 * SECOND, 5 * MINUTE - SECOND, 5 * MINUTE + SECOND, YEAR]) {
          // Each age is that of the first answer, so what was asked again must not have been kept.
          answer = 'unavailable';
          now = start + age;
          assert.equal(await again(), age < lifetime, `${age / SECOND} s`);
        }
        if (lifetime === Infinity) return;
        now = start - MINUTE;
        assert.equal(await again(), false, 'a clock that was set back');
      });
    }
  }

  it('keeps each question for itself', async () => {
    const proxy = open();
    await proxy.info('a.example/m', 'v1.0.0', signal);
    await proxy.info('a.example/m', 'v1.1.0', signal);
    await proxy.info('a.example/n', 'v1.0.0', signal);
    await proxy.query('a.example/m', 'v1.0.0', signal);
    await proxy.list('a.example/m', signal);
    await proxy.mod('a.example/m', 'v1.0.0', signal);
    assert.equal(asked.length, 6);
  });

  it('lets no proxy answer for another, whoever logs in', async () => {
    await open('https://me:secret@p.example/').info('a.example/m', 'v1.0.0', signal);
    await cache.settled();
    for (const same of ['https://p.example', 'https://you:other@p.example', 'https://P.example/']) {
      await open(same).info('a.example/m', 'v1.0.0', signal);
    }
    assert.equal(asked.length, 1);
    const others = [
      'http://p.example', 'https://p.example:8443', 'https://p.example/go', 'https://q.example', 'https://p.example?x=1',
    ];
    for (const other of others) await open(other).info('a.example/m', 'v1.0.0', signal);
    assert.equal(asked.length, 1 + others.length);
  });

  it('keeps no go.mod that nobody has confirmed', async () => {
    await open().mod('a.example/m', 'v1.0.0', signal);
    await cache.settled();
    await open().mod('a.example/m', 'v1.0.0', signal);
    assert.equal(asked.length, 2);
  });

  it('drops a kept go.mod that is refused, and tells whether the proxy can be asked again', async () => {
    const proxy = open();
    const first = await proxy.mod('a.example/m', 'v1.0.0', signal);
    assert.ok(first.state === 'known');
    assert.equal(await proxy.refuseMod('a.example/m', 'v1.0.0', first.value), false, 'the proxy has just said it');
    proxy.confirmMod('a.example/m', 'v1.0.0', first.value);
    await cache.settled();
    const kept = await proxy.mod('a.example/m', 'v1.0.0', signal);
    assert.ok(kept.state === 'known');
    assert.equal(kept.value.text, first.value.text);
    assert.equal(await proxy.refuseMod('a.example/m', 'v1.0.0', kept.value), true);
    await proxy.mod('a.example/m', 'v1.0.0', signal);
    assert.equal(asked.length, 2);
  });

  it('reads a proxy on the disk anew each time', async () => {
    for (let time = 0; time < 2; time++) {
      for (const ask of Object.values(questions)) await ask(open('file:///srv/proxy'));
      await cache.settled();
    }
    assert.equal(asked.length, 2 * Object.keys(questions).length);
  });

  it('traces what came from the disk', async () => {
    const traced: TracedRequest[] = [];
    for (let time = 0; time < 2; time++) {
      for (const ask of Object.values(questions)) await ask(open('https://me:secret@p.example/go/', false, (request) => traced.push(request)));
      await cache.settled();
    }
    assert.deepEqual(traced.map(({ purpose, url, status, cached }) => [purpose, url, status, cached]), [
      ['list', 'https://p.example/go/a.example/m/@v/list', 200, true],
      ['query', 'https://p.example/go/a.example/m/@v/main.info', 200, true],
      ['info', 'https://p.example/go/a.example/m/@v/v1.0.0.info', 200, true],
      ['mod', 'https://p.example/go/a.example/m/@v/v1.0.0.mod', 200, true],
    ]);
  });
});

describe('lists that are asked for again', () => {
  let directory: string;
  let server: Server;
  let http: HttpClient;
  let url: string;
  let seen: IncomingHttpHeaders[];
  let list: { body: string; etag?: string; lastModified?: string; redirect?: string };

  before(async () => {
    server = createServer((request, response) => {
      seen.push(request.headers);
      if (list.redirect !== undefined && request.url === '/m/@v/list') {
        response.writeHead(302, { location: list.redirect }).end();
        return;
      }
      const { 'if-none-match': match, 'if-modified-since': since } = request.headers;
      const headers = { ...(list.etag && { etag: list.etag }), ...(list.lastModified && { 'last-modified': list.lastModified }) };
      const isSame = list.etag === undefined ? since !== undefined && since === list.lastModified : match === list.etag;
      if (isSame) response.writeHead(304, headers).end();
      else response.writeHead(200, headers).end(list.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/m/@v/list`;
    http = createHttp({ environment: {} });
  });

  after(async () => {
    await http.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'gomod-validators-'));
    seen = [];
  });

  // An answer may still be being written; its directory then can't be removed at the first try.
  afterEach(() => rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }));

  async function get(request: Partial<HttpRequest> = {}): Promise<HttpAnswer & { kind: 'answer' }> {
    const cache = createAnswerCache({ directory });
    const validating = createValidatingGet(http.get, cache);
    const answer = await validating(url, { signal, maxBytes: 1000, purpose: 'list', reach: 'configured', ...request });
    await cache.settled();
    assert.ok(answer.kind === 'answer');
    return answer;
  }

  const text = ({ body }: HttpAnswer & { kind: 'answer' }): string => Buffer.from(body).toString();

  it('by ETag, and the kept list stands for 304', async () => {
    list = { body: 'v1.0.0\n', etag: '"a"' };
    assert.equal(text(await get()), 'v1.0.0\n');
    const again = await get();
    assert.deepEqual([again.status, again.statusText, text(again)], [200, '200 OK', 'v1.0.0\n']);
    assert.deepEqual(seen.map((headers) => headers['if-none-match']), [undefined, '"a"']);
    list = { body: 'v1.0.0\nv1.1.0\n', etag: '"b"' };
    assert.equal(text(await get()), 'v1.0.0\nv1.1.0\n');
    assert.equal(text(await get()), 'v1.0.0\nv1.1.0\n');
    assert.equal(seen.at(-1)?.['if-none-match'], '"b"');
  });

  it('by the time of its last change', async () => {
    list = { body: 'v1.0.0\n', lastModified: 'Thu, 01 Jan 2026 00:00:00 GMT' };
    await get();
    assert.equal(text(await get()), 'v1.0.0\n');
    assert.equal(seen.at(-1)?.['if-modified-since'], 'Thu, 01 Jan 2026 00:00:00 GMT');
  });

  it('plainly where the server offers neither, and for all else than lists', async () => {
    list = { body: 'v1.0.0\n' };
    await get();
    await get();
    list = { body: 'v1.0.0\n', etag: '"a"' };
    await get({ purpose: 'info' });
    await get({ purpose: 'info' });
    assert.ok(seen.every((headers) => headers['if-none-match'] === undefined && headers['if-modified-since'] === undefined));
  });

  it('without telling the target of a redirect', async () => {
    list = { body: 'v1.0.0\n', etag: '"a"' };
    await get();
    list.redirect = '/elsewhere';
    assert.equal(text(await get()), 'v1.0.0\n');
    assert.deepEqual(seen.map((headers) => headers['if-none-match']), [undefined, '"a"', undefined]);
  });

  it('plainly when the kept list was spoiled', async () => {
    list = { body: 'v1.0.0\n', etag: '"a"' };
    await get();
    rmSync(directory, { recursive: true });
    assert.equal(text(await get()), 'v1.0.0\n');
  });
});
