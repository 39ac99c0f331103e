import assert from 'node:assert/strict';
import type { FileEdit, Fix } from '../../server/src/engine/rule.ts';
import { EditSet } from '../../server/src/host/edit-set.ts';
import { applyEdits } from '../../server/src/syntax/span.ts';

/** Edits as `FILE START-END TEXT`. */
function fix(...edits: readonly string[]): Fix {
  return { title: '', safety: 'safe', edits: edits.map(parse) };
}

function parse(edit: string): FileEdit {
  const [, file, start, end, newText] = /^(\w+) (\d+)-(\d+) ?(.*)$/.exec(edit)!;
  return { file: file!, start: Number(start), end: Number(end), newText: newText! };
}

describe('EditSet', () => {
  const cases: readonly (readonly [name: string, first: Fix, second: Fix, taken: boolean])[] = [
    ['takes edits apart from each other', fix('a 0-2 x'), fix('a 4-6 y'), true],
    ['takes edits of different files', fix('a 0-2 x'), fix('b 0-2 y'), true],
    ['takes removals side by side', fix('a 0-2'), fix('a 2-4'), true],
    ['takes removals side by side, the later first', fix('a 2-4'), fix('a 0-2'), true],
    ['refuses an overlap', fix('a 0-4 x'), fix('a 2-6 y'), false],
    ['refuses the same edit twice', fix('a 0-4'), fix('a 0-4'), false],
    ['refuses an edit within another', fix('a 0-9'), fix('a 3-4 y'), false],
    ['refuses two insertions at one place, whose order would matter', fix('a 3-3 x'), fix('a 3-3 y'), false],
    ['refuses an insertion at the edge of a replacement', fix('a 0-3 x'), fix('a 3-3 y'), false],
    ['refuses a fix of which one edit is in the way', fix('a 0-2 x'), fix('b 0-2 y', 'a 1-2 z'), false],
  ];
  for (const [name, first, second, taken] of cases) {
    it(name, () => {
      const edits = new EditSet();
      assert.equal(edits.add(first), true);
      assert.equal(edits.add(second), taken);
      const all = taken ? [...first.edits, ...second.edits] : first.edits;
      const files = new Set(all.map(({ file }) => file));
      assert.deepEqual([...edits.files.keys()].sort(), [...files].sort());
      for (const [file, own] of edits.files) {
        assert.deepEqual(own, all.filter((edit) => edit.file === file));
        assert.doesNotThrow(() => applyEdits('0123456789', own));
      }
    });
  }

  it('takes a whole fix of edits at one place in their order', () => {
    const edits = new EditSet();
    assert.equal(edits.add(fix('a 3-3 x', 'a 3-3 y')), true);
    assert.equal(applyEdits('0123', edits.files.get('a')!), '012xy3');
  });
});
