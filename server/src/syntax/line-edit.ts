import type { ModFile, WorkFile } from './directives.ts';
import { lineOrder, type LineOrder } from './line-order.ts';
import { joinWords, printedWords, rewrittenWords } from './printed-words.ts';
import type { Span, TextEdit } from './span.ts';
import type { Comment, Line, LineBlock, Statement } from './tree.ts';

/** A directive to write, and where; without a place, with the last of its kind, or at the end of the file. */
export interface NewLine {
  readonly verb: string;
  /** What follows the verb, quoted where necessary. */
  readonly words: readonly string[];
  /** Whole-line comments to write above it, with their slashes. */
  readonly comments?: readonly string[];
  /** A comment to write behind it, with its slashes. */
  readonly suffix?: string;
  /** A statement of the same verb to become part of: a line becomes a block. */
  readonly within?: Statement;
  /** A line of the same verb to follow, if the block is not in order anyway. */
  readonly afterLine?: Line;
  readonly afterStatement?: Statement;
  readonly beforeStatement?: Statement;
  readonly atEnd?: true;
}

/**
 * The edits that add a directive (modfile/read.go:addLine). In a block that is in order it goes where the order has it,
 * otherwise to the end or after the line named.
 */
export function addLine(file: ModFile | WorkFile, line: NewLine): TextEdit[] {
  const { statements } = file.tree;
  if (line.beforeStatement) return insertBefore(file, line, line.beforeStatement);
  if (line.afterStatement) return insertAfter(file, line, line.afterStatement);
  if (line.atEnd) return insertAfter(file, line, statements.at(-1));
  const home = line.within ?? line.afterLine?.block ?? line.afterLine ?? lastOf(statements, line.verb);
  if (home?.kind === 'block') return addToBlock(file, line, home);
  if (home?.kind === 'line') return makeBlock(file, line, home);
  return insertAfter(file, line, statements.at(-1));
}

/** Edits within a line that stays, which are lost or moved if the line moves with its block's collapse. */
export interface LineChange {
  readonly line: Line;
  readonly edits: readonly TextEdit[];
}

/**
 * The edits that drop lines with their comments, and change one other, as modfile's Cleanup leaves a file: an empty
 * block goes, and one with a single line becomes that line. Unlike it, they keep a block whose parentheses have
 * comments.
 */
export function dropLines(file: ModFile | WorkFile, lines: readonly Line[], change?: LineChange): TextEdit[] {
  const dropped = new Set(lines);
  const blocks = new Set<LineBlock>();
  const deletions: Span[] = [];
  const edits: TextEdit[] = [];
  for (const line of dropped) {
    if (line.block) blocks.add(line.block);
    else deletions.push(statementSpan(file, line));
  }
  let isChanged = change === undefined;
  for (const block of blocks) {
    const kept = block.lines.filter((line) => !dropped.has(line));
    if (kept.length === 0) {
      deletions.push(statementSpan(file, block));
    } else if (kept.length === 1 && mayCollapse(block)) {
      edits.push(collapse(file.text, block, kept[0]!, change));
      isChanged ||= change?.line === kept[0];
    } else {
      deletions.push(...lineSpans(file.text, block, dropped));
    }
  }
  if (!isChanged) edits.push(...change!.edits);
  edits.push(...merge(deletions).map((span) => ({ ...span, newText: '' })));
  return edits.sort((a, b) => a.start - b.start);
}

/** The edits that give a line other words after its verb; words that stay at its start or end are not touched. */
export function replaceArguments(line: Line, words: readonly string[]): TextEdit[] {
  const present = line.block ? line.words : line.words.slice(1);
  let same = 0;
  while (same < words.length && present[same]?.raw === words[same]) same++;
  let sameAtEnd = 0;
  const most = Math.min(words.length, present.length) - same;
  while (sameAtEnd < most && present.at(-1 - sameAtEnd)?.raw === words.at(-1 - sameAtEnd)) sameAtEnd++;
  const removed = present.slice(same, present.length - sameAtEnd);
  const added = words.slice(same, words.length - sameAtEnd);
  if (removed.length > 0 && added.length > 0) {
    return [{ start: removed[0]!.start, end: removed.at(-1)!.end, newText: added.join(' ') }];
  }
  const start = present[same - 1]?.end ?? (line.block ? line.start : line.words[0]!.end);
  if (removed.length > 0) return [{ start, end: removed.at(-1)!.end, newText: '' }];
  if (added.length === 0) return [];
  return [{ start, end: start, newText: added.map((word) => ` ${word}`).join('') }];
}

