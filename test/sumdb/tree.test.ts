import assert from 'node:assert/strict';
import { formatRecord, formatTree, parseRecord, parseTree } from '../../server/src/sumdb/tree.ts';
import { RECORDS, TREES } from './tree-cases.ts';

describe('tree heads', () => {
  for (const [text, size] of TREES) {
    it(`${JSON.stringify(text)} is ${size === undefined ? 'malformed' : `a tree of ${size}`}`, () => {
      assert.equal(parseTree(text)?.size, size);
    });
  }

  it('are read as they are written', () => {
    const tree = { size: 1234, hash: Uint8Array.from({ length: 32 }, (_, at) => at) };
    assert.deepEqual(parseTree(formatTree(tree)), tree);
  });
});

describe('records', () => {
  for (const [message, record] of RECORDS) {
    it(`${JSON.stringify(message.toString('latin1'))} is ${record === undefined ? 'malformed' : 'a record'}`, () => {
      const parsed = parseRecord(message);
      const told = parsed && [parsed.id, parsed.text, Buffer.from(parsed.rest).toString()];
      assert.deepEqual(told, record);
      if (parsed !== undefined) assert.equal(Buffer.from(parsed.data).toString(), parsed.text);
    });
  }

  it('are written as they are read, and not with a text that could not be', () => {
    assert.equal(formatRecord(7, 'a\nb\n'), '7\na\nb\n\n');
    for (const text of ['', 'a', 'a\n\nb\n', 'a\tb\n', '\ud800\n']) assert.equal(formatRecord(7, text), undefined);
  });
});
