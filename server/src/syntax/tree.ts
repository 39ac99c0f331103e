import type { Span } from './span.ts';

/** One word of a line, with the text as written and the value it stands for. */
export interface Word extends Span {
  /** The text as written, quotes included. */
  readonly raw: string;
  /** The text without quotes; equal to `raw` when it is not quoted, or quoted wrongly. */
  readonly value: string;
}

export interface Comment extends Span {
  /** The comment with its slashes and without its line end; empty where it stands for blank lines within a block. */
  readonly text: string;
}

/** Comments attached to a piece of the file, as modfile's `Comments` has them (x/mod modfile/read.go). */
export interface Comments {
  /** Whole-line comments before it. */
  readonly before: readonly Comment[];
  /** End-of-line comments after it on its line. */
  readonly suffix: readonly Comment[];
  /** Whole-line comments after it, at the end of a block or of the file. */
  readonly after: readonly Comment[];
}

/** A stand-alone block of comments. */
export interface CommentBlock extends Span {
  readonly kind: 'comments';
  readonly comments: Comments;
}

/**
 * What a line of a block says when it is two plain words, wherever it stands. It is the same object for the same text, so that
 * what follows from the words can be remembered.
 */
export interface LineForm {
  readonly words: readonly [string, string];
  /** Where the second word begins, from the start of the first. */
  readonly second: number;
  /** The comment behind them, with its place from the start of the first. */
  readonly comment: { readonly start: number; readonly text: string } | undefined;
  /** The second word is a version that a module with the first for its path may have. */
  readonly fits: boolean;
}

/** One statement: at the top level its first word is the verb, inside a block the block has the verb. */
export interface Line extends Span {
  readonly kind: 'line';
  readonly words: readonly Word[];
  readonly comments: Comments;
  /** The block around it, if any. */
  readonly block?: LineBlock;
  /** Undefined for a line that is no two plain words in a block. */
  readonly form: LineForm | undefined;
}

/** `verb ( … )`. Its span runs from the verb to the closing parenthesis. */
export interface LineBlock extends Span {
  readonly kind: 'block';
  /** The words before the parenthesis; the first is the verb. */
  readonly words: readonly Word[];
  readonly open: Span;
  readonly close: Span;
  readonly lines: readonly Line[];
  /** Comments of the block itself. */
  readonly comments: Comments;
  /** Comments of the opening parenthesis. */
  readonly openComments: Comments;
  /** Comments of the closing parenthesis. */
  readonly closeComments: Comments;
}

export type Statement = CommentBlock | Line | LineBlock;

/** A whole file as words, lines and blocks, without their meaning; it covers the text losslessly. */
export interface FileTree {
  readonly statements: readonly Statement[];
  /** Comments of the file itself. */
  readonly comments: Comments;
}
