import assert from 'node:assert/strict';
import fc from 'fast-check';
import { finishedLineEdits, formattingEdits } from '../../server/src/lsp/features/formatting.ts';
import { parseModuleFile, type ModuleFile } from '../../server/src/lsp/features/module-file.ts';
import { textDifference } from '../../server/src/lsp/features/text-difference.ts';
import { formatTree } from '../../server/src/syntax/format.ts';
import { parseMod } from '../../server/src/syntax/mod-file.ts';
import { applyEdits } from '../../server/src/syntax/span.ts';
import { SUM } from './texts.ts';

type Kind = ModuleFile['kind'];

describe('formatting', () => {
  const cases: readonly (readonly [name: string, kind: Kind, before: string, after: string, edits: number])[] = [
    ['leaves what is formatted', 'mod', 'module m\n\ngo 1.26\n', 'module m\n\ngo 1.26\n', 0],
    ['changes single spaces', 'mod', 'module  m\n\ngo   1.26\n', 'module m\n\ngo 1.26\n', 2],
    ['indents with a tab', 'mod', 'module m\nrequire(\n  a.b/c v1.0.0//indirect\n)\n', 'module m\n\nrequire (\n\ta.b/c v1.0.0 //indirect\n)\n', 4],
    ['takes unneeded quotes away', 'mod', 'module "m"\n', 'module m\n', 1],
    ['drops blank lines', 'mod', '\n\nmodule m\n\n\n\ngo 1.26', 'module m\n\ngo 1.26\n', 3],
    ['keeps CRLF', 'mod', 'module  m\r\n\r\n\r\n\r\ngo 1.26\r\n', 'module m\r\n\r\ngo 1.26\r\n', 2],
    ['makes line ends alike', 'mod', 'module m\n\r\ngo 1.26\r\n', 'module m\n\ngo 1.26\n', 2],
    ['formats a workspace', 'work', 'use  ./a\n', 'use ./a\n', 1],
    ['leaves a file with faults', 'mod', 'module  m\nrequires  x v1.0.0\n', 'module  m\nrequires  x v1.0.0\n', 0],
    ['leaves a file that was not UTF-8', 'mod', 'module  m // \ufffd\n', 'module  m // \ufffd\n', 0],
    ['leaves go.sum', 'sum', SUM.replaceAll(' ', '  '), SUM.replaceAll(' ', '  '), 0],
  ];
  for (const [name, kind, before, after, count] of cases) {
    it(name, () => {
      const edits = formattingEdits(parseModuleFile(kind, before).file);
      assert.equal(applyEdits(before, edits), after);
      assert.equal(edits.length, count);
    });
  }

  const blank = fc.constantFrom(' ', '  ', '\t', '');
  const line = fc.constantFrom('require a.b/c v1.0.0', 'require (', 'a.b/d v1 // indirect', ')', 'go 1.26', '// c', '', 'x => ./y');
  const anyFile = fc
    .array(fc.tuple(blank, line, blank), { maxLength: 12 })
    .map((lines) => lines.map((parts) => parts.join('').replaceAll(' ', parts[0] || ' ')).join('\n'));

  it('gives what the go command gives, of any file', () => {
    let changed = 0;
    fc.assert(
      fc.property(anyFile, (text) => {
        const file = parseMod(text);
        const edits = formattingEdits(file);
        if (file.problems.length > 0) return assert.deepEqual(edits, []);
        if (edits.length > 0) changed++;
        assert.equal(applyEdits(text, edits), formatTree(file));
      }),
      { numRuns: 2000 },
    );
    assert.ok(changed > 50, `only ${changed} files had something to format`);
  });
});

