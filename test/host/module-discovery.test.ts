import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { discoverModules, isForeign, isInModuleCache } from '../../server/src/host/module-discovery.ts';
import { sourceFiles } from '../../server/src/host/source-files.ts';

describe('The discovery of modules', () => {
  let root: string;
  const files = sourceFiles();

  const write = async (name: string, text = 'module m\n'): Promise<void> => {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  };
  /** The directories found, named from the root. */
  const found = async (below = '', moduleCache?: string): Promise<string[]> => {
    const { directories, failures } = await discoverModules(join(root, below), moduleCache, files);
    assert.deepEqual(failures, []);
    return directories.map((directory) => directory.slice(root.length + 1));
  };

  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'gomod-health-discovery-')));
  });
  afterEach(() => rm(root, { recursive: true }));

  it('finds the modules in and below a directory, in order', async () => {
    for (const name of ['b/go.mod', 'a/go.mod', 'a/x/y/go.mod', 'c/d/go.mod', 'e/main.go']) await write(name);
    assert.deepEqual(await found(), ['a', 'a/x/y', 'b', 'c/d']);
    assert.deepEqual(await found('a'), ['a', 'a/x/y']);
    assert.deepEqual(await found('e'), []);
  });

  it('does not enter what is not the user\'s own', async () => {
    for (const name of ['vendor', 'testdata', 'node_modules', '.git', '.hidden', 'modcache']) await write(`${name}/deep/go.mod`);
    await write('own/vendored/go.mod');
    assert.deepEqual(await found('', join(root, 'modcache')), ['own/vendored']);
  });

  it('does not enter what a go.mod above ignores', async () => {
    await write('m/go.mod', 'module m\n\ngo 1.25\n\nignore (\n\t./out\n\tgen\n)\n');
    for (const name of ['out', 'sub/out', 'gen', 'sub/gen', 'generated', 'other/x']) await write(`m/${name}/go.mod`);
    await write('gen/go.mod');
    assert.deepEqual(await found(), ['gen', 'm', 'm/generated', 'm/other/x', 'm/sub/out']);
    assert.deepEqual(await found('m/sub'), ['m/sub/out'], 'from below the module too');
  });

  it('ends the reach of ignore at the next module', async () => {
    await write('m/go.mod', 'module m\n\nignore gen\n');
    await write('m/n/go.mod');
    await write('m/n/gen/go.mod');
    assert.deepEqual(await found(), ['m', 'm/n', 'm/n/gen']);
  });

  it('takes a directory named go.mod for none, and follows no links', async () => {
    await mkdir(join(root, 'a/go.mod'), { recursive: true });
    await write('b/go.mod');
    await symlink('b', join(root, 'link'));
    await symlink('.', join(root, 'circle'));
    assert.deepEqual(await found(), ['b']);
  });

  it('tells of a directory that can not be looked into', async () => {
    const { directories, failures } = await discoverModules(join(root, 'nowhere'), undefined, files);
    assert.deepEqual([directories, failures], [[], []], 'what has gone is not there');
    await write('file', '');
    const notOne = await discoverModules(join(root, 'file'), undefined, files);
    assert.deepEqual(notOne, { directories: [], failures: [`${root}/file can't be read: a part of the path is no directory`] });
  });

  it('knows the module cache', () => {
    const cases: readonly (readonly [path: string, cache: string | undefined, is: boolean])[] = [
      ['/cache/x/go.mod', '/cache', true],
      ['/cache', '/cache', false],
      ['/cached/go.mod', '/cache', false],
      ['/x/go.mod', undefined, false],
      ['/x/go.mod', '/', true],
    ];
    for (const [path, cache, is] of cases) assert.equal(isInModuleCache(path, cache), is, `${path} in ${cache}`);
  });

  describe('for an editor', () => {
    const foreign = (name: string, ...folders: string[]) =>
      isForeign(join(root, name), folders.map((folder) => join(root, folder)), join(root, 'modcache'), files);

    beforeEach(async () => {
      await write('m/go.mod', 'module m\n\nignore gen\n');
      for (const name of ['m/gen/go.mod', 'm/testdata/t/go.mod', 'modcache/x/go.mod', 'm/vendor/v/go.mod']) await write(name);
    });

    const cases: readonly (readonly [name: string, folders: readonly string[], is: boolean])[] = [
      ['m/go.mod', ['m'], false],
      ['m/go.mod', [''], false],
      ['m/sub/go.mod', ['m'], false],
      ['m/gen/go.mod', ['m'], true],
      ['m/gen/go.mod', [''], true],
      ['m/gen/go.mod', ['m/gen'], false],
      ['m/testdata/t/go.mod', ['m'], true],
      ['m/testdata/t/go.mod', ['m', 'm/testdata/t'], false],
      ['m/vendor/v/go.mod', ['m'], true],
      ['m/vendor/v/go.mod', ['m/vendor'], false],
      ['m/.x/go.mod', ['m'], true],
      ['modcache/x/go.mod', ['modcache'], true],
      ['modcache/x/go.mod', [], true],
      ['m/vendor/v/go.mod', [], true],
      ['m/node_modules/v/go.mod', [], true],
      ['m/testdata/t/go.mod', [], false],
      ['m/go.mod', [], false],
      ['m/go.mod', ['other'], false],
    ];
    for (const [name, folders, is] of cases) {
      it(`${is ? 'leaves out' : 'takes'} ${name} with the folders [${folders.join(', ')}]`, async () => {
        assert.equal(await foreign(name, ...folders), is);
      });
    }
  });
});
