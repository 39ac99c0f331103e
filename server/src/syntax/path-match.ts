import { decodeRune, encodeUtf8 } from './utf8.ts';

/**
 * Whether a whole name matches a shell pattern with `*`, `?`, `[…]` and backslashes (path.Match); a star does not
 * cross a slash.
 * Undefined for a malformed pattern, as far as the go command reads it: a part after a mismatch is checked as well.
 */
export function matchPath(pattern: string, name: string): boolean | undefined {
  // Go goes by bytes, so that a star may end within a character; so does this.
  const text = encodeUtf8(name);
  let at = 0;
  let rest = encodeUtf8(pattern);
  while (rest.length > 0) {
    const segment = nextSegment(rest);
    rest = segment.rest;
    if (segment.star && segment.chunk.length === 0) return !text.includes(SLASH, at);
    const end = endOfMatch(segment, text, at, rest.length === 0);
    if (end === 'malformed') return undefined;
    if (end === 'none') return isWellFormed(rest) ? false : undefined;
    at = end;
  }
  return at === text.length;
}

const SLASH = 47;
const STAR = 42;
const QUESTION = 63;
const BACKSLASH = 92;
const OPEN = 91;
const CLOSE = 93;
const CARET = 94;
const HYPHEN = 45;

/** Where a match ends in the text, or why there is none. */
type End = number | 'none' | 'malformed';

interface Segment {
  readonly star: boolean;
  readonly chunk: readonly number[];
  readonly rest: number[];
}

/** Splits off a part without a star, with the star before it, if any. */
function nextSegment(pattern: readonly number[]): Segment {
  let start = 0;
  while (pattern[start] === STAR) start++;
  let inClass = false;
  let end = start;
  for (; end < pattern.length; end++) {
    const byte = pattern[end];
    if (byte === BACKSLASH) end++;
    else if (byte === OPEN) inClass = true;
    else if (byte === CLOSE) inClass = false;
    else if (byte === STAR && !inClass) break;
  }
  return { star: start > 0, chunk: pattern.slice(start, end), rest: pattern.slice(end) };
}

function endOfMatch(segment: Segment, text: readonly number[], start: number, isLast: boolean): End {
  for (let at = start; ; at++) {
    const end = matchChunk(segment.chunk, text, at);
    if (end === 'malformed' || (end !== 'none' && (end === text.length || !isLast))) return end;
    if (!segment.star || at >= text.length || text[at] === SLASH) return 'none';
  }
}

function isWellFormed(pattern: number[]): boolean {
  for (let rest = pattern; rest.length > 0; ) {
    const segment = nextSegment(rest);
    if (matchChunk(segment.chunk, [], 0) === 'malformed') return false;
    rest = segment.rest;
  }
  return true;
}

/** Matches a part without stars at a place; after a mismatch it only checks the rest of the part. */
function matchChunk(chunk: readonly number[], text: readonly number[], start: number): End {
  let at = start;
  let failed = false;
  for (let next = 0; next < chunk.length; ) {
    failed ||= at >= text.length;
    if (chunk[next] === OPEN) {
      const rune = failed ? { code: 0, size: 0 } : decodeRune(text, at);
      const found = matchClass(chunk, next + 1, rune.code);
      if (!found) return 'malformed';
      failed ||= !found.matched;
      at += rune.size;
      next = found.end;
    } else if (chunk[next] === QUESTION) {
      failed ||= text[at] === SLASH;
      if (!failed) at += decodeRune(text, at).size;
      next++;
    } else {
      if (chunk[next] === BACKSLASH) next++;
      if (next === chunk.length) return 'malformed';
      failed ||= chunk[next] !== text[at];
      at++;
      next++;
    }
  }
  return failed ? 'none' : at;
}

interface ClassMatch {
  readonly matched: boolean;
  readonly end: number;
}

/** Matches one code point against the class that starts after its bracket; undefined when the class is malformed. */
function matchClass(chunk: readonly number[], start: number, code: number): ClassMatch | undefined {
  const isNegated = chunk[start] === CARET;
  let at = isNegated ? start + 1 : start;
  let matched = false;
  for (let ranges = 0; chunk[at] !== CLOSE || ranges === 0; ranges++) {
    const low = readClassRune(chunk, at);
    if (!low) return undefined;
    const high = chunk[low.end] === HYPHEN ? readClassRune(chunk, low.end + 1) : low;
    if (!high) return undefined;
    matched ||= low.code <= code && code <= high.code;
    at = high.end;
  }
  return { matched: matched !== isNegated, end: at + 1 };
}

/** One character of a class, which must not be the pattern's last. */
function readClassRune(chunk: readonly number[], start: number): { code: number; end: number } | undefined {
  if (chunk[start] === undefined || chunk[start] === HYPHEN || chunk[start] === CLOSE) return undefined;
  const at = chunk[start] === BACKSLASH ? start + 1 : start;
  const { code, size } = decodeRune(chunk, at);
  const isInvalid = size === 0 || (size === 1 && code === 0xfffd);
  return isInvalid || at + size >= chunk.length ? undefined : { code, end: at + size };
}
