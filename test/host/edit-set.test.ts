import assert from 'node:assert/strict';
import type { FileEdit } from '../../server/src/engine/rule.ts';
import { EditSet } from '../../server/src/host/edit-set.ts';

interface Case {
  readonly name: string;
  readonly first: Omit<FileEdit, 'file'>;
  readonly second: Omit<FileEdit, 'file'>;
  readonly taken: boolean;
}

const CASES: readonly Case[] = [
  {
    name: 'edits that overlap',
    first: { start: 0, end: 4, newText: '' },
    second: { start: 3, end: 6, newText: '' },
    taken: false,
  },
  {
    name: 'removals side by side',
    first: { start: 0, end: 4, newText: '' },
    second: { start: 4, end: 6, newText: '' },
    taken: true,
  },
  {
    name: 'insertions at one place',
    first: { start: 4, end: 4, newText: 'a' },
    second: { start: 4, end: 4, newText: 'b' },
    taken: false,
  },
  {
    name: 'insertions at one place in any order',
    first: { start: 4, end: 4, newText: 'a', anyOrder: true },
    second: { start: 4, end: 4, newText: 'b', anyOrder: true },
    taken: true,
  },
  {
    name: 'the same insertion twice',
    first: { start: 4, end: 4, newText: 'a', anyOrder: true },
    second: { start: 4, end: 4, newText: 'a', anyOrder: true },
    taken: false,
  },
  {
    name: 'an insertion in any order where text is removed',
    first: { start: 2, end: 6, newText: '' },
    second: { start: 4, end: 4, newText: 'b', anyOrder: true },
    taken: false,
  },
];

describe('a set of edits', () => {
  for (const { name, first, second, taken } of CASES) {
    it(`${taken ? 'takes' : 'does not take'} ${name}`, () => {
      const edits = new EditSet();
      const add = (edit: Omit<FileEdit, 'file'>) => edits.add({ title: name, safety: 'safe', edits: [{ file: '/m/go.sum', ...edit }] });
      assert.equal(add(first), true);
      assert.equal(add(second), taken);
      assert.equal(edits.files.get('/m/go.sum')?.length, taken ? 2 : 1);
    });
  }
});
