import { formatTree } from '../../syntax/format.ts';
import type { TextEdit } from '../../syntax/span.ts';
import type { ModuleFile, ParsedText } from './module-file.ts';
import { textDifference } from './text-difference.ts';

/**
 * The edits that bring a go.mod or go.work into the go command's style. None for a file with faults, none for one whose
 * bytes were not UTF-8, and none for go.sum, whose lines mean what they are. The line ends stay as the first one is.
 */
export function formattingEdits(file: ModuleFile): TextEdit[] {
  if (file.kind === 'sum' || file.problems.length > 0 || file.text.includes('\ufffd')) return [];
  const formatted = formatTree(file);
  const hasReturns = /^[^\n]*\r\n/.test(file.text);
  return textDifference(file.text, hasReturns ? formatted.replaceAll('\n', '\r\n') : formatted);
}

/**
 * The edits that bring one `require` line, just finished, into the go command's style: only the space within it changes,
 * and only where nothing is wrong with it.
 *
 * @param line zero-based; the line above the cursor's
 */
export function finishedLineEdits({ file, index }: ParsedText, line: number): TextEdit[] {
  if (file.kind !== 'mod' || line < 0) return [];
  const { text } = file;
  const start = index.offset({ line, character: 0 });
  const requirement = file.require.find((one) => one.line.start >= start && index.position(one.line.start).line === line);
  if (!requirement) return [];
  const newline = text.indexOf('\n', start);
  const lineEnd = newline < 0 ? text.length : newline;
  const end = text[lineEnd - 1] === '\r' ? lineEnd - 1 : lineEnd;
  const { words, comments, block } = requirement.line;
  if (words.at(-1)!.end > end || file.problems.some((problem) => problem.start <= end && problem.end >= start)) return [];

  const pieces = [...words, ...comments.suffix];
  const edits: TextEdit[] = [];
  let at = start;
  for (const [order, piece] of pieces.entries()) {
    const newText = order > 0 ? ' ' : block ? '\t' : '';
    edits.push({ start: at, end: piece.start, newText });
    at = piece.start + text.slice(piece.start, piece.end).trimEnd().length;
  }
  edits.push({ start: at, end, newText: '' });
  if (edits.some((edit) => !/^[ \t]*$/.test(text.slice(edit.start, edit.end)))) return [];
  return edits.filter((edit) => text.slice(edit.start, edit.end) !== edit.newText);
}
