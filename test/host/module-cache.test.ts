import assert from 'node:assert/strict';
import {
  chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { moduleCache } from '../../server/src/host/module-cache.ts';
import type { ModuleCache } from '../../server/src/host/module-cache.ts';
import { goCommand, goInstalled } from '../live/go-command.ts';

const hash = `h1:${'A'.repeat(43)}=`;

describe('module cache', () => {
  let directory: string;
  let cache: ModuleCache;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'gomod-health-cache-'));
    cache = moduleCache(directory);
  });

  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  function write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), text);
    }
  }

  const absent = (said: string) => ({ state: 'absent', evidence: [{ from: 'module cache', said }] });

  describe('hasVersion', () => {
    interface Case {
      readonly name: string;
      readonly file?: string;
      readonly text?: string;
      readonly ask?: readonly [path: string, version: string];
      readonly has: boolean;
    }
    const table: readonly Case[] = [
      { name: 'an .info file', file: 'example.com/a/@v/v1.0.0.info', text: '{"Version":"v1.0.0"}', has: true },
      { name: 'a .mod file', file: 'example.com/a/@v/v1.0.0.mod', text: 'module example.com/a\n', has: true },
      { name: 'a broken .info file', file: 'example.com/a/@v/v1.0.0.info', text: '{"Vers', has: false },
      { name: 'only a lock', file: 'example.com/a/@v/v1.0.0.lock', text: '', has: false },
      { name: 'nothing', has: false },
      { name: 'another version', file: 'example.com/a/@v/v1.0.1.mod', text: '', has: false },
      {
        name: 'escaped names', file: 'example.com/!big/@v/v1.0.0-!r!c1.mod', text: '',
        ask: ['example.com/Big', 'v1.0.0-RC1'], has: true,
      },
      {
        name: 'a version that is not canonical', file: 'example.com/a/@v/v1.0.mod',
        ask: ['example.com/a', 'v1.0'], has: false,
      },
      {
        name: 'a path that leads out', file: 'example.com/a/@v/v1.0.0.mod',
        ask: ['x/../example.com/a', 'v1.0.0'], has: false,
      },
      { name: 'the module go', file: 'go/@v/v1.0.0.mod', ask: ['go', 'v1.0.0'], has: false },
    ];
    for (const { name, file, text = '', ask: [path, version] = ['example.com/a', 'v1.0.0'], has } of table) {
      it(`${has ? 'finds' : 'does not find'} ${name}`, async () => {
        if (file !== undefined) write({ [`cache/download/${file}`]: text });
        const fact = await cache.hasVersion(path, version);
        if (has) assert.deepEqual(fact, { state: 'known', value: true });
        else assert.equal(fact.state, 'absent');
      });
    }

    it('is empty where the directory is a file or missing', async () => {
      write({ file: '' });
      for (const place of ['file', 'missing']) {
        const fact = await moduleCache(join(directory, place)).hasVersion('example.com/a', 'v1.0.0');
        assert.deepEqual(fact, absent('no such file'));
      }
    });

    it('cannot tell without permission', async function () {
      if (process.getuid?.() === 0 || process.platform === 'win32') {
        // Root may read everything; a directory in a file's place fails for anybody.
        mkdirSync(join(directory, 'cache/download/example.com/a/@v/v1.0.0.mod'), { recursive: true });
      } else {
        write({ 'cache/download/example.com/a/@v/v1.0.0.mod': '' });
        chmodSync(join(directory, 'cache/download/example.com/a/@v/v1.0.0.mod'), 0);
      }
      const fact = await cache.hasVersion('example.com/a', 'v1.0.0');
      assert.equal(fact.state, 'unavailable');
    });
  });

  it('reads go.mod texts', async () => {
    write({ 'cache/download/example.com/a/@v/v1.0.0.mod': 'module example.com/a\r\n' });
    assert.deepEqual(await cache.modText('example.com/a', 'v1.0.0'), {
      state: 'known', value: { text: 'module example.com/a\r\n', from: 'module cache' },
    });
    assert.deepEqual(await cache.modText('example.com/a', 'v1.0.1'), absent('no such file'));
  });

  it('reads the hashes of zips, if they are hashes', async () => {
    write({
      'cache/download/example.com/a/@v/v1.0.0.ziphash': `${hash}\n`,
      'cache/download/example.com/a/@v/v1.1.0.ziphash': '\0\0\0',
    });
    assert.deepEqual(await cache.zipHash('example.com/a', 'v1.0.0'), { state: 'known', value: hash });
    assert.deepEqual(await cache.zipHash('example.com/a', 'v1.1.0'), absent('no valid hash'));
    assert.deepEqual(await cache.zipHash('example.com/a', 'v1.2.0'), absent('no such file'));
  });

  it('lists versions in their order, without pseudo-versions and strangers', async () => {
    const names = [
      'v1.10.0.mod', 'v1.9.0.mod', 'v1.10.0-!r!c1.mod', 'v2.0.0+incompatible.mod', 'v1.11.0.info', 'v1.0.mod', '.mod',
      'v0.0.0-20200101000000-0123456789ab.mod', 'list', 'v1.0.0+meta.mod',
    ];
    write(Object.fromEntries(names.map((name) => [`cache/download/example.com/a/@v/${name}`, ''])));
    assert.deepEqual(await cache.listedVersions('example.com/a'), {
      state: 'known',
      value: { versions: ['v1.9.0', 'v1.10.0-RC1', 'v1.10.0', 'v2.0.0+incompatible'], from: 'module cache' },
    });
    assert.deepEqual(await cache.listedVersions('example.com/b'), absent('no such file'));
    assert.equal((await cache.listedVersions('../x')).state, 'absent');
  });

  describe('hasPackage', () => {
    const known = (value: boolean) => ({ state: 'known', value });

    beforeEach(() => {
      write({
        'cache/download/example.com/!a/@v/v1.0.0.ziphash': hash,
        'example.com/!a@v1.0.0/a.go': 'package a\n',
        'example.com/!a@v1.0.0/ignored/gen.go': '//go:build ignore\n',
        'example.com/!a@v1.0.0/nested/go.mod': 'module example.com/A/nested\n',
        'example.com/!a@v1.0.0/nested/n.go': 'package n\n',
        'example.com/!a@v1.0.0/docs/README.md': '',
        'example.com/!a@v1.0.0/odd/x.go/y.txt': '',
      });
    });

    const table: readonly [string, boolean][] = [
      ['example.com/A', true],
      ['example.com/A/ignored', true],
      ['example.com/A/nested', true],
      ['example.com/A/docs', false],
      ['example.com/A/odd', false],
      ['example.com/A/missing', false],
      ['example.com/A/a.go', false],
      ['example.com/Ab', false],
      ['example.com/A/docs/..', false],
      ['example.com/A/', false],
    ];
    for (const [importPath, has] of table) {
      it(`${has ? 'finds' : 'does not find'} ${importPath}`, async () => {
        assert.deepEqual(await cache.hasPackage('example.com/A', 'v1.0.0', importPath), known(has));
      });
    }

    it('follows links to files only', async function () {
      symlinkSync(join(directory, 'example.com/!a@v1.0.0/a.go'), join(directory, 'example.com/!a@v1.0.0/docs/link.go'));
      symlinkSync(directory, join(directory, 'example.com/!a@v1.0.0/odd/dir.go'));
      assert.deepEqual(await cache.hasPackage('example.com/A', 'v1.0.0', 'example.com/A/docs'), known(true));
      assert.deepEqual(await cache.hasPackage('example.com/A', 'v1.0.0', 'example.com/A/odd'), known(false));
    });

    it('cannot tell when the version is not extracted, or not wholly', async () => {
      assert.equal((await cache.hasPackage('example.com/A', 'v1.0.1', 'example.com/A')).state, 'unavailable');
      write({ 'cache/download/example.com/!a/@v/v1.0.0.partial': '' });
      assert.equal((await cache.hasPackage('example.com/A', 'v1.0.0', 'example.com/A')).state, 'unavailable');
      rmSync(join(directory, 'cache/download/example.com/!a/@v/v1.0.0.partial'));
      rmSync(join(directory, 'cache/download/example.com/!a/@v/v1.0.0.ziphash'));
      assert.equal((await cache.hasPackage('example.com/A', 'v1.0.0', 'example.com/A')).state, 'unavailable');
    });
  });

  it('agrees with the cache that the go command makes', async function () {
    if ((await goInstalled()) === undefined) {
      console.log('skipped: the go command is not installed, so there is no cache of its making');
      this.skip();
    }
    this.timeout(60_000);
    const proxy = `file://${join(directory, 'proxy')}`;
    const go = goCommand({ GOPROXY: proxy, GOSUMDB: 'off', GONOPROXY: '', GOPRIVATE: '' });
    try {
      // The cache of a module in development is made by the go command from a proxy that is a directory.
      write({
        'proxy/example.com/!cap/@v/list': 'v1.0.0\n',
        'proxy/example.com/!cap/@v/v1.0.0.info': '{"Version":"v1.0.0"}',
        'proxy/example.com/!cap/@v/v1.0.0.mod': 'module example.com/Cap\n',
      });
      const archive = zip('example.com/Cap@v1.0.0/sub/s.go', 'package s\n');
      writeFileSync(join(directory, 'proxy/example.com/!cap/@v/v1.0.0.zip'), archive);
      const args = ['mod', 'download', '-json', 'example.com/Cap@v1.0.0'];
      const { code, stdout, stderr } = await go.run(args, { directory });
      assert.equal(code, 0, stderr + stdout);
      const download = JSON.parse(stdout) as { Sum: string; GoMod: string; Dir: string };
      const made = moduleCache(go.moduleCache);
      assert.deepEqual(await made.hasVersion('example.com/Cap', 'v1.0.0'), { state: 'known', value: true });
      assert.deepEqual(await made.zipHash('example.com/Cap', 'v1.0.0'), { state: 'known', value: download.Sum });
      assert.deepEqual(await made.modText('example.com/Cap', 'v1.0.0'), {
        state: 'known', value: { text: readFileSync(download.GoMod, 'utf8'), from: 'module cache' },
      });
      assert.deepEqual(await made.listedVersions('example.com/Cap'), {
        state: 'known', value: { versions: ['v1.0.0'], from: 'module cache' },
      });
      assert.deepEqual(readdirSync(download.Dir), ['sub']);
      const has = (importPath: string) => made.hasPackage('example.com/Cap', 'v1.0.0', importPath);
      assert.deepEqual(await has('example.com/Cap/sub'), { state: 'known', value: true });
      assert.deepEqual(await has('example.com/Cap'), { state: 'known', value: false });
    } finally {
      go.dispose();
    }
  });
});

/** A zip archive of one file, stored as it is. */
function zip(name: string, text: string): Buffer {
  const path = Buffer.from(name);
  const data = Buffer.from(text);
  const sum = crc32(data);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(20, 4);
  local.writeUInt32LE(sum, 14);
  local.writeUInt32LE(data.length, 18);
  local.writeUInt32LE(data.length, 22);
  local.writeUInt16LE(path.length, 26);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  local.copy(central, 6, 4, 30);
  const start = local.length + path.length + data.length;
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length + path.length, 12);
  end.writeUInt32LE(start, 16);
  return Buffer.concat([local, path, data, central, path, end]);
}
