import assert from 'node:assert/strict';
import { Sandbox, library } from '../cli/sandbox.ts';
import { LspClient } from '../lsp/client.ts';
import type { PublishedModule } from '../world/module-proxy.ts';

/** Everything that only its own origin may hear of has this word in it, and nothing else has. */
const PRIVATE = /hush/i;

const PUBLIC: readonly PublishedModule[] = [
  library('github.com/acme/widget', 'v1.0.0'),
  library('github.com/acme/queue', 'v1.0.0'),
  library('github.com/acme/queue/v2', 'v2.1.0'),
  // A public module whose own requirement is private.
  library('github.com/acme/deep', 'v1.0.0', {
    'go.mod': 'module github.com/acme/deep\n\ngo 1.21\n\nrequire (\n\tgithub.com/hush-corp/indirect v1.0.0\n\tgithub.com/acme/widget v1.0.0\n)\n',
  }),
];

const MOD = `module github.com/hush-corp/hush-service

go 1.21

require (
	github.com/acme/deep v1.0.0
	github.com/acme/forked v1.0.0
	github.com/acme/queue v2.1.0
	github.com/acme/widget v1.9.0
	github.com/hush-corp/Capital v1.0.0
	github.com/hush-corp/lib v1.9.0
	github.com/hush-corp/major v2.0.0
	github.com/hush-corp/odd v2.0.0+incompatible
	github.com/hush-corp/replaced v1.0.0
	github.com/hush-corp/sub/dir v1.0.0
)

replace (
	github.com/acme/forked => github.com/hush-corp/fork v1.0.0
	github.com/hush-corp/replaced => ../hush-directory
)

exclude github.com/hush-corp/excluded v1.0.0
`;

const SUM = [
  'github.com/hush-corp/lib v1.8.0 h1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaA=',
  'github.com/hush-corp/lib v1.8.0/go.mod h1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaA=',
  'github.com/hush-corp/old v1.0.0/go.mod h1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaA=',
  'github.com/hush-corp/fork v1.0.0 h1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaA=',
  '',
].join('\n');

