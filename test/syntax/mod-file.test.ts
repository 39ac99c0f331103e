import assert from 'node:assert/strict';
import { parseMod, type ModMode } from '../../server/src/syntax/mod-file.ts';
import { parseWork } from '../../server/src/syntax/work-file.ts';
import { assertProblems, unmark } from './marked.ts';

/** What is wrong in a go.mod file, marked below each line. Fine lines have no mark. */
const FAULTS: Readonly<Record<string, string>> = {
  'words of the wrong number': `
module
^^^^^^ usage: usage: module module/path
go
^^ usage: go directive expects exactly one argument
go 1.21 1.22
        ^^^^ usage: go directive expects exactly one argument
toolchain go1.21.0 x y
                   ^^^ usage: toolchain directive expects exactly one argument
require example.com/a
^^^^^^^^^^^^^^^^^^^^^ usage: usage: require module/path v1.2.3
require example.com/a v1.0.0 v1.1.0 // c
                             ^^^^^^ usage: usage: require module/path v1.2.3
exclude (
	example.com/a
 ^^^^^^^^^^^^^ usage: usage: exclude module/path v1.2.3
)
tool
^^^^ usage: tool directive expects exactly one argument
ignore ./a ./b
           ^^^ usage: ignore directive expects exactly one argument
godebug a=b c=d
            ^^^ usage: usage: godebug key=value
godebug ab
        ^^ usage: usage: godebug key=value
godebug "a=b"
        ^^^^^ usage: usage: godebug key=value
`,
  'what is no directive': `
requires example.com/a v1.0.0
^^^^^^^^ unknown-directive: unknown directive: requires (require?)
Exclude example.com/a v1.0.0
^^^^^^^ unknown-directive: unknown directive: Exclude (exclude?)
modul example.com/a
^^^^^ unknown-directive: unknown directive: modul (module?)
use ./a
^^^ unknown-directive: unknown directive: use
)
^ unknown-directive: unknown directive: )
"require" example.com/a v1.0.0
^^^^^^^^^ unknown-directive: unknown directive: "require" (require?)
go (
^^ unknown-directive: unknown block type: go
	1.21
)
requrie (
^^^^^^^ unknown-directive: unknown block type: requrie (require?)
	example.com/a v1.0.0
)
require direct (
        ^^^^^^ unknown-directive: unknown block type: require direct
	example.com/a v1.0.0
)
`,
  'what may be there once': `
module example.com/a
module example.com/b
^^^^^^ repeated-directive: repeated module statement
go 1.21
go 1.22
^^ repeated-directive: repeated go statement
toolchain go1.21.0
toolchain go1.22.0
^^^^^^^^^ repeated-directive: repeated toolchain statement
`,
  versions: `
go v1.21
   ^^^^^ go-version: invalid go version 'v1.21': must match format 1.23.0
go 1.21
toolchain 1.21
          ^^^^ toolchain: invalid toolchain version '1.21': must match format go1.23.0 or default
require example.com/a master
                      ^^^^^^ version: require example.com/a: version "master" invalid: must be of the form v1.2.3
require example.com/a 1.2.3
                      ^^^^^ version: require example.com/a: version "1.2.3" invalid: must be of the form v1.2.3
require example.com/a v2.0.0
                      ^^^^^^ path-major: require example.com/a: version "v2.0.0" invalid: should be v0 or v1, not v2
exclude example.com/a/v3 v2
                         ^^ path-major: exclude example.com/a/v3: version "v2.0.0" invalid: should be v3, not v2
require example.com/a/v1 v1.0.0
        ^^^^^^^^^^^^^^^^ module-path: invalid module path
require gopkg.in/yaml v1.0.0
        ^^^^^^^^^^^^^ module-path: invalid module path
require example.com/a v1.2
require example.com/a v2.0.0+incompatible
`,
  quotes: `
module 'example.com/a'
       ^^^^^^^^^^^^^^^ quoting: invalid quoted string: unquoted string cannot contain quote
require \`example.com/a\` v1.0.0
        ^^^^^^^^^^^^^^^ quoting: invalid quoted string: unquoted string cannot contain quote
require "example.com/a" "v1.0.0"
require "\\q" v1.0.0
        ^^^^ quoting: invalid quoted string: invalid syntax
require example.com/a v1"0
                      ^^^^ quoting: require example.com/a: version "v1\\"0" invalid: unquoted string cannot contain quote
tool a"b
     ^^^ quoting: invalid quoted string: unquoted string cannot contain quote
retract "v1.0.0
        ^^^^^^^ syntax: unexpected newline in string
        ^^^^^^^ quoting: retract: version "\\"v1.0.0" invalid: invalid syntax
`,
  'targets of replacements': `
replace example.com/a => example.com/b
                         ^^^^^^^^^^^^^ replacement: replacement module without version must be directory path (rooted or starting with . or ..)
replace example.com/a => https://example.com/b
                         ^^^^^^ replacement: replacement module without version must be directory path (rooted or starting with . or ..)
replace example.com/a => git@example.com:b/c.git
                         ^^^^^^^^^^^^^^^^^^^^^^^ replacement: replacement module must match format 'path version', not 'path@version'
replace example.com/a => example.com/b@v1.0.0
                         ^^^^^^^^^^^^^^^^^^^^ replacement: replacement module must match format 'path version', not 'path@version'
replace example.com/a => ../b v1.0.0
                              ^^^^^^ replacement: replacement module directory path "../b" cannot have version
replace example.com/a => ..\\b
                         ^^^^ replacement: replacement directory appears to be Windows path (on a non-windows system)
replace example.com/a v2.0.0 => ../b
                      ^^^^^^ path-major: replace example.com/a: version "v2.0.0" invalid: should be v0 or v1, not v2
replace example.com/a/v1 => ../b
        ^^^^^^^^^^^^^^^^ module-path: replace example.com/a/v1: invalid module path
replace example.com/a => example.com/b master
                                       ^^^^^^ version: replace example.com/b: version "master" invalid: must be of the form v1.2.3
replace example.com/a => example.com/b/v2 v1.0.0
replace (
	example.com/c => ./c
	example.com/d v1.0.0 => "./d e"
)
`,
  retractions: `
retract v1.0.0
retract [v1.0.0, v1.2.0] // and others
retract anything
retract
^^^^^^^ retraction: expected '[' or version
retract [
        ^ retraction: expected version after '['
retract [v1.0.0
         ^^^^^^ retraction: expected ',' after version
retract [v1.0.0 v1.1.0]
                ^^^^^^ retraction: expected ',' after version
retract [v1.0.0,
               ^ retraction: expected version after ','
retract [v1.0.0, v1.1.0
                 ^^^^^^ retraction: expected ']' after version
retract [v1.0.0, v1.1.0] v1.2.0
                         ^^^^^^ retraction: unexpected token after version: "v1.2.0"
retract v1.0.0 v1.1.0
               ^^^^^^ retraction: unexpected token after version: "v1.1.0"
`,
  'what is no word': `
module example.com/a /* no */ // fine
                     ^^^^^^^^ syntax: mod files must use // comments (not /* */ comments)
require example.com/b\u00a0v1.0.0
                     ^ syntax: unexpected input character '\\u00a0'
require example.com/c v1.0.0\u200b\u200b
                            ^^ syntax: unexpected input character '\\u200b'
tool "example.com/a
     ^^^^^^^^^^^^^^ syntax: unexpected newline in string
     ^^^^^^^^^^^^^^ quoting: invalid quoted string: invalid syntax
`,
  'words after a block': `
require (
	example.com/a v1.0.0
) // fine
exclude (
	example.com/a v1.0.0
) example.com/b v1.0.0 // c
  ^^^^^^^^^^^^^^^^^^^^ syntax: syntax error (expected newline after closing paren)
go 1.21
`,
};