/** The last statement of a kind to which a line can be added. */
function lastOf(statements: readonly Statement[], verb: string): Statement | undefined {
  return statements.findLast(
    (statement) =>
      statement.kind !== 'comments' &&
      statement.words[0]?.raw === verb &&
      (statement.kind === 'block' ? statement.words.length === 1 : statement.words.length > 1),
  );
}

function written(line: NewLine, words: readonly string[], indent: string, lineEnd: string): string {
  const comments = (line.comments ?? []).map((comment) => indent + comment + lineEnd).join('');
  return comments + indent + joinWords(words) + (line.suffix ? ` ${line.suffix}` : '');
}

function statementText(file: ModFile | WorkFile, line: NewLine): string {
  return written(line, [line.verb, ...line.words], '', lineEndOf(file.text));
}

function insertBefore(file: ModFile | WorkFile, line: NewLine, statement: Statement): TextEdit[] {
  const offset = startOfLine(file.text, firstOffset(statement));
  const lineEnd = lineEndOf(file.text);
  return [insertion(offset, statementText(file, line) + lineEnd + lineEnd)];
}

/** Writes a statement after another, with a blank line between, as modfile separates statements. */
function insertAfter(file: ModFile | WorkFile, line: NewLine, statement: Statement | undefined): TextEdit[] {
  const { text } = file;
  const lineEnd = lineEndOf(text);
  const added = statementText(file, line) + lineEnd;
  if (!statement) return [insertion(text.length, (isOpenEnded(text, text.length) ? lineEnd : '') + added)];
  const offset = endOfLine(text, statement.end);
  const before = (isOpenEnded(text, offset) ? lineEnd : '') + lineEnd;
  const isFollowed = offset < text.length && !isBlankLine(text, offset);
  return [insertion(offset, before + added + (isFollowed ? lineEnd : ''))];
}

function addToBlock(file: ModFile | WorkFile, line: NewLine, block: LineBlock): TextEdit[] {
  const { text } = file;
  const lineEnd = lineEndOf(text);
  const place = placeIn(file, line, block.lines);
  const neighbour = block.lines[place - 1] ?? block.lines[0];
  const indent = neighbour ? indentOf(text, neighbour) : '\t';
  const added = written(line, line.words, indent, lineEnd);
  const previous = block.lines[place - 1];
  const next = block.lines[place];
  if (previous) return [insertion(endOfLine(text, previous.end), added + lineEnd)];
  if (next) return [insertion(startOfLine(text, firstOffset(next)), added + lineEnd)];
  const isOnOneLine = !text.slice(block.open.end, block.close.start).includes('\n');
  if (isOnOneLine) return [{ start: block.open.end, end: block.close.start, newText: lineEnd + added + lineEnd }];
  return [insertion(endOfLine(text, block.open.end), added + lineEnd)];
}

/** How many of a block's lines the new one follows. */
function placeIn(file: ModFile | WorkFile, line: NewLine, lines: readonly Line[]): number {
  const order = lineOrder(line.verb, file.go?.version.value);
  const rewritten = rewrittenWords(file);
  const words = lines.map((present) => printedWords(present, rewritten).slice(present.block ? 0 : 1));
  if (isInOrder(words, order)) {
    const at = words.findIndex((present) => order(present, line.words) > 0);
    return at < 0 ? lines.length : at;
  }
  return line.afterLine ? lines.indexOf(line.afterLine) + 1 : lines.length;
}

function isInOrder(lines: readonly (readonly string[])[], order: LineOrder): boolean {
  return lines.every((words, at) => at === 0 || order(lines[at - 1]!, words) <= 0);
}

/** Turns a line into a block of two, into which the comments above it move as well. */
function makeBlock(file: ModFile | WorkFile, line: NewLine, present: Line): TextEdit[] {
  const { text } = file;
  const lineEnd = lineEndOf(text);
  const [verb, first] = present.words;
  const isFirst = placeIn(file, line, [present]) === 0;
  const added = written(line, line.words, '\t', lineEnd);
  const comments = present.comments.before.map((comment) => `\t${comment.text}${lineEnd}`).join('');
  const opening = ` (${lineEnd}${isFirst ? added + lineEnd : ''}${comments}\t`;
  const end = lastOffset(present);
  const edits = [
    { start: verb!.end, end: first!.start, newText: opening },
    insertion(end, `${lineEnd}${isFirst ? '' : added + lineEnd})`),
  ];
  const start = firstOffset(present);
  if (start === present.start) return edits;
  return [{ start, end: present.start, newText: '' }, ...edits];
}

