import type { Problem, SumFile, SumLine } from './directives.ts';
import { rememberedOf } from './memory.ts';
import { compare } from './semver.ts';
import type { Span, TextEdit } from './span.ts';
import type { Word } from './tree.ts';
import { fields } from './unicode.ts';
import { compareText } from './utf8.ts';

/** The hash of an empty go.mod file, which the go command takes for no line at all: an old bug wrote it. */
export const EMPTY_GO_MOD_HASH = 'h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=';

/** Reads a go.sum or go.work.sum file (cmd/go/internal/modfetch/fetch.go:readGoSum). It takes any text. */
export function parseSum(text: string): SumFile {
  const lines: SumLine[] = [];
  const problems: Problem[] = [];
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const words = fields(text, start, end);
    const [path, version, hash] = words;
    if (path && version && hash && words.length === 3) {
      const at = { start: path.start, end: hash.end };
      lines.push({ ...at, path: word(text, path), version: word(text, version), hash: word(text, hash) });
    } else if (path) {
      const at = { start: path.start, end: words.at(-1)!.end };
      const message = `wrong number of fields ${words.length}`;
      problems.push({ kind: 'syntax', message, ...at, reportedAt: path.start });
    }
    start = end + 1;
  }
  return { kind: 'sum', text, lines, problems };
}

/** What a line of go.sum is about. */
export interface SumLineKey {
  readonly path: string;
  /** The version without `/go.mod`. */
  readonly version: string;
  /** Whether the hash is of the go.mod file alone, not of the module's files. */
  readonly mod: boolean;
  /** `PATH VERSION`, whichever of the two it is. */
  readonly module: string;
  /** The same as the line has it, with `/go.mod` where it is of that file. */
  readonly text: string;
}

/** What a line is about: its module, and whether it is of the go.mod file alone. */
export const sumLineKey = rememberedOf((line: SumLine): SumLineKey => {
  const path = line.path.value;
  const written = line.version.value;
  const mod = written.endsWith(MOD_SUFFIX);
  const version = mod ? written.slice(0, -MOD_SUFFIX.length) : written;
  return { path, version, mod, module: `${path} ${version}`, text: `${path} ${written}` };
});

/** A line to write: `version` ends in `/go.mod` when the hash is of the go.mod file alone. */
export interface NewSumLine {
  readonly path: string;
  readonly version: string;
  readonly hash: string;
}

/** A line of go.sum, without its line end. */
export function formatSumLine(path: string, version: string, hash: string): string {
  return `${path} ${version} ${hash}`;
}

/**
 * Orders lines as the go command writes them: by path, by version, the module's files before its go.mod alone, by hash
 * (cmd/go/internal/modfetch/fetch.go:tidyGoSum, golang.org/x/mod/module.Sort).
 */
export function compareSumLines(a: NewSumLine, b: NewSumLine): number {
  const x = splitVersion(a.version);
  const y = splitVersion(b.version);
  return (
    compareText(a.path, b.path) ||
    compare(x.version, y.version) ||
    compareText(x.version, y.version) ||
    compareText(x.file, y.file) ||
    compareText(a.hash, b.hash)
  );
}

/**
 * The edits that add lines where the go command would write them, other lines as they are; in a file out of order,
 * where the fewest lines are on the wrong side. A line that is there is not added again.
 */
export function insertSumLines(file: SumFile, lines: readonly NewSumLine[]): TextEdit[] {
  const { text } = file;
  const present = new Set(file.lines.map((line) => lineText(plain(line))));
  const added = lines.filter((line) => !present.has(lineText(line)) && present.add(lineText(line)));
  const newEnd = endsWithCrLf(text) ? '\r\n' : '\n';
  const inserted = new Map<number, string>();
  for (const { line, before } of placesAmong(file.lines.map(plain), added)) {
    const offset = startOfSumLine(file, before);
    inserted.set(offset, (inserted.get(offset) ?? '') + lineText(line) + newEnd);
  }
  return [...inserted].map(([offset, newText]) => {
    const lacksEnd = offset > 0 && text[offset - 1] !== '\n';
    return { start: offset, end: offset, newText: lacksEnd ? newEnd + newText : newText };
  });
}

/** The edits that remove lines, each with its line end. */
export function removeSumLines(file: SumFile, lines: Iterable<Span>): TextEdit[] {
  const edits: TextEdit[] = [];
  for (const line of lines) {
    const start = startOfLine(file.text, line.start);
    const newline = file.text.indexOf('\n', line.end);
    edits.push({ start, end: newline < 0 ? file.text.length : newline + 1, newText: '' });
  }
  return edits;
}

const MOD_SUFFIX = '/go.mod';

function word(text: string, { start, end }: Span): Word {
  const raw = text.slice(start, end);
  return { start, end, raw, value: raw };
}

function plain(line: SumLine): NewSumLine {
  return { path: line.path.value, version: line.version.value, hash: line.hash.value };
}

function lineText(line: NewSumLine): string {
  return formatSumLine(line.path, line.version, line.hash);
}

function splitVersion(version: string): { version: string; file: string } {
  const slash = version.indexOf('/');
  return slash < 0 ? { version, file: '' } : { version: version.slice(0, slash), file: version.slice(slash) };
}

interface Place {
  readonly line: NewSumLine;
  /** How many of the file's lines come before it. */
  readonly before: number;
}

/** Where new lines belong among those of a file, in the order of the new ones. */
function placesAmong(present: readonly NewSumLine[], added: readonly NewSumLine[]): Place[] {
  const order = [...present, ...added].sort(compareSumLines);
  const ranks = new Map(order.map((line, rank) => [line, rank]));
  const isAdded = new Set(added);
  const presentRanks = present.map((line) => ranks.get(line)!);
  return order
    .filter((line) => isAdded.has(line))
    .map((line) => ({ line, before: placeOf(ranks.get(line)!, presentRanks) }));
}

/** The last place where the fewest ranks are on the wrong side. */
function placeOf(rank: number, present: readonly number[]): number {
  let wrong = 0;
  let least = 0;
  let place = 0;
  for (const [at, other] of present.entries()) {
    wrong += other > rank ? 1 : -1;
    if (wrong > least) continue;
    least = wrong;
    place = at + 1;
  }
  return place;
}

/** The offset of a line of the file, or of what follows the last. */
function startOfSumLine(file: SumFile, index: number): number {
  const { lines, text } = file;
  const line = lines[index];
  if (line) return startOfLine(text, line.start);
  const last = lines.at(-1);
  if (!last) return text.length;
  const newline = text.indexOf('\n', last.end);
  return newline < 0 ? text.length : newline + 1;
}

function startOfLine(text: string, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
}

/** Whether the text's first line ends with CR LF. */
function endsWithCrLf(text: string): boolean {
  const newline = text.indexOf('\n');
  return newline > 0 && text.charCodeAt(newline - 1) === 13;
}
