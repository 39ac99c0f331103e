import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Fact } from '../../server/src/engine/facts.ts';
import { createHttp } from '../../server/src/net/http.ts';
import { createModuleProxy } from '../../server/src/net/module-proxy.ts';
import type { ModuleProxy } from '../../server/src/net/module-proxy.ts';
import type { Fault, ModuleProxyServer } from '../world/module-proxy.ts';
import { serveModuleProxy, writeModuleProxy } from '../world/module-proxy.ts';

const PATH = 'example.com/Acme/lib';
const ESCAPED = 'example.com/!acme/lib';

const ENDPOINTS: Record<string, { path: string; ask: (proxy: ModuleProxy, signal: AbortSignal) => Promise<Fact<unknown>> }> = {
  list: { path: `${ESCAPED}/@v/list`, ask: (proxy, signal) => proxy.list(PATH, signal) },
  info: { path: `${ESCAPED}/@v/v1.0.0.info`, ask: (proxy, signal) => proxy.info(PATH, 'v1.0.0', signal) },
  mod: { path: `${ESCAPED}/@v/v1.0.0.mod`, ask: (proxy, signal) => proxy.mod(PATH, 'v1.0.0', signal) },
};

/** Which of the bounds ends it first is a matter of undici's timers, which are coarse. */
const LATE = /did not begin to answer within 0.3 s|in full within 0.6 s|stopped in the middle/;

