import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Sandbox, library } from '../cli/sandbox.ts';
import { LspClient } from './client.ts';
import type { LspClientOptions } from './client.ts';

interface Report {
  readonly summary: string;
  readonly text: string;
}

const ENVIRONMENT = 'gomodHealth.showGoEnvironment';
const PROXIES = 'gomodHealth.compareProxies';
const SECRET = 's3cr3t';

describe('The reports of the language server', () => {
  let sandbox: Sandbox;
  let client: LspClient;

  const mod = (name: string): string => `module example.com/${name}\n\ngo 1.21\n\nrequire github.com/acme/widget v1.0.0\n`;

  beforeEach(async () => {
    sandbox = await Sandbox.open({
      modules: [library('github.com/acme/widget', 'v1.0.0')],
      repositories: [{ url: 'https://github.com/acme/widget', commits: [{ files: {}, tags: ['v1.0.0', 'v1.1.0'] }] }],
    });
    await sandbox.write({ 'a/go.mod': mod('a'), 'b/go.mod': mod('b'), 'b/go.work': 'go 1.21\n\nuse .\n' });
  });
  afterEach(async () => {
    assert.equal(await client.stop(), 0);
    await sandbox.close();
  });

  async function start(options: Partial<LspClientOptions> = {}): Promise<void> {
    client = await LspClient.start({ env: sandbox.env, folders: [sandbox.path('a')], ...options });
  }

  const report = (command: string): Promise<Report> => client.connection.sendRequest('workspace/executeCommand', { command });

  describe('on the environment', () => {
    it('have every setting with the one place it comes from', async () => {
      await start({ env: { ...sandbox.env, GOPRIVATE: 'corp.example', HTTPS_PROXY: 'http://127.0.0.1:1' } });
      const { summary, text } = await report(ENVIRONMENT);
      assert.equal(summary, 'No setting is at fault.');
      assert.ok(text.startsWith(`Go environment\n\n${summary}\n\n${sandbox.path('a')}\n\nGO111MODULE=`), text);
      for (const line of [
        /^GOPROXY=http:\/\/127\.0\.0\.1:\d+ +# environment$/m,
        /^GONOPROXY=corp\.example +# GOPRIVATE$/m,
        /^GOWORK= +# default$/m,
        /^HTTPS_PROXY=http:\/\/127\.0\.0\.1:1 +# environment$/m,
        /^NO_PROXY= +# default$/m,
        /^gomodHealth\.network=on +# setting$/m,
        /^Answers are kept in .*gomod-health$/m,
      ]) assert.match(text, line);
      assert.deepEqual(await sandbox.asked(), { proxy: [], database: [], git: [] });
    });

    it('have a section for each folder whose settings differ', async () => {
      await start({ folders: [sandbox.path('a'), sandbox.path('b')] });
      const { text } = await report(ENVIRONMENT);
      assert.deepEqual([...text.matchAll(/^\/.*$/gm)].map(([title]) => title), [sandbox.path('a'), sandbox.path('b')]);
      assert.deepEqual([...text.matchAll(/^GOWORK=(\S*)/gm)].map(([, value]) => value), ['', sandbox.path('b/go.work')]);
      await client.stop();
      await start({ folders: [sandbox.path('a'), sandbox.path('a')] });
      assert.equal((await report(ENVIRONMENT)).text.match(/^GOWORK=/gm)?.length, 1);
    });

    it('say what is at fault, what the editor sets, and spell out what a terminal would obey', async () => {
      const editor = { 'http.proxy': `http://me:${SECRET}@127.0.0.1:1`, 'http.noProxy': ['a.example', 'b.example'] };
      const env = { GOPROXY: `corp,https://me:${SECRET}@x`, GOVCS: 'a\u001b[31m:git\u202e', GOMOD_HEALTH_EDITOR: JSON.stringify(editor), HTTP_PROXY: 'http://other' };
      await start({ env: { ...sandbox.env, ...env }, initializationOptions: { trusted: false } });
      const { summary, text } = await report(ENVIRONMENT);
      assert.equal(summary, 'At fault: GOPROXY. The go command fails on it.');
      assert.match(text, /^problem GOPROXY: invalid proxy URL missing scheme: corp$/m);
      assert.match(text, /^GOVCS=a\\u\{1b\}\[31m:git\\u\{202e\} /m);
      assert.match(text, /^HTTP_PROXY=http:\/\/127\.0\.0\.1:1 +# http\.proxy$/m);
      assert.match(text, /^HTTPS_PROXY=http:\/\/127\.0\.0\.1:1 +# http\.proxy$/m);
      assert.match(text, /^NO_PROXY=a\.example,b\.example +# http\.noProxy$/m);
      assert.match(text, /^gomodHealth\.network=off +# the workspace is not trusted$/m);
      assert.ok(!`${text}${client.log.join()}`.includes(SECRET));
    });
  });

  describe('on proxies', () => {
    it('compare those of GOPROXY on the public modules of the workspace', async () => {
      await start({ env: { ...sandbox.env, GOPROXY: `${sandbox.proxy.url}|http://127.0.0.1:1|direct` }, folders: [sandbox.project] });
      const { summary, text } = await report(PROXIES);
      assert.equal(summary, '2 of 2 proxies compared, 1 without an answer.');
      assert.ok(text.startsWith(`Go module proxies\n\n${summary}\n\nproxy `), text);
      assert.match(text, /^http:\/\/127\.0\.0\.1:\d+ +4 of 4 +\d+ ms +\d+ ms +[\d.]+ MiB\/s +1 behind +2 agrees$/m);
      assert.match(text, /^4 × .*connection refused/m);
      assert.match(text, /lists github\.com\/acme\/widget v1\.0\.0; its origin has v1\.1\.0$/m);
      assert.match(text, /asked about 1 public module /);
    });

    for (const [name, options, why] of [
      ['that is not trusted', { initializationOptions: { trusted: false } }, /nothing may be asked: the workspace is not trusted/],
      ['with the network off', { initializationOptions: { network: 'off' } }, /nothing may be asked: gomodHealth\.network is "off"/],
      ['with the cache only', { initializationOptions: { network: 'cacheOnly' } }, /nothing may be asked: gomodHealth\.network is "cacheOnly"/],
    ] satisfies [string, Partial<LspClientOptions>, RegExp][]) {
      it(`ask nobody in a workspace ${name}`, async () => {
        await start(options);
        await assert.rejects(report(PROXIES), why);
        assert.deepEqual(await sandbox.asked(), { proxy: [], database: [], git: [] });
      });
    }

    it('ask nobody without a proxy, or without a public module', async () => {
      await start({ env: { ...sandbox.env, GOPROXY: 'direct' } });
      await assert.rejects(report(PROXIES), /GOPROXY names no proxy/);
      await client.stop();
      await start({ env: { ...sandbox.env, GOPRIVATE: 'github.com/acme' } });
      await assert.rejects(report(PROXIES), /no public module with a tagged version is required here/);
      assert.deepEqual(await sandbox.asked(), { proxy: [], database: [], git: [] });
    });

    it('end soon when they are cancelled', async () => {
      sandbox.proxy.faults.set('*', { kind: 'hang' });
      await start();
      let token: string | number | undefined;
      client.connection.onNotification('$/progress', (params: { token: string | number }) => {
        token ??= params.token;
      });
      const asked = report(PROXIES);
      await client.until('a request', () => token !== undefined && sandbox.proxy.requests.length > 0);
      const started = performance.now();
      await client.connection.sendNotification('window/workDoneProgress/cancel', { token });
      assert.match((await asked).summary, /^Cancelled\. 0 of 1 proxy compared/);
      assert.ok(performance.now() - started < 3000);
    });
  });

  describe('with what the editor sets for HTTP', () => {
    interface Seen {
      readonly url: string | undefined;
      readonly headers: IncomingHttpHeaders;
    }

    it('send every request through its proxy, whose password nobody reads', async () => {
      const seen: Seen[] = [];
      const proxy = createServer(({ url, headers }, response) => {
        seen.push({ url, headers });
        response.writeHead(404).end();
      });
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
      try {
        const editor = { 'http.proxy': `http://me:${SECRET}@127.0.0.1:${(proxy.address() as AddressInfo).port}`, 'http.proxyStrictSSL': false };
        await start({ env: { ...sandbox.env, GOPROXY: 'http://goproxy.example.com', GOSUMDB: 'off', GOMOD_HEALTH_EDITOR: JSON.stringify(editor) } });
        const { text } = await report(PROXIES);
        assert.match(text, /^http:\/\/goproxy\.example\.com +0 of 4, 4 not there /m);
        const login = `Basic ${Buffer.from(`me:${SECRET}`).toString('base64')}`;
        assert.ok(seen.length >= 4);
        for (const { url, headers } of seen) {
          assert.match(url ?? '', /^http:\/\/goproxy\.example\.com\/github\.com\/acme\/widget\//);
          assert.equal(headers['proxy-authorization'], login);
        }
        assert.ok(!`${text}${client.log.join()}`.includes(SECRET));
      } finally {
        await new Promise((resolve) => proxy.close(resolve));
      }
    });

    it('take nonsense for nothing', async () => {
      for (const nonsense of ['', '{', '[]', '3', 'null', '{"http.proxy":7,"http.noProxy":"x","http.proxyStrictSSL":"no"}']) {
        await start({ env: { ...sandbox.env, GOMOD_HEALTH_EDITOR: nonsense } });
        assert.match((await report(PROXIES)).summary, /^1 of 1 proxy compared\.$/);
        await client.stop();
      }
    });
  });

  it('leave a line for each request in the log, for those who ask for it only', async () => {
    await start();
    await report(PROXIES);
    await client.quiet();
    const lines = client.log.filter((_, order) => client.logTypes[order] === 5);
    assert.deepEqual(lines, client.log, 'nothing else is said');
    assert.ok(lines.length >= 5);
    assert.ok(lines.some((line) => /^mod 200, \d+ ms, \d+ bytes, http:\/\/127\.0\.0\.1:\d+\/github\.com\/acme\/widget\/@v\/v1\.0\.0\.mod$/.test(line)), lines.join('\n'));
    assert.ok(lines.some((line) => /^lookup 200, /.test(line)), lines.join('\n'));
  });
});
