import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isDirectoryPath } from '../../server/src/syntax/directive-parser.ts';
import { autoQuote, quote, quoteRune, unquote } from '../../server/src/syntax/quote.ts';
import { fields, isLetter, isPrint, isSpace, trimSpace } from '../../server/src/syntax/unicode.ts';
import { compareText, decodeRune, decodeUtf8, encodeUtf8, replaceInvalid } from '../../server/src/syntax/utf8.ts';
import { judge } from '../oracle/judge.ts';
import { anyText } from './mutation.ts';

/** A string in quotes and its text; undefined when it is malformed. */
const QUOTED: readonly (readonly [quoted: string, text: string | undefined])[] = [
  ['""', ''],
  ['"a b"', 'a b'],
  ['"\\x41\\u00e9\\U0001f600\\101\\n\\""', 'A\u00e9\u{1f600}A\n"'],
  ['"\\xc3\\xa9"', 'é'],
  ['`a\\b`', 'a\\b'],
  ['`a\r`', 'a'],
  ['"', undefined],
  ['"a', undefined],
  ['"a"b"', undefined],
  ['"\\\n"', undefined],
  ['"a\nb"', undefined],
  ['"\\q"', undefined],
  ['"\\\'"', undefined],
  ['"\\x4"', undefined],
  ['"\\400"', undefined],
  ['"\\ud800"', undefined],
  ['"\\U00110000"', undefined],
  ['`a`b`', undefined],
  ['a', undefined],
];

describe('text as Go has it', function () {
  this.timeout(60_000);

  const { oracle } = judge();

  for (const [quoted, text] of QUOTED) {
    it(`unquotes ${JSON.stringify(quoted)}`, () => assert.equal(unquote(quoted), text));
  }

  it('quotes', () => {
    assert.equal(quote('a"\\\n\u0000\u007f'), '"a\\"\\\\\\n\\x00\\x7f"');
    assert.equal(quote('\u00a0\ufeffé\u{e0001}'), '"\\u00a0\\ufeffé\\U000e0001"');
    assert.equal(quote(unquote('"a \\xff"')!), '"a \\xff"');
    assert.equal(quoteRune(39), "'\\''");
    const words = ['a', 'a b', '', '(', '(a', 'a//b', "a'"];
    assert.deepEqual(words.map(autoQuote), ['a', '"a b"', '""', '(', '"(a"', '"a//b"', '"a\'"']);
  });

  it('decodes UTF-8 as Go does, byte by byte where it is wrong', () => {
    assert.deepEqual(decodeRune([0xe2, 0x82], 0), { code: 0xfffd, size: 1 });
    assert.deepEqual(decodeRune([0xed, 0xa0, 0x80], 0), { code: 0xfffd, size: 1 });
    assert.deepEqual(decodeRune([0xc0, 0x80], 0), { code: 0xfffd, size: 1 });
    assert.deepEqual(decodeRune([0xf4, 0x90, 0x80, 0x80], 0), { code: 0xfffd, size: 1 });
    assert.deepEqual(decodeRune([0xf0, 0x9f, 0x98, 0x80], 0), { code: 0x1f600, size: 4 });
    assert.deepEqual(decodeRune([], 0), { code: 0xfffd, size: 0 });
    assert.equal(replaceInvalid(decodeUtf8([0x61, 0xe2, 0x82, 0x62])), 'a\ufffd\ufffdb');
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.deepEqual(encodeUtf8(text), [...Buffer.from(text, 'utf8')]);
      assert.equal(decodeUtf8(encodeUtf8(text)), replaceInvalid(text));
    }));
  });

  it('orders texts by their UTF-8 bytes', () => {
    const short = fc.string({ unit: 'binary', maxLength: 4 });
    fc.assert(fc.property(short, short, (x, y) => {
      const [a, b] = [replaceInvalid(x), replaceInvalid(y)];
      assert.equal(compareText(a, b), Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }));
  });

  it('has the tables of Unicode that Go has', async function () {
    const { result } = await oracle(this).ask({ op: 'unicode' });
    const table = (contains: (code: number) => boolean): string => {
      const distances: string[] = [];
      let last = 0x100;
      let inside = false;
      for (let code = 0x100; code <= 0x110000; code++) {
        const now = code < 0x110000 && contains(code);
        if (now === inside) continue;
        distances.push((code - last).toString(36));
        last = code;
        inside = now;
      }
      return distances.join(' ');
    };
    assert.deepEqual({ printable: table(isPrint), letters: table(isLetter), spaces: table(isSpace) }, result);
  });

  it('agrees with Go on quoting and white space', async function () {
    const asked = oracle(this);
    const latin1 = Array.from({ length: 256 }, (_, code) => `a${String.fromCharCode(code)}b`);
    const sampled = fc.sample(anyText, { numRuns: 3000, seed: 6 });
    const texts = [...latin1, ...QUOTED.map(([quoted]) => quoted), ...sampled].map(replaceInvalid);
    const functions: Record<string, (text: string) => unknown> = {
      quote,
      autoquote: autoQuote,
      trimspace: trimSpace,
      isdirectorypath: isDirectoryPath,
      fields: (text) => fields(text).map(({ start, end }) => text.slice(start, end)),
    };
    for (const [fn, ours] of Object.entries(functions)) {
      const answers = await asked.askAll(texts.map((text) => ({ op: 'text', fn, args: [text] })));
      for (const [at, { result }] of answers.entries()) {
        assert.deepEqual(ours(texts[at]!), result, `${fn} ${JSON.stringify(texts[at])}`);
      }
    }
    const quoted = texts.flatMap((text) => [`"${text}"`, `\`${text}\``]);
    const answers = await asked.askAll(quoted.map((text) => ({ op: 'text', fn: 'unquote', args: [text] })));
    for (const [at, { result, error }] of answers.entries()) {
      const ours = unquote(quoted[at]!);
      const theirs = error === undefined ? result : undefined;
      assert.equal(ours === undefined ? undefined : replaceInvalid(ours), theirs, quoted[at]);
    }
    const runes = texts.filter((text) => text !== '').map((text) => String.fromCodePoint(text.codePointAt(0)!));
    const named = await asked.askAll(runes.map((rune) => ({ op: 'text', fn: 'quoterune', args: [rune] })));
    for (const [at, { result }] of named.entries()) assert.equal(quoteRune(runes[at]!.codePointAt(0)!), result);
  });
});
