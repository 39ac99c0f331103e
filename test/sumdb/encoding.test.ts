import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeBase64, encodeBase64 } from '../../server/src/sumdb/base64.ts';
import { decodeUtf8, encodeUtf8, isWellFormed } from '../../server/src/sumdb/utf8.ts';

describe('base64', () => {
  it('encodes and decodes as Node.js does', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = Buffer.from(bytes).toString('base64');
        assert.equal(encodeBase64(bytes), text);
        assert.deepEqual(decodeBase64(text), bytes);
      }),
    );
  });

  const malformed = ['A', 'AA', 'AAA', 'A===', 'AA=A', 'AAAA=', 'AA==AAAA', 'AA\n==', ' AAAA', 'AA-_', 'ÄAAA', '===='];
  for (const text of malformed) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.equal(decodeBase64(text), undefined));
  }

  it('takes unused bits as Go does', () => assert.deepEqual(decodeBase64('AB=='), Uint8Array.of(0)));
});

describe('UTF-8', () => {
  it('decodes what TextDecoder decodes and refuses the rest', () => {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const odd = fc.constantFrom('c080', 'eda080', 'f4908080', 'f0808080', 'e0a0', 'ff', 'efbbbf');
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 4 }),
      fc.string({ unit: 'grapheme', maxLength: 4 }).map((text) => Uint8Array.from(Buffer.from(text))),
      odd.map((hex) => Uint8Array.from(Buffer.from(hex, 'hex'))),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 5 }), (pieces) => {
        const bytes = Buffer.concat(pieces);
        let expected: string | undefined;
        try {
          expected = decoder.decode(bytes);
        } catch {
          expected = undefined;
        }
        assert.equal(decodeUtf8(bytes), expected);
      }),
      { numRuns: 1000 },
    );
  });

  it('encodes as TextEncoder does, halves of pairs included', () => {
    const odd = fc.constantFrom('\ud800', '\udfff', '—', '😀');
    const unit = fc.oneof(fc.string({ unit: 'binary', maxLength: 3 }), odd);
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 6 }), (units) => {
        const text = units.join('');
        assert.deepEqual(encodeUtf8(text), new TextEncoder().encode(text));
        assert.equal(isWellFormed(text), Buffer.from(text).toString() === text);
      }),
    );
  });
});
