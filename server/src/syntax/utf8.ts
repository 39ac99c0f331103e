import { codePointAt } from './unicode.ts';

/** The bytes of a text in UTF-8, as Go holds it; half of a surrogate pair becomes U+FFFD. */
export function encodeUtf8(text: string): number[] {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; ) {
    const code = codePointAt(text, at);
    appendUtf8(bytes, code);
    at += code > 0xffff ? 2 : 1;
  }
  return bytes;
}

/** Appends the UTF-8 form of one code point. */
export function appendUtf8(bytes: number[], code: number): void {
  if (code < 0x80) {
    bytes.push(code);
  } else if (code < 0x800) {
    bytes.push(0xc0 | (code >> 6), 0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
  } else {
    bytes.push(
      0xf0 | (code >> 18),
      0x80 | ((code >> 12) & 0x3f),
      0x80 | ((code >> 6) & 0x3f),
      0x80 | (code & 0x3f),
    );
  }
}

/** One code point of a byte sequence and how many bytes it takes. */
export interface Rune {
  readonly code: number;
  /** 1 to 4; 0 at the end. A byte that is not UTF-8 is one U+FFFD of size 1. */
  readonly size: number;
}

const INVALID: Rune = { code: 0xfffd, size: 1 };

/** Decodes one code point, as utf8.DecodeRune does: a byte that starts no valid sequence stands alone as U+FFFD. */
export function decodeRune(bytes: readonly number[], at: number): Rune {
  const first = bytes[at];
  if (first === undefined) return { code: 0xfffd, size: 0 };
  if (first < 0x80) return { code: first, size: 1 };
  const size = sequenceSize(first);
  if (size === 0) return INVALID;
  let code = first & (0xff >> (size + 1));
  for (let next = 1; next < size; next++) {
    const byte = bytes[at + next];
    if (byte === undefined || (byte & 0xc0) !== 0x80) return INVALID;
    code = (code << 6) | (byte & 0x3f);
  }
  const overlong = (size === 3 && code < 0x800) || (size === 4 && (code < 0x10000 || code > 0x10ffff));
  return overlong || (code >= 0xd800 && code <= 0xdfff) ? INVALID : { code, size };
}

/** How many bytes a sequence has that starts with this one; 0 when none does. */
function sequenceSize(first: number): number {
  if (first < 0xc2 || first > 0xf4) return 0;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/**
 * Decodes bytes to a text that still tells invalid bytes apart: a byte 0xNN that is not UTF-8 becomes the lone
 * surrogate U+DCNN, which no valid UTF-8 yields. `replaceInvalid` makes a text for readers of it.
 */
export function decodeUtf8(bytes: readonly number[]): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const { code, size } = decodeRune(bytes, at);
    text += size === 1 && code === 0xfffd ? String.fromCharCode(0xdc00 | bytes[at]!) : String.fromCodePoint(code);
    at += size;
  }
  return text;
}

/** Replaces what stands for an invalid byte by U+FFFD. */
export function replaceInvalid(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

/** Orders texts as Go orders strings: by their UTF-8 bytes, which is by code points, not by UTF-16 code units. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const x = a.charCodeAt(at);
    const y = b.charCodeAt(at);
    if (x === y) continue;
    if (x < 0xd800 || y < 0xd800) return x < y ? -1 : 1;
    return Math.sign(pairedCodePoint(a, at) - pairedCodePoint(b, at));
  }
  return Math.sign(a.length - b.length);

  /** The code point that the unit at a place belongs to. */
  function pairedCodePoint(text: string, at: number): number {
    const unit = text.charCodeAt(at);
    const before = text.charCodeAt(at - 1);
    const isSecondHalf = unit >= 0xdc00 && unit <= 0xdfff && before >= 0xd800 && before <= 0xdbff;
    return codePointAt(text, isSecondHalf ? at - 1 : at);
  }
}
