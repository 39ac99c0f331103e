import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createNetwork } from '../../server/src/net/network.ts';
import type { OpenNetwork } from '../../server/src/net/network.ts';
import { hashGoMod, hashZip } from '../../server/src/net/dirhash.ts';
import { makeGitOrigins } from '../world/git-origin.ts';
import type { GitOrigins, OriginRepository } from '../world/git-origin.ts';
import { sumLines, writeModuleProxy } from '../world/module-proxy.ts';
import type { PublishedModule } from '../world/module-proxy.ts';

/** Odd enough for the hashes to matter: capitals, several files, no go.mod, a name that sorts by bytes. */
const MODULES: readonly PublishedModule[] = [
  {
    path: 'example.com/Acme/lib',
    version: 'v1.0.0',
    files: { 'go.mod': 'module example.com/Acme/lib\n\ngo 1.21\n', 'lib.go': 'package lib\n', 'Z.txt': 'z', 'a/b.txt': '', 'a.txt': 'ä\r\n', 'é.txt': 'e' },
  },
  { path: 'example.com/Acme/lib', version: 'v1.1.0-RC.1', files: { 'go.mod': 'module example.com/Acme/lib\n', 'lib.go': 'package lib\n' } },
  { path: 'example.com/bare', version: 'v2.0.0+incompatible', files: { 'bare.go': 'package bare\n' } },
];

const REPOSITORIES: readonly OriginRepository[] = [
  {
    url: 'https://github.com/acme/widget',
    commits: [
      {
        files: { 'go.mod': 'module github.com/acme/widget\n\ngo 1.20\n', 'w.go': 'package widget\n' },
        tags: ['v0.9.0', 'v1.0.0', '1.4.0', 'V1.5.0', 'v1.6', 'v01.7.0', 'v1.8.0+meta', 'v1.9.0.1', 'release-1.9.0'],
      },
      {
        files: { 'go.mod': 'module github.com/acme/widget\n\ngo 1.21\n', 'w.go': 'package widget\n', 'sub/go.mod': 'module github.com/acme/widget/sub\n', 'sub/s.go': 'package sub\n' },
        tags: [{ name: 'v1.10.0', message: 'annotated' }, 'v1.10.0-rc.1', 'sub/v0.1.0', 'sub/0.2.0', 'other/v1.0.0'],
      },
      { files: { 'go.mod': 'module github.com/acme/widget/v2\n', 'w.go': 'package widget\n' }, tags: ['v2.0.0', 'v2.1.0'] },
      { files: { 'go.mod': 'module github.com/acme/widget\n', 'v3/go.mod': 'module github.com/acme/widget/v3\n', 'v3/w.go': 'package widget\n' }, tags: ['v3.0.0'] },
      { files: { 'go.mod': 'module github.com/acme/widget\n' }, tags: ['v4.0.0'] },
      { files: { 'w.go': 'package widget\n' }, tags: ['v5.0.0'] },
    ],
  },
  { url: 'https://github.com/acme/bare', commits: [{ files: { 'b.go': 'package bare\n' }, tags: ['v1.0.0'] }] },
  { url: 'https://git.acme.example/team/tool', commits: [{ files: { 'go.mod': 'module git.acme.example/team/tool.git\n', 't.go': 'package tool\n' }, tags: ['v0.3.0'] }] },
];

