import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseGoImports } from '../../server/src/syntax/go-imports.ts';
import { judge } from '../oracle/judge.ts';

/** Heads of Go files with the paths that they import; before an error, those that the go command sees as well. */
const HEADS: readonly (readonly [name: string, text: string, imports: readonly string[]])[] = [
  ['no import', 'package a\nfunc main() {}\nimport "x"', []],
  ['one import', 'package a\nimport "fmt"\n', ['fmt']],
  ['names', 'package a\nimport x "a/x"\nimport . "a/y"\nimport _ "a/z"\n', ['a/x', 'a/y', 'a/z']],
  ['groups', 'package a\nimport (\n\t"a"\n\tx "b"; _ `c`\n)\nimport ()\nimport ("d")\n', ['a', 'b', 'c', 'd']],
  ['semicolons', 'package a; import "a"; import "b"; var x = 1; import "c"', ['a', 'b']],
  ['comments', '/* import "x" */ package /**/ a // import "y"\nimport /* z */ "a" // "b"\n', ['a']],
  ['a byte order mark', '\ufeffpackage a\nimport "a"', ['a']],
  ['a raw string', 'package a\nimport `a/b`', ['a/b']],
  ['escapes', 'package a\nimport "a\\x2fb"\nimport "\\q"\nimport "c"', ['a/b', 'c']],
  ['no package clause', 'import "a"', []],
  ['a package clause alone', 'package a', []],
  ['an import without path', 'package a\nimport "a"\nimport x\nimport "b"', ['a']],
  ['a string that is not closed', 'package a\nimport "a"\nimport "b\nimport "c"', ['a']],
  ['a comment that is not closed', 'package a\nimport "a"\n/* import "b"', ['a']],
  ['a group that is not closed', 'package a\nimport (\n"a"\n"b"', ['a', 'b']],
  ['a word like import', 'package a\nimport "a"\nimportant "b"', ['a']],
  ['nothing', '', []],
];

/** Constraints, and whether they keep a file out of all that `go mod tidy` looks at. */
const CONSTRAINTS: readonly (readonly [header: string, ignored: boolean])[] = [
  ['', false],
  ['//go:build linux', false],
  ['//go:build ignore', true],
  ['//go:build !ignore', false],
  ['//go:build !linux && windows', false],
  ['//go:build linux && ignore', true],
  ['//go:build linux || ignore', false],
  ['//go:build !(linux || ignore)', false],
  ['//go:build !(linux && !ignore)', false],
  ['//go:build !!linux', true],
  ['//go:build', true],
  ['//go:build linux &', true],
  ['//go:build (linux', true],
  ['//go:build linux)', true],
  ['//go:build a-b', true],
  ['//go:build 386 && go1.21 && é_1', false],
  ['//go:builds ignore', false],
  ['// go:build ignore', false],
  ['//go:build linux\n//go:build windows', true],
  ['// About it.\n//go:build ignore', true],
  ['/* About it. */\n//go:build ignore', true],
  ['/*\n//go:build ignore\n*/', false],
  ['// +build ignore\n', true],
  ['// +build ignore', false],
  ['//+build ignore\n', true],
  ['// +build ignore linux\n', false],
  ['// +build ignore,linux\n', true],
  ['// +build !ignore\n', false],
  ['// +build !!linux\n', true],
  ['// +build linux\n// +build ignore\n', true],
  ['// +build\n', true],
  ['// +build a-b\n', true],
  ['// +build !a-b\n', false],
  ['//go:build linux\n// +build ignore\n', false],
  ['/* c */\n// +build ignore\n', false],
  [`// +build ${'ignore,'.repeat(101)}ignore\n`, false],
  [`//go:build ${'linux && '.repeat(999)}linux`, false],
  [`//go:build ${'linux && '.repeat(1000)}linux`, true],
];

