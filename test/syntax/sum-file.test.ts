import assert from 'node:assert/strict';
import fc from 'fast-check';
import { applyEdits } from '../../server/src/syntax/span.ts';
import {
  EMPTY_GO_MOD_HASH,
  formatSumLine,
  insertSumLines,
  type NewSumLine,
  parseSum,
  removeSumLines,
  sumLineKey,
} from '../../server/src/syntax/sum-file.ts';
import { printTree } from '../../server/src/syntax/tree-printer.ts';
import { judge } from '../oracle/judge.ts';
import { corpus, NO_CORPUS } from './corpus.ts';
import { assertProblems, unmark } from './marked.ts';
import { anyText } from './mutation.ts';

function line(text: string): NewSumLine {
  const [path = '', version = '', hash = ''] = text.split(' ');
  return { path, version, hash };
}

/** A file, lines to add, and the file with them. */
interface Insertion {
  readonly name: string;
  readonly before: string;
  readonly added: string[];
  readonly after: string;
}

const INSERTIONS: readonly Insertion[] = [
  { name: 'into nothing', before: '', added: ['a v1.0.0 h1:x'], after: 'a v1.0.0 h1:x\n' },
  {
    name: 'between others, the module before its go.mod',
    before: 'a v1.0.0/go.mod h1:x\nb v1.0.0/go.mod h1:x\n',
    added: ['b v1.0.0 h1:y', 'a v1.0.0 h1:y'],
    after: 'a v1.0.0 h1:y\na v1.0.0/go.mod h1:x\nb v1.0.0 h1:y\nb v1.0.0/go.mod h1:x\n',
  },
  {
    name: 'by version',
    before: 'a v1.2.0 h1:x\na v1.10.0 h1:x\n',
    added: ['a v1.9.0 h1:y', 'a v1.11.0 h1:y', 'a v1.2.0-pre h1:y'],
    after: 'a v1.2.0-pre h1:y\na v1.2.0 h1:x\na v1.9.0 h1:y\na v1.10.0 h1:x\na v1.11.0 h1:y\n',
  },
  {
    name: 'after a line without an end',
    before: 'a v1.0.0 h1:x',
    added: ['b v1.0.0 h1:y', 'c v1.0.0 h1:y'],
    after: 'a v1.0.0 h1:x\nb v1.0.0 h1:y\nc v1.0.0 h1:y\n',
  },
  {
    name: 'with the line ends of the file',
    before: 'a v1.0.0 h1:x\r\nc v1.0.0 h1:x\r\n',
    added: ['b v1.0.0 h1:y', 'd v1.0.0 h1:y'],
    after: 'a v1.0.0 h1:x\r\nb v1.0.0 h1:y\r\nc v1.0.0 h1:x\r\nd v1.0.0 h1:y\r\n',
  },
  {
    name: 'nothing that is there already',
    before: 'a  v1.0.0\th1:x\n',
    added: ['a v1.0.0 h1:x', 'a v1.0.0 h1:y', 'a v1.0.0 h1:y'],
    after: 'a  v1.0.0\th1:x\na v1.0.0 h1:y\n',
  },
  {
    name: 'where most lines are on the right side of a file out of order',
    before: 'z v1.0.0 h1:x\nb v1.0.0 h1:x\nd v1.0.0 h1:x\nf v1.0.0 h1:x\na v1.0.0 h1:x\n',
    added: ['c v1.0.0 h1:y'],
    after: 'z v1.0.0 h1:x\nb v1.0.0 h1:x\nc v1.0.0 h1:y\nd v1.0.0 h1:x\nf v1.0.0 h1:x\na v1.0.0 h1:x\n',
  },
  {
    name: 'and leaves other lines as they are',
    before: '\n  a v1.0.0   h1:x\nnonsense\n\nc v1.0.0 h1:x\n\n',
    added: ['b v1.0.0 h1:y', 'd v1.0.0 h1:y'],
    after: '\n  a v1.0.0   h1:x\nnonsense\n\nb v1.0.0 h1:y\nc v1.0.0 h1:x\nd v1.0.0 h1:y\n\n',
  },
];

