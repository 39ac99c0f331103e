import type { LineBlock } from '../../syntax/tree.ts';
import { sumGroups, writtenComments, type ParsedText } from './module-file.ts';

/** Lines that can be hidden behind the first of them; zero-based, the last one included. */
export interface FoldedLines {
  readonly startLine: number;
  readonly endLine: number;
  readonly kind: 'block' | 'comments' | 'module';
}

/** Blocks, of which the closing parenthesis stays; comments of more than one line; a module's lines of go.sum. */
export function foldingRanges({ file, index }: ParsedText): FoldedLines[] {
  const lineOf = (offset: number): number => index.position(offset).line;
  const found: FoldedLines[] = [];
  const add = (startLine: number, endLine: number, kind: FoldedLines['kind']): void => {
    if (endLine > startLine) found.push({ startLine, endLine, kind });
  };
  if (file.kind === 'sum') {
    for (const { start, end } of sumGroups(file)) add(lineOf(start), lineOf(end), 'module');
    return found;
  }
  for (const statement of file.tree.statements) {
    if (statement.kind === 'block') add(lineOf(statement.open.start), lastFoldedLine(statement, lineOf), 'block');
  }
  let first = 0;
  let last = -2;
  for (const comment of writtenComments(file).wholeLine) {
    const line = lineOf(comment.start);
    if (line !== last + 1) {
      add(first, last, 'comments');
      first = line;
    }
    last = line;
  }
  add(first, last, 'comments');
  return found.sort((a, b) => a.startLine - b.startLine || b.endLine - a.endLine);
}

/** A block that is not closed has an empty closing parenthesis at its end. */
function lastFoldedLine({ close }: LineBlock, lineOf: (offset: number) => number): number {
  const line = lineOf(close.start);
  return close.end > close.start ? line - 1 : line;
}
