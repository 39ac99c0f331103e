import type { Problem } from './directives.ts';
import { remembered } from './memory.ts';
import { fitsPath } from './module-path.ts';
import { quoteRune, unquote } from './quote.ts';
import { LineIndex, type Span } from './span.ts';
import type { Comment, CommentBlock, Comments, FileTree, Line, LineBlock, LineForm, Statement, Word } from './tree.ts';
import { codePointAt, isPrint, isSpace } from './unicode.ts';
import { replaceInvalid } from './utf8.ts';

/** A tree with what kept the text from being one. */
export interface ParsedTree {
  readonly tree: FileTree;
  /**
   * Empty exactly when the go command can read the text as words, lines and blocks.
   * It stops at the first of them; this parser goes on at the next line.
   */
  readonly problems: readonly Problem[];
}

/**
 * Reads the text of a go.mod or go.work file as words, lines and blocks (golang.org/x/mod/modfile/read.go).
 * It takes any text, in time that is linear in its length.
 *
 * @param name the file's name for messages that name it
 */
export function parseTree(text: string, name: string): ParsedTree {
  const parser = new Parser(text, name);
  const statements = parser.parseFile();
  const before = attachSuffixComments(text, statements, parser.lexer.suffixComments);
  const comments = before.length > 0 ? { ...NO_COMMENTS, before } : NO_COMMENTS;
  // The go command's first error comes first: it reads from start to end.
  const problems = parser.lexer.problems.sort((a, b) => a.reportedAt - b.reportedAt);
  return { tree: { statements, comments }, problems };
}

/** The words that start a line or block of a go.mod or go.work file. */
export const DIRECTIVES: ReadonlySet<string> = new Set(
  ['module', 'go', 'toolchain', 'godebug', 'require', 'exclude', 'replace', 'retract', 'tool', 'ignore', 'use'],
);

/** The source of a pattern for words whose characters mean nothing but themselves, with no two slashes, which begin a comment. */
export const PLAIN_WORD = '[\\w.~+=>-]+(?:/[\\w.~+=>-]+)*(?:/(?!/))?';

/** How long a line with such words may be, in UTF-16 code units: on one of megabytes a regular expression would fail. */
export const LONGEST_PLAIN_LINE = 500;

const NO_COMMENTS: Comments = { before: [], suffix: [], after: [] };

/** A piece of the tree while it is put together. */
type Draft<T> = { -readonly [K in keyof T]: T[K] };

// The kinds of a token; punctuation and newlines have their own character's code.
const END = -1;
const END_OF_LINE_COMMENT = -2;
const WORD = -3;
const LINE_COMMENT = -4;

const NEWLINE = 10;
const SPACE = 32;
const QUOTE = 34;
const OPEN = 40;
const CLOSE = 41;
const STAR = 42;
const SLASH = 47;
const BACKSLASH = 92;
const BACKQUOTE = 96;

/** What an ASCII character is to the lexer. */
const OTHER = 0;
const IN_WORD = 1;
const BLANK = 2;
const PUNCTUATION = 3;
const CLASSES = new Uint8Array(128);
for (let code = SPACE + 1; code < 127; code++) CLASSES[code] = IN_WORD;
for (const mark of '()[]{},\n') CLASSES[mark.charCodeAt(0)] = PUNCTUATION;
for (const blank of ' \t\r') CLASSES[blank.charCodeAt(0)] = BLANK;

/** Splits a text into tokens, one ahead of the parser. */
class Lexer {
  readonly text: string;
  readonly problems: Problem[] = [];
  /** Comments after something on their line, in order. */
  readonly suffixComments: Comment[] = [];
  /** The token that the parser looks at: its kind and place. Comments end before their line's end. */
  kind = END;
  start = 0;
  end = 0;
  /** Where the next token is looked for. */
  #at = 0;
  /** Whether something other than blanks stands before `#at` on its line. */
  #lineHasWords = false;
  readonly #lineEnds: Finder;
  readonly #commentEnds: Finder;
  /** Faults before this place have been reported. */
  #reportedUpTo = 0;

