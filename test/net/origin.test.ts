import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HttpAnswer, HttpGet, TracedRequest } from '../../server/src/net/http.ts';
import { createGit } from '../../server/src/net/git.ts';
import type { Git, GitOptions, GitRemote } from '../../server/src/net/git.ts';
import { createOrigin } from '../../server/src/net/origin.ts';
import type { Origin, OriginSettings } from '../../server/src/net/origin.ts';
import type { GitOrigins, OriginRepository } from '../world/git-origin.ts';
import { configEnvironment, makeGitOrigins } from '../world/git-origin.ts';

const SETTINGS: OriginSettings = { private: '', noProxy: '', insecure: '', vcs: '' };
const { signal } = new AbortController();

const REPOSITORIES: readonly OriginRepository[] = [
  {
    url: 'https://github.com/acme/widget',
    commits: [
      { files: { 'go.mod': 'module github.com/acme/widget\n', 'w.go': 'package widget\n' }, tags: ['v1.0.0', 'nightly', '1.4.0'] },
      {
        files: {
          'go.mod': 'module github.com/acme/widget\n\ngo 1.21\n',
          'sub/go.mod': 'module github.com/acme/widget/sub\n',
          'sub/s.go': 'package sub\n',
        },
        tags: [{ name: 'v1.1.0', message: 'annotated' }, 'sub/v0.1.0'],
      },
      { files: { 'go.mod': 'module github.com/acme/widget/v2\n' }, tags: ['v2.0.0'] },
      { files: { 'go.mod': 'module github.com/acme/widget/v2\n', 'v3/go.mod': 'module github.com/acme/widget/v3\n' }, tags: ['v3.0.0'] },
    ],
  },
  { url: 'https://github.com/acme/bare', commits: [{ files: { 'b.go': 'package bare\n' }, tags: ['v1.0.0', 'v2.0.0'] }] },
  { url: 'https://github.com/acme/empty', commits: [] },
  { url: 'https://git.acme.example/team/tool', commits: [{ files: { 'go.mod': 'module git.acme.example/team/tool.git\n' }, tags: ['v0.3.0'] }] },
  {
    url: 'https://code.acme.example/mono',
    commits: [{ files: { 'go/go.mod': 'module go.acme.example/mono\n', 'go/x/go.mod': 'module go.acme.example/mono/x\n' }, tags: ['go/v1.0.0', 'go/x/v0.2.0', 'v9.0.0'] }],
  },
];

/** Pages by address; anything else is not found. */
function pages(content: Record<string, string | HttpAnswer>, asked: string[] = []): HttpGet {
  return async (url) => {
    asked.push(url);
    const page = content[url];
    if (typeof page === 'object') return page;
    const found = page !== undefined;
    return {
      kind: 'answer',
      status: found ? 200 : 404,
      statusText: found ? '200 OK' : '404 Not Found',
      body: Buffer.from(page ?? '<html>not found</html>'),
      headers: {},
      url: url.replace(/\?.*/, ''),
    };
  };
}

function meta(content: string): string {
  return `<!DOCTYPE html><html><head><meta charset="utf-8"><meta name="go-import" content="${content}"></head><body></body></html>`;
}

