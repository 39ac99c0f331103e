import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGit } from '../../server/src/net/git.ts';
import type { GitRemote } from '../../server/src/net/git.ts';
import { explainGitFailure } from '../../server/src/net/git-failure.ts';
import { gitEnvironment } from '../../server/src/net/git-environment.ts';
import { refusedByGoVcs } from '../../server/src/net/govcs.ts';
import { matchGoImport, parseGoImports } from '../../server/src/net/go-import.ts';
import { knownRepository } from '../../server/src/net/repository.ts';

describe('git against servers at fault', function () {
  this.timeout(20_000);
  let server: Server;
  let base: string;

  before(async () => {
    server = createServer((request, response) => {
      const [, fault = ''] = request.url!.split('/');
      if (fault === 'reset') response.socket?.destroy();
      else if (fault === 'hang') return;
      else if (fault === 'html') response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>');
      else if (fault === 'long-html') response.writeHead(200, { 'content-type': 'text/html' }).end('<html>\n<body>\nSign in\n</body>\n</html>\n');
      else if (fault === 'half') response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' }).end('001e# service=git-upload-pack\n0000');
      else if (fault === 'away') response.writeHead(301, { location: '/404/x/info/refs?service=git-upload-pack' }).end();
      else response.writeHead(Number(fault), { 'www-authenticate': 'Basic realm="git"' }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  after(() => {
    server.close();
    server.closeAllConnections();
  });

  const faults: [fault: string, follow: boolean, kind: string, words: RegExp][] = [
    ['404', true, 'absent', /repository not found/],
    ['410', true, 'absent', /repository not found/],
    ['401', true, 'failure', /^could not read Username for '.*': the repository is private or does not exist/],
    ['403', true, 'failure', /answered git with 403/],
    ['429', true, 'failure', /answered git with 429/],
    ['500', true, 'failure', /answered git with 500/],
    ['503', true, 'failure', /answered git with 503/],
    ['reset', true, 'failure', /closed the connection/],
    ['hang', true, 'failure', /did not answer git in full within 1 s/],
    ['html', true, 'failure', /neither branches nor tags, or is no git repository/],
    ['long-html', true, 'failure', /is this a git repository|no git repository/],
    ['half', true, 'failure', /./],
    ['away', false, 'failure', /redirects git elsewhere/],
  ];
  for (const [fault, follow, kind, words] of faults) {
    it(`${fault}: ${kind}`, async () => {
      const url = `${base}/${fault}/x`;
      const remote: GitRemote = { url, effective: url, rewritten: false, follow, insecure: false };
      const git = createGit({ environment: { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' }, timeout: 1000 });
      const answer = await git.tags(remote, new AbortController().signal);
      assert.equal(answer.kind, kind, JSON.stringify(answer));
      assert.match(answer.kind === 'failure' ? answer.why : answer.kind === 'absent' ? answer.said : '', words);
    });
  }
});

describe("git's messages in plain words", () => {
  const messages: [message: string, kind: 'absent' | 'failure', words: RegExp][] = [
    ["remote: Repository not found.\nfatal: repository 'https://github.com/a/b/' not found", 'absent', /repository not found/],
    ['ERROR: Repository not found.\nfatal: Could not read from remote repository.', 'absent', /repository not found/],
    ["fatal: '/srv/x' does not appear to be a git repository\nfatal: Could not read from remote repository.", 'absent', /no git repository there/],
    [
      "remote: The project you were looking for could not be found or you don't have permission to view it.\nfatal: repository 'https://gitlab.com/a/b/' not found",
      'failure',
      /could not be found or may not be seen by this user/,
    ],
    ['git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository.', 'failure', /^Permission denied \(publickey\): h does not accept/],
    ['Host key verification failed.\nfatal: Could not read from remote repository.', 'failure', /^Host key verification failed: ssh does not know the key of h/],
    ["remote: HTTP Basic: Access denied\nfatal: Authentication failed for 'https://h/a.git/'", 'failure', /^Authentication failed/],
    ['ssh: Could not resolve hostname h: Name or service not known\nfatal: Could not read from remote repository.', 'failure', /^Could not resolve host/],
    ['ssh: connect to host h port 22: Connection timed out', 'failure', /did not answer git in time/],
    ["fatal: unable to access 'https://h/': SSL certificate problem: certificate has expired", 'failure', /is not trusted: certificate has expired/],
    ["fatal: transport 'ext' not allowed", 'failure', /^transport 'ext' not allowed/],
    ["fatal: detected dubious ownership in repository at '/srv/x'", 'failure', /dubious ownership/],
    ["fatal: unable to access 'https://user:secret@h/x/': the unknown", 'failure', /https:\/\/h\/x\/': the unknown/],
    ['spawn git ENOENT', 'failure', /^git is not installed$/],
    ['', 'failure', /failed without a message/],
    ['fatal: \u001b[31mred\u0007', 'failure', /fatal: \?\[31mred\?/],
  ];
  for (const [message, kind, words] of messages) {
    it(JSON.stringify(message.split('\n')[0]), () => {
      const failure = explainGitFailure(message, 'h');
      const text = failure.kind === 'absent' ? failure.said : failure.why;
      assert.equal(failure.kind, kind);
      assert.match(text, words);
      assert.doesNotMatch(text, /secret/);
    });
  }
});

describe("git's environment", () => {
  it('asks nobody and keeps how the user reaches remotes', () => {
    const environment = gitEnvironment(
      {
        PATH: '/bin', HOME: '/home/me', GIT_DIR: '/x', GIT_INDEX_FILE: '/x', GIT_ASKPASS: 'ask', SSH_ASKPASS: 'ask', DISPLAY: ':0', GIT_TERMINAL_PROMPT: '1',
        GIT_SSH_COMMAND: 'ssh -i key', GIT_CONFIG_GLOBAL: '/home/me/config', GIT_CONFIG_PARAMETERS: "'a.b=c'", EDITOR: 'vi', LC_ALL: 'de_DE', SSH_AUTH_SOCK: '/s',
        GIT_CONFIG_COUNT: '3', GIT_CONFIG_KEY_0: 'alias.x', GIT_CONFIG_VALUE_0: '!false', GIT_CONFIG_KEY_1: 'url.x.insteadOf', GIT_CONFIG_VALUE_1: 'y',
        GIT_CONFIG_KEY_2: 'credential.helper', GIT_CONFIG_VALUE_2: 'store',
      },
      '/tmp/x',
      undefined,
    );
    assert.deepEqual(environment, {
      PATH: '/bin', HOME: '/home/me', SSH_AUTH_SOCK: '/s', GIT_SSH_COMMAND: 'ssh -i key', GIT_CONFIG_GLOBAL: '/home/me/config',
      GIT_CONFIG_COUNT: '2', GIT_CONFIG_KEY_0: 'url.x.insteadOf', GIT_CONFIG_VALUE_0: 'y', GIT_CONFIG_KEY_1: 'credential.helper', GIT_CONFIG_VALUE_1: 'store',
      LC_ALL: 'C', LANGUAGE: '', GIT_TERMINAL_PROMPT: '0', GCM_INTERACTIVE: 'never', GIT_ASKPASS: '', SSH_ASKPASS: '', SSH_ASKPASS_REQUIRE: 'force',
      GIT_OPTIONAL_LOCKS: '0', GIT_CEILING_DIRECTORIES: '/tmp/x',
    });
  });
});

describe('GOVCS', () => {
  const cases: [goVcs: string, goPrivate: string, vcs: string, root: string, refusal: string | undefined][] = [
    ['', '', 'git', 'a.example/x', undefined],
    ['', '', 'hg', 'a.example/x', undefined],
    ['', '', 'svn', 'a.example/x', "GOVCS disallows using svn for public a.example/x; see 'go help vcs'"],
    ['', 'a.example', 'svn', 'a.example/x', undefined],
    ['public:hg', '', 'git', 'a.example/x', "GOVCS disallows using git for public a.example/x; see 'go help vcs'"],
    ['private:hg', 'a.example', 'git', 'a.example/x', "GOVCS disallows using git for private a.example/x; see 'go help vcs'"],
    ['a.example:off, *:all', '', 'git', 'a.example/x', "GOVCS disallows using git for public a.example/x; see 'go help vcs'"],
    ['a.example:off, *:all', '', 'bzr', 'b.example/x', undefined],
    ['a.example: git | hg', '', 'hg', 'a.example/x', undefined],
    [',', '', 'git', 'a.example/x', 'empty entry in GOVCS'],
    ['git', '', 'git', 'a.example/x', 'malformed entry in GOVCS (missing colon): "git"'],
    [':git', '', 'git', 'a.example/x', 'empty pattern in GOVCS: ":git"'],
    ['x:', '', 'git', 'a.example/x', 'empty VCS list in GOVCS: "x:"'],
    ['./x:git', '', 'git', 'a.example/x', 'relative pattern not allowed in GOVCS: "./x"'],
    ['x:git,x:hg', '', 'git', 'a.example/x', 'unreachable pattern in GOVCS: "x:hg" after "x:git"'],
    ['x:git||hg', '', 'git', 'a.example/x', 'empty VCS name in GOVCS: "x:git||hg"'],
  ];
  for (const [goVcs, goPrivate, vcs, root, refusal] of cases) {
    it(`${JSON.stringify(goVcs)} private ${JSON.stringify(goPrivate)} for ${vcs}: ${refusal}`, () => {
      assert.equal(refusedByGoVcs(goVcs, goPrivate, vcs, root), refusal);
    });
  }
});

describe('repositories known by their path', () => {
  const cases: [path: string, found: string | undefined][] = [
    ['github.com/a/b', 'git github.com/a/b https://github.com/a/b'],
    ['github.com/a/b/c/v2', 'git github.com/a/b https://github.com/a/b'],
    ['bitbucket.org/a/b/c', 'git bitbucket.org/a/b https://bitbucket.org/a/b'],
    ['github.com/a', 'invalid github.com import path "github.com/a"'],
    ['github.com/a/b.git/c', 'invalid version control suffix in github.com/ path'],
    ['git.apache.org/thrift.git/lib', 'git git.apache.org/thrift.git https://git.apache.org/thrift.git'],
    ['chiselapp.com/user/a/repository/b', 'fossil chiselapp.com/user/a/repository/b https://chiselapp.com/user/a/repository/b'],
    ['example.com/team/repo.git', 'git example.com/team/repo.git https://example.com/team/repo ssh://example.com/team/repo'],
    ['example.com:8080/~u/repo.git/sub', 'git example.com:8080/~u/repo.git https://example.com:8080/~u/repo ssh://example.com:8080/~u/repo'],
    ['example.com/repo.hg/sub.git', 'hg example.com/repo.hg https://example.com/repo ssh://example.com/repo'],
    ['example.com/.git', undefined],
    ['example.com/team/repo', undefined],
    ['golang.org/x/text', undefined],
    ['gitlab.com/group/sub/project', undefined],
    ['github.community/a/b', undefined],
  ];
  for (const [path, found] of cases) {
    it(`${path}: ${found}`, () => {
      const answer = knownRepository(path);
      const text =
        answer?.kind === 'answer' && answer.value.kind === 'vcs'
          ? [answer.value.vcs, answer.value.root, ...answer.value.urls].join(' ')
          : answer?.kind === 'absent' ? answer.evidence.said : undefined;
      assert.equal(text, found);
    });
  }
});

describe('go-import tags', () => {
  const cases: [html: string, path: string, found: string | undefined][] = [
    ['<meta name="go-import" content="a.example/m git https://h/x">', 'a.example/m', 'git https://h/x'],
    ["<META NAME='go-import' CONTENT='a.example/m git https://h/x'/>", 'a.example/m/sub', 'git https://h/x'],
    ['<meta content=" a.example/m\n git  https://h/x " name=go-import>', 'a.example/m', 'git https://h/x'],
    ['<meta name="go-import" content="a.example/m git https://h/x?a=1&amp;b=&#50;">', 'a.example/m', 'git https://h/x?a=1&b=2'],
    ['<meta name="go-import" content="a.example/m git https://h/x dir">', 'a.example/m', 'git https://h/x dir'],
    ['<meta name="go-import" content="a.example/m git">', 'a.example/m', undefined],
    ['<meta name="go-import" content="a.example/m git https://h/x dir more">', 'a.example/m', undefined],
    ['<meta name="go-import" content="a.example/other git https://h/x">', 'a.example/m', undefined],
    ['<meta name="go-import" content="a.example/m git https://h/x">', 'a.example/mm', undefined],
    ['<!-- <meta name="go-import" content="a.example/m git https://h/x"> -->', 'a.example/m', undefined],
    ['<body><meta name="go-import" content="a.example/m git https://h/x">', 'a.example/m', undefined],
    ['<head></head><meta name="go-import" content="a.example/m git https://h/x">', 'a.example/m', undefined],
    ['<script>"<meta name=go-import content=\'a.example/m git https://h/y\'>"</script><meta name="go-import" content="a.example/m git https://h/x">', 'a.example/m', 'git https://h/x'],
    ['<title>a > b</title><meta name="x" content="<"><meta name="go-import" content="a.example/m git https://h/x">', 'a.example/m', 'git https://h/x'],
    ['<meta name="go-import" content="a.example/m git https://h/x"><meta name="go-import" content="a.example/m mod https://p">', 'a.example/m', 'mod https://p'],
    ['<meta name="go-import" content="a.example git https://h/x"><meta name="go-import" content="a.example/m git https://h/y">', 'a.example/m', 'several'],
    ['<meta name="go-import" content="a.example/m git https://h/x', 'a.example/m', undefined],
    ['', 'a.example/m', undefined],
  ];
  for (const [html, path, found] of cases) {
    it(JSON.stringify(html), () => {
      const match = matchGoImport(parseGoImports(html), path);
      const text = typeof match === 'object' ? [match.vcs, match.repoRoot, match.subdirectory].join(' ').trim() : match;
      assert.equal(text, found);
    });
  }

  it('of a page that means harm are read in linear time', () => {
    const started = Date.now();
    for (const part of ['<', '<a ', '<!--', '<script>', '<meta x', '<meta "', "<meta '", '<meta a=', '&#1;', '<meta name=go-import content=']) {
      parseGoImports(part.repeat((1 << 20) / part.length));
    }
    assert.ok(Date.now() - started < 5000, `${Date.now() - started} ms`);
  });
});
