import { parseString, wordValue } from './directive-parser.ts';
import type { ModFile, WorkFile } from './directives.ts';
import { canonicalVersion } from './module-path.ts';
import { autoQuote } from './quote.ts';
import type { Line, LineBlock, Statement, Word } from './tree.ts';
import { replaceInvalid } from './utf8.ts';

/** How words are printed, by their start, that are not printed as they are written. */
export type Rewritten = ReadonlyMap<number, string>;

/** What the go command makes of the words that it understands, as a side effect of reading them. */
export function rewrittenWords(file: ModFile | WorkFile): Rewritten {
  const rewritten = new Map<number, string>();
  const faulty = new Set(file.problems.map((problem) => problem.reportedAt));
  const isSound = ({ line }: { readonly line: Line }): boolean => !faulty.has(line.start);
  const put = (word: Word | undefined, printed: (word: Word) => string): void => {
    if (word === undefined) return;
    const text = printed(word);
    if (text !== word.raw) rewritten.set(word.start, text);
  };
  for (const { oldPath, oldVersion, newPath, newVersion } of file.replace.filter(isSound)) {
    put(oldPath, quoted);
    put(oldVersion, canonical);
    put(newPath, quoted);
    put(newVersion, canonical);
  }
  if (file.kind === 'work') {
    for (const { path } of file.use.filter(isSound)) put(path, quoted);
    return rewritten;
  }
  for (const { path, version } of [...file.require, ...file.exclude].filter(isSound)) {
    put(path, quoted);
    put(version, canonical);
  }
  for (const { path } of [...file.tool, ...file.ignore].filter(isSound)) put(path, quoted);
  if (file.module && isSound(file.module)) put(file.module.path, quoted);
  if (file.go && isSound(file.go)) put(file.go.version, (word) => word.value);
  for (const line of retractLines(file.tree.statements)) {
    if (isSound({ line })) for (const word of retractedWords(line)) put(word, plain);
  }
  return rewritten;
}

function quoted(word: Word): string {
  return replaceInvalid(autoQuote(wordValue(word)));
}

function canonical(word: Word): string {
  return canonicalVersion(word.value);
}

function plain(word: Word): string {
  return word.value;
}

function retractLines(statements: readonly Statement[]): Line[] {
  return statements.flatMap((statement) => {
    if (statement.kind === 'comments' || statement.words[0]?.raw !== 'retract') return [];
    if (statement.kind === 'line') return [statement];
    return statement.words.length === 1 ? statement.lines : [];
  });
}

/** The versions of a retract line up to a fault, which in a dependency's file is none. */
function retractedWords(line: Line): Word[] {
  const args = line.block ? line.words : line.words.slice(1);
  const [first, low, comma, high] = args;
  if (!first || first.raw === '(') return [];
  if (first.raw !== '[') return isWellQuoted(first) ? [first] : [];
  if (!low || !isWellQuoted(low)) return [];
  return comma?.raw === ',' && high && isWellQuoted(high) ? [low, high] : [low];
}

function isWellQuoted(word: Word): boolean {
  return parseString(word).ok;
}

/** A line's words as they are printed. */
export function printedWords(line: Line | LineBlock, rewritten: Rewritten): string[] {
  return line.words.map((word) => rewritten.get(word.start) ?? word.raw);
}

/** The text of the words as modfile prints them (modfile/print.go:tokens). */
export function joinWords(words: readonly string[]): string {
  let joined = '';
  let separator = '';
  for (const word of words) {
    if (/^[,)\]}]$/.test(word)) separator = '';
    joined += separator + word;
    separator = /^[([{]$/.test(word) ? '' : ' ';
  }
  return joined;
}
