import type { TextEdit } from '../../syntax/span.ts';

/**
 * The edits that turn one text of a module file into another one: small where only the space between words, or single
 * words, differ, so that an editor keeps cursors and folds; else one edit of everything between what both have in common.
 */
export function textDifference(before: string, after: string): TextEdit[] {
  if (before === after) return [];
  return wordwise(before, after) ?? [trimmed(before, after, 0, before.length)];
}

function wordwise(before: string, after: string): TextEdit[] | undefined {
  const edits: TextEdit[] = [];
  let from = 0;
  let to = 0;
  for (;;) {
    const gapEnd = endOfBlanks(before, from);
    const newGapEnd = endOfBlanks(after, to);
    const gap = after.slice(to, newGapEnd);
    if (before.slice(from, gapEnd) !== gap) edits.push(trimmedGap(before, gap, from, gapEnd));
    if (gapEnd === before.length || newGapEnd === after.length) {
      return gapEnd === before.length && newGapEnd === after.length ? edits : undefined;
    }
    from = endOfPiece(before, gapEnd);
    to = endOfPiece(after, newGapEnd);
    const word = after.slice(newGapEnd, to);
    if (before.slice(gapEnd, from) !== word) edits.push({ start: gapEnd, end: from, newText: word });
  }
}

/** A carriage return is never parted from its line feed. */
function trimmedGap(before: string, gap: string, start: number, end: number): TextEdit {
  const hasReturns = before.slice(start, end).includes('\r');
  return hasReturns === gap.includes('\r') ? trimmed(before, gap, start, end) : { start, end, newText: gap };
}

/** Replaces a part of a text without what is the same at both ends of the part; surrogate pairs stay whole. */
function trimmed(before: string, newText: string, start: number, end: number): TextEdit {
  const most = Math.min(end - start, newText.length);
  let same = 0;
  while (same < most && before[start + same] === newText[same]) same++;
  if (same > 0 && isLeadSurrogate(newText.charCodeAt(same - 1))) same--;
  let sameAtEnd = 0;
  while (sameAtEnd < most - same && before[end - 1 - sameAtEnd] === newText.at(-1 - sameAtEnd)) sameAtEnd++;
  if (sameAtEnd > 0 && isTrailSurrogate(before.charCodeAt(end - sameAtEnd))) sameAtEnd--;
  return { start: start + same, end: end - sameAtEnd, newText: newText.slice(same, newText.length - sameAtEnd) };
}

function isLeadSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

function isTrailSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

const BLANKS = /[ \t\r\n]*/y;

/** A bracket or comma, or a word; a comment starts a piece even where it touches the word before it. */
const PIECE = /[()[\]{},]|(?:(?!\/\/)[^ \t\r\n()[\]{},])+|\/\/[^ \t\r\n()[\]{},]*/y;

function endOfBlanks(text: string, at: number): number {
  BLANKS.lastIndex = at;
  BLANKS.test(text);
  return BLANKS.lastIndex;
}

function endOfPiece(text: string, at: number): number {
  PIECE.lastIndex = at;
  PIECE.test(text);
  return PIECE.lastIndex;
}