/** Whether a block can become a line without the loss of a comment. */
function mayCollapse(block: LineBlock): boolean {
  const { openComments, closeComments } = block;
  return openComments.suffix.length === 0 && closeComments.suffix.length === 0 && closeComments.before.length === 0;
}

function collapse(text: string, block: LineBlock, line: Line, change: LineChange | undefined): TextEdit {
  const lineEnd = lineEndOf(text);
  const comments = line.comments.before.filter(({ text: comment }) => comment !== '');
  const above = comments.map((comment) => comment.text + lineEnd).join('');
  const verbs = text.slice(block.start, block.words.at(-1)!.end);
  const edits = change?.line === line ? change.edits : [];
  const rest = editSlice(text, { start: line.start, end: lastOffset(line) }, edits);
  return { start: block.start, end: block.end, newText: `${above}${verbs} ${rest}` };
}

function editSlice(text: string, span: Span, edits: readonly TextEdit[]): string {
  let result = '';
  let at = span.start;
  for (const edit of edits) {
    result += text.slice(at, edit.start) + edit.newText;
    at = edit.end;
  }
  return result + text.slice(at, span.end);
}

/** What a statement takes up with its comments, and a blank line that would be left over. */
function statementSpan(file: ModFile | WorkFile, statement: Statement): Span {
  const { text } = file;
  const start = startOfLine(text, firstOffset(statement));
  const end = endOfLine(text, statement.end);
  const isAfterBlank = start === 0 || isBlankLine(text, startOfLine(text, start - 1));
  if (!isAfterBlank) return { start, end };
  if (end < text.length) return { start, end: isBlankLine(text, end) ? endOfLine(text, end) : end };
  return { start: start === 0 ? 0 : startOfLine(text, start - 1), end };
}

/** What the dropped lines of a block take up, and blank lines that would be left over at its start. */
function lineSpans(text: string, block: LineBlock, dropped: ReadonlySet<Line>): Span[] {
  const spans = block.lines
    .filter((line) => dropped.has(line))
    .map((line) => ({ start: startOfLine(text, firstOffset(line)), end: endOfLine(text, line.end) }));
  const first = block.lines.find((line) => !dropped.has(line))!;
  const [blank, next] = first.comments.before;
  if (blank?.text === '' && first !== block.lines[0]) {
    spans.push({ start: startOfLine(text, blank.start), end: startOfLine(text, next?.start ?? first.start) });
  }
  return spans;
}

/** Spans that touch or overlap become one. */
function merge(spans: readonly Span[]): Span[] {
  const merged: { start: number; end: number }[] = [];
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last && start <= last.end) last.end = Math.max(last.end, end);
    else merged.push({ start, end });
  }
  return merged;
}

/** Where a statement starts with the comments above it. */
function firstOffset(statement: Statement): number {
  return statement.comments.before[0]?.start ?? statement.start;
}

/** Where a line ends with the comments behind it. */
function lastOffset(line: Line): number {
  return line.comments.suffix.reduce((end: number, comment: Comment) => Math.max(end, comment.end), line.end);
}

function indentOf(text: string, line: Line): string {
  const before = text.slice(startOfLine(text, line.start), line.start);
  return /^[ \t]*$/.test(before) ? before : '\t';
}

function insertion(offset: number, newText: string): TextEdit {
  return { start: offset, end: offset, newText };
}

/** The line end that the text has: that of its first line. */
function lineEndOf(text: string): string {
  const newline = text.indexOf('\n');
  return newline > 0 && text[newline - 1] === '\r' ? '\r\n' : '\n';
}

/** Whether a text up to an offset lacks the end of its last line. */
function isOpenEnded(text: string, offset: number): boolean {
  return offset > 0 && text[offset - 1] !== '\n';
}

function startOfLine(text: string, offset: number): number {
  return offset <= 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
}

/** The start of the next line, or the end of the text. */
function endOfLine(text: string, offset: number): number {
  const newline = text.indexOf('\n', offset);
  return newline < 0 ? text.length : newline + 1;
}

function isBlankLine(text: string, start: number): boolean {
  return /^[ \t\r]*$/.test(text.slice(start, endOfLine(text, start)).replace(/\n$/, ''));
}