  constructor(text: string) {
    this.text = text;
    this.#lineEnds = new Finder(text, '\n');
    this.#commentEnds = new Finder(text, '*/');
    this.next();
  }

  /** Whether the token ends a line. */
  get endsLine(): boolean {
    return this.kind === NEWLINE || this.kind === END || this.kind === END_OF_LINE_COMMENT;
  }

  /** Whether the token is of a kind. Asked so, the compiler does not take the answer to hold for the next token. */
  is(kind: number): boolean {
    return this.kind === kind;
  }

  /** Goes back to the start of a line, without reporting again what was found beyond it. */
  rewind(offset: number): void {
    this.#reportedUpTo = Math.max(this.#reportedUpTo, this.#at);
    while ((this.suffixComments.at(-1)?.start ?? -1) >= offset) this.suffixComments.pop();
    this.#at = offset;
    this.#lineHasWords = false;
    this.next();
  }

  next(): void {
    const { text } = this;
    for (;;) {
      const at = this.#skipBlanks();
      this.start = at;
      if (at >= text.length) {
        this.#finish(END, at);
        return;
      }
      const code = text.charCodeAt(at);
      if (code === SLASH && text.charCodeAt(at + 1) === SLASH) {
        this.#readComment(at);
        return;
      }
      if (code === SLASH && text.charCodeAt(at + 1) === STAR) {
        this.#skipBlockComment(at);
        continue;
      }
      const kind = code < 128 ? CLASSES[code]! : isInWord(text, at) ? IN_WORD : OTHER;
      if (kind === PUNCTUATION) {
        this.#lineHasWords = code !== NEWLINE;
        this.#finish(code, at + 1);
        return;
      }
      if (kind === IN_WORD) {
        this.#lineHasWords = true;
        this.#finish(WORD, code === QUOTE || code === BACKQUOTE ? this.#endOfString(at) : endOfWord(text, at));
        return;
      }
      this.#skipUnexpected(at);
    }
  }