describe('Private modules', () => {
  let sandbox: Sandbox;
  const project = 'hush-project';

  beforeEach(async () => {
    sandbox = await Sandbox.open({
      modules: PUBLIC,
      repositories: [
        { url: 'https://github.com/hush-corp/lib', commits: [{ files: { 'go.mod': 'module github.com/hush-corp/lib\n' }, tags: ['v1.8.0'] }] },
        { url: 'https://github.com/hush-corp/major', commits: [{ files: { 'go.mod': 'module github.com/hush-corp/major/v2\n' }, tags: ['v2.0.0'] }] },
        { url: 'https://github.com/hush-corp/odd', commits: [{ files: { 'go.mod': 'module github.com/hush-corp/odd\n' }, tags: ['v2.0.0'] }] },
        { url: 'https://github.com/acme/widget', commits: [{ files: {}, tags: ['v1.0.0'] }] },
      ],
    });
    await sandbox.write({
      [`${project}/go.mod`]: MOD,
      [`${project}/go.sum`]: SUM + sandbox.lines('github.com/acme/deep', 'v1.0.0') + sandbox.lines('github.com/acme/widget', 'v1.0.0'),
      [`${project}/main.go`]: 'package main\n\nimport (\n\t_ "github.com/acme/deep"\n\t_ "github.com/hush-corp/lib/pkg"\n\t_ "github.com/hush-corp/unknown"\n)\n',
      'hush-directory/go.mod': 'module github.com/hush-corp/replaced\n\nrequire github.com/hush-corp/far v1.0.0\n',
    });
  });
  afterEach(() => sandbox.close());

  const environments: readonly (readonly [name: string, env: () => Record<string, string>])[] = [
    ['under GOPRIVATE', () => ({ GOPRIVATE: 'github.com/hush-corp,*.corp.example' })],
    ['under GOPRIVATE, with a chain that ends in direct', () => ({ GOPRIVATE: 'github.com/hush-corp', GOPROXY: `${sandbox.proxy.url},direct` })],
    ['under GOPRIVATE, with a chain that goes on after any failure', () => ({ GOPRIVATE: 'github.com/hush-*', GOPROXY: `${sandbox.proxy.url}/nothing|${sandbox.proxy.url}|direct` })],
    ['under GONOPROXY and GONOSUMDB', () => ({ GONOPROXY: 'github.com/hush-corp', GONOSUMDB: 'github.com/hush-corp/*' })],
    ['under GOPRIVATE, with the database behind the proxy', () => ({ GOPRIVATE: 'github.com/hush-corp', GOPROXY: `${sandbox.database.url},${sandbox.proxy.url}`, GOSUMDB: sandbox.database.verifierKey })],
  ];

  /** No server but the origin has heard a private name or of this machine's directories; git was asked for origins alone. */
  async function assertKept(): Promise<void> {
    const { proxy, database, git } = await sandbox.asked();
    const headers = sandbox.proxy.requests.map(({ headers: sent }) => JSON.stringify(sent));
    for (const request of [...proxy, ...database, ...headers]) {
      assert.doesNotMatch(request, PRIVATE);
      assert.ok(!request.includes(sandbox.directory), request);
    }
    assert.ok(proxy.length > 0 && database.length > 0, 'public modules were asked for');
    assert.ok(proxy.some((path) => path.includes('github.com/acme/widget/@v/')));
    const remotes = git.flatMap((call) => call.match(/https:\/\/\S+/g) ?? []);
    assert.ok(remotes.some((remote) => PRIVATE.test(remote)), 'the private origins were asked');
    for (const remote of remotes) assert.match(remote, /^https:\/\/github\.com\/(hush-corp|acme)\//);
  }

  for (const [name, env] of environments) {
    it(`${name} are named to nobody but their origin by the command`, async () => {
      // It checks, fixes what can be fixed, and checks again.
      const { stderr } = await sandbox.run(['check', '--unsafe-fixes'], { cwd: sandbox.path(project), env: env() });
      assert.doesNotMatch(stderr, /fault of gomod-health/);
      await assertKept();
    });
  }

  it('are named to nobody but their origin by the language server', async () => {
    const client = await LspClient.start({ env: { ...sandbox.env, ...environments[1]![1]() }, folders: [sandbox.project] });
    const mod = sandbox.path(`${project}/go.mod`);
    await client.open(mod);
    await client.open(sandbox.path(`${project}/go.sum`));
    await client.quiet();
    for (const at of ['lib v1.9.0', 'major v2.0.0', 'queue v2.1.0', 'widget v1.9.0']) await client.codeActions(mod, client.rangeOf(mod, at));
    await client.replace(mod, 'lib v1.9.0', 'lib v1.7.0');
    await client.replace(mod, 'exclude', 'require github.com/hush-corp/typed v0.0.1\n\nexclude');
    await client.connection.sendRequest('workspace/executeCommand', { command: 'gomodHealth.verifyModuleTags' });
    // Without a public module it says so instead.
    await client.connection.sendRequest('workspace/executeCommand', { command: 'gomodHealth.compareProxies' }).catch(String);
    await client.quiet();
    assert.ok(client.faults(mod).includes('missing-tag at v1.7.0'), 'its own origin judges a private module');
    assert.equal(await client.stop(), 0);
    await assertKept();
  });

  it('are not judged at all where nobody may be asked', async () => {
    const { stdout } = await sandbox.run(['check', '--offline', '--format', 'json'], { cwd: sandbox.path(project), env: { GOPRIVATE: 'github.com/hush-corp' } });
    assert.match(stdout, /not asked: --offline/);
    const { proxy, database, git } = await sandbox.asked();
    // Git tells from its configuration what an address stands for, and asks nobody for that.
    const remote = git.filter((call) => !call.startsWith('ls-remote --get-url '));
    assert.deepEqual({ proxy, database, remote }, { proxy: [], database: [], remote: [] });
  });
});