/** What each endpoint must answer to each fault; the words are a part of the reason, or the evidence. */
const FAULTS: [name: string, fault: Fault, expected: 'absent' | 'unavailable' | 'known', words: RegExp][] = [
  ['404', { kind: 'status', status: 404 }, 'absent', /^404 Not Found$/],
  ['410', { kind: 'status', status: 410 }, 'absent', /^410 Gone$/],
  ['400', { kind: 'status', status: 400 }, 'unavailable', /answered 400 Bad Request$/],
  ['401', { kind: 'status', status: 401 }, 'unavailable', /answered 401 Unauthorized; it wants a login, from GOAUTH or a netrc file$/],
  ['403', { kind: 'status', status: 403 }, 'unavailable', /answered 403 Forbidden; the go command stops here too/],
  ['404 in words only', { kind: 'status', status: 200, body: 'not found: unknown revision' }, 'unavailable', /invalid response from proxy/],
  ['204', { kind: 'status', status: 204 }, 'unavailable', /answered 204/],
  ['304', { kind: 'status', status: 304 }, 'unavailable', /answered 304/],
  ['429', { kind: 'status', status: 429 }, 'unavailable', /answered 429 Too Many Requests; it is asked too often/],
  ['429, come back tomorrow', { kind: 'status', status: 429, headers: { 'retry-after': '86400' } }, 'unavailable', /answered 429/],
  ['500', { kind: 'status', status: 500 }, 'unavailable', /answered 500 Internal Server Error; it is at fault itself/],
  ['502', { kind: 'status', status: 502 }, 'unavailable', /answered 502 Bad Gateway; it is at fault itself/],
  ['503', { kind: 'status', status: 503 }, 'unavailable', /answered 503 Service Unavailable; it is at fault itself/],
  ['HTML with 200', { kind: 'html' }, 'unavailable', /invalid response from proxy/],
  ['HTML with 404', { kind: 'status', status: 404, headers: { 'content-type': 'text/html' }, body: '<html>' }, 'absent', /^404 Not Found$/],
  ['garbage', { kind: 'garbage' }, 'unavailable', /invalid response from proxy/],
  ['half a body', { kind: 'half' }, 'unavailable', /closed the connection before its answer was complete/],
  ['hang', { kind: 'hang' }, 'unavailable', LATE],
  ['headers, then nothing', { kind: 'stall' }, 'unavailable', LATE],
  ['slow drip', { kind: 'drip' }, 'unavailable', LATE],
  ['reset', { kind: 'reset' }, 'unavailable', /closed the connection before its answer was complete/],
  ['oversized', { kind: 'oversized' }, 'unavailable', /sent more than \d+ bytes/],
  ['redirect to itself', { kind: 'redirect', to: '?again' }, 'unavailable', /stopped after 10 redirects/],
  ['redirect to a file', { kind: 'redirect', to: 'file:///etc/passwd' }, 'unavailable', /unsupported scheme: file:/],
  ['redirect to nothing', { kind: 'redirect', to: 'http://[' }, 'unavailable', /not a URL/],
  ['redirect to a closed port', { kind: 'redirect', to: 'http://127.0.0.1:1/' }, 'unavailable', /connection refused by 127.0.0.1:1/],
  ['gzip that is none', { kind: 'status', status: 200, headers: { 'content-encoding': 'gzip' }, body: 'v1.0.0' }, 'unavailable', /can't be unpacked/],
];

describe('a module proxy', () => {
  let directory: string;
  let server: ModuleProxyServer;
  let http: ReturnType<typeof createHttp>;
  const { signal } = new AbortController();

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'gomod-proxy-'));
    await writeModuleProxy(directory, [
      { path: PATH, version: 'v1.2.0', files: { 'go.mod': `module ${PATH}\n` } },
      { path: PATH, version: 'v1.0.0', files: { 'go.mod': `module ${PATH}\n\ngo 1.21\n`, 'lib.go': 'package lib\n' }, time: '2023-05-06T07:08:09Z' },
      { path: PATH, version: 'v1.10.0-RC.1', files: {} },
      { path: PATH, version: 'v1.2.1-0.20230101000000-abcdefabcdef', files: {} },
    ]);
    server = await serveModuleProxy(directory);
  });

  beforeEach(() => {
    server.faults.clear();
    server.requests.length = 0;
    http = createHttp({ environment: {}, bounds: { connect: 500, headers: 300, whole: 600, pause: 5, retryAfter: 50 } });
  });

  afterEach(() => http.close());

  after(async () => {
    await server.close();
    await rm(directory, { recursive: true });
  });

  const kinds: [kind: string, url: () => string][] = [
    ['http', () => server.url],
    ['http with a slash at its end', () => `${server.url}/`],
    ['file', () => pathToFileURL(directory).href],
  ];
  for (const [kind, url] of kinds) {
    it(`over ${kind} lists, describes and shows versions`, async () => {
      const proxy = createModuleProxy(url(), http.get);
      const from = url().replace(/\/$/, '');
      assert.deepEqual(await proxy.list(PATH, signal), {
        state: 'known',
        value: { versions: ['v1.0.0', 'v1.2.0', 'v1.10.0-RC.1'], from },
      });
      assert.deepEqual(await proxy.info(PATH, 'v1.0.0', signal), {
        state: 'known',
        value: { version: 'v1.0.0', time: '2023-05-06T07:08:09Z', from },
      });
      const mod = await proxy.mod(PATH, 'v1.0.0', signal);
      assert.equal(mod.state === 'known' && mod.value.text, `module ${PATH}\n\ngo 1.21\n`);
      assert.equal((await proxy.info(PATH, 'v1.10.0-RC.1', signal)).state, 'known');
      assert.deepEqual(await proxy.info(PATH, 'v1.3.0', signal), {
        state: 'absent',
        evidence: [{ from, said: kind === 'file' ? 'no such file' : '404 Not Found' }],
      });
      assert.equal((await proxy.list('example.com/none', signal)).state, 'absent');
    });
  }

  describe('at fault is never believed, and never held against a module', () => {
    for (const [name, fault, expected, words] of FAULTS) {
      for (const [endpoint, { path, ask }] of Object.entries(ENDPOINTS)) {
        it(`${name} for ${endpoint}: ${expected}`, async () => {
          server.faults.set(path, fault);
          const started = Date.now();
          const fact = await ask(createModuleProxy(server.url, http.get), signal);
          assert.ok(Date.now() - started < 3000, 'it ended within its bounds');
          assert.equal(fact.state, expected);
          if (fact.state === 'unavailable') {
            assert.match(fact.why, words);
            assert.ok(fact.why.startsWith('redirected') || fact.why.includes(server.url), 'the reason names the proxy');
          }
          if (fact.state === 'absent') assert.match(fact.evidence.map(({ said }) => said).join(), words);
        });
      }
    }
  });

  it('one endpoint at fault loses no other answer', async () => {
    server.faults.set(`${ESCAPED}/@v/v1.0.0.info`, { kind: 'hang' });
    server.faults.set(`${ESCAPED}/@v/v1.0.0.mod`, { kind: 'reset' });
    const proxy = createModuleProxy(server.url, http.get);
    const states = await Promise.all([
      proxy.info(PATH, 'v1.0.0', signal),
      proxy.mod(PATH, 'v1.0.0', signal),
      proxy.list(PATH, signal),
      proxy.info(PATH, 'v1.2.0', signal),
      proxy.mod(PATH, 'v1.2.0', signal),
    ]);
    assert.deepEqual(states.map(({ state }) => state), ['unavailable', 'unavailable', 'known', 'known', 'known']);
  });

  const answers: [endpoint: string, body: string, state: string, words?: RegExp][] = [
    ['list', '', 'known'],
    ['list', '\n\n', 'known'],
    ['list', 'v1.0.0 2023-05-06T07:08:09Z\nnightly\nv1\nv0.0.0-20230101000000-abcdefabcdef\nv1.0.0\r\n', 'known'],
    ['list', 'nightly\n', 'unavailable', /its list holds no version/],
    ['info', '{"version":"v1.0.0"}', 'known'],
    ['info', '{"Version":"v1.0.0","Time":null,"Origin":{"VCS":"git"}}', 'known'],
    ['info', '{"Version":"v1.0.1"}', 'unavailable', /returned info for version v1.0.1 instead of requested version v1.0.0/],
    ['info', '{"Version":"\\u001b[31mv1"}', 'unavailable', /info for version \?\[31mv1 instead/],
    ['info', '{"Version":"v1.0.0","Time":"yesterday"}', 'unavailable', /not a time/],
    ['info', '{"Version":"v1.0.0"', 'unavailable', /not JSON/],
    ['info', '{}', 'unavailable', /no version/],
    ['info', 'null', 'unavailable', /not a JSON object/],
    ['info', '[]', 'unavailable', /not a JSON object/],
    ['info', '"v1.0.0"', 'unavailable', /not a JSON object/],
    ['mod', '', 'unavailable', /missing module line/],
    ['mod', 'module "example.com/x"\n', 'known'],
    ['mod', 'module example.com/x\nrequire (\n', 'unavailable', /parsing go.mod/],
    ['mod', 'modules are nice\n', 'unavailable', /parsing go.mod/],
    ['mod', '// comment\r\nmodule example.com/x\r\n', 'known'],
  ];
  for (const [endpoint, body, state, words] of answers) {
    it(`takes ${JSON.stringify(body)} for ${endpoint} as ${state}`, async () => {
      server.faults.set(ENDPOINTS[endpoint]!.path, { kind: 'content', body });
      const fact = await ENDPOINTS[endpoint]!.ask(createModuleProxy(server.url, http.get), signal);
      assert.equal(fact.state, state, JSON.stringify(fact));
      if (words) assert.match(fact.state === 'unavailable' ? fact.why : '', words);
    });
  }

  it('reads versions from a list as Go does', async () => {
    server.faults.set(ENDPOINTS['list']!.path, {
      kind: 'content',
      body: 'v1.10.0 2023-05-06T07:08:09Z\nnightly\nv1\nv0.0.0-20230101000000-abcdefabcdef\nv1.2.0\r\nv1.2.0\n',
    });
    const fact = await createModuleProxy(server.url, http.get).list(PATH, signal);
    assert.deepEqual(fact.state === 'known' && fact.value.versions, ['v1', 'v1.2.0', 'v1.10.0']);
  });

  it('asks again after what can heal, and only then', async () => {
    for (const [status, requests] of [[500, 3], [503, 3], [429, 3], [404, 1], [403, 1], [501, 1]] as const) {
      server.requests.length = 0;
      server.faults.set('*', { kind: 'status', status });
      await createModuleProxy(server.url, http.get).list(PATH, signal);
      assert.equal(server.requests.length, requests, `status ${status}`);
    }
  });

  it('sends plus signs as they are', async () => {
    await createModuleProxy(server.url, http.get).info('example.com/a', 'v2.0.0+incompatible', signal);
    assert.equal(server.requests[0]?.path, 'example.com/a/@v/v2.0.0+incompatible.info');
  });

  it('asks nothing about a path or version that can not be', async () => {
    const proxy = createModuleProxy(server.url, http.get);
    for (const fact of [
      await proxy.list('../../etc/passwd', signal),
      await proxy.list('example.com/a b', signal),
      await proxy.info(PATH, '../v1.0.0', signal),
      await proxy.mod(PATH, 'v1.0.0/../../x', signal),
    ]) {
      assert.equal(fact.state, 'unavailable');
    }
    assert.equal(server.requests.length, 0);
  });

  it('is not asked when the signal came before', async () => {
    const fact = await createModuleProxy(server.url, http.get).list(PATH, AbortSignal.abort());
    assert.equal(fact.state, 'unavailable');
    assert.equal(server.requests.length, 0);
  });

  it('stops at once when the signal comes', async () => {
    server.faults.set('*', { kind: 'hang' });
    const controller = new AbortController();
    const asked = createModuleProxy(server.url, http.get).list(PATH, controller.signal);
    setTimeout(() => controller.abort(), 20);
    const started = Date.now();
    assert.deepEqual(await asked, { state: 'unavailable', why: `proxy ${server.url}: cancelled` });
    assert.ok(Date.now() - started < 250);
  });

  describe('on disk', () => {
    const list = join(`example.com`, 'odd', '@v', 'list');
    const cases: [name: string, make: (file: string) => Promise<unknown>, state: string, words: RegExp][] = [
      ['a directory instead of a file', (file) => mkdir(file), 'unavailable', /is not a file/],
      ['a link to nothing', (file) => symlink('nowhere', file), 'absent', /no such file/],
      ['a file above it', (file) => rm(join(file, '..'), { recursive: true }).then(() => writeFile(join(file, '..'), '')), 'unavailable', /ENOTDIR/],
      ['a file without an end', (file) => symlink('/dev/zero', file), 'unavailable', /is not a file/],
    ];
    for (const [name, make, state, words] of cases) {
      it(name, async function () {
        if (process.platform === 'win32') {
          console.log('skipped: links and devices of this kind do not exist on Windows');
          this.skip();
        }
        const file = join(directory, list);
        await rm(join(directory, 'example.com', 'odd'), { recursive: true, force: true });
        await mkdir(join(file, '..'), { recursive: true });
        await make(file);
        const fact = await createModuleProxy(pathToFileURL(directory).href, http.get).list('example.com/odd', signal);
        assert.equal(fact.state, state);
        assert.match(JSON.stringify(fact), words);
      });
    }

    it('an address with a host', async () => {
      const fact = await createModuleProxy('file://server/share', http.get).list(PATH, signal);
      assert.match(fact.state === 'unavailable' ? fact.why : '', /invalid file:\/\/ proxy URL with non-path elements/);
    });
  });
});