  #finish(kind: number, end: number): void {
    this.kind = kind;
    this.end = end;
    this.#at = end;
  }

  #skipBlanks(): number {
    const { text } = this;
    let at = this.#at;
    while (CLASSES[text.charCodeAt(at)] === BLANK) at++;
    return at;
  }

  #readComment(at: number): void {
    const { text } = this;
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline;
    const isSuffix = this.#lineHasWords;
    this.#finish(isSuffix ? END_OF_LINE_COMMENT : LINE_COMMENT, newline < 0 ? end : newline + 1);
    this.end = newline >= 0 && text.charCodeAt(end - 1) === 13 ? end - 1 : end;
    this.#lineHasWords = false;
    if (isSuffix) this.suffixComments.push(this.comment());
  }

  /** Takes a whole line of two plain words, from the token to the line's end; undefined, and nothing taken, where it is none. */
  takePlainLine(): LineForm | undefined {
    const { text, start } = this;
    const newline = text.indexOf('\n', start);
    const isShort = newline >= 0 && newline - start <= LONGEST_PLAIN_LINE;
    const form = isShort ? formOf(text.slice(start, newline)) : undefined;
    if (!form) return undefined;
    if (form.comment) this.suffixComments.push(placed(form.comment, start));
    this.#at = newline + 1;
    this.#lineHasWords = false;
    this.next();
    return form;
  }

  /** The comment that the parser looks at. */
  comment(): Comment {
    return { start: this.start, end: this.end, text: this.text.slice(this.start, this.end) };
  }

  /** Skips what was meant as a comment: over several lines only where nothing precedes it on its line. */
  #skipBlockComment(at: number): void {
    const lineEnd = this.#lineEnds.next(at);
    const close = this.#commentEnds.next(at + 2);
    const isClosed = close < (this.#lineHasWords ? lineEnd : this.text.length);
    const end = isClosed ? close + 2 : lineEnd;
    this.#report(at, end, at, 'mod files must use // comments (not /* */ comments)');
    this.#at = end;
  }

  #skipUnexpected(at: number): void {
    const { text } = this;
    let end = at;
    while (end < text.length && isUnexpected(text, end)) end += codePointAt(text, end) > 0xffff ? 2 : 1;
    const code = codePointAt(text, at);
    const message = `unexpected input character ${quoteRune(code)}`;
    if (at === 0 && code === 0xfeff) this.#report(0, 1, at, message, 'byte-order-mark');
    else this.#report(at, end, at, message);
    this.#at = at === 0 && code === 0xfeff ? 1 : end;
  }

  /** The end of a string in quotes, which a backslash may take over the end of its line. */
  #endOfString(start: number): number {
    const { text } = this;
    const mark = text.charCodeAt(start);
    for (let at = start + 1; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === mark) return at + 1;
      if (code === NEWLINE) return this.#unterminatedString(start, at, 'unexpected newline in string');
      if (code === BACKSLASH && mark === QUOTE) at++;
    }
    return this.#unterminatedString(start, start, 'unexpected EOF in string');
  }

  /** Ends the string with its first line, so that the next lines are read: without faults as far as the string went. */
  #unterminatedString(start: number, reportedAt: number, message: string): number {
    const { text } = this;
    const newline = text.indexOf('\n', start);
    let end = newline < 0 ? text.length : newline;
    while (CLASSES[text.charCodeAt(end - 1)] === BLANK) end--;
    this.#report(start, end, reportedAt, message);
    this.#reportedUpTo = Math.max(this.#reportedUpTo, reportedAt);
    return end;
  }

  #report(start: number, end: number, reportedAt: number, message: string, kind: Problem['kind'] = 'syntax'): void {
    if (start >= this.#reportedUpTo) this.problems.push({ kind, message, start, end, reportedAt });
  }
}

/** Finds the next place of something, again and again, without searching the same text twice. */
class Finder {
  readonly #text: string;
  readonly #searched: string;
  /** From here on the next one is at `#found`. */
  #from = 0;
  #found = -1;

  constructor(text: string, searched: string) {
    this.#text = text;
    this.#searched = searched;
  }

  /** The next one at or after an offset; the text's end when there is none. */
  next(offset: number): number {
    if (offset > this.#found) {
      const found = this.#text.indexOf(this.#searched, offset);
      this.#found = found < 0 ? this.#text.length : found;
    } else if (offset < this.#from) {
      const near = this.#text.slice(offset, this.#from + this.#searched.length - 1).indexOf(this.#searched);
      if (near >= 0) this.#found = offset + near;
    } else {
      return this.#found;
    }
    this.#from = offset;
    return this.#found;
  }
}

/** The same lines come again with every keystroke. */
const formOf = remembered((text): LineForm | undefined => {
  const [, first, blanks, second, gap, comment] = PLAIN_LINE.exec(text) ?? [];
  if (first === undefined || blanks === undefined || second === undefined) return undefined;
  const at = first.length + blanks.length;
  const start = at + second.length + (gap?.length ?? 0);
  return {
    words: [first, second],
    second: at,
    comment: comment === undefined ? undefined : { start, text: comment },
    fits: fitsPath(second, first),
  };
});

const PLAIN_LINE = new RegExp(`^(${PLAIN_WORD})([ \\t]+)(${PLAIN_WORD})(?:([ \\t]*)(//[^\\r]*))?[ \\t]*\\r?$`);

function placed({ start, text }: NonNullable<LineForm['comment']>, lineStart: number): Comment {
  return { start: lineStart + start, end: lineStart + start + text.length, text };
}

