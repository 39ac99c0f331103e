import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { diskFiles, parseGoFlags, readGoEnvironment } from '../../server/src/host/go-environment.ts';
import type { EnvironmentFiles, GoVariableName } from '../../server/src/host/go-environment.ts';
import { redactUrl } from '../../server/src/host/proxy-list.ts';
import { goCommand, goInstalled } from '../live/go-command.ts';

type Env = Record<string, string | undefined>;

/** A disk of text files and executables. */
function fakeDisk(files: Record<string, string>, links: Record<string, string> = {}): EnvironmentFiles {
  const at = (path: string): string => links[path] ?? path;
  return {
    readFile: async (path) => files[at(path)],
    isDirectory: async (path) =>
      Object.keys(files).some((file) => file.startsWith(path) && /[/\\]/.test(file[path.length] ?? '')),
    isExecutable: async (path) => files[at(path)] === '#!',
    realPath: async (path) => (files[at(path)] === undefined ? undefined : at(path)),
  };
}

const linux = (env: Env) => ({ env, platform: 'linux' });

describe('go environment', () => {
  describe('beside the go command', () => {
    let directory: string;
    let moduleDirectory: string;

    before(async function () {
      if ((await goInstalled()) === undefined) {
        console.log('skipped: the go command is not installed, so it cannot judge the environment');
        this.skip();
      }
      directory = mkdtempSync(join(tmpdir(), 'gomod-health-env-'));
      moduleDirectory = join(directory, 'empty');
      mkdirSync(moduleDirectory);
      const write = (name: string, text: string): void => {
        mkdirSync(dirname(join(directory, name)), { recursive: true });
        writeFileSync(join(directory, name), text);
      };
      const lines = (...all: string[]): string => all.map((line) => `${line}\n`).join('');
      write('home/.config/go/env', lines(
        'GOPROXY=https://corp.example.com', 'GOPRIVATE=corp.example.com/*', 'GOFLAGS=-mod=mod',
      ));
      write('xdg/go/env', lines(
        'GOSUMDB=off', 'GOSUMDB=sum.golang.org', '# GOPROXY=off', 'lower=1', 'GOVCS = x', 'GONOPROXY=none', 'GOPROXY',
      ));
      write('blank/go/env', 'GOPROXY=\nGOSUMDB=\nGOPATH=\nGOTOOLCHAIN=\n');
      write('crlf/go/env', 'GOPRIVATE=a.example\r\nGOMODCACHE=/cache\r\n');
      write('tail/go/env', '=x\nGOINSECURE=a=b\nGOMODCACHE=/a//b/../c/');
      write('goroot/go.env', '# ours\nGOPROXY=https://dist.example.com,direct\nGOROOT=/nonsense\nGOAUTH=off\n');
      write('rooted/go/env', `GOROOT=${join(directory, 'goroot')}\n`);
      mkdirSync(join(directory, 'bare'));
    });

    after(() => {
      if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
    });

    const judged: readonly GoVariableName[] = [
      'GO111MODULE', 'GOAUTH', 'GOFLAGS', 'GOINSECURE', 'GOMODCACHE', 'GONOPROXY', 'GONOSUMDB', 'GOPATH', 'GOPRIVATE',
      'GOPROXY', 'GOROOT', 'GOSUMDB', 'GOTOOLCHAIN', 'GOVCS', 'GOENV',
    ];

    // DIR stands for the test's directory.
    const table: readonly { name: string; env: Env }[] = [
      { name: 'nothing set but a home', env: { HOME: 'DIR/xhome' } },
      { name: 'the file of go env -w in the home', env: { HOME: 'DIR/home' } },
      { name: 'the process before the file', env: { HOME: 'DIR/home', GOPROXY: 'direct', GOPRIVATE: 'b.example' } },
      { name: 'an empty variable counts as unset', env: { HOME: 'DIR/home', GOPROXY: '', GOFLAGS: '' } },
      { name: 'XDG_CONFIG_HOME', env: { HOME: 'DIR/home', XDG_CONFIG_HOME: 'DIR/xdg' } },
      { name: 'a relative XDG_CONFIG_HOME', env: { HOME: 'DIR/home', XDG_CONFIG_HOME: 'xdg' } },
      { name: 'GOENV names a file', env: { HOME: 'DIR/home', GOENV: 'DIR/xdg/go/env' } },
      { name: 'GOENV names no file', env: { HOME: 'DIR/home', GOENV: 'DIR/none' } },
      { name: 'GOENV=off', env: { HOME: 'DIR/home', GOENV: 'off' } },
      { name: 'empty values in the file', env: { HOME: 'DIR/xhome', XDG_CONFIG_HOME: 'DIR/blank' } },
      { name: 'a file with carriage returns', env: { HOME: 'DIR/xhome', XDG_CONFIG_HOME: 'DIR/crlf' } },
      { name: 'a file with an odd end', env: { HOME: 'DIR/xhome', XDG_CONFIG_HOME: 'DIR/tail' } },
      { name: 'no home', env: { GOMODCACHE: 'DIR/cache', GOPROXY: 'off' } },
      { name: 'no home and a GOPATH', env: { GOPATH: 'DIR/one:DIR/two' } },
      { name: 'a GOPATH of several', env: { HOME: 'DIR/home', GOPATH: '/a//b/:/c' } },
      { name: 'a GOPATH that starts empty', env: { HOME: 'DIR/home', GOPATH: ':/c', GOMODCACHE: '/m' } },
      { name: 'all names of the private kind', env: {
        HOME: 'DIR/xhome', GOPRIVATE: 'a', GONOPROXY: 'b', GONOSUMDB: 'c',
      } },
      { name: 'GOSUMDB, GOVCS, GOAUTH, GOINSECURE', env: {
        HOME: 'DIR/xhome', GOSUMDB: 'sum.golang.org https://sums.example.com', GOVCS: '*:git', GOAUTH: 'off',
        GOINSECURE: 'x',
      } },
      { name: 'GOTOOLCHAIN', env: { HOME: 'DIR/xhome', GOTOOLCHAIN: 'local' } },
      { name: 'GOROOT of the process', env: { HOME: 'DIR/xhome', GOROOT: 'DIR/goroot/' } },
      { name: 'GOROOT without a go.env, in a full environment', env: {
        HOME: 'DIR/xhome', GOROOT: 'DIR/bare', GOPROXY: 'off', GOSUMDB: 'off', GOTOOLCHAIN: 'local',
      } },
      { name: 'GOROOT of the file', env: { HOME: 'DIR/xhome', XDG_CONFIG_HOME: 'DIR/rooted' } },
      { name: 'GOROOT of the file and another of the process', env: {
        HOME: 'DIR/xhome', XDG_CONFIG_HOME: 'DIR/rooted', GOROOT: 'DIR/bare',
      } },
      { name: 'GOROOT where GOPATH would be', env: { HOME: '/usr/local', GOROOT: '/usr/local/go', GOMODCACHE: '/m' } },
    ];

    for (const { name, env } of table) {
      it(name, async () => {
        const full: Env = { PATH: process.env.PATH, GOCACHE: join(directory, 'gocache') };
        for (const [key, value] of Object.entries(env)) full[key] = value?.replaceAll('DIR', directory);
        const cleared = Object.fromEntries(Object.keys(process.env).map((key) => [key, undefined]));
        const go = goCommand();
        try {
          const none = Object.fromEntries(Object.keys(go.env).map((key) => [key, undefined]));
          const answer = await go.run(['env', '-json', ...judged], {
            directory: moduleDirectory, env: { ...cleared, ...none, ...full },
          });
          assert.equal(answer.code, 0, answer.stderr);
          const expected = JSON.parse(answer.stdout) as Record<string, string>;
          const report = await readGoEnvironment(linux(full), diskFiles);
          const found = Object.fromEntries(judged.map((key) => [key, report.variables[key].value]));
          if (found['GOENV'] === 'off') found['GOENV'] = '';
          assert.deepEqual(found, expected);
        } finally {
          go.dispose();
        }
      });
    }

    it('refuses a GOPROXY in the words of the go command', async function () {
      this.timeout(60_000);
      const go = goCommand({ GONOPROXY: '', GOPRIVATE: '' });
      const lists = [
        ',', ' | ', 'corp', '/srv/proxy', 'ftp://a.example', 'file://host/p', 'file:///p?q', 'file:p:/', 'file:/p',
        '1a:/x', ':/x', 'https://a.example:port/', 'https://a b.example', 'https://[::1', 'https://a.example/%zz',
        'https://u^@a.example', 'https://a.example,corp', 'a.example:1:2', 'https://a[b/', 'https://a\u0001b/',
      ];
      try {
        for (const list of lists) {
          const report = await readGoEnvironment(linux({ HOME: '/h', GOPROXY: list }), fakeDisk({}));
          const [problem] = report.problems;
          assert.ok(problem, `${list} is taken here`);
          assert.deepEqual(report.environment.proxies, []);
          const { code, stderr } = await go.run(['list', '-m', 'example.com/m@v1.0.0'], {
            directory: moduleDirectory, env: { GOPROXY: list },
          });
          assert.notEqual(code, 0, list);
          const redacted = stderr.replace('u^@', '');
          assert.ok(redacted.includes(problem.message), `${list}: go says ${stderr}, we say ${problem.message}`);
        }
      } finally {
        go.dispose();
      }
    });

    it('takes the lists of GOPROXY that the go command takes', async () => {
      const go = goCommand({ GOSUMDB: 'off', GONOPROXY: '', GOPRIVATE: '' });
      const lists = [
        `file://${directory}`, `file://${directory}/`, `,file://${directory}|off`, ` file://${directory} , direct`,
        `FILE://${directory}`, 'off',
      ];
      try {
        for (const list of lists) {
          const report = await readGoEnvironment(linux({ HOME: '/h', GOPROXY: list }), fakeDisk({}));
          assert.deepEqual(report.problems, [], list);
          const { stderr } = await go.run(['list', '-m', 'example.com/m@v1.0.0'], {
            directory: moduleDirectory, env: { GOPROXY: list.replace(', direct', ', off') },
          });
          assert.match(stderr, /no such file or directory|disabled by GOPROXY=off/, list);
        }
      } finally {
        go.dispose();
      }
    });

    it('refuses GOFLAGS in the words of the go command', async () => {
      const go = goCommand();
      try {
        for (const flags of ['x', '-', '--', '---x', '-=x', '--=x', "-mod=mod '", '"-mod=mod', "-mod=mod 'a b'"]) {
          const parsed = parseGoFlags(flags);
          assert.ok(!parsed.ok, flags);
          const env = { GOFLAGS: flags };
          const { code, stderr } = await go.run(['list', '-m'], { directory: moduleDirectory, env });
          assert.notEqual(code, 0, flags);
          assert.ok(stderr.includes(parsed.error), `${flags}: go says ${stderr}, we say ${parsed.error}`);
        }
      } finally {
        go.dispose();
      }
    });

    it('refuses caches and workspaces in the words of the go command', async () => {
      const proxy = join(directory, 'proxy');
      mkdirSync(join(proxy, 'example.com/m/@v'), { recursive: true });
      writeFileSync(join(proxy, 'example.com/m/@v/v1.0.0.info'), '{"Version":"v1.0.0"}');
      writeFileSync(join(proxy, 'example.com/m/@v/v1.0.0.mod'), 'module example.com/m\n');
      const go = goCommand({ GOPROXY: `file://${proxy}`, GOSUMDB: 'off' });
      const table: readonly Env[] = [
        { GOMODCACHE: 'relative' }, { GOPATH: 'relative' }, { GOPATH: '~/go' }, { GOWORK: 'relative/go.work' },
        { GOMODCACHE: '', GOPATH: '', HOME: '' },
      ];
      try {
        for (const env of table) {
          const full = { HOME: directory, GOCACHE: join(directory, 'gocache'), ...env };
          const report = await readGoEnvironment(linux({ ...full, PATH: process.env.PATH }), diskFiles);
          const [problem] = report.problems;
          assert.ok(problem, JSON.stringify(env));
          const args = ['mod', 'download', 'example.com/m@v1.0.0'];
          const { stderr } = await go.run(args, { directory: moduleDirectory, env: full });
          assert.ok(stderr.includes(problem.message), `${JSON.stringify(env)}: go says ${stderr}`);
        }
      } finally {
        go.dispose();
      }
    });
  });

  describe('where each setting comes from', () => {
    const files = {
      '/home/me/.config/go/env': 'GOPRIVATE=corp.example\n',
      '/opt/go/bin/go': '#!',
      '/opt/go/pkg/tool/x': '',
      '/opt/go/go.env': 'GOPROXY=https://dist.example\nGOSUMDB=sum.golang.org\nGOTOOLCHAIN=local\n',
    };
    const links = { '/usr/bin/go': '/opt/go/bin/go' };

    it('says why', async () => {
      const { variables, environment } = await readGoEnvironment(
        linux({ HOME: '/home/me', PATH: '.:/nowhere:/usr/bin', GOFLAGS: "-mod=mod '-tags=a b'", GOWORK: 'auto' }),
        fakeDisk(files, links),
      );
      const why = Object.fromEntries(Object.entries(variables).map(([name, variable]) => [name, variable.why]));
      assert.deepEqual(why, {
        GO111MODULE: 'default',
        GOAUTH: 'default',
        GOENV: 'default',
        GOFLAGS: 'environment',
        GOINSECURE: 'default',
        GOMODCACHE: 'default',
        GONOPROXY: 'GOPRIVATE',
        GONOSUMDB: 'GOPRIVATE',
        GOPATH: 'default',
        GOPRIVATE: '/home/me/.config/go/env',
        GOPROXY: '/opt/go/go.env',
        GOROOT: 'default',
        GOSUMDB: '/opt/go/go.env',
        GOTOOLCHAIN: '/opt/go/go.env',
        GOVCS: 'default',
        GOWORK: 'environment',
      });
      assert.equal(variables.GOROOT.value, '/opt/go');
      assert.deepEqual(environment, {
        proxies: [{ kind: 'proxy', url: 'https://dist.example', fallBackOn: 'absent' }],
        noProxy: 'corp.example',
        noSumDb: 'corp.example',
        private: 'corp.example',
        insecure: '',
        vcs: '',
        sumDb: 'sum.golang.org',
        moduleCache: '/home/me/go/pkg/mod',
        goFlags: ['-mod=mod', '-tags=a b'],
        work: '',
      });
    });

    it('has the published defaults where there is no Go', async () => {
      const { variables, environment, problems } = await readGoEnvironment(
        linux({ HOME: '/h', PATH: '/bin' }),
        fakeDisk({}),
      );
      assert.deepEqual(problems, []);
      const domain = 'golang.org';
      assert.deepEqual(environment.proxies, [
        { kind: 'proxy', url: `https://proxy.${domain}`, fallBackOn: 'absent' }, { kind: 'direct' },
      ]);
      assert.equal(environment.sumDb, `sum.${domain}`);
      assert.deepEqual(variables.GOTOOLCHAIN, { value: 'auto', why: 'default' });
      assert.deepEqual(variables.GOROOT, { value: '', why: 'default' });
    });

    it('does not take a shim of a version manager for an installation', async () => {
      const { variables } = await readGoEnvironment(
        linux({ HOME: '/h', PATH: '/h/.shims/bin' }),
        fakeDisk({ '/h/.shims/bin/go': '#!', '/h/.shims/go.env': 'GOPROXY=off\n' }),
      );
      assert.notEqual(variables.GOPROXY.value, 'off');
    });

    it('reads the places of Windows, where names have no case', async () => {
      const { environment, variables } = await readGoEnvironment(
        {
          platform: 'win32',
          env: {
            Path: 'C:\\Go\\bin', AppData: 'C:\\U\\AppData\\Roaming', userprofile: 'C:\\U', goPrivate: 'x.example',
          },
        },
        fakeDisk({
          'C:\\U\\AppData\\Roaming\\go\\env': 'GOSUMDB=off\n',
          'C:\\Go\\bin\\go.exe': '#!',
          'C:\\Go\\pkg\\tool\\x': '',
          'C:\\Go\\go.env': 'GOPROXY=C:\\proxy\n',
        }),
      );
      assert.equal(environment.moduleCache, 'C:\\U\\go\\pkg\\mod');
      assert.equal(environment.noProxy, 'x.example');
      assert.equal(variables.GOSUMDB.why, 'C:\\U\\AppData\\Roaming\\go\\env');
      assert.equal(variables.GOROOT.value, 'C:\\Go');
      assert.deepEqual(environment.proxies, [], 'a drive is no scheme');
    });

    it('reads the places of macOS', async () => {
      const { variables } = await readGoEnvironment(
        { platform: 'darwin', env: { HOME: '/Users/me' } },
        fakeDisk({ '/Users/me/Library/Application Support/go/env': 'GOPRIVATE=x.example\n' }),
      );
      assert.equal(variables.GOPRIVATE.why, '/Users/me/Library/Application Support/go/env');
      assert.equal(variables.GOPATH.value, '/Users/me/go');
    });

    it('finds an installation behind a link, and one in bin/GOOS_GOARCH', async () => {
      const directory = mkdtempSync(join(tmpdir(), 'gomod-health-root-'));
      try {
        for (const made of ['go/bin/plan9_arm', 'go/pkg/tool', 'links']) {
          mkdirSync(join(directory, made), { recursive: true });
        }
        writeFileSync(join(directory, 'go/bin/plan9_arm/go'), '', { mode: 0o755 });
        writeFileSync(join(directory, 'go/go.env'), 'GOPROXY=off\n');
        symlinkSync(join(directory, 'go/bin/plan9_arm/go'), join(directory, 'links/go'));
        const { variables } = await readGoEnvironment(linux({ HOME: '/h', PATH: join(directory, 'links') }), diskFiles);
        assert.equal(variables.GOPROXY.value, 'off');
        assert.ok(variables.GOPROXY.why.endsWith('go/go.env'));
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    });
  });

  describe('GOPROXY', () => {
    const lists: readonly [string, readonly string[]][] = [
      ['https://a.example/,b.example|c:8080/p/, direct,https://never.example', [
        'https://a.example absent', 'https://b.example any', 'https://c:8080/p absent', 'direct',
      ]],
      ['off,https://never.example', ['off']],
      [',, direct ,', ['direct']],
      ['http://127.0.0.1:1/x|', ['http://127.0.0.1:1/x any']],
      ['HTTPS://user:pw@a.example/go/', ['https://user:pw@a.example/go absent']],
      ['https://[::1]:3/?k=v', ['https://[::1]:3?k=v absent']],
      ['file:///a/b/,FILE:///', ['file:///a/b absent', 'file:// absent']],
    ];
    for (const [list, expected] of lists) {
      it(`reads ${list}`, async () => {
        const { environment, problems } = await readGoEnvironment(linux({ HOME: '/h', GOPROXY: list }), fakeDisk({}));
        assert.deepEqual(problems, []);
        const found = environment.proxies.map((entry) => {
          return entry.kind === 'proxy' ? `${entry.url} ${entry.fallBackOn}` : entry.kind;
        });
        assert.deepEqual(found, expected);
      });
    }

    it('shows no credentials, in values or in problems', async () => {
      const secrets = [
        'https://me:s3cret@a.example', 'me:s3cret@a.example/go', 'https://s3cret@a.example,direct',
        'https://me:s3cret/x@a.example', 'https://me:a,s3cret@a.example', 'https://me:s3cret#x@a.example',
        'https://me:s3cret?x@a.example', 'ftp://me:s3cret@a.example', 'https://a.example?token=s3cret',
        'file://me:s3cret@host/p', 'https://a b|https://me:s3cret@a.example', 'https://me:s3cret^@a.example',
        'https://me:s3cret%zz@a.example', 'https://me:s3cret@a.example:port', 'https://me:x://s3cret@a.example',
        'https://me:s3 s3cret@a.example', 'https://me:a|https://s3cret@a.example',
      ];
      for (const secret of secrets) {
        const env = { HOME: '/h', GOPROXY: secret, GOSUMDB: `sum.golang.org ${secret}` };
        const { variables, problems } = await readGoEnvironment(linux(env), fakeDisk({}));
        assert.doesNotMatch(JSON.stringify([variables, problems]), /s3cret/, secret);
      }
      assert.equal(redactUrl('https://me:pw@a.example/x?y#z,direct'), 'https://a.example/x,direct');
      assert.equal(redactUrl('https://a.example|https://u@b.example:8/'), 'https://a.example|https://b.example:8/');
    });
  });

  it('splits GOFLAGS as Go does', () => {
    const table: readonly [string, readonly string[]][] = [
      ['', []],
      [' \t\n', []],
      ['-x --y=z', ['-x', '--y=z']],
      ['\'-tags=a b\' "-ldflags=-X \'q\'"', ['-tags=a b', "-ldflags=-X 'q'"]],
      ['"-a""-b"', ['-a', '-b']],
    ];
    for (const [text, words] of table) assert.deepEqual(parseGoFlags(text), { ok: true, value: words }, text);
    assert.deepEqual(parseGoFlags('-a="b c'), { ok: false, error: 'parsing $GOFLAGS: non-flag "c"' });
  });
});
