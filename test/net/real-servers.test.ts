import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fact } from '../../server/src/engine/facts.ts';
import type { Route } from '../../server/src/engine/network.ts';
import { createNetwork } from '../../server/src/net/network.ts';
import type { OpenNetwork } from '../../server/src/net/network.ts';
import { makeCertificate } from '../privacy/secure-server.ts';
import { startChecksumDatabase } from '../world/checksum-database.ts';
import type { RunningChecksumDatabase } from '../world/checksum-database.ts';
import { configEnvironment, makeGitOrigins } from '../world/git-origin.ts';
import type { GitOrigins, OriginRepository } from '../world/git-origin.ts';
import { serveGitHttp, startGitDaemon } from '../world/git-server.ts';
import type { GitServer } from '../world/git-server.ts';
import { buildGoproxy, startGoproxy } from '../world/goproxy.ts';
import type { RunningGoproxy } from '../world/goproxy.ts';

const { signal } = new AbortController();

const WIDGET = 'module github.com/acme/widget\n\ngo 1.20\n';

const REPOSITORIES: readonly OriginRepository[] = [
  {
    url: 'https://github.com/acme/widget',
    commits: [
      { files: { 'go.mod': WIDGET, 'w.go': 'package widget\n' }, tags: ['v1.0.0', 'nightly'] },
      {
        files: { 'go.mod': WIDGET, 'w.go': 'package widget\n', 'sub/go.mod': 'module github.com/acme/widget/sub\n', 'sub/s.go': 'package sub\n' },
        tags: [{ name: 'v1.1.0', message: 'annotated' }, 'sub/v0.1.0'],
      },
      { files: { 'go.mod': 'module github.com/acme/widget/v2\n', 'w.go': 'package widget\n' }, tags: ['v2.0.0'] },
    ],
  },
  { url: 'https://github.com/Acme/Capital', commits: [{ files: { 'go.mod': 'module github.com/Acme/Capital\n', 'c.go': 'package capital\n' }, tags: ['v0.1.0-RC.1'] }] },
];

/** What is true, and in what form it is said; `undefined` for what is not there. */
const TRUTH: readonly (readonly [path: string, version: string, mod: string | undefined])[] = [
  ['github.com/acme/widget', 'v1.0.0', WIDGET],
  ['github.com/acme/widget', 'v1.1.0', WIDGET],
  ['github.com/acme/widget', 'v1.2.0', undefined],
  ['github.com/acme/widget/v2', 'v2.0.0', 'module github.com/acme/widget/v2\n'],
  ['github.com/acme/widget/v2', 'v2.1.0', undefined],
  ['github.com/acme/widget/sub', 'v0.1.0', 'module github.com/acme/widget/sub\n'],
  ['github.com/Acme/Capital', 'v0.1.0-RC.1', 'module github.com/Acme/Capital\n'],
];

const LISTS: Readonly<Record<string, readonly string[]>> = {
  'github.com/acme/widget': ['v1.0.0', 'v1.1.0'],
  'github.com/acme/widget/v2': ['v2.0.0'],
  'github.com/acme/widget/sub': ['v0.1.0'],
  'github.com/Acme/Capital': ['v0.1.0-RC.1'],
};

/** Asks about everything that is there and that is not. */
async function assertTruth(network: OpenNetwork, route: Route): Promise<void> {
  for (const [path, versions] of Object.entries(LISTS)) {
    const list = await network.versions(path, route, signal);
    assert.deepEqual(list.state === 'known' ? list.value.versions : list, versions, path);
  }
  for (const [path, version, text] of TRUTH) {
    const release = await network.release(path, version, route, signal);
    const mod = await network.mod(path, version, route, signal);
    if (text === undefined) {
      assert.equal(release.state, 'absent', `${path}@${version}: ${JSON.stringify(release)}`);
      assert.equal(mod.state, 'absent', `${path}@${version}: ${JSON.stringify(mod)}`);
    } else {
      assert.equal(release.state === 'known' ? release.value.version : JSON.stringify(release), version, path);
      assert.equal(mod.state === 'known' ? mod.value.text : JSON.stringify(mod), text, `${path}@${version}`);
    }
  }
}

function whyOf(fact: Fact<unknown>): string {
  return fact.state === 'unavailable' ? fact.why : JSON.stringify(fact);
}