function isInWord(text: string, at: number): boolean {
  const code = codePointAt(text, at);
  return isPrint(code) && !isSpace(code);
}

/** Whether a character belongs to no token; the lexer has skipped blanks. */
function isUnexpected(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code < 128 ? CLASSES[code] === OTHER : !isInWord(text, at);
}

/** The end of an unquoted word, which a comment ends as well. */
function endOfWord(text: string, start: number): number {
  for (let at = start; ; ) {
    const code = text.charCodeAt(at);
    if (code < 128) {
      if (CLASSES[code] !== IN_WORD) return at;
      if (code === SLASH) {
        const next = text.charCodeAt(at + 1);
        if (next === SLASH || next === STAR) return at;
      }
      at++;
    } else if (at < text.length && isInWord(text, at)) {
      at += codePointAt(text, at) > 0xffff ? 2 : 1;
    } else {
      return at;
    }
  }
}

/** A block within which a directive starts a line, which tells where it should have ended if it never does. */
interface Intruder {
  /** Where its comments or itself start. */
  readonly offset: number;
  /** How many lines of the block precede it. */
  readonly linesBefore: number;
}

/** Puts tokens together to lines and blocks. */
class Parser {
  readonly lexer: Lexer;
  readonly #name: string;
  readonly #isWellFormed: boolean;
  readonly #statements: Statement[] = [];
  /** No line further on starts with a closing parenthesis: found out when a block did not end. */
  #noCloseAhead = false;
  #lineIndex: LineIndex | undefined;

  constructor(text: string, name: string) {
    this.lexer = new Lexer(text);
    this.#name = name;
    this.#isWellFormed = !/[\ud800-\udfff]/.test(text);
  }

  parseFile(): Statement[] {
    const { lexer } = this;
    let comments: Comment[] = [];
    for (;;) {
      if (lexer.kind === LINE_COMMENT) {
        comments.push(lexer.comment());
        lexer.next();
      } else if (lexer.kind === NEWLINE || lexer.kind === END || lexer.kind === END_OF_LINE_COMMENT) {
        if (comments.length > 0) this.#statements.push(commentBlock(comments));
        comments = [];
        if (lexer.kind === END) return this.#statements;
        lexer.next();
      } else {
        const statement = this.#parseStatement();
        if (comments.length > 0) statement.comments = { ...NO_COMMENTS, before: comments };
        comments = [];
        this.#statements.push(statement);
      }
    }
  }