describe('go.sum', function () {
  this.timeout(60_000);

  const { oracle } = judge();

  it('reads lines of three fields, and finds fault with others', () => {
    const { text, expected } = unmark(`
example.com/a v1.0.0 h1:x
 \texample.com/a\u00a0v1.0.0/go.mod   h1:y \r

example.com/a v1.0.0
^^^^^^^^^^^^^^^^^^^^ syntax: wrong number of fields 2
<<<<<<< HEAD
^^^^^^^^^^^^ syntax: wrong number of fields 2
=======
^^^^^^^ syntax: wrong number of fields 1
example.com/a v1.0.0 h1:x h1:y
^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ syntax: wrong number of fields 4
a b c`);
    const file = parseSum(text);
    assertProblems({ text, expected }, file.problems);
    assert.deepEqual(file.lines.map(({ path, version, hash }) => [path.value, version.value, hash.value]), [
      ['example.com/a', 'v1.0.0', 'h1:x'],
      ['example.com/a', 'v1.0.0/go.mod', 'h1:y'],
      ['a', 'b', 'c'],
    ]);
    assert.deepEqual(file.lines.map(sumLineKey), [
      { path: 'example.com/a', version: 'v1.0.0', mod: false, module: 'example.com/a v1.0.0', text: 'example.com/a v1.0.0' },
      { path: 'example.com/a', version: 'v1.0.0', mod: true, module: 'example.com/a v1.0.0', text: 'example.com/a v1.0.0/go.mod' },
      { path: 'a', version: 'b', mod: false, module: 'a b', text: 'a b' },
    ]);
    assert.equal(text.slice(file.lines[0]!.start, file.lines[0]!.end), 'example.com/a v1.0.0 h1:x');
  });

  it('takes a byte order mark for a part of the first path, as the go command does', () => {
    assert.equal(parseSum('\ufeffa v1.0.0 h1:x').lines[0]?.path.value, '\ufeffa');
  });

  it('knows the hash of an empty go.mod', () => {
    assert.equal(formatSumLine('a', 'v1/go.mod', EMPTY_GO_MOD_HASH), `a v1/go.mod ${EMPTY_GO_MOD_HASH}`);
  });

  for (const { name, before, added, after } of INSERTIONS) {
    it(`inserts ${name}`, () => {
      assert.equal(applyEdits(before, insertSumLines(parseSum(before), added.map(line))), after);
    });
  }

  it('removes lines with their ends', () => {
    const text = 'a v1 h1:x\r\n  b v1 h1:x\nc v1 h1:x';
    const file = parseSum(text);
    const without = (indexes: number[]): string =>
      applyEdits(text, removeSumLines(file, indexes.map((index) => file.lines[index]!)));
    assert.equal(without([0]), '  b v1 h1:x\nc v1 h1:x');
    assert.equal(without([1]), 'a v1 h1:x\r\nc v1 h1:x');
    assert.equal(without([2, 1]), 'a v1 h1:x\r\n');
    assert.equal(without([0, 1, 2]), '');
  });

  it('rebuilds any text', () => {
    fc.assert(fc.property(anyText, (text) => assert.equal(printTree(parseSum(text)), text)), { numRuns: 2000 });
  });

  it('writes lines in the order of the go command', async function () {
    const asked = oracle(this);
    const entry = fc
      .tuple(
        fc.constantFrom('a', 'b', 'a/b', 'A', 'b.c', '\u00e9'),
        fc.constantFrom('v1.0.0', 'v1.2.0', 'v1.10.0', 'v1.10.0-pre', 'v2.0.0+incompatible', 'v0.0.0-2020'),
        fc.constantFrom('', '/go.mod'),
        fc.constantFrom('h1:x', 'h1:y', 'h2:x'),
      )
      .map(([path, version, suffix, hash]) => `${path} ${version}${suffix} ${hash}`);
    const list = fc.array(entry, { maxLength: 12 });
    const lists = fc.sample(fc.tuple(list, list), { numRuns: 300, seed: 7 });
    const sorted = async (lines: string[]): Promise<string[]> =>
      (await asked.ask({ op: 'module', fn: 'sort', args: lines })).result as string[];
    for (const [present, added] of lists) {
      const text = (await sorted(present)).map((one) => `${one}\n`).join('');
      const result = applyEdits(text, insertSumLines(parseSum(text), added.map(line)));
      assert.equal(result, (await sorted([...present, ...added])).map((one) => `${one}\n`).join(''));
    }
  });

  it('puts back any line of a real file where it was', function () {
    const files = corpus('sum');
    if (!files) {
      console.log(NO_CORPUS);
      this.skip();
    }
    let judged = 0;
    for (const { text } of files) {
      const file = parseSum(text);
      assert.equal(printTree(file), text);
      const at = file.lines.length >> 1;
      const taken = file.lines[at];
      if (!taken || file.problems.length > 0 || !isSorted(text)) continue;
      const less = applyEdits(text, removeSumLines(file, [taken]));
      const put = { path: taken.path.value, version: taken.version.value, hash: taken.hash.value };
      assert.equal(applyEdits(less, insertSumLines(parseSum(less), [put])), text);
      judged++;
    }
    assert.ok(judged > 100, `only ${judged} files are in order`);
  });
});

/** Whether adding all lines to nothing gives the text. */
function isSorted(text: string): boolean {
  const lines = parseSum(text).lines.map((one) => line(`${one.path.value} ${one.version.value} ${one.hash.value}`));
  return applyEdits('', insertSumLines(parseSum(''), lines)) === text;
}
