import fc from 'fast-check';

/*
 * Files for fuzzing: parts of real ones, and made-up ones, with words and characters put in, taken out and exchanged,
 * of the kind that go wrong in module files.
 */

/** Texts that mean something somewhere in a module file, or nearly so. */
const SNIPPETS: readonly string[] = [
  'module', 'go', 'toolchain', 'godebug', 'require', 'exclude', 'replace', 'retract', 'tool', 'ignore', 'use', 'foo',
  '(', ')', '[', ']', '{', '}', ',', '=>', '=', '//', '/*', '*/', '"', '`', "'", '\\', '\\"', '"\\\n', '\n', '\r\n',
  '\r', ' ', '\t', '\n\n', '\n)\n', ' (\n', '()', '( )', ' // indirect', ' // indirect; x', ' //indirect',
  '// Deprecated: no', '// x\n', '\n//\n', 'v1.2.3', 'v1.2', 'v1', 'v2.0.0', 'v2.0.0+incompatible', 'v1.2.3+meta',
  'v0.0.0-20200101000000-abcdefabcdef', 'v1.2.3-pre', 'v01.2.3', 'v1.2.3-01', 'master', 'latest', '"v1.2.3"',
  '[v1.0.0, v1.2.0]', '[v1.0.0,v1.2.0]', '[v1.0.0', 'example.com/a', 'example.com/a/v2', 'example.com/a/v1',
  'gopkg.in/yaml.v2', 'gopkg.in/x', '"example.com/q"', '"a b"', '"\\x41"', '"\\xff"', '"\\u00e9 x"', '"a\\nb"',
  '`raw`', 'a"b', './dir', '../dir', '.\\dir', 'C:\\x', '/abs', 'a@v1', '1.21', '1.21.0', '1.21rc1', 'v1.21.x', '1.x',
  'go1.21.0', 'default', 'local', 'k=v', 'k=v=w', 'k', 'é', '\u00a0', '\u0085', '\u2028', '\ufeff', '\ufffd',
  '\u0000', '\u{1f600}', '\ud800', '\u200b', '\u3000', '\u007f', 'Deprecated:', '"', '""', '""""',
];

const snippet = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...SNIPPETS) },
  { weight: 1, arbitrary: fc.string({ maxLength: 3, unit: 'binary' }) },
);

/** A change of a text at a place that is given as a share of its length. */
type Mutation = (text: string) => string;

const place = fc.double({ min: 0, max: 1, noNaN: true });

function offset(text: string, share: number): number {
  return Math.floor(share * text.length);
}

/** The start of the word or gap around a place, so that whole words are exchanged. */
function wordAround(text: string, share: number): readonly [number, number] {
  const at = offset(text, share);
  let start = at;
  let end = at;
  while (start > 0 && /\S/.test(text[start - 1]!)) start--;
  while (end < text.length && /\S/.test(text[end]!)) end++;
  return [start, end];
}

const insert = fc.tuple(place, snippet).map(([share, added]): Mutation => (text) => {
  const at = offset(text, share);
  return text.slice(0, at) + added + text.slice(at);
});

const exchangeWord = fc.tuple(place, snippet).map(([share, added]): Mutation => (text) => {
  const [start, end] = wordAround(text, share);
  return text.slice(0, start) + added + text.slice(end);
});

const addAfterWord = fc.tuple(place, snippet).map(([share, added]): Mutation => (text) => {
  const [, end] = wordAround(text, share);
  return `${text.slice(0, end)} ${added}${text.slice(end)}`;
});

const remove = fc.tuple(place, fc.nat(12)).map(([share, length]): Mutation => (text) => {
  const at = offset(text, share);
  return text.slice(0, at) + text.slice(at + length);
});

const doubleLine = fc.tuple(place, place).map(([from, to]): Mutation => (text) => {
  const lines = text.split('\n');
  lines.splice(Math.floor(to * lines.length), 0, lines[Math.floor(from * lines.length)] ?? '');
  return lines.join('\n');
});

const mutation = fc.oneof(insert, exchangeWord, addAfterWord, remove, doubleLine);

const MOST_LINES = 30;

/** A stretch of lines of one of the given files. */
function part(files: readonly string[]): fc.Arbitrary<string> {
  const length = fc.integer({ min: 1, max: MOST_LINES });
  return fc.tuple(fc.nat(files.length - 1), place, length).map(([file, share, count]) => {
    const lines = files[file]!.split('\n');
    const first = lines.length <= count ? 0 : Math.floor(share * (lines.length - count));
    return lines.slice(first, first + count).join('\n');
  });
}

/** Words thrown together. */
const salad = fc.array(snippet, { maxLength: 12 }).map((words) => words.join(' '));

/** A line that starts with a directive. */
const line = fc
  .tuple(fc.constantFrom(...SNIPPETS.slice(0, 12)), fc.array(snippet, { maxLength: 6 }))
  .map(([verb, words]) => [verb, ...words].join(' '));

/** A mutated part of one of the files, or a made-up file. */
export function mutated(files: readonly string[]): fc.Arbitrary<string> {
  const base = fc.oneof(
    { weight: 6, arbitrary: part(files) },
    { weight: 2, arbitrary: fc.array(line, { maxLength: 6 }).map((lines) => lines.join('\n')) },
    { weight: 1, arbitrary: salad },
  );
  return fc
    .tuple(base, fc.array(mutation, { maxLength: 4 }))
    .map(([text, mutations]) => mutations.reduce((changed, mutate) => mutate(changed), text));
}

/** Any text, and texts that look like parts of module files. */
export const anyText: fc.Arbitrary<string> = fc.oneof(fc.string({ unit: 'binary' }), salad, line);