  #parseStatement(): Draft<Line> | Draft<LineBlock> {
    const { lexer } = this;
    const words = [this.#takeWord()];
    let { end } = words[0]!;
    while (!lexer.endsLine) {
      if (!lexer.is(OPEN)) {
        ({ end } = this.#pushWord(words));
        continue;
      }
      const open = this.#takeWord();
      if (lexer.endsLine) return this.#parseBlock(words, open);
      words.push(open);
      if (!lexer.is(CLOSE)) continue;
      const close = this.#takeWord();
      if (lexer.endsLine) {
        words.pop();
        lexer.next();
        return draftBlock(words, open, close);
      }
      words.push(close);
    }
    lexer.next();
    return { kind: 'line', words, comments: NO_COMMENTS, start: words[0]!.start, end, form: undefined };
  }

  #parseBlock(words: Word[], open: Word): Draft<LineBlock> {
    const { lexer } = this;
    const block = draftBlock(words, open, { start: open.end, end: open.end });
    const lines: Line[] = [];
    block.lines = lines;
    let comments: Comment[] = [];
    let intruder: Intruder | undefined;
    for (;;) {
      if (lexer.kind === END_OF_LINE_COMMENT) {
        lexer.next();
      } else if (lexer.kind === NEWLINE) {
        const last = comments.at(-1);
        if (last ? last.text !== '' : lines.length > 0) comments.push(blankLine(lexer.start));
        lexer.next();
      } else if (lexer.kind === LINE_COMMENT) {
        comments.push(lexer.comment());
        lexer.next();
      } else if (lexer.kind === CLOSE) {
        this.#closeBlock(block, comments);
        return block;
      } else {
        if (lexer.kind !== END && this.#isIntruder()) {
          const offset = comments.find(isWritten)?.start ?? lexer.start;
          intruder ??= { offset, linesBefore: lines.length };
        }
        if (lexer.kind === END || (intruder && this.#noCloseAhead)) {
          this.#giveUpBlock(block, lines, comments, intruder);
          return block;
        }
        lines.push(this.#parseLine(block, comments));
        comments = [];
      }
    }
  }

  #closeBlock(block: Draft<LineBlock>, comments: Comment[]): void {
    const { lexer } = this;
    if (comments.length === 1 && comments[0]!.text === '') comments.pop();
    if (comments.length > 0) block.closeComments = { ...NO_COMMENTS, before: comments };
    block.close = { start: lexer.start, end: lexer.end };
    block.end = lexer.end;
    lexer.next();
    if (!lexer.endsLine) this.#skipAfterBlock();
    lexer.next();
  }

  #skipAfterBlock(): void {
    const { lexer } = this;
    const { start, problems } = lexer;
    // The go command sees a fault within the next token before it sees that the token should not be there.
    const reportedAt = Math.max(lexer.end, problems.at(-1)?.reportedAt ?? 0);
    const place = problems.length;
    let { end } = lexer;
    while (!lexer.endsLine) {
      ({ end } = lexer);
      lexer.next();
    }
    const message = 'syntax error (expected newline after closing paren)';
    problems.splice(place, 0, { kind: 'syntax', message, start, end, reportedAt });
  }

  /** Ends a block that no parenthesis closes, if possible before the first line that looks like another directive. */
  #giveUpBlock(block: Draft<LineBlock>, lines: Line[], comments: Comment[], intruder: Intruder | undefined): void {
    const { lexer } = this;
    const { text } = lexer;
    this.#lineIndex ??= new LineIndex(text);
    const { line, character } = this.#lineIndex.position(block.start);
    const column = [...text.slice(block.start - character, block.start)].length;
    const place = `${this.#name}:${line + 1}:${column + 1}`;
    lexer.problems.push({
      kind: 'syntax',
      message: `syntax error (unterminated block started at ${place})`,
      start: block.open.start,
      end: block.open.end,
      reportedAt: text.length,
    });
    this.#noCloseAhead = true;
    if (intruder) {
      lines.length = intruder.linesBefore;
      lexer.rewind(intruder.offset);
    } else {
      while (comments.at(-1)?.text === '') comments.pop();
      if (comments.length > 0) block.closeComments = { ...NO_COMMENTS, before: comments };
    }
    const end = (intruder ? undefined : comments.at(-1)?.end) ?? lines.at(-1)?.end ?? block.open.end;
    block.close = { start: end, end };
    block.end = end;
  }

  /** Whether the token is a directive at the very start of a line. */
  #isIntruder(): boolean {
    const { text, start, end } = this.lexer;
    const isAtLineStart = start === 0 || text.charCodeAt(start - 1) === NEWLINE;
    return isAtLineStart && end - start <= 9 && DIRECTIVES.has(text.slice(start, end));
  }

  #parseLine(block: LineBlock, before: Comment[]): Line {
    const { lexer } = this;
    const comments = before.length > 0 ? { ...NO_COMMENTS, before } : NO_COMMENTS;
    const { start } = lexer;
    const form = lexer.takePlainLine();
    const words = form ? wordsOf(form, start) : this.#takeWords();
    return { kind: 'line', words, comments, start, end: words.at(-1)!.end, block, form };
  }

  /** The words of a line, with its end. */
  #takeWords(): Word[] {
    const { lexer } = this;
    const words: Word[] = [];
    while (!lexer.endsLine) this.#pushWord(words);
    lexer.next();
    return words;
  }

  #pushWord(words: Word[]): Word {
    const word = this.#takeWord();
    words.push(word);
    return word;
  }

  #takeWord(): Word {
    const { start, end, text } = this.lexer;
    const word = makeWord(text, start, end, this.#isWellFormed);
    this.lexer.next();
    return word;
  }
}

