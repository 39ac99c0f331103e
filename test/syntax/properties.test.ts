import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ModFile, WorkFile } from '../../server/src/syntax/directives.ts';
import { formatTree } from '../../server/src/syntax/format.ts';
import { parseGoImports } from '../../server/src/syntax/go-imports.ts';
import { parseMod } from '../../server/src/syntax/mod-file.ts';
import { summarizeMod } from '../../server/src/syntax/mod-summary.ts';
import { parseSum } from '../../server/src/syntax/sum-file.ts';
import { pieces, printTree } from '../../server/src/syntax/tree-printer.ts';
import { parseWork } from '../../server/src/syntax/work-file.ts';
import { anyText, mutated } from './mutation.ts';

const SEEDS: readonly string[] = [
  'module m\n\ngo 1.21\n\nrequire (\n\ta v1.0.0 // indirect\n\n\t// b\n\tb v1.0.0\n)\n',
  'module m // x\n\nreplace a => ../a\n\n// why\nretract [v1.0.0, v1.1.0]\n',
  'go 1.21\r\n\r\nuse (\r\n\t./a\r\n\t"./b c"\r\n)\r\n',
];

/** Any text, and texts that are almost module files. */
const text = fc.oneof(anyText, mutated(SEEDS));

const PARSERS: readonly ((text: string) => ModFile | WorkFile)[] = [
  (source) => parseMod(source),
  (source) => parseMod(source, 'lax'),
  parseWork,
];

describe('parsing any text', function () {
  this.timeout(60_000);

  it('loses nothing', () => {
    fc.assert(
      fc.property(text, (source) => {
        for (const parse of [...PARSERS, parseSum]) assert.equal(printTree(parse(source)), source);
      }),
      { numRuns: 10_000 },
    );
  });

  it('takes lines of twenty megabytes', () => {
    for (const piece of ['a/', '//', 'a"']) {
      const source = `module m\n\nrequire (\n\t${piece.repeat(10_000_000)}\n)\n`;
      assert.equal(parseMod(source).text, source);
      assert.equal(summarizeMod(source).path, 'm');
    }
  });

  it('leaves out nothing but blanks, what is reported, and what follows it in its line', () => {
    fc.assert(
      fc.property(text, (source) => {
        for (const parse of PARSERS) {
          const file = parse(source);
          if (file.problems.some(({ kind }) => kind === 'syntax' || kind === 'byte-order-mark')) continue;
          let at = 0;
          for (const piece of pieces(file).sort((a, b) => a.start - b.start)) {
            assert.match(source.slice(at, piece.start), /^[ \t\r\n]*$/);
            at = piece.start + piece.text.length;
          }
          assert.match(source.slice(at), /^[ \t\r\n]*$/);
        }
      }),
      { numRuns: 10_000 },
    );
  });

  it('gives problems within the text, in the lines that they are about', () => {
    fc.assert(
      fc.property(text, (source) => {
        for (const parse of [...PARSERS, parseSum]) {
          for (const { start, end, reportedAt, message } of parse(source).problems) {
            assert.ok(start >= 0 && start <= end && end <= source.length, message);
            assert.ok(reportedAt >= 0 && reportedAt <= source.length, message);
            assert.notEqual(message, '');
          }
        }
      }),
      { numRuns: 10_000 },
    );
  });

  it('formats what it can read, and nothing else', () => {
    for (const broken of ['module "m\n', 'require (\n', '\ufeffmodule m\n', 'module\u00a0m\n']) {
      assert.equal(formatTree(parseMod(broken)), broken);
    }
    assert.equal(formatTree(parseMod('module   m\r\nrequire  a   latest\r\n')), 'module m\n\nrequire a latest\n');
  });

  it('does not depend on the kind of line ends', () => {
    fc.assert(
      fc.property(mutated(SEEDS), (source) => {
        const unix = source.replace(/\r+\n/g, '\n').replaceAll('\r', '');
        const windows = unix.replaceAll('\n', '\r\n');
        // A backslash before a line's end is part of a string, in which CR is a character.
        if (unix.includes('\\\n')) return;
        for (const parse of PARSERS) {
          const [one, other] = [parse(unix), parse(windows)];
          assert.deepEqual(one.problems.map(({ message }) => message), other.problems.map(({ message }) => message));
          if (one.problems.length === 0) assert.equal(formatTree(one), formatTree(other));
        }
      }),
      { numRuns: 10_000 },
    );
  });
});

/** Text that makes a careless parser slow, by repetition. */
const HOSTILE: Readonly<Record<string, string>> = {
  'blocks that are not closed': 'require (\n',
  'blocks that are not closed, with block comments': '// x\n/*\nrequire (\n/* y\n',
  'opening parentheses': '(',
  'closing parentheses': ')\n',
  'empty blocks': 'require ()\n',
  quotes: '"',
  'quotes in lines': '"\n',
  'escaped line ends': '"\\\n',
  backquotes: '`\n',
  backslashes: '\\',
  'block comments': '/*',
  'block comments in lines': '/*\n',
  'block comments that end': '/**/',
  'block comments after words': 'a /* b\n',
  'line comments': '// Deprecated: x\n',
  'comments behind lines': 'a // b\n',
  'comments on one line': '//',
  'blank lines': '\n',
  blanks: ' \t',
  'carriage returns': '\r',
  'characters that are no word': '\u00a0',
  'byte order marks': '\ufeff',
  'one long word': 'x',
  'long numbers': '1',
  'slashes in a word': 'a/',
  'lone surrogates': '\ud800',
  'words beyond the Basic Multilingual Plane': '\u{1f600} ',
  'retracted versions': 'retract [v1.0.0, v1.1.0]\n',
  'unknown directives': 'foo bar\n',
  'lines with faults': 'require a/v2 v1.0.0\n',
  'conflict markers': '<<<<<<< HEAD\n',
  'imports of Go': 'package a; import "a"; /* x */ ',
};

describe('parsing hostile text', () => {
  for (const [name, unit] of Object.entries(HOSTILE)) {
    it(`takes linear time for ${name}`, function () {
      this.timeout(60_000);
      // Another task of the machine may have taken its time in between.
      this.retries(2);
      const work = (source: string): void => {
        for (const parse of PARSERS) parse(source);
        parseSum(source);
        parseGoImports(source);
        parseGoImports(`package a\nimport (\n${source}`);
        parseMod(`module m\nrequire (\n${source}\n)\n`);
        parseMod(`// ${source}\nmodule ${source}`);
      };
      const [small, large] = [unit.repeat(SMALL / unit.length), unit.repeat((SMALL * GROWTH) / unit.length)];
      work(small);
      const ratio = fastest(() => work(large)) / fastest(() => work(small));
      assert.ok(ratio < GROWTH * 4, `${GROWTH} times the text took ${ratio.toFixed(1)} times as long`);
    });
  }
});

const SMALL = 50_000;
const GROWTH = 8;

/** The shortest time of a few, in milliseconds: others of the machine's tasks only make it longer. */
function fastest(run: () => void): number {
  let best = Infinity;
  for (let round = 0; round < 3; round++) {
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}
