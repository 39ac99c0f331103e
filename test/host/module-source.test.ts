import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Fact, PackageSources } from '../../server/src/engine/facts.ts';
import { Gate } from '../../server/src/host/gate.ts';
import { moduleCache } from '../../server/src/host/module-cache.ts';
import { extractedTree, localTree, ModuleSource } from '../../server/src/host/module-source.ts';
import { ModuleSources } from '../../server/src/host/module-sources.ts';
import { sourceFiles } from '../../server/src/host/source-files.ts';
import { writeModuleProxy } from '../world/module-proxy.ts';

const PATH = 'example.com/a';

/** A module whose files test what counts; the go command's own judgement of these is in test/go-judge. */
const FILES: Record<string, string> = {
  'go.mod': 'module example.com/a\n',
  'a.go': 'package a\n\nimport (\n\t_ "C"\n\t"example.com/a/b"\n\t"fmt"\n\t"appengine/user"\n)\n',
  'a_test.go': 'package a_test\n\nimport "example.com/t"\n',
  'a_linux.go': 'package a\n\nimport "example.com/platform"\n',
  'b/b.go': 'package b\n\nimport "example.com/a/nested/c"\nimport "example.com/always"\n',
  'b/tagged.go': '//go:build special\n\npackage b\n\nimport "example.com/tagged"\n',
  'b/gen.go': '//go:build ignore\n\npackage main\n\nimport "example.com/ignored"\n',
  'b/_hidden.go': 'package b\n\nimport "example.com/hidden"\n',
  'nested/go.mod': 'module example.com/a/nested\n',
  'nested/c/c.go': 'package c\n',
  'empty/readme.md': 'nothing\n',
  'onlyignored/x.go': '//go:build ignore\n\npackage main\n',
  'zero/x.go': 'package nul\0\n',
};

describe('module source', () => {
  let base: string;

  before(async () => {
    base = mkdtempSync(join(tmpdir(), 'gomod-health-source-'));
    for (const [name, text] of Object.entries(FILES)) {
      mkdirSync(dirname(join(base, 'tree', name)), { recursive: true });
      writeFileSync(join(base, 'tree', name), text);
    }
    await writeModuleProxy(join(base, 'cache', 'download'), [{ path: PATH, version: 'v1.0.0', files: FILES }]);
  });

  after(() => rmSync(base, { recursive: true, force: true }));

  /** The module as it lies extracted, and in a zip file. */
  const forms: Record<string, (importPath: string) => Promise<Fact<PackageSources>>> = {
    extracted: (importPath) => new ModuleSource(extractedTree(join(base, 'tree'), new Gate(2))).packages(PATH, importPath),
    zipped: async (importPath) => {
      const file = join(base, 'cache/download/example.com/a/@v/v1.0.0.zip');
      const source = await new ModuleSources().of({ path: PATH, version: 'v1.0.0' }, async () => ({ state: 'known', value: { kind: 'zip', file } }));
      assert.equal(source.state, 'known');
      return source.state === 'known' ? source.value.packages(PATH, importPath) : source;
    },
  };

  for (const [form, packages] of Object.entries(forms)) {
    it(`gives a package with those of the module that it imports, ${form}`, async () => {
      const found = await packages(PATH);
      assert.deepEqual(found, {
        state: 'known',
        value: new Map([
          [PATH, {
            hasGoFiles: true, isPackage: true, imports: ['example.com/a/b', 'example.com/platform', 'fmt'], testImports: ['example.com/t'],
            alwaysImported: [],
          }],
          ['example.com/a/b', {
            hasGoFiles: true, isPackage: true, imports: ['example.com/a/nested/c', 'example.com/always', 'example.com/tagged'], testImports: [],
            alwaysImported: ['example.com/a/nested/c', 'example.com/always'],
          }],
          ['example.com/a/nested/c', { hasGoFiles: true, isPackage: true, imports: [], testImports: [], alwaysImported: [] }],
        ]),
      });
    });

    it(`tells what is no package, ${form}`, async () => {
      const flags = async (below: string) => {
        const found = await packages(`${PATH}/${below}`);
        const source = found.state === 'known' ? found.value.get(`${PATH}/${below}`) : undefined;
        return source && [source.hasGoFiles, source.isPackage];
      };
      assert.deepEqual(await flags('empty'), [false, false]);
      assert.deepEqual(await flags('nowhere'), [false, false]);
      assert.deepEqual(await flags('onlyignored'), [true, false]);
    });

    it(`knows nothing of a package with a file that the go command refuses, ${form}`, async () => {
      assert.deepEqual(await packages(`${PATH}/zero`), { state: 'unavailable', why: "zero/x.go can't be read: unexpected NUL in input" });
    });
  }

  it('hides what a nested go.mod of a local directory covers, and prefers what an editor holds', async () => {
    const files = sourceFiles(new Map([[join(base, 'tree/b/b.go'), 'package b\n\nimport "example.com/edited"\n']]));
    const source = new ModuleSource(localTree(join(base, 'tree'), files));
    const nested = await source.packages(PATH, `${PATH}/nested/c`);
    assert.equal(nested.state === 'known' && nested.value.get(`${PATH}/nested/c`)?.hasGoFiles, false);
    const edited = await source.packages(PATH, `${PATH}/b`);
    assert.deepEqual(edited.state === 'known' && edited.value.get(`${PATH}/b`)?.alwaysImported, ['example.com/edited']);
  });

  it('takes the path by which a replacement is imported', async () => {
    const source = new ModuleSource(extractedTree(join(base, 'tree'), new Gate(2)));
    const found = await source.packages('example.com/original', 'example.com/original/b');
    assert.deepEqual(found.state === 'known' && [...found.value.keys()], ['example.com/original/b']);
  });

  it('is not known of a zip file that is cut short', async () => {
    const proxy = join(base, 'broken');
    await writeModuleProxy(proxy, [{ path: PATH, version: 'v1.0.0', files: FILES }]);
    const file = join(proxy, 'example.com/a/@v/v1.0.0.zip');
    truncateSync(file, 100);
    const source = await new ModuleSources().of({ path: PATH, version: 'v1.0.0' }, async () => ({ state: 'known', value: { kind: 'zip', file } }));
    assert.equal(source.state, 'unavailable');
  });

  it('is found zipped in the module cache only when its hash is there too', async () => {
    const cache = moduleCache(base);
    assert.equal((await cache.source(PATH, 'v1.0.0')).state, 'absent');
    writeFileSync(join(base, 'cache/download/example.com/a/@v/v1.0.0.ziphash'), 'h1:x');
    assert.deepEqual(await cache.source(PATH, 'v1.0.0'), {
      state: 'known',
      value: { kind: 'zip', file: join(base, 'cache/download/example.com/a/@v/v1.0.0.zip') },
    });
  });
});
