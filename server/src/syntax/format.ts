import type { ModFile, WorkFile } from './directives.ts';
import { lineOrder } from './line-order.ts';
import { joinWords, printedWords, type Rewritten, rewrittenWords } from './printed-words.ts';
import type { Comment, Comments, Line, LineBlock, Statement, Word } from './tree.ts';
import { trimSpace } from './unicode.ts';

/**
 * The file in the go command's style, byte for byte as modfile.Format prints what modfile.Parse, ParseLax or ParseWork
 * read: with LF at line ends, quotes only where necessary, and versions canonical.
 *
 * A file that the go command cannot read as lines and blocks comes back as it is; of a file with other faults, the
 * faulty lines keep their words.
 */
export function formatTree(file: ModFile | WorkFile): string {
  if (hasSyntaxProblem(file)) return file.text;
  return print(file.tree.statements, file.tree.comments, rewrittenWords(file));
}

/** A line that is dropped because another one says the same, or overrides it. */
export interface DroppedLine {
  readonly line: Line;
  /** The line that stays in its stead. */
  readonly keptLine: Line;
  /** Whether both say the same. If not, it is a replacement, of which the last one counts. */
  readonly identical: boolean;
}

/** A file with sorted blocks and without double lines. */
export interface SortedFile {
  readonly text: string;
  readonly dropped: readonly DroppedLine[];
}

/**
 * The file as `go mod edit -fmt` and `go work edit -fmt` write it: double lines dropped, the lines of every block
 * sorted, empty blocks removed and blocks of one line made lines (modfile.SortBlocks, Cleanup and Format).
 * Undefined for a file with faults, which those commands refuse.
 */
export function sortAndDedupe(file: ModFile | WorkFile): SortedFile | undefined {
  if (file.problems.length > 0) return undefined;
  const rewritten = rewrittenWords(file);
  const dropped = doubleLines(file, rewritten);
  const gone = new Set(dropped.map(({ line }) => line));
  const statements = file.tree.statements
    .map((statement) => (statement.kind === 'block' ? tidyBlock(statement, file, gone, rewritten) : statement))
    .filter((statement) => statement !== undefined && !gone.has(statement as Line));
  return { text: print(statements as Statement[], file.tree.comments, rewritten), dropped };
}

function hasSyntaxProblem(file: ModFile | WorkFile): boolean {
  return file.problems.some((problem) => problem.kind === 'syntax' || problem.kind === 'byte-order-mark');
}

/** Finds lines that others make superfluous (modfile/rule.go:removeDups): the first stays, of replacements the last. */
function doubleLines(file: ModFile | WorkFile, rewritten: Rewritten): DroppedLine[] {
  const key = (...words: (Word | undefined)[]): string =>
    words.map((word) => (word ? (rewritten.get(word.start) ?? word.raw) : '')).join(' ');
  const targetOf = new Map(file.replace.map((one) => [one.line, key(one.newPath, one.newVersion)]));
  const replaced = superfluous(file.replace, (one) => key(one.oldPath, one.oldVersion), true).map((pair) => ({
    ...pair,
    identical: targetOf.get(pair.line) === targetOf.get(pair.keptLine),
  }));
  if (file.kind === 'work') return replaced;
  const others = [
    ...superfluous(file.exclude, (one) => key(one.path, one.version), false),
    ...superfluous(file.tool, (one) => key(one.path), false),
    ...superfluous(file.ignore, (one) => key(one.path), false),
  ];
  const dropped = [...replaced, ...others.map((pair) => ({ ...pair, identical: true }))];
  return dropped.sort((a, b) => a.line.start - b.line.start);
}

function superfluous<T extends { readonly line: Line }>(
  directives: readonly T[],
  keyOf: (directive: T) => string,
  keepLast: boolean,
): { line: Line; keptLine: Line }[] {
  const kept = new Map<string, Line>();
  const dropped: { line: Line; keptLine: Line }[] = [];
  for (const directive of keepLast ? directives.toReversed() : directives) {
    const keptLine = kept.get(keyOf(directive));
    if (keptLine) dropped.push({ line: directive.line, keptLine });
    else kept.set(keyOf(directive), directive.line);
  }
  return dropped;
}

