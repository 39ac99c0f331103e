import assert from 'node:assert/strict';
import { parseRecord, parseTree } from '../../server/src/sumdb/tree.ts';
import { RECORDS, TREES } from './tree-cases.ts';

describe('tree heads', () => {
  for (const [text, size] of TREES) {
    it(`${JSON.stringify(text)} is ${size === undefined ? 'malformed' : `a tree of ${size}`}`, () => {
      assert.equal(parseTree(text)?.size, size);
    });
  }
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
});
