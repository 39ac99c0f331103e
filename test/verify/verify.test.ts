import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gomodHealth } from '../cli/command.ts';
import { goCommand, goInstalled } from '../live/go-command.ts';
import type { GoCommand } from '../live/go-command.ts';
import { startChecksumDatabase } from '../world/checksum-database.ts';
import type { RunningChecksumDatabase } from '../world/checksum-database.ts';
import { sumLines, writeModuleProxy } from '../world/module-proxy.ts';
import type { ModuleSums, PublishedModule } from '../world/module-proxy.ts';
import { extractModules } from './extracted-cache.ts';

const MODULES: readonly PublishedModule[] = [
  { path: 'example.com/Alpha', version: 'v1.0.0', files: files('example.com/Alpha', { 'a.go': 'package alpha\n', 'sub/b.go': 'package sub\n' }) },
  { path: 'example.com/beta', version: 'v1.2.3-rc.1', files: files('example.com/beta', { 'b.go': 'package beta\n', 'empty.txt': '', 'ü.txt': 'ü\n' }) },
  { path: 'example.com/gamma/v2', version: 'v2.0.0', files: files('example.com/gamma/v2', { 'g.go': `package gamma\n${'// text\n'.repeat(9000)}` }) },
];

function files(path: string, others: Record<string, string>): Record<string, string> {
  return { 'go.mod': `module ${path}\n`, ...others };
}

interface Report {
  readonly failures: readonly {
    readonly module: { readonly path: string; readonly version: string };
    readonly of: string;
    readonly message: string;
    readonly sides: readonly { readonly who: string; readonly hash: string }[];
  }[];
  readonly unchecked: readonly { readonly module: { readonly path: string }; readonly why: string }[];
  readonly summary: Readonly<Record<string, number>>;
}

