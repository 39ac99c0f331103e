import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import type { Route } from '../../server/src/engine/network.ts';
import { createNetwork } from '../../server/src/net/network.ts';
import type { OpenNetwork } from '../../server/src/net/network.ts';

const { signal } = new AbortController();

/**
 * Answers as the documentation of Athens has them (docs.gomods.io: "Download protocol", "The download mode file",
 * "Filtering modules"): `.info` with more fields than others write and over several lines, 404 for what mode `none` or
 * `async` does not serve, a redirect to another proxy, 403 for a module that is excluded.
 */
const INFO = '{\n    "Name": "v1.0.0",\n    "Short": "v1.0.0",\n    "Version": "v1.0.0",\n    "Time": "1972-07-18T12:34:56Z"\n}\n';

describe('Athens, by its documented answers', () => {
  let athens: Server & { closeAllConnections(): void };
  let network: OpenNetwork;
  let route: Route;

  before(async () => {
    const answers: Readonly<Record<string, readonly [status: number, type: string, body: string]>> = {
      '/github.com/acidburn/htp/@v/list': [200, 'text/plain; charset=utf-8', 'v0.1.0\nv0.1.1\nv1.0.0\nv1.0.1\nv1.2.0'],
      '/github.com/acidburn/htp/@v/v1.0.0.info': [200, 'application/json', INFO],
      '/github.com/acidburn/htp/@v/v1.0.0.mod': [200, 'text/plain', 'module github.com/acidburn/htp\n'],
      '/upstream/github.com/moved/away/@v/list': [200, 'text/plain', 'v1.0.0\n'],
      '/github.com/moved/away/@v/list': [302, '/upstream/github.com/moved/away/@v/list', ''],
      '/github.com/excluded/module/@v/list': [403, 'text/plain', ''],
    };
    athens = createServer((request, response) => {
      const [status, type, body] = answers[request.url!] ?? [404, 'text/plain; charset=utf-8', 'not found'];
      response.writeHead(status, status === 302 ? { location: type } : { 'content-type': type }).end(body);
    });
    await new Promise<void>((resolve) => athens.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(athens.address() as AddressInfo).port}`;
    route = { entries: [{ kind: 'proxy', url, fallBackOn: 'absent' }], sumDb: undefined };
    network = createNetwork({ settings: { private: '', noProxy: '', insecure: '', vcs: '' }, environment: {}, cacheDirectory: undefined });
  });
  after(async () => {
    await network.close();
    athens.closeAllConnections();
    await new Promise((resolve) => athens.close(resolve));
  });

  it('lists versions without a newline at the end', async () => {
    const fact = await network.versions('github.com/acidburn/htp', route, signal);
    assert.deepEqual(fact.state === 'known' && fact.value.versions, ['v0.1.0', 'v0.1.1', 'v1.0.0', 'v1.0.1', 'v1.2.0']);
  });

  it('describes a version with fields of its own', async () => {
    const release = await network.release('github.com/acidburn/htp', 'v1.0.0', route, signal);
    assert.deepEqual(release.state === 'known' && [release.value.version, release.value.time], ['v1.0.0', '1972-07-18T12:34:56Z']);
    const mod = await network.mod('github.com/acidburn/htp', 'v1.0.0', route, signal);
    assert.equal(mod.state === 'known' && mod.value.text, 'module github.com/acidburn/htp\n');
  });

  it('does not have what its download mode keeps from it', async () => {
    assert.equal((await network.release('github.com/acidburn/htp', 'v9.0.0', route, signal)).state, 'absent');
    assert.equal((await network.versions('github.com/none/none', route, signal)).state, 'absent');
  });

  it('sends on to the proxy before it', async () => {
    const fact = await network.versions('github.com/moved/away', route, signal);
    assert.deepEqual(fact.state === 'known' && fact.value.versions, ['v1.0.0']);
  });

  it('is not believed to lack what it only refuses', async () => {
    const fact = await network.versions('github.com/excluded/module', route, signal);
    assert.ok(fact.state === 'unavailable');
    assert.match(fact.why, /answered 403 Forbidden; the go command stops here too/);
  });
});
