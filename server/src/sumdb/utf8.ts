/**
 * Decodes UTF-8, or gives undefined where Go's utf8.Valid says no: the database's texts are refused rather than mended.
 */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const size = sequenceLength(bytes[at]!);
    const code = size === 1 ? bytes[at]! : codePoint(bytes, at, size);
    if (code === undefined) return undefined;
    text += String.fromCodePoint(code);
    at += size;
  }
  return text;
}

/** The bytes of a text in UTF-8; half of a surrogate pair becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text.replace(LONE_SURROGATE, '\ufffd')) {
    const code = character.codePointAt(0)!;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), continuation(code, 0));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), continuation(code, 6), continuation(code, 0));
    else bytes.push(0xf0 | (code >> 18), continuation(code, 12), continuation(code, 6), continuation(code, 0));
  }
  return Uint8Array.from(bytes);
}

/** Whether a text is one that UTF-8 can hold: no half of a surrogate pair in it. */
export function isWellFormed(text: string): boolean {
  return text.search(LONE_SURROGATE) < 0;
}

const LONE_SURROGATE = /\p{Surrogate}/gu;

function continuation(code: number, shift: number): number {
  return 0x80 | ((code >> shift) & 0x3f);
}

/** How many bytes a first byte announces; 0 for a byte that begins nothing. */
function sequenceLength(first: number): number {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

/** The code point of two to four bytes; undefined for a short, overlong, surrogate or too large one. */
function codePoint(bytes: Uint8Array, at: number, size: number): number | undefined {
  if (size === 0) return undefined;
  let code = bytes[at]! & (0xff >> (size + 1));
  for (let next = 1; next < size; next++) {
    const byte = bytes[at + next];
    if (byte === undefined || (byte & 0xc0) !== 0x80) return undefined;
    code = (code << 6) | (byte & 0x3f);
  }
  const overlong = (size === 3 && code < 0x800) || (size === 4 && code < 0x10000);
  const surrogate = code >= 0xd800 && code <= 0xdfff;
  return overlong || surrogate || code > 0x10ffff ? undefined : code;
}
