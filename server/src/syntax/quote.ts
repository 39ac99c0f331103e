import { codePointAt, isPrint } from './unicode.ts';
import { appendUtf8, decodeUtf8, replaceInvalid } from './utf8.ts';

/** Quotes a text as Go does (strconv.Quote). Lone surrogates, as `decodeUtf8` makes them, print as bytes. */
export function quote(text: string): string {
  let quoted = '"';
  for (let at = 0; at < text.length; ) {
    const unit = text.charCodeAt(at);
    const code = text.codePointAt(at)!;
    if (code === unit && unit >= 0xdc80 && unit <= 0xdcff) quoted += `\\x${(unit & 0xff).toString(16)}`;
    else quoted += escapeRune(codePointAt(text, at), '"');
    at += code > 0xffff ? 2 : 1;
  }
  return `${quoted}"`;
}

/** Quotes one code point in single quotes (strconv.QuoteRune). */
export function quoteRune(code: number): string {
  return `'${escapeRune(code, "'")}'`;
}

/** Whether a word of a go.mod file must stand in quotes (modfile.MustQuote). */
export function mustQuote(text: string): boolean {
  for (let at = 0; at < text.length; ) {
    const code = codePointAt(text, at);
    if (MARKS.has(code) || (BRACKETS.has(code) && text.length > 1)) return true;
    if (!isPrint(code)) return true;
    at += code > 0xffff ? 2 : 1;
  }
  return text === '' || text.includes('//') || text.includes('/*');
}

/** The text as a word of a go.mod file, in quotes where it needs them (modfile.AutoQuote). */
export function autoQuote(text: string): string {
  return mustQuote(text) ? quote(text) : text;
}

/**
 * The text that a string in double or back quotes stands for (strconv.Unquote), undefined when it is not well formed.
 * Bytes that are not UTF-8, which `\xNN` can make, come as `decodeUtf8` gives them.
 */
export function unquote(quoted: string): string | undefined {
  const mark = quoted[0];
  if (quoted.length < 2 || quoted.at(-1) !== mark) return undefined;
  const inner = replaceInvalid(quoted.slice(1, -1));
  if (mark === '`') return inner.includes('`') ? undefined : inner.replaceAll('\r', '');
  if (mark !== '"' || inner.includes('\n')) return undefined;
  return inner.includes('\\') || inner.includes('"') ? unescape(inner) : inner;
}

const MARKS = codes(' "\'`');
const BRACKETS = codes('()[]{},');

function codes(characters: string): ReadonlySet<number> {
  return new Set(Array.from(characters, (character) => character.charCodeAt(0)));
}

const NAMED_ESCAPES: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  '"': 34,
};
const ESCAPE_NAMES: ReadonlyMap<number, string> = new Map(
  [...'abfnrtv'].map((name) => [NAMED_ESCAPES[name]!, `\\${name}`]),
);

function escapeRune(code: number, mark: string): string {
  const character = String.fromCodePoint(code);
  if (character === mark || character === '\\') return `\\${character}`;
  if (isPrint(code)) return character;
  const named = ESCAPE_NAMES.get(code);
  if (named !== undefined) return named;
  const hex = code.toString(16);
  if (code < 0x20 || code === 0x7f) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** Undoes the escapes between double quotes. It goes by bytes, since an escape may name half of a code point. */
function unescape(inner: string): string | undefined {
  const bytes: number[] = [];
  for (let at = 0; at < inner.length; ) {
    const code = codePointAt(inner, at);
    if (code === 34) return undefined;
    if (code !== 92) {
      appendUtf8(bytes, code);
      at += code > 0xffff ? 2 : 1;
      continue;
    }
    const escape = readEscape(inner, at + 1);
    if (!escape) return undefined;
    if (escape.isByte) bytes.push(escape.code);
    else appendUtf8(bytes, escape.code);
    at = escape.end;
  }
  return decodeUtf8(bytes);
}

interface Escape {
  readonly code: number;
  readonly isByte: boolean;
  readonly end: number;
}

function readEscape(text: string, at: number): Escape | undefined {
  const letter = text[at] ?? '';
  const named = NAMED_ESCAPES[letter];
  if (named !== undefined) return { code: named, isByte: true, end: at + 1 };
  const [digits, base] = letter === 'x' ? [2, 16] : letter === 'u' ? [4, 16] : letter === 'U' ? [8, 16] : [3, 8];
  const start = base === 16 ? at + 1 : at;
  const number = text.slice(start, start + digits);
  if (number.length < digits || !(base === 16 ? /^[0-9A-Fa-f]+$/ : /^[0-7]+$/).test(number)) return undefined;
  const code = parseInt(number, base);
  const isByte = letter !== 'u' && letter !== 'U';
  if (isByte ? code > 255 : code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
  return { code, isByte, end: start + digits };
}