describe('the difference of two texts', () => {
  const cases: readonly (readonly [name: string, before: string, after: string, edits: readonly string[]])[] = [
    ['is nothing for equal ones', 'a b', 'a b', []],
    ['is the space between words', 'a  b\n\n\nc\n', 'a b\n\nc\n', ['2-3:', '6-7:']],
    ['is a word', 'a bc d', 'a xy d', ['2-4:xy']],
    ['is one edit where words come or go', 'a b d e', 'a b c d e', ['4-4:c ']],
    ['does not part a line feed from its return', 'a \nb', 'a\r\nb', ['1-3:\r\n']],
    ['does not part a surrogate pair', 'a😀', 'a😁 b', ['1-3:😁 b']],
  ];
  for (const [name, before, after, expected] of cases) {
    it(name, () => {
      const edits = textDifference(before, after);
      assert.deepEqual(edits.map(({ start, end, newText }) => `${start}-${end}:${newText}`), expected);
      assert.equal(applyEdits(before, edits), after);
    });
  }

  it('turns any text into any other', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '(', ')', ',', ' ', '\t', '\r', '\n', '😀', '\ud83d') });
    fc.assert(
      fc.property(text, text, (before, after) => {
        assert.equal(applyEdits(before, textDifference(before, after)), after);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('formatting on type', () => {
  // ‸ is the cursor, after Enter was pressed.
  const cases: readonly (readonly [name: string, before: string, after: string])[] = [
    ['puts a single space between words', 'require   a.b/c\tv1.0.0\n‸\n', 'require a.b/c v1.0.0\n‸\n'],
    ['indents a line of a block', 'require (\na.b/c  v1.0.0//indirect \n  ‸\n)\n', 'require (\n\ta.b/c v1.0.0 //indirect\n  ‸\n)\n'],
    ['takes indentation from a single line', '  require a.b/c v1.0.0\n  ‸', 'require a.b/c v1.0.0\n  ‸'],
    ['keeps CRLF', 'require  a.b/c v1.0.0 \r\n‸', 'require a.b/c v1.0.0\r\n‸'],
    ['leaves a formatted line', 'require a.b/c v1.0.0\n‸', 'require a.b/c v1.0.0\n‸'],
    ['leaves an unfinished line', 'require  a.b/c\n‸', 'require  a.b/c\n‸'],
    ['leaves a line with a fault', 'require  a.b/c  master\n‸', 'require  a.b/c  master\n‸'],
    ['leaves other directives', 'exclude  a.b/c v1.0.0\n‸', 'exclude  a.b/c v1.0.0\n‸'],
    ['leaves the line of the cursor', 'require (\n\n  ‸a.b/c   v1.0.0\n)\n', 'require (\n\n  ‸a.b/c   v1.0.0\n)\n'],
    ['leaves words as they are written', 'require  "a.b/c"  v1\n‸', 'require "a.b/c" v1\n‸'],
    ['works beside faults on other lines', 'requires\nrequire  a.b/c v1.0.0\n‸', 'requires\nrequire a.b/c v1.0.0\n‸'],
  ];
  for (const [name, marked, expected] of cases) {
    it(name, () => {
      const at = marked.indexOf('‸');
      const text = marked.replace('‸', '');
      const cursorLine = text.slice(0, at).split('\n').length - 1;
      const edits = finishedLineEdits(parseModuleFile('mod', text), cursorLine - 1);
      assert.equal(applyEdits(text, [...edits, { start: at, end: at, newText: '‸' }]), expected);
    });
  }

  it('changes only spaces of the line before the cursor, in any text', () => {
    const unit = fc.constantFrom(
      ...['require', 'require  a.b/c  v1.0.0', '  a.b/c v1.0.0//', 'require (\n', ' ', '\t', '\n', '\n', '\r\n'],
      ...['a.b/c', 'v1.0.0', '(', ')', '// c', '"', '`', '\\', '/*', '*/', '😀'],
    );
    let changed = 0;
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 12 }), fc.nat(6), (parts, line) => {
        const text = parts.join('');
        const edits = finishedLineEdits(parseModuleFile('mod', text), line);
        if (edits.length > 0) changed++;
        const before = text.split('\n');
        const after = applyEdits(text, edits).split('\n');
        const bare = (one: string): string => one.replaceAll(/[ \t]/g, '');
        const seen = (one: string, at: number): string => (at === line ? bare(one) : one);
        assert.deepEqual(after.map(seen), before.map(seen));
      }),
      { numRuns: 10_000 },
    );
    assert.ok(changed > 20, `only ${changed} lines were changed`);
  });
});
