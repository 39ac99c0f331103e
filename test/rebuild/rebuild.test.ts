import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { PROGRAM, cleanEnvironment, runCommand } from '../cli/bundle.ts';
import { Sandbox, library } from '../cli/sandbox.ts';
import { goCommand, goInstalled } from '../live/go-command.ts';
import type { GoCommand } from '../live/go-command.ts';
import type { PublishedModule } from '../world/module-proxy.ts';
import { writeModuleProxy } from '../world/module-proxy.ts';

const NOBODY = 65534;

function published(name: string, version: string, rest: string, imports: readonly string[] = []): PublishedModule {
  const path = `example.com/${name}`;
  const code = `package ${name}\n\n${imports.map((imported) => `import _ "example.com/${imported}"\n`).join('')}`;
  return { path, version, files: { 'go.mod': `module ${path}\n\ngo 1.21\n\n${rest}\n`, [`${name}.go`]: code } };
}

const MODULES = [
  published('web', 'v1.0.0', 'require (\n\texample.com/log v1.1.0\n\texample.com/unused v1.0.0\n)', ['log']),
  published('log', 'v1.0.0', ''),
  published('log', 'v1.1.0', 'require example.com/text v1.0.0', ['text']),
  published('text', 'v1.0.0', ''),
  published('unused', 'v1.0.0', ''),
];

const TIDY = 'module example.com/m\n\ngo 1.21\n\nrequire example.com/web v1.0.0\n\nrequire (\n\texample.com/log v1.1.0 // indirect\n\texample.com/text v1.0.0 // indirect\n)\n';
const UNTIDY = TIDY.replace('require example.com/web v1.0.0\n', 'require example.com/web v1.0.0\n\nrequire example.com/unused v1.0.0\n');
const STALE = 'example.com/old v1.0.0/go.mod h1:DVt5fqwyjeynRkk/Ul/mHnGkwSdkkw0EG69fJfZ7SJU=\n';