describe('gomod-health verify', function () {
  this.timeout(120_000);
  let directory: string;
  let pristine: string;
  let cache: string;
  let main: string;
  let sums: ModuleSums[];
  let database: RunningChecksumDatabase;
  let go: GoCommand | undefined;
  let judgements = 0;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'gomod-verify-'));
    sums = await writeModuleProxy(join(directory, 'proxy'), MODULES);
    pristine = join(directory, 'pristine');
    await extractModules(pristine, join(directory, 'proxy'), MODULES, sums);
    database = await startChecksumDatabase({ records: sums });
    if ((await goInstalled()) !== undefined) go = goCommand();
  });

  beforeEach(async () => {
    cache = join(directory, 'mod');
    main = join(directory, 'main');
    await rm(cache, { recursive: true, force: true });
    await cp(pristine, cache, { recursive: true });
    await rm(main, { recursive: true, force: true });
    await mkdir(main);
    const requires = MODULES.map(({ path, version }) => `require ${path} ${version}\n`).join('');
    await writeFile(join(main, 'go.mod'), `module example.com/main\n\ngo 1.22\n\n${requires}`);
    await writeFile(join(main, 'go.sum'), sums.map(sumLines).join(''));
  });

  after(async () => {
    await database?.close();
    go?.dispose();
    await rm(directory, { recursive: true, force: true });
  });

  function settings(): Record<string, string> {
    return {
      HOME: directory, XDG_CACHE_HOME: join(directory, 'cache'), GOMODCACHE: cache, GOENV: 'off', GOWORK: 'off', GOFLAGS: '-modcacherw',
      GOPROXY: pathToFileURL(join(directory, 'proxy')).href, GOSUMDB: database.goSumDb, GONOSUMDB: '', GOPRIVATE: '', GOTOOLCHAIN: 'local',
    };
  }

  async function verify(env: Record<string, string> = {}, ...args: string[]): Promise<Report & { code: number }> {
    const { code, stdout, stderr } = await gomodHealth(['verify', '--format', 'json', ...args], { directory: main, env: { ...settings(), ...env } });
    assert.equal(stderr, '');
    return { ...(JSON.parse(stdout) as Report), code };
  }

  const download = (at: number, suffix: string): string => {
    const { path, version } = MODULES[at]!;
    return join(cache, 'cache/download', path.replace('Alpha', '!alpha'), '@v', `${version}.${suffix}`);
  };
  const source = (at: number): string => join(cache, `${MODULES[at]!.path.replace('Alpha', '!alpha')}@${MODULES[at]!.version}`);

  function flip(file: string, at: number): void {
    const bytes = readFileSync(file);
    bytes[at]! ^= 0xff;
    writeFileSync(file, bytes);
  }

  /** Holds the failures of the module cache against those of `go mod verify`. */
  async function judge(go: GoCommand, ours: Report): Promise<void> {
    const judged = await go.run(['mod', 'verify'], { directory: main, env: { ...settings(), GOSUMDB: 'off', GOCACHE: undefined } });
    const lines = judged.stderr.split('\n').filter((line) => / (v\S+): /.test(line)).sort();
    const said = ours.failures
      .filter(({ message }) => message !== 'checksum mismatch')
      .map(({ module: { path, version }, message }) => `${path} ${version}: ${message}`)
      .sort();
    assert.equal(said.length, lines.length, `${judged.stderr}\n${said.join('\n')}`);
    for (const [at, line] of lines.entries()) {
      // A file that can't be unpacked has the words of whoever unpacks it.
      if (/modified|missing/.test(line)) assert.equal(said[at], line);
      else assert.equal(said[at]!.split(': ')[0], line.split(': ')[0]);
    }
    assert.equal(judged.stdout.includes('all modules verified'), lines.length === 0);
    judgements += 1;
  }

  // What was done to the cache, and the words about it; none where it is as good as before.
  const tamperings: [name: string, tamper: () => void, words: readonly (string | RegExp)[]][] = [
    ['nothing', () => undefined, []],
    ['a file changed', () => writeFileSync(join(source(0), 'a.go'), 'package alpha // x\n'), ['dir has been modified (SOURCE0)']],
    ['a file added', () => writeFileSync(join(source(0), 'sub/new.go'), ''), ['dir has been modified (SOURCE0)']],
    ['an empty directory added', () => mkdirSync(join(source(0), 'none')), []],
    ['a file removed', () => unlinkSync(join(source(1), 'empty.txt')), ['dir has been modified (SOURCE1)']],
    ['a file renamed', () => {
      writeFileSync(join(source(1), 'c.go'), readFileSync(join(source(1), 'b.go')));
      unlinkSync(join(source(1), 'b.go'));
    }, ['dir has been modified (SOURCE1)']],
    ['a link in place of a file, with the same content', () => {
      writeFileSync(join(cache, 'elsewhere'), readFileSync(join(source(0), 'a.go')));
      unlinkSync(join(source(0), 'a.go'));
      symlinkSync(join(cache, 'elsewhere'), join(source(0), 'a.go'));
    }, []],
    ['another zip file', () => writeFileSync(download(0, 'zip'), readFileSync(download(2, 'zip'))), ['zip has been modified (ZIP0)']],
    ['a zip file cut short', () => writeFileSync(download(2, 'zip'), readFileSync(download(2, 'zip')).subarray(0, 200)), [/^zip: not a valid zip file/]],
    ['a zip file that is empty', () => writeFileSync(download(2, 'zip'), ''), [/^zip: not a valid zip file/]],
    ['a byte of a packed file changed', () => flip(download(2, 'zip'), statSync(download(2, 'zip')).size / 2 | 0), [/^zip: |^zip has been modified/]],
    ['a hash file removed', () => unlinkSync(download(1, 'ziphash')), ['missing ziphash: open HASH1: no such file or directory']],
    ['a hash file and the zip file removed', () => {
      unlinkSync(download(1, 'ziphash'));
      unlinkSync(download(1, 'zip'));
    }, []],
    ['a hash file with another hash', () => writeFileSync(download(1, 'ziphash'), sums[0]!.zip), [
      'zip has been modified (ZIP1)', 'dir has been modified (SOURCE1)',
    ]],
    ['a hash file with blanks around the hash', () => writeFileSync(download(1, 'ziphash'), ` ${sums[1]!.zip}\r\n`), []],
    ['a zip file removed', () => unlinkSync(download(0, 'zip')), []],
    ['the files removed', () => rmSync(source(0), { recursive: true }), []],
    ['the files half extracted', () => {
      unlinkSync(join(source(0), 'a.go'));
      writeFileSync(download(0, 'partial'), '');
    }, []],
    ['everything removed', () => rmSync(cache, { recursive: true }), []],
    ['all of them changed', () => {
      for (const at of [0, 1, 2]) writeFileSync(join(source(at), 'go.mod'), 'module x\n');
    }, ['dir has been modified (SOURCE0)', 'dir has been modified (SOURCE1)', 'dir has been modified (SOURCE2)']],
  ];

  for (const [name, tamper, words] of tamperings) {
    it(`the module cache: ${name}`, async () => {
      tamper();
      const expected = words.map((word) =>
        typeof word === 'string'
          ? word.replace(/SOURCE(\d)/, (_, at) => source(Number(at))).replace(/ZIP(\d)/, (_, at) => download(Number(at), 'zip'))
              .replace(/HASH(\d)/, (_, at) => download(Number(at), 'ziphash'))
          : word,
      );
      const ours = await verify();
      const { failures, unchecked, code } = ours;
      const found = failures.filter(({ message }) => message !== 'checksum mismatch');
      assert.equal(found.length, expected.length, JSON.stringify(failures));
      for (const word of expected) {
        assert.ok(found.some(({ message }) => (typeof word === 'string' ? message === word : word.test(message))), `${word}: ${JSON.stringify(found)}`);
      }
      assert.equal(code, failures.length > 0 ? 1 : 0);
      assert.deepEqual(unchecked, []);
      for (const { message, sides } of found) {
        if (/has been modified/.test(message)) assert.deepEqual(sides.map(({ who }) => who), ['module cache', message.startsWith('zip') ? 'zip file' : 'directory']);
      }
      if (go) await judge(go, ours);
    });
  }

  it('is judged by go mod verify in each of these cases', function () {
    if (!go) {
      console.log('skipped: the go command is not installed, so it cannot judge a tampered module cache');
      this.skip();
    }
    assert.equal(judgements, tamperings.length);
  });

  describe('go.sum', () => {
    const WRONG = `h1:${'A'.repeat(43)}=`;

    function change(at: number, file: '' | '/go.mod'): string {
      const { path, version, zip, mod } = sums[at]!;
      const right = file === '' ? zip : mod;
      const text = readFileSync(join(main, 'go.sum'), 'utf8');
      writeFileSync(join(main, 'go.sum'), text.replace(`${path} ${version}${file} ${right}`, `${path} ${version}${file} ${WRONG}`));
      return right;
    }

    for (const [file, of] of [['', 'module'], ['/go.mod', 'go.mod']] as const) {
      it(`names who disagrees about a ${of}`, async () => {
        const right = change(1, file);
        const { failures, code } = await verify();
        const { path, version } = sums[1]!;
        assert.equal(code, 1);
        assert.deepEqual(failures, [
          {
            module: { path, version }, of, message: 'checksum mismatch',
            sides: [{ who: 'module cache', hash: right }, { who: 'go.sum', hash: WRONG }],
          },
          {
            module: { path, version }, of, message: 'SECURITY ERROR: checksum mismatch',
            sides: [{ who: 'go.sum', hash: WRONG }, { who: 'checksum database', hash: right }, { who: 'module cache', hash: right }],
          },
        ]);
      });
    }

    it('is compared with the database where nothing was downloaded', async () => {
      const right = change(0, '');
      rmSync(cache, { recursive: true });
      const { failures, summary } = await verify();
      assert.deepEqual(failures.map(({ message, sides }) => [message, sides]), [
        ['SECURITY ERROR: checksum mismatch', [{ who: 'go.sum', hash: WRONG }, { who: 'checksum database', hash: right }]],
      ]);
      assert.deepEqual([summary['lines'], summary['signed'], summary['zips'], summary['directories']], [6, 5, 0, 0]);
    });

    it('is unchecked, and no failure, where the database can not be asked', async () => {
      rmSync(join(directory, 'cache'), { recursive: true, force: true });
      const down = await verify({ GOSUMDB: `${database.verifierKey} http://127.0.0.1:1` });
      assert.deepEqual([down.code, down.failures], [0, []]);
      assert.equal(down.unchecked.length, 3);
      assert.match(down.unchecked[0]!.why, /connection refused/);
      const offline = await verify({}, '--offline');
      assert.deepEqual(offline.unchecked.map(({ why }) => why), Array.from({ length: 3 }, () => 'not asked: --offline'));
    });

    it('of private modules is never shown to the database', async () => {
      rmSync(join(directory, 'cache'), { recursive: true, force: true });
      const before = database.requests.length;
      const { unchecked, summary } = await verify({ GONOSUMDB: 'example.com/gamma,example.com/Alpha' });
      assert.deepEqual(unchecked.map(({ module }) => module.path), ['example.com/Alpha', 'example.com/gamma/v2']);
      assert.equal(summary['signed'], 2);
      const asked = database.requests.slice(before);
      assert.ok(asked.some((path) => path.includes('beta')));
      assert.ok(!asked.some((path) => /gamma|lpha/.test(path)), asked.join('\n'));
    });

    it('is a failure where the database itself can not be believed', async () => {
      rmSync(join(directory, 'cache'), { recursive: true, force: true });
      const forger = await startChecksumDatabase({ records: sums });
      try {
        const { failures, code } = await verify({ GOSUMDB: `${database.verifierKey} ${forger.url}` });
        assert.equal(code, 1);
        assert.ok(failures.length > 0 && failures.every(({ message }) => message.startsWith('SECURITY ERROR')), JSON.stringify(failures));
      } finally {
        await forger.close();
      }
    });

    it('may be missing', async () => {
      unlinkSync(join(main, 'go.sum'));
      const { summary, code } = await verify();
      assert.deepEqual([summary['modules'], code], [0, 0]);
    });

    it('of a workspace counts with those of its members', async () => {
      await mkdir(join(main, 'inner'));
      writeFileSync(join(main, 'inner/go.mod'), 'module example.com/inner\n\ngo 1.22\n');
      writeFileSync(join(main, 'inner/go.sum'), sumLines(sums[0]!));
      writeFileSync(join(main, 'go.sum'), sumLines(sums[1]!));
      writeFileSync(join(main, 'go.work'), 'go 1.22\n\nuse .\nuse ./inner\n');
      writeFileSync(join(main, 'go.work.sum'), sumLines(sums[2]!));
      const { summary } = await verify({ GOWORK: '' });
      assert.deepEqual([summary['modules'], summary['signed']], [3, 6]);
    });
  });

  it('says in words what it found, and what it did', async () => {
    const good = await gomodHealth(['verify'], { directory: main, env: settings() });
    assert.match(good.stdout, /^all modules verified\n3 module versions in go\.sum: 3 zip files and 3 directories .* 6 of 6 lines signed .*\n$/);
    writeFileSync(join(source(0), 'a.go'), '');
    const bad = await gomodHealth(['verify', '.'], { directory: main, env: settings() });
    assert.equal(bad.code, 1);
    assert.ok(bad.stdout.startsWith(`example.com/Alpha v1.0.0: dir has been modified (${source(0)})\n    module cache  ${sums[0]!.zip}\n    directory     h1:`), bad.stdout);
    assert.ok(!bad.stdout.includes('all modules verified'));
  });

  it('refuses what is no module', async () => {
    const { code, stderr } = await gomodHealth(['verify'], { directory: join(directory, 'proxy'), env: settings() });
    assert.equal(code, 2);
    assert.match(stderr, /is in no Go module/);
  });

  it('leaves the module cache as it was', async () => {
    const list = (): string[] => readdirSync(cache, { recursive: true, encoding: 'utf8' }).sort();
    const before = list();
    await verify();
    assert.deepEqual(list(), before);
    assert.ok(existsSync(download(0, 'zip')));
  });
});
