import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gomodHealth } from '../cli/command.ts';
import { goCommand, goInstalled } from '../live/go-command.ts';
import { publishedModules } from '../selection/judged-world.ts';
import { writeModuleProxy } from '../world/module-proxy.ts';

const MODULES = {
  'log@v1.4.2': 'go 1.21',
  'log@v1.5.0': 'go 1.21',
  'server@v1.0.0': 'go 1.16\n\nrequire example.com/web v1.0.0',
  'web@v1.0.0': 'go 1.16\n\nrequire example.com/log v1.5.0',
  'cli@v1.0.0': 'go 1.21\n\nrequire example.com/log v1.5.0',
};

const FILES = {
  'm/go.mod': 'module example.com/m\n\ngo 1.21\n\nrequire (\n\texample.com/cli v1.0.0\n\texample.com/log v1.4.2\n\texample.com/server v1.0.0\n)\n',
  'empty/README': '',
  'bare/go.mod': 'module example.com/bare\n\ngo 1.21\n',
  'unpublished/go.mod': 'module example.com/unpublished\n\ngo 1.21\n\nrequire example.com/nowhere v1.0.0\n',
  'work/go.work': 'go 1.21\n\nuse (\n\t./a\n\t./b\n)\n',
  'work/a/go.mod': 'module example.com/a\n\ngo 1.21\n\nrequire example.com/log v1.4.2\n',
  'work/b/go.mod': 'module example.com/b\n\ngo 1.21\n\nrequire example.com/log v1.5.0\n',
};

interface Case {
  readonly name: string;
  readonly directory: string;
  readonly args: readonly string[];
  readonly says: string;
}

const CASES: readonly Case[] = [
  {
    name: 'the selected version, by every chain',
    directory: 'm',
    args: ['example.com/log'],
    says: `example.com/log v1.5.0 is selected.

2 chains of requirements lead to it:

  example.com/m
    example.com/cli v1.0.0
      example.com/log v1.5.0

  example.com/m
    example.com/server v1.0.0
      example.com/web v1.0.0
        example.com/log v1.5.0

For a lower version each of these must require less:
  example.com/cli v1.0.0
  example.com/web v1.0.0
Without them at most v1.4.2 would be selected.
`,
  },
  {
    name: 'no more chains than are asked for',
    directory: 'm',
    args: ['example.com/log', '--chains', '1'],
    says: `example.com/log v1.5.0 is selected.

More than 1 chains of requirements lead to it:

  example.com/m
    example.com/cli v1.0.0
      example.com/log v1.5.0

For a lower version each of these must require less:
  example.com/cli v1.0.0
  example.com/web v1.0.0
Without them at most v1.4.2 would be selected.
`,
  },
  {
    name: 'a version that is required and not selected',
    directory: 'm',
    args: ['example.com/log@v1.4.2'],
    says: `example.com/log v1.4.2 is required, but v1.5.0 is selected.

One chain of requirements leads to it:

  example.com/m
    example.com/log v1.4.2
`,
  },
  {
    name: 'a module that one requirement brings',
    directory: 'm',
    args: ['example.com/web'],
    says: `example.com/web v1.0.0 is selected.

One chain of requirements leads to it:

  example.com/m
    example.com/server v1.0.0
      example.com/web v1.0.0

For a lower version this one must require less:
  example.com/server v1.0.0
Without it nothing would require it.
`,
  },
  {
    name: 'a version that nothing requires',
    directory: 'm',
    args: ['example.com/log@v1.9.0'],
    says: 'Nothing in the module graph requires example.com/log v1.9.0; v1.5.0 is selected.\n',
  },
  {
    name: 'a module that nothing requires',
    directory: 'bare',
    args: ['example.com/log'],
    says: 'Nothing in the module graph requires example.com/log.\n',
  },
  {
    name: 'the main module',
    directory: 'm',
    args: ['example.com/m'],
    says: 'example.com/m is a main module, which stands for every version of it.\n',
  },
  {
    name: 'a requirement of another member of the workspace',
    directory: 'work/a',
    args: ['example.com/log'],
    says: `example.com/log v1.5.0 is selected.

One chain of requirements leads to it:

  example.com/b
    example.com/log v1.5.0

For a lower version this one must require less:
  example.com/b
Without it at most v1.4.2 would be selected.
`,
  },
  {
    name: 'the version of Go',
    directory: 'bare',
    args: ['go'],
    says: `go 1.21 is selected.

One chain of requirements leads to it:

  example.com/bare
    go 1.21

For a lower version this one must require less:
  example.com/bare
Without it nothing would require it.
`,
  },
];

