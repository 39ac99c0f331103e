const HASH = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=';

/** Texts of tree heads, and the size that each tells. */
export const TREES: readonly (readonly [text: string, size: number | undefined])[] = [
  [`go.sum database tree\n0\n${HASH}\n`, 0],
  [`go.sum database tree\n12345678\n${HASH}\n`, 12345678],
  [`go.sum database tree\n1\n${HASH}\nmore\nlines\n`, 1],
  [`go.sum database tree\n1\n${HASH}`, undefined],
  [`go.sum database tree v2\n1\n${HASH}\n`, undefined],
  [`\ngo.sum database tree\n1\n${HASH}\n`, undefined],
  [`go.sum database tree\n01\n${HASH}\n`, undefined],
  [`go.sum database tree\n-1\n${HASH}\n`, undefined],
  [`go.sum database tree\n+1\n${HASH}\n`, undefined],
  [`go.sum database tree\n1 \n${HASH}\n`, undefined],
  [`go.sum database tree\n\n${HASH}\n`, undefined],
  [`go.sum database tree\n1e3\n${HASH}\n`, undefined],
  [`go.sum database tree\n99999999999999999999\n${HASH}\n`, undefined],
  [`go.sum database tree\n1\n${HASH.slice(4)}\n`, undefined],
  [`go.sum database tree\n1\nAAAA${HASH}\n`, undefined],
  ['go.sum database tree\n1\n\n', undefined],
  ['', undefined],
];

/** Answers to a lookup, and the id, text and rest of the record. */
export const RECORDS: readonly (readonly [message: Buffer, record: readonly [number, string, string] | undefined])[] = [
  [Buffer.from('5\na b c\n\n'), [5, 'a b c\n', '']],
  [Buffer.from('0\na\nb\n\ntree\n\n— sig\n'), [0, 'a\nb\n', 'tree\n\n— sig\n']],
  [Buffer.from('5\nä — 😀\n\nrest'), [5, 'ä — 😀\n', 'rest']],
  [Buffer.from('5\n\n\n'), [5, '\n', '']],
  [Buffer.from('5\na\n'), undefined],
  [Buffer.from('5\n\na\n'), undefined],
  [Buffer.from('\na\n\n'), undefined],
  [Buffer.from('x\na\n\n'), undefined],
  [Buffer.from('5 \na\n\n'), undefined],
  [Buffer.from('5\r\na\r\n\r\n'), undefined],
  [Buffer.from('5\na\tb\n\n'), undefined],
  [Buffer.from('5\na\u0000\n\n'), undefined],
  [Buffer.from('350a61ff0a0a', 'hex'), undefined],
  [Buffer.from('99999999999999999999\na\n\n'), undefined],
  [Buffer.from('<!doctype html>\n<p>Log in</p>\n\n'), undefined],
  [Buffer.from(''), undefined],
];