function tidyBlock(
  block: LineBlock,
  file: ModFile | WorkFile,
  gone: ReadonlySet<Line>,
  rewritten: Rewritten,
): Line | LineBlock | undefined {
  const order = file.kind === 'mod' ? lineOrder(block.words[0]!.raw, file.go?.version.value) : lineOrder('', undefined);
  const lines = block.lines
    .filter((line) => !gone.has(line))
    .map((line) => ({ line, words: printedWords(line, rewritten) }))
    .sort((a, b) => order(a.words, b.words))
    .map(({ line }) => line);
  const [only] = lines;
  if (!only) return undefined;
  return lines.length === 1 && block.closeComments.before.length === 0 ? unblock(block, only) : { ...block, lines };
}

/** The single line of a block as a line of its own, with the block's comments (modfile/read.go:Cleanup). */
function unblock(block: LineBlock, line: Line): Line {
  const { block: _, ...rest } = line;
  const comments = {
    before: [...block.comments.before, ...line.comments.before],
    suffix: [...line.comments.suffix, ...block.comments.suffix],
    after: [],
  };
  return { ...rest, words: [...block.words, ...line.words], comments };
}

function print(statements: readonly Statement[], comments: Comments, rewritten: Rewritten): string {
  const printer = new Printer(rewritten);
  for (const comment of comments.before) printer.comment(comment);
  for (const [at, statement] of statements.entries()) {
    printer.statement(statement);
    if (at + 1 < statements.length) printer.newline();
  }
  return printer.text();
}

/** Prints a tree line by line (modfile/print.go). */
class Printer {
  readonly #rewritten: Rewritten;
  readonly #lines: string[] = [];
  #current = '';
  /** End-of-line comments that wait for their line's end. */
  #pending: Comment[] = [];
  #indent = '';

  constructor(rewritten: Rewritten) {
    this.#rewritten = rewritten;
  }

  text(): string {
    while (this.#current === '' && this.#lines.at(-1) === '') this.#lines.pop();
    return this.#lines.map((line) => `${line}\n`).join('') + this.#current;
  }

  comment(comment: Comment): void {
    this.#current += trimSpace(comment.text);
    this.newline();
  }

  statement(statement: Statement): void {
    this.#above(statement.comments);
    if (statement.kind === 'line') this.#words(statement);
    if (statement.kind === 'block') this.#block(statement);
    this.#pending.push(...statement.comments.suffix);
    if (statement.kind !== 'comments') this.newline();
  }

  /** Ends the line with its comments; there are never two blank lines in a row, nor one at the top. */
  newline(): void {
    for (const [at, comment] of this.#pending.entries()) {
      if (at === 0) this.#current += ' ';
      else this.#break();
      this.#current += trimSpace(comment.text);
    }
    this.#pending = [];
    this.#current = withoutBlanks(this.#current);
    const count = this.#lines.length;
    const isSuperfluous = this.#current === '' && (count === 0 || (count > 1 && this.#lines[count - 1] === ''));
    if (isSuperfluous) this.#current = this.#indent;
    else this.#break();
  }

  #break(): void {
    this.#lines.push(withoutBlanks(this.#current));
    this.#current = this.#indent;
  }

  #above({ before }: Comments): void {
    if (before.length === 0) return;
    this.#current = withoutBlanks(this.#current);
    if (this.#current === '') this.#current = this.#indent;
    else this.#break();
    for (const comment of before) this.comment(comment);
  }

  #words(line: Line | LineBlock): void {
    this.#current += joinWords(printedWords(line, this.#rewritten));
  }

  #block(block: LineBlock): void {
    this.#words(block);
    this.#current += ' (';
    this.#pending.push(...block.openComments.suffix);
    this.#indent = '\t';
    for (const line of block.lines) {
      this.newline();
      this.#above(line.comments);
      this.#words(line);
      this.#pending.push(...line.comments.suffix);
    }
    this.#indent = '';
    this.newline();
    this.#above(block.closeComments);
    this.#current += ')';
    this.#pending.push(...block.closeComments.suffix);
  }
}

function withoutBlanks(line: string): string {
  let end = line.length;
  while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\t')) end--;
  return line.slice(0, end);
}
