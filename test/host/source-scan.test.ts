import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ignoresDirectory, ScanCache, sourceScan } from '../../server/src/host/source-scan.ts';
import type { ImportScan } from '../../server/src/engine/facts.ts';
import { goCommand, goInstalled } from '../live/go-command.ts';

describe('source scan', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'gomod-health-scan-')).replaceAll('\\', '/');
  });

  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  function write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), text);
    }
  }

  function importing(...paths: string[]): string {
    return `package p\n\nimport (\n${paths.map((path) => `\t_ "${path}"\n`).join('')})\n`;
  }

  async function scan(...options: Parameters<typeof sourceScan>): Promise<ImportScan> {
    const fact = await sourceScan(...options).imports(directory);
    assert.ok(fact.state === 'known', JSON.stringify(fact));
    return fact.value;
  }

  /** The imports as `file: path`, with the files below the module. */
  function listed({ imports }: ImportScan): string[] {
    return imports.map(({ file, importPath, ignored }) => {
      return `${file.slice(directory.length + 1)}: ${importPath}${ignored ? ' (ignored)' : ''}`;
    });
  }

  it('reads imports with their places, in the order of files', async () => {
    const text = 'package a\n\nimport "fmt"\nimport x `example.com/b/v2`\n';
    write({ 'go.mod': 'module example.com/m\n', 'b/b.go': importing('example.com/c'), 'a.go': text });
    const found = await scan();
    assert.deepEqual(listed(found), ['a.go: fmt', 'a.go: example.com/b/v2', 'b/b.go: example.com/c']);
    assert.deepEqual(found.packages, ['.', 'b']);
    const { start, end } = found.imports[1]!.span;
    assert.equal(text.slice(start, end), 'example.com/b/v2');
  });

  const tree: Readonly<Record<string, string>> = {
    'go.mod': 'module example.com/m\n\ngo 1.25\n\nignore (\n\t./static\n\tthird/party\n\tnode\n)\n',
    'main.go': importing('example.com/main', 'fmt'),
    'main_test.go': importing('example.com/test'),
    'main_windows_arm64.go': importing('example.com/windows'),
    'tagged.go': `//go:build never && !always\n\n${importing('example.com/tagged')}`,
    'gen.go': `//go:build ignore\n\n${importing('example.com/gen')}`,
    'cgo.go': importing('C', 'appengine', 'appengine/x', 'appengine_internal', 'appengineer.example.com/x'),
    'broken.go': 'package p\n\nimport "example.com/broken"\nimport 1\n',
    '_hidden.go': importing('example.com/underscore'),
    '.hidden.go': importing('example.com/dot'),
    'notes.txt': importing('example.com/text'),
    'sub/deep/d.go': importing('example.com/deep'),
    'node_modules/pkg/x.go': importing('example.com/node-modules'),
    'testdata/x.go': importing('example.com/testdata'),
    'sub/testdata/x.go': importing('example.com/testdata2'),
    '_dir/x.go': importing('example.com/underscore-dir'),
    '.dir/x.go': importing('example.com/dot-dir'),
    'vendor.go/x.go': importing('example.com/directory-with-suffix'),
    'sub/vendor/x.go': importing('example.com/beside-vendored'),
    'sub/vendor/y/y.go': importing('example.com/vendored'),
    'nested/go.mod': 'module example.com/m/nested\n',
    'nested/n.go': importing('example.com/nested'),
    'nested/below/n.go': importing('example.com/nested-below'),
    'odd/go.mod/x.go': importing('example.com/directory-go-mod'),
    'odd/o.go': importing('example.com/odd'),
    'static/s.go': importing('example.com/static'),
    'static/below/s.go': importing('example.com/static-below'),
    'sub/static/s.go': importing('example.com/not-at-root'),
    'a/third/party/t.go': importing('example.com/third-party'),
    'third/t.go': importing('example.com/third'),
    'node/n.go': importing('example.com/ignored-anywhere'),
  };

  const tidied = [
    'example.com/main', 'example.com/test', 'example.com/windows', 'example.com/tagged', 'example.com/broken',
    'example.com/deep', 'example.com/node-modules', 'example.com/directory-with-suffix', 'example.com/beside-vendored',
    'example.com/directory-go-mod', 'example.com/odd', 'example.com/not-at-root', 'example.com/third',
    'appengineer.example.com/x', 'example.com/linked-file',
  ].sort();

  function writeTree(): void {
    write(tree);
    write({ 'outside/linked.go': importing('example.com/linked-file'), 'outside/go.mod': 'module example.com/o\n' });
    symlinkSync(join(directory, 'outside/linked.go'), join(directory, 'link.go'));
    symlinkSync(join(directory, 'outside'), join(directory, 'linked'));
    symlinkSync(join(directory, 'nowhere'), join(directory, 'sub/dangling.go'));
  }

  it('walks where go mod tidy walks', async () => {
    writeTree();
    const found = await scan();
    const counted = found.imports.filter(({ ignored, importPath }) => !ignored && importPath !== 'fmt');
    assert.deepEqual(counted.map(({ importPath }) => importPath).sort(), tidied);
    assert.deepEqual(listed(found).filter((line) => line.endsWith('(ignored)')), ['gen.go: example.com/gen (ignored)']);
    assert.deepEqual(found.packages, [
      '.', 'node_modules/pkg', 'odd', 'odd/go.mod', 'sub/deep', 'sub/static', 'sub/vendor', 'third', 'vendor.go',
    ]);
  });

  it('walks where go mod tidy says that it walks', async function () {
    if ((await goInstalled()) === undefined) {
      console.log('skipped: the go command is not installed, so it cannot judge the walk');
      this.skip();
    }
    this.timeout(60_000);
    writeTree();
    const go = goCommand({ GOPROXY: 'off' });
    try {
      // Every import is of a module that is nowhere, so tidy names each that it looks for.
      const { stderr } = await go.run(['mod', 'tidy', '-e'], { directory });
      const sought = [...stderr.matchAll(/finding module for package (\S+)/g)].map((match) => match[1]!);
      assert.deepEqual([...new Set(sought)].sort(), tidied, stderr);
    } finally {
      go.dispose();
    }
  });

  it('names a file that a link also leads to only once', async () => {
    write({ 'a/a.go': importing('example.com/a') });
    symlinkSync(join(directory, 'a/a.go'), join(directory, 'b.go'));
    const found = await scan();
    assert.deepEqual(listed(found), ['a/a.go: example.com/a']);
    assert.deepEqual(found.packages, ['.', 'a']);
  });

  it('prefers what an editor holds', async () => {
    write({ 'a.go': importing('example.com/old'), 'static/s.go': importing('example.com/s') });
    write({ 'go.mod': 'module example.com/m\n' });
    const overlays = new Map([
      [`${directory}/a.go`, importing('example.com/new')],
      [`${directory}/go.mod`, 'module example.com/m\n\nignore ./static\n'],
    ]);
    const cache = new ScanCache();
    assert.deepEqual(listed(await scan({ cache })), ['a.go: example.com/old', 'static/s.go: example.com/s']);
    assert.deepEqual(listed(await scan({ cache, overlays })), ['a.go: example.com/new']);
    assert.deepEqual(listed(await scan({ cache })), ['a.go: example.com/old', 'static/s.go: example.com/s']);
  });

  it('reads again only what changed', async () => {
    for (const name of ['a', 'b', 'c']) write({ [`${name}.go`]: importing(`example.com/${name}`) });
    const cache = new ScanCache();
    const first = await scan({ cache });
    write({ 'b.go': importing('example.com/longer') });
    unlinkSync(join(directory, 'c.go'));
    const second = await scan({ cache });
    assert.deepEqual(listed(second), ['a.go: example.com/a', 'b.go: example.com/longer']);
    assert.equal(second.imports[0], first.imports[0], 'a.go was read again');
    assert.deepEqual([...cache.modules.get(directory)!.keys()], [`${directory}/a.go`, `${directory}/b.go`]);

    // The same size and time of change, as after a fast tool that sets times: the inode's change tells.
    const times = new Date(1_700_000_000_000);
    utimesSync(join(directory, 'a.go'), times, times);
    await scan({ cache });
    write({ 'a.go': importing('example.com/z') });
    utimesSync(join(directory, 'a.go'), times, times);
    assert.deepEqual(listed(await scan({ cache })), ['a.go: example.com/z', 'b.go: example.com/longer']);
  });

  it('scans 5,000 files again without reading them', async function () {
    this.timeout(120_000);
    for (let package_ = 0; package_ < 100; package_++) {
      for (let file = 0; file < 50; file++) {
        write({ [`p${package_}/f${file}.go`]: importing('fmt', 'example.com/x') });
      }
    }
    const cache = new ScanCache();
    const first = await scan({ cache });
    assert.equal(first.imports.length, 10_000);
    const started = performance.now();
    const second = await scan({ cache });
    console.log(`scanned 5,000 unchanged files in ${Math.round(performance.now() - started)} ms`);
    const isSame = second.imports.every((declared, at) => declared === first.imports[at]);
    assert.ok(isSame, 'an unchanged file was read again');
  });

  describe('is not known', () => {
    async function why(path = directory, signal?: AbortSignal): Promise<string> {
      const fact = await sourceScan().imports(path, signal);
      assert.ok(fact.state === 'unavailable', JSON.stringify(fact));
      return fact.why;
    }

    it('where there is no directory', async () => {
      write({ file: '' });
      assert.match(await why(`${directory}/missing`), /missing is not a directory$/);
      assert.match(await why(`${directory}/file`), /file is not a directory$/);
    });

    it('where go.mod is a directory', async () => {
      write({ 'go.mod/x': '' });
      assert.match(await why(), /go\.mod is a directory$/);
    });

    it('where a file has a NUL among its imports, which the go command refuses', async () => {
      write({ 'a.go': 'package a\n\0import "x"\n', 'b.go': importing('example.com/b') });
      assert.match(await why(), /a\.go can't be read: unexpected NUL in input$/);
    });

    it('where a file or directory may not be read', async function () {
      if (process.platform === 'win32') {
        console.log('skipped: Windows has no modes that keep a file from its owner');
        this.skip();
      }
      write({ 'a/a.go': importing('example.com/a') });
      chmodSync(directory, 0o755);
      const asRoot = process.geteuid?.() === 0;
      // Root may read everything, so it becomes nobody for a while.
      if (asRoot) process.seteuid!(65534);
      try {
        asOwner(() => chmodSync(join(directory, 'a/a.go'), 0));
        assert.match(await why(), /a\/a\.go can't be read: EACCES$/);
        asOwner(() => chmodSync(join(directory, 'a'), 0));
        assert.match(await why(), /\/a can't be read: EACCES$/);
      } finally {
        if (asRoot) process.seteuid!(0);
        chmodSync(join(directory, 'a'), 0o755);
      }

      function asOwner(action: () => void): void {
        if (asRoot) process.seteuid!(0);
        action();
        if (asRoot) process.seteuid!(65534);
      }
    });

    it('when it is cancelled', async () => {
      write({ 'a/a.go': importing('example.com/a') });
      assert.match(await why(directory, AbortSignal.abort()), /cancelled$/);
      const controller = new AbortController();
      const later = why(directory, controller.signal);
      controller.abort();
      assert.match(await later, /cancelled$/);
    });
  });

  describe('ignore directives', () => {
    const table: readonly [pattern: string, directory: string, ignored: boolean][] = [
      ['./static', 'static', true],
      ['./static', 'static/x', true],
      ['./static', 'statics', false],
      ['./static', 'sub/static', false],
      ['./a/b/', 'a/b/c', true],
      ['static', 'sub/static/x', true],
      ['static', 'sub/statics', false],
      ['/static/', 'sub/static', true],
      ['a/b', 'x/a/b', true],
      ['a/b', 'a/x/b', false],
      ['./', 'anything', true],
      ['.', 'anything', false],
    ];
    for (const [pattern, path, ignored] of table) {
      it(`${pattern} ${ignored ? 'leaves out' : 'keeps'} ${path}`, () => {
        assert.equal(ignoresDirectory(['elsewhere', pattern], path), ignored);
      });
    }
  });
});