function wordsOf({ words: [first, second], second: at }: LineForm, start: number): Word[] {
  return [
    { start, end: start + first.length, raw: first, value: first },
    { start: start + at, end: start + at + second.length, raw: second, value: second },
  ];
}

function isWritten(comment: Comment): boolean {
  return comment.text !== '';
}

/** Cuts a word out of a text; `isWellFormed` tells that the text has no halves of surrogate pairs. */
function makeWord(text: string, start: number, end: number, isWellFormed: boolean): Word {
  const raw = text.slice(start, end);
  const first = raw.charCodeAt(0);
  const isQuoted = first === QUOTE || first === BACKQUOTE;
  const value = isQuoted ? (unquote(raw) ?? raw) : raw;
  return { start, end, raw, value: isQuoted || !isWellFormed ? replaceInvalid(value) : value };
}

function commentBlock(comments: Comment[]): CommentBlock {
  const { start } = comments[0]!;
  return { kind: 'comments', comments: { ...NO_COMMENTS, before: comments }, start, end: comments.at(-1)!.end };
}

function draftBlock(words: Word[], open: Span, close: Span): Draft<LineBlock> {
  return {
    kind: 'block',
    words,
    open: { start: open.start, end: open.end },
    close: { start: close.start, end: close.end },
    lines: [],
    comments: NO_COMMENTS,
    openComments: NO_COMMENTS,
    closeComments: NO_COMMENTS,
    start: words[0]!.start,
    end: close.end,
  };
}

function blankLine(offset: number): Comment {
  return { start: offset, end: offset, text: '' };
}

/**
 * Gives each end-of-line comment to the last thing before it that lies on one line, as modfile's assignComments does,
 * and returns those before everything.
 */
function attachSuffixComments(
  text: string,
  statements: readonly Statement[],
  comments: readonly Comment[],
): Comment[] {
  let left = comments.length;
  const take = (end: number): Comment[] => {
    const upTo = left;
    while (left > 0 && comments[left - 1]!.start >= end) left--;
    return comments.slice(left, upTo);
  };
  const attach = (owner: Draft<Statement>, end: number): void => {
    const suffix = take(end);
    if (suffix.length > 0) owner.comments = { ...owner.comments, suffix };
  };
  for (let at = statements.length - 1; at >= 0 && left > 0; at--) {
    const statement = statements[at] as Draft<Statement>;
    if (statement.kind === 'comments') attach(statement, statement.start);
    else if (statement.kind === 'line') attachToLine(statement);
    else attachToBlock(statement);
  }
  return comments.slice(0, left);

  function attachToLine(line: Draft<Line>): void {
    if (!line.words.some(spansLines)) attach(line, line.end);
  }

  function attachToBlock(block: Draft<LineBlock>): void {
    if (block.lines.length === 0 && !text.slice(block.start, block.end).includes('\n')) attach(block, block.end);
    // A block that is not closed ends with its last line, whose comments are that line's.
    const closing = block.close.end > block.close.start ? take(block.close.end) : [];
    if (closing.length > 0) block.closeComments = { ...block.closeComments, suffix: closing };
    for (let at = block.lines.length - 1; at >= 0 && left > 0; at--) attachToLine(block.lines[at]!);
    const opening = take(block.open.end);
    if (opening.length > 0) block.openComments = { ...block.openComments, suffix: opening };
  }
}

/** Whether a string goes on in the next line, after a backslash. */
function spansLines(word: Word): boolean {
  return word.raw.charCodeAt(0) === QUOTE && word.raw.includes('\n');
}