const REFUSALS: readonly { readonly name: string; readonly directory: string; readonly args: readonly string[]; readonly says: RegExp }[] = [
  { name: 'no module', directory: 'm', args: [], says: /missing required argument/ },
  { name: 'a malformed path', directory: 'm', args: ['example.com//log'], says: /malformed module path "example\.com\/\/log"/ },
  { name: 'a query', directory: 'm', args: ['example.com/log@latest'], says: /latest is no version such as v1\.2\.3/ },
  { name: 'no version after the @', directory: 'm', args: ['example.com/log@'], says: /an empty version is no version/ },
  { name: 'no chains', directory: 'm', args: ['example.com/log', '--chains', '0'], says: /It must be a whole number above 0/ },
  { name: 'a graph that can\'t be loaded', directory: 'unpublished', args: ['example.com/log'], says: /the module graph can't be loaded: .*example\.com\/nowhere/ },
  // Modules below are there, and are not looked for.
  { name: 'a directory with modules only below', directory: '.', args: ['example.com/log'], says: /\. is in no Go module: there is no go\.mod at or above it/ },
  { name: 'a directory without a module', directory: 'empty', args: ['example.com/log'], says: /is in no Go module/ },
];

describe('gomod-health why', function () {
  this.timeout(60_000);
  let base: string;
  let env: Record<string, string>;

  before(async () => {
    base = await mkdtemp(join(tmpdir(), 'gomod-health-why-'));
    await writeModuleProxy(join(base, 'proxy'), publishedModules({ modules: MODULES }));
    for (const [file, data] of Object.entries(FILES)) {
      await mkdir(dirname(join(base, file)), { recursive: true });
      await writeFile(join(base, file), data);
    }
    env = {
      HOME: base,
      GOENV: 'off',
      GOPROXY: pathToFileURL(join(base, 'proxy')).href,
      GOSUMDB: 'off',
      GOMODCACHE: join(base, 'modcache'),
      XDG_CACHE_HOME: join(base, 'cache'),
    };
  });
  after(() => rm(base, { recursive: true, force: true }));

  for (const { name, directory, args, says } of CASES) {
    it(`explains ${name}`, async () => {
      const { code, stdout, stderr } = await gomodHealth(['why', ...args], { directory: join(base, directory), env });
      assert.equal(stderr, '');
      assert.equal(stdout, says);
      assert.equal(code, 0);
    });
  }

  for (const { name, directory, args, says } of REFUSALS) {
    it(`refuses ${name}`, async () => {
      const { code, stdout, stderr } = await gomodHealth(['why', ...args], { directory: join(base, directory), env });
      assert.match(stderr, /^gomod-health: [^\n]*\n$/);
      assert.match(stderr, says);
      assert.equal(stdout, '');
      assert.equal(code, 2);
    });
  }

  it('has all of it in JSON', async () => {
    const { stdout } = await gomodHealth(['why', 'example.com/log', '--format', 'json'], { directory: join(base, 'm'), env });
    const main = { path: 'example.com/m', version: '' };
    const module = (name: string, version: string) => ({ path: `example.com/${name}`, version });
    assert.deepEqual(JSON.parse(stdout), {
      schema: 1,
      module: module('log', 'v1.5.0'),
      selected: 'v1.5.0',
      required: ['v1.4.2', 'v1.5.0'],
      chains: [
        [main, module('cli', 'v1.0.0'), module('log', 'v1.5.0')],
        [main, module('server', 'v1.0.0'), module('web', 'v1.0.0'), module('log', 'v1.5.0')],
      ],
      more: false,
      requirers: [module('cli', 'v1.0.0'), module('web', 'v1.0.0')],
      lower: 'v1.4.2',
    });
  });

  it('names only requirements that go mod graph has', async function () {
    if ((await goInstalled()) === undefined) {
      console.log('skipped: the go command is not installed, so that nobody judges the chains');
      this.skip();
    }
    const go = goCommand({ GOPROXY: env['GOPROXY']!, GOSUMDB: 'off', GOFLAGS: '-mod=mod -modcacherw' });
    try {
      const graph = await go.run(['mod', 'graph'], { directory: join(base, 'm') });
      assert.equal(graph.code, 0, graph.stderr);
      const edges = new Set(graph.stdout.trim().split('\n'));
      const key = ({ path, version }: { path: string; version: string }) => (version === '' ? path : `${path}@${version}`);
      for (const module of ['cli', 'log', 'server', 'web']) {
        const { stdout } = await gomodHealth(['why', `example.com/${module}`, '--format', 'json'], { directory: join(base, 'm'), env });
        const { chains } = JSON.parse(stdout) as { chains: { path: string; version: string }[][] };
        assert.notEqual(chains.length, 0);
        for (const chain of chains) {
          for (const [index, to] of chain.slice(1).entries()) assert.ok(edges.has(`${key(chain[index]!)} ${key(to)}`), key(to));
        }
      }
    } finally {
      go.dispose();
    }
  });
});
