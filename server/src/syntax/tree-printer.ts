import type { ModFile, SumFile, WorkFile } from './directives.ts';
import type { Span } from './span.ts';
import type { Comment, Comments, Line, LineBlock, Statement, Word } from './tree.ts';

/**
 * Rebuilds a file's text from its words, parentheses and comments and from the gaps between them. It is the text that
 * was parsed, whatever it was: nothing in a tree is reordered, doubled or made up.
 */
export function printTree(file: ModFile | WorkFile | SumFile): string {
  let printed = '';
  let at = 0;
  for (const piece of pieces(file).sort((a, b) => a.start - b.start)) {
    printed += file.text.slice(at, piece.start) + piece.text;
    at = piece.start + piece.text.length;
  }
  return printed + file.text.slice(at);
}

/** A piece of a file's text, as the tree has it. */
export interface Piece {
  readonly start: number;
  readonly text: string;
}

/** Every word, parenthesis and comment of a file. */
export function pieces(file: ModFile | WorkFile | SumFile): Piece[] {
  if (file.kind === 'sum') return file.lines.flatMap((line) => [line.path, line.version, line.hash].map(ofWord));
  return [...ofComments(file.tree.comments), ...file.tree.statements.flatMap(ofStatement)];
}

function ofStatement(statement: Statement): Piece[] {
  if (statement.kind === 'comments') return ofComments(statement.comments);
  return statement.kind === 'line' ? ofLine(statement) : ofBlock(statement);
}

function ofLine(line: Line): Piece[] {
  return [...line.words.map(ofWord), ...ofComments(line.comments)];
}

function ofBlock(block: LineBlock): Piece[] {
  return [
    ...block.words.map(ofWord),
    ...ofParenthesis('(', block.open),
    ...ofParenthesis(')', block.close),
    ...block.lines.flatMap(ofLine),
    ...ofComments(block.comments),
    ...ofComments(block.openComments),
    ...ofComments(block.closeComments),
  ];
}

/** A block that is not closed has an empty closing parenthesis. */
function ofParenthesis(text: string, { start, end }: Span): Piece[] {
  return end > start ? [{ start, text }] : [];
}

function ofComments({ before, suffix, after }: Comments): Piece[] {
  return [...before, ...suffix, ...after].map(({ start, text }: Comment) => ({ start, text }));
}

function ofWord({ start, raw }: Word): Piece {
  return { start, text: raw };
}