describe('the go command agrees', function () {
  this.timeout(120_000);
  let directory: string;
  let origins: GitOrigins;
  let network: OpenNetwork;
  const { signal } = new AbortController();

  before(async function () {
    if (!(await hasGo())) {
      console.log('skipped: the go command is not installed, so it can not judge');
      this.skip();
    }
    directory = await mkdtemp(join(tmpdir(), 'gomod-go-'));
    await mkdir(join(directory, 'm'));
    await writeFile(join(directory, 'm', 'go.mod'), 'module example.com/m\n\ngo 1.21\n');
    origins = await makeGitOrigins(join(directory, 'origins'), REPOSITORIES);
    network = createNetwork({
      settings: { private: '', noProxy: '', insecure: '', vcs: '' },
      environment: environment({}),
      cacheDirectory: undefined,
    });
  });

  after(async () => {
    await network?.close();
    if (directory) await rm(directory, { recursive: true, force: true });
  });

  function environment(more: Record<string, string>): NodeJS.ProcessEnv {
    return {
      PATH: process.env['PATH'], HOME: directory, GIT_CONFIG_NOSYSTEM: '1', ...origins.environment,
      GOENV: 'off', GOSUMDB: 'off', GOTOOLCHAIN: 'local', GOFLAGS: '-modcacherw', GOPATH: join(directory, 'gopath'), GOPROXY: 'direct', ...more,
    };
  }

  function go(more: Record<string, string>, ...args: string[]): Promise<{ ok: boolean; out: string; error: string }> {
    return new Promise((resolve) => {
      execFile('go', args, { cwd: join(directory, 'm'), env: environment(more), timeout: 60_000 }, (error, stdout, stderr) =>
        resolve({ ok: error === null, out: stdout, error: stderr }),
      );
    });
  }

  it('on the hashes of a written proxy', async () => {
    const proxy = join(directory, 'proxy');
    const sums = await writeModuleProxy(proxy, MODULES);
    const result = await go({ GOPROXY: pathToFileURL(proxy).href }, 'mod', 'download', '-json', ...MODULES.map(({ path, version }) => `${path}@${version}`));
    assert.ok(result.ok, result.error);
    const downloads = result.out.split(/^(?=\{)/m).map((text) => JSON.parse(text) as Record<string, string>);
    assert.equal(downloads.length, MODULES.length);
    for (const { Path, Version, Sum, GoModSum, Zip, GoMod } of downloads) {
      const own = sums.find(({ path, version }) => path === Path && version === Version)!;
      assert.equal(sumLines(own), `${Path} ${Version} ${Sum}\n${Path} ${Version}/go.mod ${GoModSum}\n`);
      assert.deepEqual(await hashZip(Zip!), { ok: true, value: Sum });
      assert.equal(hashGoMod(await readFile(GoMod!)), GoModSum);
    }
  });

  const paths = ['github.com/acme/widget', 'github.com/acme/widget/v2', 'github.com/acme/widget/v3', 'github.com/acme/widget/sub', 'github.com/acme/bare', 'git.acme.example/team/tool.git'];
  for (const path of paths) {
    it(`on the versions of ${path} at its origin`, async () => {
      const result = await go({}, 'list', '-m', '-versions', '-f', '{{join .Versions " "}}', path);
      const fact = await network.versions(path, { entries: [{ kind: 'direct' }], sumDb: undefined }, signal);
      assert.ok(fact.state === 'known', JSON.stringify(fact));
      assert.equal(fact.value.versions.join(' '), result.out.trim(), result.error);
    });
  }

  const releases: [path: string, version: string][] = [
    ['github.com/acme/widget', 'v0.9.0'], ['github.com/acme/widget', 'v1.0.0'], ['github.com/acme/widget', 'v1.10.0'], ['github.com/acme/widget', 'v1.10.0-rc.1'],
    ['github.com/acme/widget', 'v1.4.0'], ['github.com/acme/widget', 'v1.5.0'], ['github.com/acme/widget', 'v1.6.0'], ['github.com/acme/widget', 'v1.7.0'],
    ['github.com/acme/widget', 'v1.9.0'], ['github.com/acme/widget/v2', 'v2.1.0'], ['github.com/acme/widget/v2', 'v2.2.0'], ['github.com/acme/widget/v3', 'v3.0.0'],
    ['github.com/acme/widget/sub', 'v0.1.0'], ['github.com/acme/widget/sub', 'v0.2.0'], ['github.com/acme/widget/sub', 'v1.0.0'],
    ['github.com/acme/widget/other', 'v1.0.0'], ['github.com/acme/widget/v4', 'v4.0.0'], ['github.com/acme/widget', 'v2.0.0+incompatible'], ['github.com/acme/widget', 'v4.0.0+incompatible'],
    ['github.com/acme/widget', 'v5.0.0+incompatible'], ['github.com/acme/widget', 'v1.0.0+incompatible'], ['github.com/acme/widget/v2', 'v2.0.0+incompatible'],
    ['github.com/acme/none', 'v1.0.0'], ['github.com/acme/bare', 'v1.0.0'], ['git.acme.example/team/tool.git', 'v0.3.0'], ['git.acme.example/team/none.git', 'v0.3.0'],
  ];
  it('on which versions are at an origin', async () => {
    for (const [path, version] of releases) {
      const result = await go({}, 'list', '-m', `${path}@${version}`);
      const fact = await network.release(path, version, { entries: [{ kind: 'direct' }], sumDb: undefined }, signal);
      const expected = result.ok ? 'known' : path.endsWith('none.git') ? 'unavailable' : 'absent';
      assert.equal(fact.state, expected, `${path}@${version}: ${JSON.stringify(fact)} but ${result.out}${result.error}`);
      const said = fact.state === 'absent' ? fact.evidence[0]!.said : '';
      if (!/^no such tag|no git repository/.test(said)) assert.ok(result.error.includes(said), `${said} but ${result.error}`);
    }
  });

  /** Pseudo-versions of the third commit of the widget, true and wrong in each way that the go command knows. */
  function pseudoVersions(): [path: string, version: string][] {
    const cwd = origins.directoryOf('https://github.com/acme/widget');
    const hashOf = (name: string): string => execFileSync('git', ['rev-parse', `${name}^{commit}`], { cwd, encoding: 'utf8' }).trim().slice(0, 12);
    const timeOf = (name: string): string => {
      const seconds = Number(execFileSync('git', ['log', '-1', '--format=%ct', name], { cwd, encoding: 'utf8' }));
      return new Date(seconds * 1000).toISOString().replace(/\D/g, '').slice(0, 14);
    };
    const [first, second, third] = ['v1.0.0', 'v1.10.0', 'v2.0.0'].map((name) => ({ hash: hashOf(name), time: timeOf(name) })) as
      [{ hash: string; time: string }, { hash: string; time: string }, { hash: string; time: string }];
    const of = ({ hash, time }: { hash: string; time: string }): string => `${time}-${hash}`;
    const widget = 'github.com/acme/widget';
    return [
      [widget, `v0.0.0-${of(first)}`],
      [widget, `v1.0.1-0.${of(second)}`],
      [widget, `v1.0.1-0.${of(first)}`],
      [widget, `v1.10.1-0.${of(second)}`],
      [widget, `v1.10.1-0.${of(first)}`],
      [widget, `v1.77.1-0.${of(second)}`],
      [widget, `v1.0.0-${of(second)}`],
      [widget, `v0.0.0-20010203040506-${first.hash}`],
      [widget, `v0.0.0-${first.time}-0123456789ab`],
      [widget, `v0.0.0-${first.time}-${first.hash.slice(0, 10)}`],
      [`${widget}/v2`, `v2.0.0-${of(third)}`],
      [`${widget}/v2`, `v2.0.0-${of(second)}`],
      [`${widget}/sub`, `v0.1.1-0.${of(third)}`],
      [`${widget}/sub`, `v0.0.0-${of(second)}`],
      [`${widget}/sub`, `v0.0.0-${of(first)}`],
    ];
  }
  it('on which pseudo-versions are at an origin, and on their go.mod', async () => {
    for (const [path, version] of pseudoVersions()) {
      const listed = await go({}, 'list', '-m', `${path}@${version}`);
      const release = await network.release(path, version, { entries: [{ kind: 'direct' }], sumDb: undefined }, signal);
      assert.equal(release.state, listed.ok ? 'known' : 'absent', `${path}@${version}: ${JSON.stringify(release)} but ${listed.out}${listed.error}`);
      if (release.state === 'absent') {
        const said = release.evidence[0]!.said.replace(/^invalid (pseudo-)?version: /, '');
        assert.ok(listed.error.includes(said), `${said} but ${listed.error}`);
      }
      const mod = await network.mod(path, version, { entries: [{ kind: 'direct' }], sumDb: undefined }, signal);
      const downloaded = await go({}, 'mod', 'download', '-json', `${path}@${version}`);
      const { GoMod } = JSON.parse(downloaded.out || '{}') as { GoMod?: string };
      if (downloaded.ok) assert.equal(mod.state === 'known' ? mod.value.text : JSON.stringify(mod), await readFile(GoMod!, 'utf8'));
      else assert.notEqual(mod.state, 'known', `${path}@${version}`);
    }
  });

  const mods: [path: string, version: string][] = [
    ['github.com/acme/widget', 'v1.10.0'], ['github.com/acme/widget/v2', 'v2.0.0'], ['github.com/acme/widget/v3', 'v3.0.0'], ['github.com/acme/widget/sub', 'v0.1.0'],
    ['github.com/acme/bare', 'v1.0.0'], ['github.com/acme/widget/v4', 'v4.0.0'], ['github.com/acme/widget', 'v2.0.0+incompatible'],
  ];
  it('on the go.mod of a version at its origin, or on why there is none', async () => {
    for (const [path, version] of mods) {
      const result = await go({}, 'mod', 'download', '-json', `${path}@${version}`);
      const { GoMod, Error: error } = JSON.parse(result.out || '{}') as { GoMod?: string; Error?: string };
      const fact = await network.mod(path, version, { entries: [{ kind: 'direct' }], sumDb: undefined }, signal);
      if (result.ok) assert.equal(fact.state === 'known' ? fact.value.text : JSON.stringify(fact), await readFile(GoMod!, 'utf8'));
      else assert.equal(fact.state === 'unavailable' ? fact.why : fact.state, error ?? result.error);
    }
  });
});

function hasGo(): Promise<boolean> {
  return new Promise((resolve) => execFile('go', ['version'], (error) => resolve(error === null)));
}
