import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layOutExample } from '../world/example.ts';
import type { Example } from '../world/example.ts';
import { runCommand } from './bundle.ts';
import { parseReport } from './json-shape.ts';
import { Sandbox, library } from './sandbox.ts';

/** `v2.0.0` under a path without /v2: an error that the text alone shows. */
const FAULTY = 'module example.com/m\n\ngo 1.21\n\nrequire example.com/widget v2.0.0\n';

const SOUND = 'module example.com/m\n\ngo 1.21\n';

describe('gomod-health check', () => {
  describe('on the example', () => {
    let example: Example;

    const check = (...args: string[]) => runCommand(['check', ...args], { cwd: example.workspace, env: example.env });

    beforeEach(async () => {
      example = await layOutExample(await mkdtemp(join(tmpdir(), 'gomod-health-check-')));
    });
    afterEach(() => example.close());

    it('ends with 1 where something weighs as much as --fail-on, else with 0', async () => {
      // The example has errors and hints.
      for (const [failOn, status] of [['error', 1], ['warning', 1], ['info', 1], ['hint', 1], ['never', 0]] as const) {
        assert.equal((await check('--fail-on', failOn)).status, status, failOn);
      }
      assert.equal((await check()).status, 1, 'error is the default');
    });

    it('applies the safe fixes with --fix and the others with --unsafe-fixes', async () => {
      const [mod, main] = [join(example.workspace, 'go.mod'), join(example.workspace, 'main.go')];
      const before = { mod: await readFile(mod, 'utf8'), main: await readFile(main, 'utf8') };
      const safe = await check('--fix');
      assert.equal(safe.status, 1);
      assert.match(safe.stdout, /^fixed Remove this line$/m);
      assert.doesNotMatch(safe.stdout, /stale-checksum/);
      assert.deepEqual({ mod: await readFile(mod, 'utf8'), main: await readFile(main, 'utf8') }, before, 'only go.sum was changed');
      assert.match(await readFile(join(example.workspace, 'go.sum'), 'utf8'), /ledger v1\.3\.0 h1:\+1kvYd3/, 'the wrong hash is left');

      const unsafe = await check('--unsafe-fixes');
      assert.equal(unsafe.status, 0);
      assert.match(await readFile(main, 'utf8'), /"github\.com\/acme\/queue\/v2"/);
      const left = await check('--fail-on', 'hint', '--format', 'json');
      assert.deepEqual([left.status, parseReport(left.stdout).findings], [0, []]);
      const leftovers = (await readdir(example.workspace)).filter((name) => name.includes('gomod-health'));
      assert.deepEqual(leftovers, []);
    });
  });

  describe('weighs', () => {
    let sandbox: Sandbox;

    before(async () => {
      sandbox = await Sandbox.open({ modules: [library('example.com/widget', 'v1.0.0')] });
    });
    after(() => sandbox.close());

    it('a hint as nothing unless --fail-on hint', async () => {
      const excluded = `${SOUND}\nexclude example.com/widget v1.0.0\n`;
      await sandbox.write({ 'go.mod': excluded, 'go.sum': sandbox.lines('example.com/widget', 'v1.0.0') });
      for (const [failOn, status] of [['error', 0], ['warning', 0], ['info', 0], ['hint', 1], ['never', 0]] as const) {
        const { status: ended, stdout } = await sandbox.run(['check', '--fail-on', failOn]);
        assert.equal(ended, status, `${failOn}: ${stdout}`);
      }
    });

    it('a warning as less than an error', async () => {
      // Whether a line of go.work.sum is compared depends on the packages, so its wrong hash is a warning.
      const wrong = sandbox.lines('example.com/widget', 'v1.0.0').replaceAll(/h1:./g, 'h1:0');
      await sandbox.write({ 'w/go.work': 'go 1.21\n\nuse ./m\n', 'w/go.work.sum': wrong, 'w/m/go.mod': SOUND });
      for (const [failOn, status] of [['error', 0], ['warning', 1], ['info', 1], ['hint', 1], ['never', 0]] as const) {
        const { status: ended, stdout } = await sandbox.run(['check', 'w', '--fail-on', failOn]);
        assert.equal(ended, status, `${failOn}: ${stdout}`);
      }
    });
  });

  describe('--offline', () => {
    it('lets nothing leave, and says what was not checked', async () => {
      const sandbox = await Sandbox.open({
        modules: [library('example.com/widget', 'v1.0.0'), library('example.com/cached', 'v1.0.0')],
        cached: [library('example.com/cached', 'v1.0.0')],
        repositories: [{ url: 'https://example.com/widget', commits: [{ files: {}, tags: ['v1.0.0'] }] }],
      });
      try {
        await sandbox.write({
          'go.mod': `${FAULTY}require (\n\texample.com/widget/v3 v3.0.0\n\texample.com/cached v1.0.0\n)\n`,
          'go.sum': sandbox.lines('example.com/cached', 'v1.0.0'),
        });
        const env = { GOPROXY: `${sandbox.proxy.url},direct` };
        const { status, stdout, stderr } = await sandbox.run(['check', '--offline', '--format', 'json'], { env });
        const { findings, unchecked, summary } = parseReport(stdout);
        assert.deepEqual(await sandbox.asked(), { proxy: [], database: [], git: [] });
        assert.deepEqual({ status, stderr, requests: summary.requests }, { status: 1, stderr: '', requests: 0 });
        assert.deepEqual(findings.map(({ rule }) => rule), ['major-path-mismatch'], 'what the text alone shows is found');
        assert.ok(unchecked.length > 0 && unchecked.every(({ why }) => why === 'not asked: --offline'));
        assert.ok(unchecked.some(({ module }) => module.path === 'example.com/widget/v3'));
        assert.ok(!unchecked.some(({ what, module }) => /exists/.test(what) && module.path === 'example.com/cached'), 'the cache is asked');

        await sandbox.run(['check'], { env });
        assert.notDeepEqual(await sandbox.asked(), { proxy: [], database: [], git: [] }, 'the sandbox would have noticed');
      } finally {
        await sandbox.close();
      }
    });
  });

  describe('finds the modules', () => {
    let sandbox: Sandbox;

    /** The go.mod files with the fault, in which findings are. */
    async function found(cwd: string, args: readonly string[], env: Record<string, string> = {}): Promise<string[]> {
      const { stdout, stderr } = await sandbox.run(['check', '--offline', '--format', 'json', ...args], { cwd: sandbox.path(cwd), env });
      assert.equal(stderr, '');
      return parseReport(stdout).findings.map(({ file }) => file);
    }

    before(async () => {
      sandbox = await Sandbox.open();
      await sandbox.write({
        'one/go.mod': `${FAULTY}\nignore (\n\t./generated\n\tanywhere\n)\n`,
        'one/deep/er/main.go': 'package main\n',
        'one/sub/go.mod': FAULTY,
        'one/vendor/example.com/v/go.mod': FAULTY,
        'one/testdata/go.mod': FAULTY,
        'one/deep/node_modules/x/go.mod': FAULTY,
        'one/.hidden/go.mod': FAULTY,
        'one/generated/go.mod': FAULTY,
        'one/deep/anywhere/go.mod': FAULTY,
        'two/go.mod': FAULTY,
        'none/readme': '',
        'ws/go.work': 'go 1.21\n\nuse (\n\t./a\n\t./b\n)\n',
        'ws/a/go.mod': FAULTY,
        'ws/b/go.mod': FAULTY.replace('/m\n', '/b\n'),
        'ws/c/go.mod': FAULTY.replace('/m\n', '/c\n'),
      });
    });
    after(() => sandbox.close());

    const cases: readonly (readonly [name: string, cwd: string, args: readonly string[], files: readonly string[]])[] = [
      ['of a file', '.', ['one/deep/er/main.go'], ['one/go.mod']],
      ['of a go.mod', 'one', ['go.mod'], ['go.mod']],
      ['of a directory within one, and below it', 'one', ['deep'], ['go.mod']],
      ['of the working directory when no path is given', 'two', [], ['go.mod']],
      ['above several modules', '.', ['one', 'two'], ['one/go.mod', 'one/sub/go.mod', 'two/go.mod']],
      ['below a directory that is in none', '.', ['.'], ['one/go.mod', 'one/sub/go.mod', 'two/go.mod', 'ws/a/go.mod', 'ws/b/go.mod', 'ws/c/go.mod']],
      ['once, however often it is named', '.', ['two', 'two/go.mod', './two/'], ['two/go.mod']],
      ['of a testdata directory that is named itself', '.', ['one/testdata'], ['one/testdata/go.mod']],
      ['of a workspace, from a member', 'ws/a', [], ['go.mod', '../b/go.mod']],
      ['of a workspace, from its go.work', 'ws', ['go.work'], ['a/go.mod', 'b/go.mod']],
      ['of one beside the members by itself', 'ws/c', [], ['go.mod']],
    ];
    for (const [name, cwd, args, files] of cases) {
      it(name, async () => assert.deepEqual((await found(cwd, args)).sort(), [...files].sort()));
    }

    it('without the workspace with GOWORK=off', async () => {
      assert.deepEqual(await found('ws/a', [], { GOWORK: 'off' }), ['go.mod']);
    });

    it('of the workspace that GOWORK names', async () => {
      const work = sandbox.path('ws/go.work');
      assert.deepEqual((await found('ws/a', [], { GOWORK: work })).sort(), ['../b/go.mod', 'go.mod']);
    });

    it('but none in the module cache', async () => {
      await sandbox.write({ 'cache/example.com/x@v1.0.0/go.mod': FAULTY, 'cache/readme': '' });
      const env = { GOMODCACHE: sandbox.path('cache') };
      assert.ok(!(await found('.', ['.'], env)).some((file) => file.startsWith('cache/')));
      const named = await sandbox.run(['check', 'cache/example.com/x@v1.0.0'], { env });
      assert.deepEqual([named.status, named.stdout], [2, '']);
      assert.match(named.stderr, /^gomod-health: cache\/example\.com\/x@v1\.0\.0 is in the module cache, [^\n]+\n$/);
    });
  });
});