describe('real servers', function () {
  this.timeout(60_000);
  let directory: string;
  let origins: GitOrigins;
  const closing: (() => Promise<unknown>)[] = [];

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'gomod-real-'));
    origins = await makeGitOrigins(join(directory, 'origins'), REPOSITORIES);
  });
  after(() => rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  function open(environment: NodeJS.ProcessEnv = {}, settings: { private?: string } = {}): OpenNetwork {
    const network = createNetwork({
      settings: { private: '', noProxy: '', insecure: '', vcs: '', ...settings },
      environment: { PATH: process.env['PATH'], HOME: directory, GIT_CONFIG_NOSYSTEM: '1', ...environment },
      cacheDirectory: undefined,
    });
    closing.push(() => network.close());
    return network;
  }

  const direct: Route = { entries: [{ kind: 'direct' }], sumDb: undefined };

  /** Leads git from github.com to a server. */
  function rewriting(server: GitServer): Record<string, string> {
    return configEnvironment([{ key: `url.${server.url}.insteadOf`, value: 'https://github.com/' }]);
  }

  async function gitHttp(options?: Parameters<typeof serveGitHttp>[1]): Promise<GitServer> {
    const server = await serveGitHttp(join(directory, 'origins', 'github.com'), options);
    closing.push(() => server.close());
    return server;
  }

  describe('git http-backend', () => {
    it('is an origin like any', async () => {
      const server = await gitHttp();
      await assertTruth(open(rewriting(server)), direct);
      assert.ok(server.requests.some((request) => request.includes('/acme/widget/info/refs?service=git-upload-pack')));
      assert.deepEqual(server.requests.filter((request) => /receive-pack|\.\.|%2e/i.test(request)), []);
    });

    it('that has no such repository says so definitely', async () => {
      const fact = await open(rewriting(await gitHttp())).versions('github.com/acme/none', direct, signal);
      assert.deepEqual(fact, { state: 'absent', evidence: [{ from: 'https://github.com/acme/none', said: 'repository not found' }] });
    });

    it("that wants a login gets git's own and asks nobody; without one, or with a wrong one, that is said", async () => {
      const server = await gitHttp({ login: 'me:s3cr3t' });
      const host = new URL(server.url).host;
      const nobody = await open(rewriting(server)).versions('github.com/acme/widget', direct, signal);
      assert.match(whyOf(nobody), /could not read Username for 'http:\/\/127\.0\.0\.1:\d+': the repository is private or does not exist/);
      const store = join(directory, 'credentials');
      const helped = { ...configEnvironment([
        { key: `url.${server.url}.insteadOf`, value: 'https://github.com/' },
        { key: 'credential.helper', value: `store --file ${store}` },
      ]) };
      await writeFile(store, `http://me:wrong@${host}\n`);
      const wrong = whyOf(await open(helped).versions('github.com/acme/widget', direct, signal));
      assert.match(wrong, /^Authentication failed: github\.com does not accept git's credentials; |could not read Username/);
      await writeFile(store, `http://me:s3cr3t@${host}\n`);
      await assertTruth(open(helped), direct);
    });

    it('with a certificate of a private authority is believed when git knows that authority', async function () {
      const certificate = makeCertificate();
      if (!certificate) {
        console.log('skipped: openssl is not installed, so no certificate can be made');
        return this.skip();
      }
      closing.push(() => Promise.resolve(certificate.dispose()));
      const server = await gitHttp({ certificate });
      const doubted = await open(rewriting(server)).versions('github.com/acme/widget', direct, signal);
      assert.match(whyOf(doubted), /^the certificate of github\.com is not trusted: /);
      await assertTruth(open({ ...rewriting(server), GIT_SSL_CAINFO: certificate.file }), direct);
    });
  });

  describe('git daemon', () => {
    it('is an origin like any, where the user leads git to it', async () => {
      const server = await startGitDaemon(join(directory, 'origins', 'github.com'));
      closing.push(() => server.close());
      const network = open(rewriting(server));
      await assertTruth(network, direct);
      const none = await network.versions('github.com/acme/none', direct, signal);
      assert.match(whyOf(none), /access denied or repository not exported|no such repository/);
    });

    it('that is gone is said to be', async () => {
      const server = await startGitDaemon(join(directory, 'origins', 'github.com'));
      await server.close();
      const fact = await open(rewriting(server)).versions('github.com/acme/widget', direct, signal);
      assert.equal(whyOf(fact), 'connection refused by github.com');
    });
  });

  describe('goproxy v0.18.0', function () {
    this.timeout(300_000);
    let program: string;
    let proxy: RunningGoproxy;
    let database: RunningChecksumDatabase;

    before(async function () {
      const built = await buildGoproxy();
      if ('why' in built) {
        console.log(`skipped: ${built.why}`);
        return this.skip();
      }
      program = built.program;
      database = await startChecksumDatabase({ name: 'sum.example.com', records: [
        { path: 'github.com/acme/widget', version: 'v1.1.0', zip: 'h1:signed=', mod: 'h1:signedmod=' },
      ] });
      const env = {
        PATH: process.env['PATH'], HOME: join(directory, 'home'), ...origins.environment, GIT_CONFIG_NOSYSTEM: '1', GOENV: 'off', GOTOOLCHAIN: 'local',
        GOFLAGS: '-modcacherw', GOPATH: join(directory, 'gopath'), GOPROXY: 'direct', GOSUMDB: 'off', GOTELEMETRY: 'off',
      };
      proxy = await startGoproxy(program, join(directory, 'goproxy'), env, ['--proxied-sumdbs', `sum.example.com ${database.url}`]);
    });
    after(async () => {
      await proxy?.close();
      await database?.close();
    });

    const route = (sumDb?: string): Route => ({ entries: [{ kind: 'proxy', url: proxy.url, fallBackOn: 'absent' }], sumDb });

    it('says what is there and what is not', async () => {
      await assertTruth(open(), route());
    });

    it('makes the same version of a branch and of a tag as it says', async () => {
      const network = open();
      for (const [query, version] of [['nightly', 'v1.0.0'], ['v1.1', undefined]] as const) {
        const fact = await network.query('github.com/acme/widget', query, route(), signal);
        if (version) assert.equal(fact.state === 'known' ? fact.value.version : JSON.stringify(fact), version);
        else assert.notEqual(fact.state, 'pending');
      }
    });

    it('says of a module that is nowhere that it is not there', async () => {
      const fact = await open().versions('github.com/acme/none', route(), signal);
      assert.ok(fact.state === 'absent', whyOf(fact));
      assert.deepEqual(fact.evidence, [{ from: proxy.url, said: '404 Not Found' }]);
    });

    it('carries the checksum database, which is verified through it', async () => {
      const fact = await open().checksums('github.com/acme/widget', 'v1.1.0', route(database.verifierKey), signal);
      assert.deepEqual(fact, { state: 'known', value: { zip: 'h1:signed=', mod: 'h1:signedmod=', database: 'sum.example.com' } });
      assert.ok(database.requests.some((path) => path.includes('/lookup/github.com/acme/widget@v1.1.0')));
    });
  });
});