describe('gomod-health rebuild', function () {
  this.timeout(120_000);
  let base: string;
  let proxy: string;
  let go: GoCommand | undefined;
  let tidySum: string;
  let count = 0;

  before(async function () {
    base = await mkdtemp(join(tmpdir(), 'gomod-health-rebuild-'));
    await chmod(base, 0o755);
    proxy = pathToFileURL(join(base, 'proxy')).href;
    await writeModuleProxy(join(base, 'proxy'), MODULES);
    if ((await goInstalled()) === undefined) return;
    go = goCommand({ GOPROXY: proxy, GOSUMDB: 'off' });
    const { directory } = await lay({ 'go.mod': TIDY });
    const tidied = await go.run(['mod', 'tidy'], { directory });
    assert.equal(tidied.code, 0, tidied.stderr);
    assert.equal(await readFile(join(directory, 'go.mod'), 'utf8'), TIDY);
    tidySum = await readFile(join(directory, 'go.sum'), 'utf8');
    const more = await lay({ 'go.mod': UNTIDY });
    const downloaded = await go.run(['mod', 'download'], { directory: more.directory });
    assert.equal(downloaded.code, 0, downloaded.stderr);
  });
  after(async () => {
    go?.dispose();
    await rm(base, { recursive: true, force: true });
  });

  beforeEach(function () {
    if (go) return;
    console.log('skipped: the go command is not installed, so that nobody fills the module cache and judges the files');
    this.skip();
  });

  interface Laid {
    readonly directory: string;
    readonly env: Record<string, string>;
    run(args: readonly string[], more?: Record<string, string | undefined>, uid?: number): ReturnType<typeof runCommand>;
    files(): Promise<{ mod: string; sum: string | undefined }>;
  }

  async function lay(files: Readonly<Record<string, string>>): Promise<Laid> {
    const place = join(base, `case-${++count}`);
    const directory = join(place, 'm');
    await mkdir(directory, { recursive: true });
    const all = { 'm.go': 'package m\n\nimport _ "example.com/web"\n', ...files };
    for (const [name, text] of Object.entries(all)) await writeFile(join(directory, name), text);
    const env: Record<string, string> = {
      HOME: place,
      XDG_CACHE_HOME: join(place, 'cache'),
      GOENV: 'off',
      GOPROXY: proxy,
      GOSUMDB: 'off',
      GOTOOLCHAIN: 'local',
      GOFLAGS: '-modcacherw',
      GOMODCACHE: go?.moduleCache ?? join(place, 'modcache'),
    };
    return {
      directory,
      env,
      run: (args, more = {}, uid) =>
        runCommand(['rebuild', ...args], { cwd: directory, env: { ...env, ...more } as Record<string, string>, ...(uid !== undefined && { uid }) }),
      files: async () => ({
        mod: await readFile(join(directory, 'go.mod'), 'utf8'),
        sum: await readFile(join(directory, 'go.sum'), 'utf8').catch(() => undefined),
      }),
    };
  }

  it('shows the whole difference and writes nothing, then writes it, then puts it back', async () => {
    const before = { mod: UNTIDY, sum: STALE };
    const laid = await lay({ 'go.mod': before.mod, 'go.sum': before.sum });
    const preview = await laid.run([]);
    assert.equal(preview.status, 1, preview.stderr);
    assert.match(preview.stdout, /go\.mod\n {2}-require example\.com\/unused v1\.0\.0\n/);
    assert.match(preview.stdout, /go\.sum\n(?: {2}\+.*\n)+ {2}-example\.com\/old v1\.0\.0\/go\.mod /);
    assert.match(preview.stdout, /Nothing was written; --write does\.\n$/);
    assert.deepEqual(await laid.files(), before);

    const written = await laid.run(['--write']);
    assert.equal(written.status, 0, written.stderr);
    assert.deepEqual(await laid.files(), { mod: TIDY, sum: tidySum });
    assert.deepEqual([(await laid.run([])).stdout, (await laid.run([])).status], ['Nothing is to be changed.\n', 0]);

    const restored = await laid.run(['--restore']);
    assert.equal(restored.status, 0, restored.stderr);
    assert.deepEqual(await laid.files(), before);
    assert.equal((await laid.run(['--restore'])).stdout, 'Nothing differs from the backup.\n');
  });

  it('takes a go.sum away again that was not there', async () => {
    const laid = await lay({ 'go.mod': TIDY });
    assert.equal((await laid.run(['--write'])).status, 0);
    assert.equal((await laid.files()).sum, tidySum);
    await laid.run(['--restore']);
    assert.equal((await laid.files()).sum, undefined);
  });

  it('makes go.sum alone as go mod tidy has it, whatever lines were lost, added or doubled', async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const lines = tidySum.split('\n').filter((line, index) => line !== '' && (seed * 7 + index * 5) % 11 > 4);
      if (seed % 2 === 0) lines.push(STALE.trim());
      if (seed % 3 === 0 && lines[0]) lines.push(lines[0]);
      const laid = await lay({ 'go.mod': TIDY, 'go.sum': lines.map((line) => `${line}\n`).join('') });
      const { status, stderr } = await laid.run(['--sum', '--write'], { PATH: process.env['PATH'] });
      assert.equal(status, 0, stderr);
      assert.deepEqual(await laid.files(), { mod: TIDY, sum: tidySum }, `seed ${seed}`);
    }
  });

  it('keeps what a go.mod that is not tidy needs', async () => {
    const laid = await lay({ 'go.mod': UNTIDY, 'go.sum': STALE });
    assert.equal((await laid.run(['--sum', '--write'])).status, 0);
    const listed = await go!.run(['list', '-m', 'all'], { directory: laid.directory });
    assert.equal(listed.code, 0, listed.stderr);
    const built = await go!.run(['build', './...'], { directory: laid.directory });
    assert.equal(built.code, 0, built.stderr);
  });

  it('makes go.sum alone where the go command is not there, and says so', async () => {
    const laid = await lay({ 'go.mod': UNTIDY, 'go.sum': STALE });
    const { status, stdout, stderr } = await laid.run(['--write'], { PATH: join(base, 'no-such-directory') });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /the go command is not installed, so that go\.mod stays as it is/);
    const after = await laid.files();
    assert.equal(after.mod, UNTIDY);
    assert.ok(!after.sum!.includes('example.com/old'));
  });

  it('runs no go that lies in the module', async () => {
    const laid = await lay({ 'go.mod': TIDY, 'go.sum': tidySum });
    const trap = join(laid.directory, 'go');
    await writeFile(trap, `#!/bin/sh\ntouch '${laid.directory}/trapped'\n`, { mode: 0o755 });
    await laid.run([], { PATH: `.${delimiter}` });
    assert.ok(!(await readdir(laid.directory)).includes('trapped'));
  });

  const unchanged = async (laid: Laid, before: { mod: string; sum: string | undefined }) => {
    assert.deepEqual(await laid.files(), before);
    assert.deepEqual((await readdir(laid.directory)).filter((name) => name.includes('gomod-health')), []);
  };

  it('leaves the files where tidy fails, with its words', async () => {
    const before = { mod: TIDY.replaceAll('web v1.0.0', 'web v1.9.0'), sum: STALE };
    const laid = await lay({ 'go.mod': before.mod, 'go.sum': before.sum });
    const { status, stdout, stderr } = await laid.run(['--write']);
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, /^gomod-health: go mod tidy failed, and nothing was written: .*example\.com\/web@v1\.9\.0[^\n]*\n$/);
    await unchanged(laid, before);
  });

  it('leaves the files where what was downloaded is not whole any more', async () => {
    const cache = join(base, 'spoiled-cache');
    await cp(go!.moduleCache, cache, { recursive: true });
    await writeFile(join(cache, 'example.com/text@v1.0.0/text.go'), 'package text // changed\n');
    const laid = await lay({ 'go.mod': UNTIDY, 'go.sum': STALE });
    const { status, stderr } = await laid.run(['--write'], { GOMODCACHE: cache });
    assert.equal(status, 2);
    assert.match(stderr, /go mod verify failed, and nothing was written: .*dir has been modified/);
    await unchanged(laid, { mod: UNTIDY, sum: STALE });
  });

  it('leaves the files where they may not be written', async () => {
    const laid = await lay({ 'go.mod': UNTIDY, 'go.sum': STALE });
    const place = join(laid.directory, '..');
    const isRoot = process.getuid?.() === 0;
    const cache = join(place, 'modcache');
    await cp(go!.moduleCache, cache, { recursive: true });
    if (isRoot) await promisify(execFile)('chown', ['-R', `${NOBODY}:${NOBODY}`, place]);
    await chmod(laid.directory, 0o555);
    const more = { GOCACHE: join(place, 'gocache'), GOPATH: join(place, 'gopath'), GOMODCACHE: cache };
    const { status, stderr } = await laid.run(['--write'], more, isRoot ? NOBODY : undefined);
    await chmod(laid.directory, 0o755);
    assert.equal(status, 2, stderr);
    assert.match(stderr, /can't be written/);
    await unchanged(laid, { mod: UNTIDY, sum: STALE });
  });

  it('writes nothing without a backup', async () => {
    const laid = await lay({ 'go.mod': UNTIDY, 'go.sum': STALE });
    await writeFile(join(base, 'a-file'), '');
    const { status, stderr } = await laid.run(['--write'], { XDG_CACHE_HOME: join(base, 'a-file'), GOCACHE: join(base, 'gocache') });
    assert.equal(status, 2);
    assert.match(stderr, /can't be written, and without a backup nothing is/);
    await unchanged(laid, { mod: UNTIDY, sum: STALE });
  });

  it('leaves the files when it is interrupted while the go command works', async () => {
    const laid = await lay({ 'go.mod': UNTIDY, 'go.sum': STALE });
    const bin = join(base, 'slow');
    await mkdir(bin);
    await writeFile(join(bin, 'go'), `#!/bin/sh\ntouch '${bin}/started'\nexec sleep 60\n`, { mode: 0o755 });
    const env = { ...cleanEnvironment(), ...laid.env, PATH: `${bin}${delimiter}${process.env['PATH']}` };
    const child = spawn(process.execPath, [PROGRAM, 'rebuild', '--write'], { cwd: laid.directory, env, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    while (!(await readdir(bin)).includes('started')) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGTERM');
    assert.equal(await ended, 2);
    assert.match(stderr, /it was interrupted; nothing was written/);
    await unchanged(laid, { mod: UNTIDY, sum: STALE });
  });

  it('puts the old files back at the next run when it was killed between two files', async () => {
    const laid = await lay({ 'go.mod': UNTIDY, 'go.sum': STALE });
    assert.equal((await laid.run(['--write'])).status, 0);
    const backups = join(laid.env['XDG_CACHE_HOME']!, 'gomod-health/backups');
    const [own] = await readdir(backups);
    // The state between the two: one file is new, the other old, and nothing has said that it is finished.
    await writeFile(join(laid.directory, 'go.sum'), STALE);
    await writeFile(join(backups, own!, 'interrupted'), '');
    const next = await laid.run([]);
    assert.equal(next.status, 1);
    assert.match(next.stderr, /the last rebuild was interrupted while it wrote; go\.mod and go\.sum are as they were before it/);
    await unchanged(laid, { mod: UNTIDY, sum: STALE });
  });

  const REFUSALS = [
    { name: 'a go.mod with errors', files: { 'go.mod': 'module example.com/m\n\nrequire (\n' }, args: [], words: /go\.mod has errors: / },
    { name: 'another go.mod', files: { 'go.mod': TIDY }, args: [], env: { GOFLAGS: '-modfile=alt.mod' }, words: /GOFLAGS names another go\.mod/ },
    { name: 'no module', files: {}, args: [], words: /is in no Go module/ },
    { name: '--offline with the go command', files: { 'go.mod': TIDY }, args: ['--offline'], words: /--offline goes with --sum/ },
    { name: 'a restore without a backup', files: { 'go.mod': TIDY }, args: ['--restore'], words: /there is no backup of this module/ },
    { name: 'an import that no module provides', files: { 'go.mod': TIDY, 'x.go': 'package m\n\nimport _ "example.com/nowhere"\n' }, args: ['--sum'], words: /no required module provides package example\.com\/nowhere/ },
  ] as const;
  for (const refusal of REFUSALS) {
    it(`refuses ${refusal.name}`, async () => {
      const laid = await lay(refusal.files);
      const { status, stdout, stderr } = await laid.run(refusal.args, 'env' in refusal ? refusal.env : {});
      assert.deepEqual([status, stdout], [2, '']);
      assert.match(stderr, refusal.words);
    });
  }
});

describe('gomod-health rebuild --sum against a checksum database', () => {
  const a = library('example.com/a', 'v1.0.0');
  let sandbox: Sandbox;
  before(async function () {
    this.timeout(60_000);
    sandbox = await Sandbox.open({ modules: [a], cached: [a] });
  });
  after(() => sandbox.close());

  const lay = (sum: string) =>
    sandbox.write({
      'go.mod': 'module example.com/m\n\ngo 1.21\n\nrequire example.com/a v1.0.0\n',
      'm.go': 'package m\n\nimport _ "example.com/a"\n',
      'go.sum': sum,
    });

  it('adds what was signed', async () => {
    await lay('');
    const { status, stdout, stderr } = await sandbox.run(['rebuild', '--sum', '--write']);
    assert.equal(status, 0, stderr);
    assert.doesNotMatch(stdout, /not verified/);
    assert.equal(await sandbox.read('go.sum'), sandbox.lines('example.com/a', 'v1.0.0'));
  });

  it('takes no other hash for one that was not signed', async () => {
    const sum = sandbox.lines('example.com/a', 'v1.0.0').replace(/h1:\S+/, 'h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=');
    await lay(sum);
    const { status, stderr } = await sandbox.run(['rebuild', '--sum', '--write']);
    assert.equal(status, 2);
    assert.match(stderr, /example\.com\/a@v1\.0\.0: checksum mismatch: go\.sum has h1:AAA/);
    assert.equal(await sandbox.read('go.sum'), sum);
  });

  it('keeps a line that nobody has signed, and says so', async () => {
    const sum = sandbox.lines('example.com/a', 'v1.0.0');
    await lay(sum);
    const { status, stdout } = await sandbox.run(['rebuild', '--sum'], { env: { GONOSUMDB: 'example.com' } });
    assert.equal(status, 0);
    assert.match(stdout, /not verified: example\.com\/a v1\.0\.0: the checksum database is not asked about it/);
    assert.equal(await sandbox.read('go.sum'), sum);
  });
});