describe('Go imports', function () {
  this.timeout(60_000);

  const { oracle } = judge();

  for (const [name, text, imports] of HEADS) {
    it(`reads ${name}`, () => {
      const found = parseGoImports(text);
      assert.deepEqual(found.imports.map(({ importPath }) => importPath), imports);
      for (const { importPath, span } of found.imports) {
        assert.match(text[span.start - 1]!, /["`]/);
        assert.equal(text.slice(span.start, span.end).replace('\\x2f', '/'), importPath);
      }
    });
  }

  it('tells the name of the package', () => {
    assert.equal(parseGoImports('package main_test\n').packageName, 'main_test');
    assert.equal(parseGoImports('package 日本\n').packageName, '日本');
    assert.equal(parseGoImports('packages a').packageName, undefined);
  });

  it('tells a file that the go command refuses to read', () => {
    assert.equal(parseGoImports('package a\n\0').readable, false);
    assert.equal(parseGoImports('package a // \0\n').readable, false);
    assert.equal(parseGoImports('package a\nvar x = "\0"').readable, true);
    assert.equal(parseGoImports('package a\nimport x\n\0').readable, false);
  });

  for (const [header, ignored] of CONSTRAINTS) {
    it(`judges ${JSON.stringify(header.slice(0, 60))}`, () => {
      assert.equal(parseGoImports(`${header}\npackage a\n`).ignored, ignored);
      assert.equal(parseGoImports(`${header.replaceAll('\n', '\r\n')}\r\npackage a\r\n`).ignored, ignored);
    });
  }

  it('takes any text', () => {
    const marks = ['(', ')', '"', '`', '\\', '//', '/*', '*/', ';', '.'];
    const pieces = [...marks, 'package', 'import', 'a', ' ', '\n', '\0', '\ufeff'];
    const text = fc.array(fc.constantFrom(...pieces)).map((parts) => parts.join(''));
    const check = (source: string): void => {
      for (const { importPath, span } of parseGoImports(source).imports) {
        assert.ok(span.end <= source.length && span.end - span.start >= importPath.length);
      }
    };
    fc.assert(fc.property(text, check), { numRuns: 5000 });
  });

  it('agrees with go/parser and go/build/constraint on what they accept', async function () {
    const asked = oracle(this);
    const constraint = fc
      .array(fc.constantFrom('linux', 'ignore', '!', '&&', '||', '(', ')', 'a.b', 'é', '&'), { maxLength: 8 })
      .map((words) => `//go:build ${words.join(' ')}\n\n`);
    const spec = fc
      .tuple(fc.constantFrom('', '_ ', '. ', 'x '), fc.constantFrom('"a"', '`b/c`', '"d.e/f"', '"\\x41"'))
      .map((parts) => parts.join(''));
    const separator = fc.constantFrom('\n', ';', ' // c\n', '/* c */\n', '\r\n');
    const declaration = fc.oneof(
      fc.tuple(spec, separator).map(([one, end]) => `import ${one}${end}`),
      fc.tuple(fc.array(fc.tuple(spec, separator).map((parts) => parts.join('')), { maxLength: 4 }), separator).map(
        ([specs, end]) => `import (\n${specs.join('')})${end}`,
      ),
    );
    const rest = fc.constantFrom('', 'var x int', 'func f() {}');
    const file = fc
      .tuple(fc.option(constraint, { nil: '' }), separator, fc.array(declaration, { maxLength: 4 }), rest)
      .map(([header, end, declarations, code]) => `${header}package p${end}${declarations.join('')}${code}`);
    const texts = [...fc.sample(file, { numRuns: 2000, seed: 8 }), ...HEADS.map(([, text]) => text)];
    const answers = await asked.askAll(texts.map((text) => ({ op: 'imports', text })));
    let judged = 0;
    for (const [at, answer] of answers.entries()) {
      if (!answer['ok']) continue;
      const { imports, ignored, packageName } = parseGoImports(texts[at]!);
      const { id: _, ...theirs } = answer;
      const ours = { ok: true, imports: imports.map(({ importPath }) => importPath), ignored, package: packageName };
      assert.deepEqual(ours, theirs, texts[at]);
      judged++;
    }
    assert.ok(judged > 1000, `only ${judged} files were accepted`);
  });
});