describe('an origin', () => {
  let directory: string;
  let origins: GitOrigins;

  before(async function () {
    this.timeout(30_000);
    directory = await mkdtemp(join(tmpdir(), 'gomod-origin-'));
    origins = await makeGitOrigins(directory, REPOSITORIES);
  });

  after(() => rm(directory, { recursive: true }));

  function environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return { PATH: process.env['PATH'], HOME: directory, GIT_CONFIG_NOSYSTEM: '1', ...origins.environment, ...more };
  }

  function originOf(get: HttpGet = pages({}), settings: Partial<OriginSettings> = {}, git: Partial<GitOptions> = {}): Origin {
    return createOrigin({
      settings: { ...SETTINGS, ...settings },
      get,
      git: createGit({ environment: environment(), timeout: 20_000, ...git }),
    });
  }

  it('tells its tags, versions and releases', async () => {
    const origin = originOf();
    const tags = await origin.tags('github.com/acme/widget', signal);
    assert.ok(tags.state === 'known');
    assert.equal(tags.value.repository, 'https://github.com/acme/widget');
    assert.equal(tags.value.root, 'github.com/acme/widget');
    assert.deepEqual([...tags.value.tags].sort(), ['1.4.0', 'nightly', 'sub/v0.1.0', 'v1.0.0', 'v1.1.0', 'v2.0.0', 'v3.0.0']);

    const from = 'https://github.com/acme/widget';
    assert.deepEqual(await origin.versions('github.com/acme/widget', signal), { state: 'known', value: { versions: ['v1.0.0', 'v1.1.0'], from } });
    assert.deepEqual(await origin.versions('github.com/acme/widget/sub', signal), { state: 'known', value: { versions: ['v0.1.0'], from } });
    assert.deepEqual(await origin.versions('github.com/acme/widget/v2', signal), { state: 'known', value: { versions: ['v2.0.0'], from } });
    assert.deepEqual(await origin.versions('github.com/acme/widget/gone', signal), { state: 'known', value: { versions: [], from } });
    assert.deepEqual(await origin.release('github.com/acme/widget', 'v1.1.0', signal), { state: 'known', value: { version: 'v1.1.0', from } });
    assert.deepEqual(await origin.release('github.com/acme/widget', 'v1.4.0', signal), {
      state: 'absent',
      evidence: [{ from, said: 'no such tag' }],
    });
    assert.equal((await origin.release('github.com/acme/bare', 'v2.0.0+incompatible', signal)).state, 'known');
    assert.equal((await origin.release('github.com/acme/widget', 'v0.0.0-20240102030405-abcdefabcdef', signal)).state, 'absent');
    // It can't be told from something that is no repository.
    assert.deepEqual(await origin.release('github.com/acme/empty', 'v1.0.0', signal), {
      state: 'unavailable',
      why: 'https://github.com/acme/empty has neither branches nor tags, or is no git repository',
    });
  });

  it('is asked once for all modules of a repository', async () => {
    const traced: TracedRequest[] = [];
    const origin = originOf(pages({}), {}, { trace: (request) => traced.push(request) });
    await Promise.all([
      origin.tags('github.com/acme/widget', signal),
      origin.versions('github.com/acme/widget/sub', signal),
      origin.versions('github.com/acme/widget/v2', signal),
      origin.tags('github.com/acme/bare', signal),
    ]);
    await origin.tags('github.com/acme/widget/v3', signal);
    assert.deepEqual(traced.map(({ purpose, url }) => `${purpose} ${url}`).sort(), [
      'tags https://github.com/acme/bare',
      'tags https://github.com/acme/widget',
    ]);
  });

  const absent: [path: string, said: RegExp][] = [
    ['github.com/acme/none', /no git repository there/],
    ['github.com/acme', /invalid github.com import path/],
    ['github.com/acme/widget.git', /invalid version control suffix in github.com\/ path/],
    ['github.com/acme/widget/v1', /repository rooted at github.com\/acme\/widget cannot contain module github.com\/acme\/widget\/v1/],
    ['vanity.example/none', /404 Not Found/],
  ];
  for (const [path, said] of absent) {
    it(`${path} is not there`, async () => {
      const fact = await originOf().tags(path, signal);
      assert.equal(fact.state, 'absent', JSON.stringify(fact));
      assert.match(fact.state === 'absent' ? fact.evidence[0]!.said : '', said);
    });
  }

  describe('the go.mod', () => {
    const cases: [path: string, version: string, expected: string | RegExp][] = [
      ['github.com/acme/widget', 'v1.0.0', 'module github.com/acme/widget\n'],
      ['github.com/acme/widget', 'v1.1.0', 'module github.com/acme/widget\n\ngo 1.21\n'],
      ['github.com/acme/widget/sub', 'v0.1.0', 'module github.com/acme/widget/sub\n'],
      ['github.com/acme/widget/v2', 'v2.0.0', 'module github.com/acme/widget/v2\n'],
      ['github.com/acme/widget/v3', 'v3.0.0', 'module github.com/acme/widget/v3\n'],
      ['github.com/acme/bare', 'v1.0.0', 'module github.com/acme/bare\n'],
      ['github.com/acme/bare', 'v2.0.0+incompatible', 'module github.com/acme/bare\n'],
      ['github.com/acme/bare/v2', 'v2.0.0', /missing github.com\/acme\/bare\/go.mod and ...\/v2\/go.mod at revision v2.0.0/],
      ['github.com/acme/widget', 'v2.0.0+incompatible', /go.mod has post-v2 module path "github.com\/acme\/widget\/v2" at revision v2.0.0/],
      ['github.com/acme/widget', 'v1.9.0', /"absent".*no such tag/],
      ['github.com/acme/widget', 'v0.0.0-20240102030405-abcdefabcdef', /"absent".*invalid version: unknown revision abcdefabcdef/],
    ];
    for (const [path, version, expected] of cases) {
      it(`of ${path} ${version}`, async () => {
        const fact = await originOf().mod(path, version, signal);
        if (typeof expected === 'string') assert.equal(fact.state === 'known' ? fact.value.text : JSON.stringify(fact), expected);
        else assert.match(JSON.stringify(fact).replaceAll('\\', ''), expected);
      });
    }
  });

  describe('found by its host', () => {
    it('with the path naming git itself', async () => {
      const asked: string[] = [];
      const fact = await originOf(pages({}, asked)).versions('git.acme.example/team/tool.git', signal);
      assert.deepEqual(fact.state === 'known' && fact.value.versions, ['v0.3.0']);
      assert.deepEqual(asked, []);
    });

    it('with a go-import tag, and its root confirmed', async () => {
      const asked: string[] = [];
      const page = meta('go.acme.example/widget git https://github.com/acme/widget');
      const origin = originOf(pages({ 'https://go.acme.example/widget?go-get=1': page, 'https://go.acme.example/widget/v2?go-get=1': page }, asked));
      const fact = await origin.tags('go.acme.example/widget/v2', signal);
      assert.deepEqual(fact.state === 'known' && [fact.value.repository, fact.value.root], ['https://github.com/acme/widget', 'go.acme.example/widget']);
      assert.deepEqual(asked, ['https://go.acme.example/widget/v2?go-get=1', 'https://go.acme.example/widget?go-get=1']);
      await origin.versions('go.acme.example/widget/v2', signal);
      assert.equal(asked.length, 2);
    });

    it('with a subdirectory', async () => {
      const page = meta('go.acme.example/mono git https://code.acme.example/mono go');
      const origin = originOf(pages({ 'https://go.acme.example/mono?go-get=1': page, 'https://go.acme.example/mono/x?go-get=1': page }));
      const tags = await origin.tags('go.acme.example/mono', signal);
      assert.equal(tags.state === 'known' && tags.value.subdirectory, 'go');
      assert.deepEqual(await origin.versions('go.acme.example/mono', signal), {
        state: 'known',
        value: { versions: ['v1.0.0'], from: 'https://code.acme.example/mono' },
      });
      const mod = await origin.mod('go.acme.example/mono/x', 'v0.2.0', signal);
      assert.equal(mod.state === 'known' && mod.value.text, 'module go.acme.example/mono/x\n');
    });

    it('with a module proxy named', async () => {
      const origin = originOf(pages({
        'https://go.acme.example/m?go-get=1': meta('go.acme.example/m mod https://proxy.acme.example/base'),
        'https://proxy.acme.example/base/go.acme.example/m/@v/list': 'v1.0.0\n',
      }));
      assert.deepEqual(await origin.versions('go.acme.example/m', signal), {
        state: 'known',
        value: { versions: ['v1.0.0'], from: 'https://proxy.acme.example/base' },
      });
      assert.match(JSON.stringify(await origin.tags('go.acme.example/m', signal)), /is a module proxy, which has no tags/);
    });

    const answers: [name: string, answer: string | HttpAnswer, state: string, words: RegExp][] = [
      ['no tag', '<html><head></head></html>', 'absent', /no go-import meta tags/],
      ['another prefix', meta('other.example git https://github.com/acme/widget'), 'absent', /no go-import meta tags/],
      ['two tags', '<meta name=go-import content="v.example/m git https://a.example/b"><meta name=go-import content="v.example git https://a.example/c">', 'unavailable', /multiple meta tags match import path/],
      ['a scheme that is not secure', meta('v.example/m git http://github.com/acme/widget'), 'unavailable', /not an https or ssh address/],
      ['a local file', meta('v.example/m git file:///etc'), 'unavailable', /not an https or ssh address/],
      ['a program', meta('v.example/m git ext::sh'), 'unavailable', /not an https or ssh address/],
      ['an option', meta('v.example/m git --upload-pack=x'), 'unavailable', /not an https or ssh address/],
      ['an option as host', meta('v.example/m git ssh://-oProxyCommand=x/y'), 'unavailable', /not an https or ssh address/],
      ['an option as user', meta('v.example/m git ssh://-oProxyCommand=x@host.example/y'), 'unavailable', /not an https or ssh address/],
      ['a short form of ssh', meta('v.example/m git git@github.com:acme/widget'), 'unavailable', /not an https or ssh address/],
      ['this machine', meta('v.example/m git https://127.0.0.1/x'), 'unavailable', /127.0.0.1 is not a public address/],
      ['localhost', meta('v.example/m git https://localhost/x'), 'unavailable', /localhost is at this machine/],
      ['the cloud', meta('v.example/m git https://169.254.169.254/x'), 'unavailable', /169.254.169.254 is not a public address/],
      ['a bad subdirectory', meta('v.example/m git https://github.com/a/b /x'), 'unavailable', /invalid subdirectory .*leading slash/],
      ['a way out', meta('v.example/m git https://github.com/a/b ../x'), 'unavailable', /parent directory/],
      ['another system', meta('v.example/m svn https://svn.example/x'), 'unavailable', /GOVCS disallows using svn for public v.example\/m; see 'go help vcs'/],
      ['a system that is not read', meta('v.example/m hg https://hg.example/x'), 'unavailable', /kept in hg/],
      ['an unknown system', meta('v.example/m cvs https://cvs.example/x'), 'unavailable', /unknown vcs/],
      ['a login page elsewhere', answered(200, 'https://sso.example/login', '<html></html>'), 'unavailable', /redirected to https:\/\/sso.example\/login/],
      ['403', answered(403, 'https://v.example/m', ''), 'unavailable', /answered 403/],
      ['500', answered(500, 'https://v.example/m', ''), 'unavailable', /answered 500/],
      ['410', answered(410, 'https://v.example/m', ''), 'absent', /410/],
      ['a tag with 404', answered(404, 'https://v.example/m', meta('v.example/m git https://github.com/acme/widget')), 'known', /./],
      ['no answer', { kind: 'failure', failure: 'dns', why: 'no such host: v.example' }, 'unavailable', /unrecognized import path.*no such host/],
    ];
    for (const [name, answer, state, words] of answers) {
      it(`which answers with ${name}: ${state}`, async () => {
        const fact = await originOf(pages({ 'https://v.example/m?go-get=1': answer })).tags('v.example/m', signal);
        assert.equal(fact.state, state, JSON.stringify(fact));
        assert.match(JSON.stringify(fact), words);
      });
    }

    it('which speaks for another', async () => {
      const origin = originOf(pages({
        'https://v.example/bob/m?go-get=1': meta('v.example git https://evil.example/x'),
        'https://v.example?go-get=1': meta('v.example git https://good.example/x'),
        'https://v.example/?go-get=1': meta('v.example git https://good.example/x'),
      }));
      assert.match(JSON.stringify(await origin.tags('v.example/bob/m', signal)), /disagree about go-import for v.example/);
    });

    it('over http only where GOINSECURE says so', async () => {
      const asked: string[] = [];
      const down: HttpAnswer = { kind: 'failure', failure: 'tls', why: 'no' };
      const content = { 'https://v.example/m?go-get=1': down, 'http://v.example/m?go-get=1': meta('v.example/m git https://github.com/acme/widget') };
      assert.equal((await originOf(pages(content, asked)).tags('v.example/m', signal)).state, 'unavailable');
      assert.equal(asked.length, 1);
      assert.equal((await originOf(pages(content), { insecure: 'v.example' }).tags('v.example/m', signal)).state, 'known');
    });
  });

  it("obeys GOVCS, in Go's words", async () => {
    const fact = await originOf(pages({}), { vcs: 'github.com/acme:hg' }).tags('github.com/acme/widget', signal);
    assert.deepEqual(fact, { state: 'unavailable', why: "GOVCS disallows using git for public github.com/acme/widget; see 'go help vcs'" });
  });

  describe('that redirects', () => {
    /** A git that meets a redirect at one address, and a repository at others. */
    function redirected(asked: GitRemote[]): Git {
      return {
        requests: 0,
        rewrite: async (url) => ({ kind: 'answer', value: url }),
        files: async () => ({ kind: 'answer', value: new Map() }),
        revision: async () => ({ kind: 'answer', value: undefined }),
        async tags(remote) {
          asked.push(remote);
          if (!remote.url.includes('/old')) return { kind: 'answer', value: ['v1.0.0'] };
          return { kind: 'failure', failure: 'redirect', why: 'old.example redirects git elsewhere' };
        },
      };
    }

    const page = { 'https://v.example/m?go-get=1': meta('v.example/m git https://h.invalid/old') };
    const service = 'https://h.invalid/old/info/refs?service=git-upload-pack';
    const answers: [name: string, answer: HttpAnswer, state: string, words: RegExp][] = [
      ['to a repository', answered(200, 'https://new.invalid/new/info/refs', '001e#'), 'known', /https:\/\/new.invalid\/new"/],
      ['to something else', answered(200, 'https://new.invalid/login', ''), 'unavailable', /redirects to https:\/\/new.invalid\/login/],
      ['to nothing', answered(404, 'https://new.invalid/new/info/refs', ''), 'unavailable', /answered 404/],
      ['where nothing may be asked', { kind: 'failure', failure: 'refused', why: '10.0.0.1 is not a public address' }, 'unavailable', /10.0.0.1/],
    ];
    for (const [name, answer, state, words] of answers) {
      it(`${name}: ${state}`, async () => {
        const asked: GitRemote[] = [];
        const origin = createOrigin({ settings: SETTINGS, get: pages({ ...page, [service]: answer }), git: redirected(asked) });
        const fact = await origin.tags('v.example/m', signal);
        assert.equal(fact.state, state, JSON.stringify(fact));
        assert.match(JSON.stringify(fact), words);
        assert.ok(asked.every(({ follow }) => !follow));
      });
    }

    it('is followed by git itself where Go knows the host, or the user named it', async () => {
      for (const [path, settings, follow] of [
        ['github.com/acme/x', {}, true],
        ['v.example/m', { private: 'v.example' }, true],
        ['v.example/m', { noProxy: '*.example' }, true],
        ['v.example/m', {}, false],
      ] as const) {
        const asked: GitRemote[] = [];
        await createOrigin({ settings: { ...SETTINGS, ...settings }, get: pages(page), git: redirected(asked) }).tags(path, signal);
        assert.equal(asked[0]?.follow, follow, path);
      }
    });
  });

  it('is tried over ssh as well where the path names git, without asking anybody', async function () {
    if (process.platform === 'win32') {
      console.log('skipped: a program in sh in the place of ssh does not run on Windows');
      this.skip();
    }
    const bin = await mkdtemp(join(directory, 'ssh-'));
    const log = join(bin, 'log');
    await writeFile(join(bin, 'ssh'), `#!/bin/sh\necho "$@" >> ${log}\necho 'Host key verification failed.' >&2\nexit 255\n`, { mode: 0o755 });
    const git = createGit({ environment: { ...environment(), PATH: `${bin}:${process.env['PATH']}` } });
    const origin = createOrigin({ settings: SETTINGS, get: pages({}), git });
    const fact = await origin.tags('no-such-host.invalid/team/tool.git', signal);
    assert.equal(fact.state, 'unavailable');
    assert.match(await readFile(log, 'utf8'), /BatchMode=yes.* no-such-host.invalid git-upload-pack '\/team\/tool'/);
  });

  describe('git', () => {
    it('that is not installed is said so', async () => {
      const fact = await originOf(pages({}), {}, { binary: 'git-that-is-not-there' }).tags('github.com/acme/widget', signal);
      assert.deepEqual(fact, { state: 'unavailable', why: 'git is not installed' });
    });

    it('is stopped when the time is over', async function () {
      if (process.platform === 'win32') {
        console.log('skipped: a helper program of git in sh does not run on Windows');
        this.skip();
      }
      const slow = createGit({ environment: await withHelper('sleep 30'), timeout: 300 });
      const origin = createOrigin({ settings: SETTINGS, get: pages({}), git: slow });
      const started = Date.now();
      const fact = await origin.tags('github.com/acme/widget', signal);
      assert.deepEqual(fact, { state: 'unavailable', why: 'github.com did not answer git in full within 0.3 s' });
      assert.ok(Date.now() - started < 3000);
    });

    it('is stopped when nobody waits any more', async function () {
      if (process.platform === 'win32') {
        console.log('skipped: a helper program of git in sh does not run on Windows');
        this.skip();
      }
      const origin = createOrigin({ settings: SETTINGS, get: pages({}), git: createGit({ environment: await withHelper('sleep 30') }) });
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 100);
      const started = Date.now();
      assert.deepEqual(await origin.tags('github.com/acme/widget', controller.signal), { state: 'unavailable', why: 'cancelled' });
      assert.ok(Date.now() - started < 2000);
    });

    it('asks nobody for a password', async function () {
      if (process.platform === 'win32') {
        console.log('skipped: a helper program of git in sh does not run on Windows');
        this.skip();
      }
      const asked = join(directory, 'asked');
      const askpass = join(directory, 'askpass');
      await writeFile(askpass, `#!/bin/sh\ntouch ${asked}\necho secret\n`, { mode: 0o755 });
      const helper = 'read request; echo "fatal: could not read Username for \'https://github.com\': terminal prompts disabled" >&2; test -z "$GIT_ASKPASS$SSH_ASKPASS" || touch ' + asked + '; exit 128';
      const git = createGit({ environment: await withHelper(helper, { GIT_ASKPASS: askpass, SSH_ASKPASS: askpass, GIT_DIR: directory }) });
      const fact = await createOrigin({ settings: SETTINGS, get: pages({}), git }).tags('github.com/acme/widget', signal);
      assert.match(fact.state === 'unavailable' ? fact.why : '', /^could not read Username for 'https:\/\/github.com': the repository is private or does not exist/);
      await assert.rejects(stat(asked), 'nothing was asked');
    });

    it("obeys the user's own configuration file, whatever else its environment has", async () => {
      const more = {
        GIT_CONFIG_COUNT: undefined,
        GIT_CONFIG_GLOBAL: origins.configFile,
        GIT_DIR: '/nowhere',
        GIT_WORK_TREE: '/nowhere',
        GIT_EDITOR: 'false',
        EDITOR: 'false',
        PAGER: 'false',
        GIT_PAGER: 'false',
        GIT_EXTERNAL_DIFF: 'false',
        GIT_TRACE: '1',
      };
      const git = createGit({ environment: environment(more) });
      const fact = await createOrigin({ settings: SETTINGS, get: pages({}), git }).tags('github.com/acme/bare', signal);
      assert.equal(fact.state, 'known', JSON.stringify(fact));
    });

    it('takes settings from the environment with others beside them', async () => {
      const rewriting = { key: `url.${directory}/github.com/.insteadOf`, value: 'https://github.com/' };
      const more = configEnvironment([{ key: 'alias.ls-remote', value: '!false' }, { key: 'core.editor', value: 'false' }, rewriting, { key: 'user.name', value: 'x' }]);
      const git = createGit({ environment: environment(more) });
      const fact = await createOrigin({ settings: SETTINGS, get: pages({}), git }).tags('github.com/acme/bare', signal);
      assert.equal(fact.state, 'known', JSON.stringify(fact));
    });

    it('never runs a program that an address names', async () => {
      const marker = join(directory, 'ran');
      const more = configEnvironment([{ key: `url.ext::sh -c 'touch ${marker}' .insteadOf`, value: 'https://github.com/' }]);
      const git = createGit({ environment: environment(more) });
      const fact = await createOrigin({ settings: SETTINGS, get: pages({}), git }).tags('github.com/acme/bare', signal);
      assert.match(fact.state === 'unavailable' ? fact.why : '', /transport 'ext' not allowed/);
      await assert.rejects(stat(marker));
    });

    /** An environment in which https is spoken by a shell script of ours. */
    async function withHelper(script: string, more: NodeJS.ProcessEnv = {}): Promise<NodeJS.ProcessEnv> {
      const bin = await mkdtemp(join(directory, 'bin-'));
      await writeFile(join(bin, 'git-remote-slow'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      const config = configEnvironment([{ key: 'url.slow::https://github.com/.insteadOf', value: 'https://github.com/' }, { key: 'protocol.slow.allow', value: 'always' }]);
      return { ...environment({ ...more, ...config }), PATH: `${bin}:${process.env['PATH']}` };
    }
  });
});

function answered(status: number, url: string, body: string): HttpAnswer {
  return { kind: 'answer', status, statusText: `${status} of a test`, body: Buffer.from(body), headers: {}, url };
}
