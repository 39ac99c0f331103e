import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, chown, mkdir, readFile, readdir, symlink } from 'node:fs/promises';
import type { CommandResult } from './bundle.ts';
import { parseReport } from './json-shape.ts';
import type { JsonReport } from './json-shape.ts';
import { Sandbox, library } from './sandbox.ts';

const SOUND = 'module example.com/m\n\ngo 1.21\n';

const REQUIRE = 'require example.com/queue v2.1.0';

/** A user who owns nothing. */
const NOBODY = 65_534;

describe('gomod-health check given bad input', () => {
  let sandbox: Sandbox;

  beforeEach(async () => {
    sandbox = await Sandbox.open({
      modules: [library('example.com/queue', 'v1.0.0'), library('example.com/queue/v2', 'v2.1.0')],
    });
  });
  afterEach(() => sandbox.close());

  /** The whole report, which must come without a word on stderr. */
  async function report(...args: string[]): Promise<JsonReport> {
    const { stdout, stderr } = await sandbox.run(['check', '--format', 'json', ...args]);
    assert.equal(stderr, '');
    return parseReport(stdout);
  }

  /** The run did not pass the file over: a finding or a sentence tells of the place. */
  function assertTold({ status, stdout, stderr }: CommandResult, place: RegExp): void {
    assert.ok(status === 1 || status === 2, `status ${status}`);
    assert.match(stdout + stderr, place);
    assert.doesNotMatch(stdout + stderr, /\n\s+at |this is a fault of gomod-health/);
  }

  describe('as a go.mod', () => {
    it('that is empty, says that it has no module', async () => {
      for (const text of ['', '\n', '// nothing here\n']) {
        await sandbox.write({ 'go.mod': text });
        assertTold(await sandbox.run(['check']), /missing module declaration/);
      }
    });

    it('that is binary, says what the go command says, and leaves it alone', async () => {
      const bytes = Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 197 + 13) % 256));
      await sandbox.write({ 'go.mod': bytes });
      assertTold(await sandbox.run(['check', '--unsafe-fixes']), /go\.mod:1\b/);
      assert.deepEqual(await readFile(sandbox.path('go.mod')), bytes);
    });

    it('with one bad line, judges the others', async () => {
      await sandbox.write({ 'go.mod': `${SOUND}\nrequires example.com/a v1.0.0\n${REQUIRE}\n` });
      const result = await sandbox.run(['check']);
      assertTold(result, /unknown directive: requires/);
      assert.match(result.stdout, /go\.mod:6:27: error major-path-mismatch/);
    });

    for (const [name, text] of [
      ['a comment', `${SOUND}\n${REQUIRE} // ${'x'.repeat(5 << 20)}\n`],
      ['a path', `${SOUND}\n${REQUIRE}\nrequire example.com/${'x'.repeat(5 << 20)} v2.0.0\n`],
      ['words', `${SOUND}\n${REQUIRE}\nrequire ${'x '.repeat(5 << 19)}\n`],
      ['brackets', `${SOUND}\n${REQUIRE}\n${'('.repeat(5 << 20)}\n`],
    ] as const) {
      it(`with ${name} of 5 MB in one line, is neither slow nor long`, async () => {
        await sandbox.write({ 'go.mod': text });
        const { stdout, stderr, milliseconds } = await sandbox.run(['check']);
        assert.match(stdout, /go\.mod:5:27: error major-path-mismatch/);
        assert.ok(stdout.length + stderr.length < 20_000, `${stdout.length} characters`);
        assert.ok(milliseconds < 20_000, `${milliseconds} ms`);
      });
    }

    it('that is not UTF-8, has findings, but no edits', async () => {
      const bytes = Buffer.concat([Buffer.from(`${SOUND}\n${REQUIRE} // caf`), Buffer.of(0xe9), Buffer.from('\n')]);
      await sandbox.write({ 'go.mod': bytes, 'main.go': 'package m\n\nimport _ "example.com/queue"\n' });
      const { findings } = await report('--unsafe-fixes');
      assert.deepEqual(findings.map(({ rule, fixes }) => [rule, fixes]), [['major-path-mismatch', []]]);
      assert.deepEqual(findings[0]!.range, { start: { line: 4, character: 26 }, end: { line: 4, character: 32 } });
      assert.deepEqual(await readFile(sandbox.path('go.mod')), bytes);
    });

    it('with CRLF, has the right places, and keeps it', async () => {
      const crlf = (text: string): string => text.replaceAll('\n', '\r\n');
      await sandbox.write({
        'go.mod': crlf(`${SOUND}\n${REQUIRE} // q\n`),
        'go.sum': crlf(sandbox.lines('example.com/queue', 'v1.0.0')),
        'main.go': crlf('package m\n\nimport _ "example.com/queue"\n'),
      });
      const { findings } = await report();
      const finding = findings.find(({ rule }) => rule === 'major-path-mismatch')!;
      assert.deepEqual(finding.range, { start: { line: 4, character: 26 }, end: { line: 4, character: 32 } });
      const text = await sandbox.run(['check']);
      assert.match(text.stdout, /\| require example\.com\/queue v2\.1\.0 \/\/ q\n/, 'no carriage return is shown');
      await sandbox.run(['check', '--unsafe-fixes']);
      assert.equal(await sandbox.read('go.mod'), crlf(`${SOUND}\nrequire example.com/queue/v2 v2.1.0 // q\n`));
      assert.equal(await sandbox.read('main.go'), crlf('package m\n\nimport _ "example.com/queue/v2"\n'));
      assert.match(await sandbox.read('go.sum'), /queue\/v2 v2\.1\.0 h1:/);
    });

    it('with a byte order mark, keeps it where it is not what is fixed', async () => {
      await sandbox.write({
        'go.mod': `${SOUND}\n${REQUIRE}\n`,
        'main.go': '\ufeffpackage m\n\nimport _ "example.com/queue"\n',
      });
      const { findings } = await report('--unsafe-fixes');
      assert.deepEqual(findings, []);
      assert.equal(await sandbox.read('main.go'), '\ufeffpackage m\n\nimport _ "example.com/queue/v2"\n');
    });

    it('that is a directory, passes it over as the go command does', async () => {
      await sandbox.write({ 'm/go.mod/readme': '' });
      const none = await sandbox.run(['check', 'm']);
      assert.deepEqual([none.status, none.stdout], [2, '']);
      assert.match(none.stderr, /^gomod-health: m is in no Go module: \/[^\n]*\/m\/go\.mod is a directory\n$/);

      await sandbox.write({ 'go.mod': `${SOUND}\n${REQUIRE}\n` });
      const { findings } = await report('m');
      assert.deepEqual(findings.map(({ file }) => file), ['go.mod'], 'the module above counts');
    });

    it('that is a pipe or endless, does not wait for it', async () => {
      await mkdir(sandbox.path('pipe'));
      execFileSync('mkfifo', [sandbox.path('pipe/go.mod')]);
      await mkdir(sandbox.path('endless'));
      await symlink('/dev/zero', sandbox.path('endless/go.mod'));
      for (const path of ['pipe', 'endless']) {
        const { status, stdout, stderr } = await sandbox.run(['check', path]);
        assert.deepEqual([status, stdout], [2, ''], path);
        assert.match(stderr, /^gomod-health: \S+\/go\.mod is not a regular file\n$/);
      }
    });

    it('that is a broken link, has none', async () => {
      await symlink('nowhere', sandbox.path('go.mod'));
      const { status, stderr } = await sandbox.run(['check']);
      assert.equal(status, 2);
      assert.match(stderr, /^gomod-health: \. is in no Go module: [^\n]+\n$/);
    });
  });

  describe('as a go.sum', () => {
    it('that is a directory, says so and writes nothing', async () => {
      await sandbox.write({ 'go.mod': `${SOUND}\n${REQUIRE}\n`, 'go.sum/readme': '' });
      const { status, stdout, stderr } = await sandbox.run(['check', '--unsafe-fixes']);
      assert.deepEqual([status, stdout], [2, '']);
      assert.match(stderr, /^gomod-health: \S+\/go\.sum is a directory\n$/);
      assert.equal(await sandbox.read('go.mod'), `${SOUND}\n${REQUIRE}\n`);
    });

    it('that is binary or has a line of 5 MB, is neither slow nor edited', async () => {
      const binary = Buffer.from(Array.from({ length: 5 << 20 }, (_, at) => (at * 197 + 13) % 256).map((byte) => (byte === 10 ? 11 : byte)));
      await sandbox.write({ 'go.mod': `${SOUND}\n${REQUIRE}\n`, 'go.sum': binary });
      const result = await sandbox.run(['check', '--fix']);
      assert.match(result.stdout, /error major-path-mismatch/);
      assertTold(result, /go\.sum:1\b/);
      assert.ok(result.stdout.length + result.stderr.length < 20_000);
      assert.ok(result.milliseconds < 20_000, `${result.milliseconds} ms`);
      assert.ok(binary.equals(await readFile(sandbox.path('go.sum'))));
    });

    it('that is not UTF-8, gets no lines, and a fix says what is left to do', async () => {
      const bytes = Buffer.concat([Buffer.from('example.com/caf'), Buffer.of(0xe9), Buffer.from(' v1.0.0 h1:x\n')]);
      await sandbox.write({ 'go.mod': `${SOUND}\n${REQUIRE}\n`, 'go.sum': bytes });
      const { findings } = await report();
      const { fixes } = findings.find(({ rule }) => rule === 'major-path-mismatch')!;
      assert.ok(fixes.length > 0);
      for (const { title, edits } of fixes) {
        assert.match(title, /\(go\.sum: run go mod tidy afterwards\)$/);
        assert.ok(edits.every(({ file }) => file !== 'go.sum'));
      }
      await sandbox.run(['check', '--unsafe-fixes']);
      assert.deepEqual(await readFile(sandbox.path('go.sum')), bytes);
    });
  });

  it('as a .go file that is not UTF-8, rewrites no import anywhere', async () => {
    const bytes = Buffer.concat([Buffer.from('package m\n\nimport _ "example.com/queue" // caf'), Buffer.of(0xe9), Buffer.from('\n')]);
    await sandbox.write({ 'go.mod': `${SOUND}\n${REQUIRE}\n`, 'latin.go': bytes, 'main.go': 'package m\n\nimport _ "example.com/queue"\n' });
    const { findings } = await report();
    const { fixes } = findings.find(({ rule }) => rule === 'major-path-mismatch')!;
    assert.deepEqual(fixes.map(({ title }) => title), ['Use v1.0.0, the highest version of example.com/queue']);
  });

  it('in one of several modules, checks the others and ends with 2', async () => {
    await sandbox.write({ 'a/go.mod': `${SOUND}\n${REQUIRE}\n`, 'b/go.mod': SOUND, 'b/go.sum/x': '', 'c/go.mod': '' });
    const { status, stdout, stderr } = await sandbox.run(['check', '--format', 'json', '.', '--fail-on', 'never']);
    assert.equal(status, 2);
    const faults = parseReport(stdout).findings.filter(({ rule }) => rule === 'major-path-mismatch');
    assert.deepEqual(faults.map(({ file }) => file), ['a/go.mod']);
    assert.match(stderr, /^gomod-health: \S+\/b\/go\.sum is a directory\ngomod-health: \S+\/c\/go\.mod: missing module declaration; [^\n]+\n$/);
  });

  describe('as a user without rights', () => {
    before(function () {
      if (process.getuid?.() === 0) return;
      console.log('skipped: only root can run the command as another user');
      this.skip();
    });

    /** Runs as nobody, to whom nothing in the sandbox belongs, its cache directory included. */
    const asNobody = (...args: string[]) => sandbox.run(['check', ...args], { uid: NOBODY });

    it('that may read but not keep answers, checks as ever', async () => {
      await sandbox.write({ 'go.mod': `${SOUND}\n${REQUIRE}\n` });
      const { status, stdout, stderr } = await asNobody('--format', 'json');
      assert.deepEqual([status, stderr], [1, '']);
      const { findings, unchecked } = parseReport(stdout);
      assert.deepEqual([findings.length, unchecked], [1, []]);
      assert.ok(findings[0]!.fixes[0]!.edits.some(({ file, newText }) => file === 'go.sum' && newText.includes('h1:')));
    });

    it('says which file of a module it may not read', async () => {
      for (const name of ['go.mod', 'go.sum']) {
        await sandbox.write({ 'go.mod': SOUND, 'go.sum': '' });
        await chmod(sandbox.path(name), 0o600);
        const { status, stdout, stderr } = await asNobody();
        assert.deepEqual([status, stdout], [2, '']);
        assert.match(stderr, new RegExp(`^gomod-health: \\S+/${name.replace('.', '\\.')} can't be read: permission denied\n$`));
        await chmod(sandbox.path(name), 0o644);
      }
    });

    it('says which path and which directory it may not look into', async () => {
      await sandbox.write({ 'm/go.mod': `${SOUND}\n${REQUIRE}\n`, 'm/secret/x/go.mod': '' });
      await chmod(sandbox.path('m/secret'), 0o700);
      const named = await asNobody('m/secret');
      assert.deepEqual([named.status, named.stdout], [2, '']);
      assert.match(named.stderr, /^gomod-health: m\/secret can't be read: permission denied\n$/);
      const above = await asNobody('m');
      assert.equal(above.status, 1);
      assert.match(above.stderr, /^gomod-health: \S+\/m\/secret can't be read: permission denied; what is below is not checked\n$/);
      assert.match(above.stdout, /^m\/go\.mod:5:27: error major-path-mismatch/);
    });

    it('does not rewrite imports when a .go file can not be read', async () => {
      await sandbox.write({ 'go.mod': `${SOUND}\n${REQUIRE}\n`, 'main.go': 'package m\n\nimport _ "example.com/queue"\n' });
      await chmod(sandbox.path('main.go'), 0o600);
      const { stdout } = await asNobody('--format', 'json');
      const [finding] = parseReport(stdout).findings;
      assert.deepEqual(finding!.fixes.map(({ title }) => title), ['Use v1.0.0, the highest version of example.com/queue']);
    });

    for (const [name, prepare, why] of [
      ['a go.mod that is protected', () => chmod(sandbox.path('go.mod'), 0o444), /go\.mod can't be written: permission denied/],
      ['a go.sum that is protected', () => chmod(sandbox.path('go.sum'), 0o444), /go\.sum can't be written: permission denied/],
      ['a directory that is protected', () => chmod(sandbox.project, 0o555), /go\.mod can't be written: permission denied/],
    ] as const) {
      it(`loses nothing under --unsafe-fixes with ${name}`, async () => {
        const files = { 'go.mod': `${SOUND}\n${REQUIRE}\n`, 'go.sum': sandbox.lines('example.com/queue', 'v1.0.0'), 'main.go': 'package m\n\nimport _ "example.com/queue"\n' };
        await sandbox.write(files);
        for (const path of [sandbox.project, ...Object.keys(files).map((file) => sandbox.path(file))]) await chown(path, NOBODY, NOBODY);
        await prepare();
        const { status, stdout, stderr } = await asNobody('--unsafe-fixes');
        assert.deepEqual([status, stdout], [2, '']);
        assert.match(stderr, /^gomod-health: [^\n]+\n$/);
        assert.match(stderr, why);
        assert.deepEqual((await readdir(sandbox.project)).sort(), Object.keys(files).sort(), 'nothing is left behind');
        for (const [file, text] of Object.entries(files)) assert.equal(await sandbox.read(file), text, `${file} is as it was`);
      });
    }
  });
});