describe('go.mod', () => {
  for (const [name, marked] of Object.entries(FAULTS)) {
    it(`finds fault with ${name}`, () => {
      const { text, expected } = unmark(marked);
      assertProblems({ text, expected }, parseMod(text).problems);
    });
  }

  it('finds fault with a replacement without target', () => {
    const [problem] = parseMod('replace example.com/a').problems;
    assert.equal(problem?.kind, 'usage');
    assert.match(problem.message, /^usage: replace module\/path \[v1\.2\.3\] => other\/module v1\.4\n\t or replace /);
    const [extra] = parseMod('replace a => b v1.0.0 v2.0.0').problems;
    assert.deepEqual([extra?.start, extra?.end], [22, 28]);
  });

  it('reads on after a comment over several lines', () => {
    const { problems, module } = parseMod('/* require (\n\texample.com/a v1.0.0\n) */\nmodule example.com/a\n');
    assert.deepEqual(problems.map(({ start, end }) => [start, end]), [[0, 39]]);
    assert.equal(module?.path.value, 'example.com/a');
  });

  it('reads on after a block that is not closed, from the next directive on', () => {
    const text = 'module m\n\nrequire (\n\ta v1.0.0\n\tb v1.0.0 // indirect\n\n// why\nexclude c v1.0.0\ngo 1.21\n';
    const { problems, require, exclude, go } = parseMod(text);
    assert.deepEqual(problems, [
      {
        kind: 'syntax',
        message: 'syntax error (unterminated block started at go.mod:3:1)',
        start: 18,
        end: 19,
        reportedAt: text.length,
      },
    ]);
    assert.deepEqual(require.map(({ path, indirect }) => [path.value, indirect]), [['a', false], ['b', true]]);
    assert.deepEqual(exclude.map(({ path, line }) => [path.value, line.comments.before[0]?.text]), [['c', '// why']]);
    assert.equal(go?.version.value, '1.21');
  });

  it('reads on after several blocks that are not closed', () => {
    const { problems, require, exclude } = parseMod('require (\na v1\nexclude (\nb v1\nretract (\nv1.0.0');
    assert.deepEqual(problems.map(({ start }) => start), [8, 23, 38]);
    assert.deepEqual([require.length, exclude.length], [1, 1]);
  });

  it('reports a byte order mark, and reads on', () => {
    const { problems, module } = parseMod('\ufeffmodule example.com/a\n');
    assert.deepEqual(problems, [
      { kind: 'byte-order-mark', message: "unexpected input character '\\ufeff'", start: 0, end: 1, reportedAt: 0 },
    ]);
    assert.equal(module?.path.value, 'example.com/a');
    assert.equal(parseMod('module a\ufeff').problems[0]?.kind, 'syntax');
  });

  it('lists what lines with faults are about', () => {
    const file = parseMod(`module
require example.com/a master
require example.com/b v1.0.0 v2.0.0 // indirect
require (
exclude example.com/c latest
replace example.com/d => git@example.com:d
retract [v1.0.0, v1.1.0] x
tool example.com/t x
go x
`);
    assert.deepEqual(file.require.map(({ path, version, indirect }) => [path.value, version.value, indirect]), [
      ['example.com/a', 'master', false],
      ['example.com/b', 'v1.0.0', true],
    ]);
    assert.deepEqual(file.exclude.map(({ version }) => version.value), ['latest']);
    assert.deepEqual(file.replace.map(({ newPath }) => newPath.value), ['git@example.com:d']);
    assert.deepEqual(file.retract.map(({ low, high }) => [low.value, high.value]), [['v1.0.0', 'v1.1.0']]);
    assert.deepEqual(file.tool.map(({ path }) => path.value), ['example.com/t']);
    assert.equal(file.go?.version.value, 'x');
    assert.equal(file.module?.path.value, '');
  });

  it('ignores in a dependency what concerns main modules only', () => {
    const text = 'module m\ngo v1.21.x\nfoo bar\nfoo (\n x\n)\nreplace x\nretract [v1\nexclude x\ntool\nrequire a v1\n';
    const lax = parseMod(text, 'lax');
    assert.deepEqual(lax.problems, []);
    assert.deepEqual([lax.go?.version.value, lax.require.length, lax.retract.length], ['1.21', 1, 0]);
    const modes: readonly ModMode[] = ['strict', 'lax'];
    assert.deepEqual(modes.map((mode) => parseMod('require a x\nmodule a b\n', mode).problems.length), [2, 2]);
  });

  it('reads comments that mean something', () => {
    const file = parseMod(`// About it.
//
// Deprecated: use v2
// instead.
//
// Really.
module example.com/m // here

require (
	a.b/c v1.0.0 // indirect
	a.b/d v1.0.0 // indirect; why
	a.b/e v1.0.0 //indirect
	a.b/f v1.0.0 // indirectly
	a.b/g v1.0.0 // not indirect
)

// All of these
retract (
	v1.0.0
	v1.1.0 // leaks
	// and
	// breaks
	[v1.2.0, v1.3.0]
)
`);
    assert.equal(file.module?.deprecated, 'use v2\ninstead.');
    assert.deepEqual(file.require.map(({ indirect }) => indirect), [true, true, true, false, false]);
    assert.deepEqual(file.retract.map(({ rationale }) => rationale), ['All of these', 'leaks', 'and\nbreaks']);
    assert.equal(parseMod('// Deprecated: no\n\nmodule m\n').module?.deprecated, undefined);
    assert.equal(parseMod('module m // Deprecated: yes').module?.deprecated, 'yes');
    assert.equal(parseMod('// Deprecated:\nmodule m').module?.deprecated, undefined);
  });

  it('places words and comments in UTF-16 units', () => {
    const text = '// \u{1f600}\r\nrequire "a.b/\\u0063" v1.0.0 // \u{1f600}\r\n';
    const [requirement] = parseMod(text).require;
    assert.equal(text.slice(requirement!.path.start, requirement!.path.end), '"a.b/\\u0063"');
    assert.equal(requirement!.path.value, 'a.b/c');
    const { before, suffix } = requirement!.line.comments;
    const comments = [...before, ...suffix].map(({ start, end }) => text.slice(start, end));
    assert.deepEqual(comments, ['// \u{1f600}', '// \u{1f600}']);
  });

  it('reads half of a surrogate pair as the go command would after it is saved', () => {
    const { problems, module } = parseMod('module a\ud800b');
    assert.deepEqual([problems.length, module?.path.value], [0, 'a\ufffdb']);
  });
});

describe('go.work', () => {
  it('finds faults', () => {
    const { text, expected } = unmark(`
go 1.21
toolchain local
          ^^^^^ toolchain: invalid toolchain version 'local': must match format go1.23.0 or default
use ./a ./b
        ^^^ usage: usage: use local/dir
use (
	./c
	./d e
     ^ usage: usage: use local/dir
	"./f g"
)
replace example.com/a => ./a
module m
^^^^^^ unknown-directive: unknown directive: module
usse ./a
^^^^ unknown-directive: unknown directive: usse (use?)
require (
^^^^^^^ unknown-directive: unknown block type: require
)
godebug x=1
`);
    const file = parseWork(text);
    assertProblems({ text, expected }, file.problems);
    assert.deepEqual(file.use.map(({ path }) => path.value), ['./a', './c', './d', './f g']);
    assert.deepEqual([file.go?.version.value, file.toolchain?.version.value], ['1.21', 'local']);
    assert.deepEqual(file.godebug.map(({ key, value }) => [key, value]), [['x', '1']]);
  });
});
