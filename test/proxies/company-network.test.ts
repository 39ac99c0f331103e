import assert from 'node:assert/strict';
import { createServer, request as send } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { parseReport } from '../cli/json-shape.ts';
import type { JsonReport } from '../cli/json-shape.ts';
import { Sandbox, library } from '../cli/sandbox.ts';
import { makeCertificates } from '../world/certificates.ts';
import type { Certificates, KeyPair } from '../world/certificates.ts';
import { startHttpProxy } from '../world/http-proxy.ts';
import type { HttpProxy } from '../world/http-proxy.ts';

const MOD = 'module example.com/m\n\ngo 1.21\n\nrequire github.com/acme/widget v1.9.0\n';

/** A module proxy with the name `proxy.test`, which is reached through an HTTP proxy that wants a login, and no other way. */
describe('gomod-health check in a network of a company', function () {
  this.timeout(60_000);
  let certificates: Certificates;
  let sandbox: Sandbox;
  let proxy: HttpProxy;
  const closing: (() => Promise<unknown>)[] = [];

  before(function () {
    const made = makeCertificates();
    if (!made) {
      console.log('skipped: openssl is not installed, so no certificate can be made');
      return this.skip();
    }
    certificates = made;
  });
  after(() => certificates?.dispose());

  beforeEach(async () => {
    sandbox = await Sandbox.open({
      modules: [library('github.com/acme/widget', 'v1.0.0')],
      repositories: [{ url: 'https://github.com/acme/widget', commits: [{ files: {}, tags: ['v1.0.0'] }] }],
    });
    closing.push(() => sandbox.close());
    await sandbox.write({ 'go.mod': MOD, 'go.sum': '' });
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  async function listen(server: Server & { closeAllConnections(): void }): Promise<number> {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    });
    return (server.address() as AddressInfo).port;
  }

  /** Serves what the sandbox's proxy has, over TLS with a key pair. */
  function tunnelEnd(pair: KeyPair | undefined): Promise<number> {
    const forward: RequestListener = (request, response) => {
      const onward = send(`${sandbox.proxy.url}${request.url}`, (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      });
      onward.on('error', () => response.destroy()).end();
    };
    return listen(pair ? createSecureServer({ ...pair }, forward) : createServer(forward));
  }

  async function check(pair: KeyPair | undefined, env: Record<string, string>): Promise<JsonReport> {
    proxy = await startHttpProxy('me:s3cr3t', { 'proxy.test': await tunnelEnd(pair) });
    closing.push(() => proxy.close());
    const scheme = pair ? 'https' : 'http';
    const { stdout, stderr } = await sandbox.run(['check', '--format', 'json'], {
      env: {
        GOPROXY: `${scheme}://proxy.test`, GOSUMDB: 'off', HTTPS_PROXY: `http://me:s3cr3t@${proxy.host}`, HTTP_PROXY: `http://me:s3cr3t@${proxy.host}`,
        ...(env['proxy'] === undefined ? {} : { HTTPS_PROXY: `http://${env['proxy']}${proxy.host}`, HTTP_PROXY: `http://${env['proxy']}${proxy.host}` }),
        ...(env['trust'] === undefined ? {} : { NODE_EXTRA_CA_CERTS: certificates.authority }),
      },
    });
    assert.doesNotMatch(stdout + stderr, /s3cr3t/);
    return parseReport(stdout);
  }

  const rulesOf = ({ findings }: JsonReport): string[] => findings.map(({ rule }) => rule).filter((rule) => rule === 'missing-tag');

  it('is told the truth over TLS when the private authority is known', async () => {
    const report = await check(certificates.good, { trust: '1' });
    assert.deepEqual(rulesOf(report), ['missing-tag'], JSON.stringify(report));
    assert.ok(proxy.requests.length > 0);
    assert.deepEqual([...new Set(proxy.requests)], ['CONNECT proxy.test:443 known']);
  });

  it('is told the truth without TLS', async () => {
    const report = await check(undefined, {});
    assert.deepEqual(rulesOf(report), ['missing-tag'], JSON.stringify(report));
    assert.deepEqual([...new Set(proxy.requests)], ['GET proxy.test known']);
  });

  const failures: readonly (readonly [name: string, pair: (all: Certificates) => KeyPair | undefined, env: Record<string, string>, words: RegExp])[] = [
    ['an authority that is not known', ({ good }) => good, {}, /from an authority that is not trusted here.*\(x509: certificate signed by unknown authority\)/],
    ['a certificate that has expired', ({ expired }) => expired, { trust: '1' }, /has expired \(x509: certificate has expired or is not yet valid\)/],
    ['a certificate that signed itself', ({ selfSigned }) => selfSigned, { trust: '1' }, /signed by itself alone \(x509: certificate signed by unknown authority\)/],
    ['a certificate of another host', ({ otherHost }) => otherHost, { trust: '1' }, /is for another host \(x509: certificate is valid for …, not proxy\.test\)/],
    ['a proxy that gets no login', ({ good }) => good, { trust: '1', proxy: '' }, /407/],
    ['a proxy that gets a wrong login', ({ good }) => good, { trust: '1', proxy: 'me:wrong@' }, /407/],
    ['a proxy that gets no login, without TLS', () => undefined, { proxy: '' }, /407 Proxy Authentication Required/],
  ];
  for (const [name, pair, env, words] of failures) {
    it(`reports nothing for ${name}, and says why`, async () => {
      const report = await check(pair(certificates), env);
      assert.deepEqual(rulesOf(report), []);
      const reasons = report.unchecked.map(({ why }) => why).join('\n');
      assert.match(reasons, words);
    });
  }
});
