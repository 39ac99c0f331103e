import type { ModFile, SumFile, WorkFile } from '../../syntax/directives.ts';
import type { Span } from '../../syntax/span.ts';
import type { Line } from '../../syntax/tree.ts';
import { sumGroups, writtenComments, type ModuleFile } from './module-file.ts';

/** What an expanding selection takes in, the smallest first: a word, its line, its block's lines, the block, the file. */
export function selectionSpans(file: ModuleFile, offset: number): Span[] {
  const candidates = file.kind === 'sum' ? ofSum(file) : ofTree(file, offset);
  const around = candidates.filter(({ start, end }) => start <= offset && offset <= end);
  // Where two words touch, the one that starts there counts.
  around.sort((a, b) => a.end - a.start - (b.end - b.start) || b.start - a.start);
  const chain: Span[] = [];
  for (const { start, end } of [...around, { start: 0, end: file.text.length }]) {
    const inner = chain.at(-1);
    const isWider = !inner || (start <= inner.start && end >= inner.end && end - start > inner.end - inner.start);
    if (isWider) chain.push({ start, end });
  }
  return chain;
}

function ofSum(file: SumFile): Span[] {
  return [...file.lines.flatMap((line) => [line.path, line.version, line.hash, line]), ...sumGroups(file)];
}

function ofTree(file: ModFile | WorkFile, offset: number): Span[] {
  const { wholeLine, endOfLine } = writtenComments(file);
  const spans: Span[] = [...wholeLine, ...endOfLine];
  for (const statement of file.tree.statements) {
    if (statement.start > offset) break;
    if (statement.kind === 'comments') {
      spans.push(statement);
    } else if (statement.kind === 'line') {
      spans.push(...ofLine(statement));
    } else {
      spans.push(...statement.words, ...statement.lines.flatMap(ofLine), statement);
      const [first, last] = [statement.lines[0], statement.lines.at(-1)];
      if (first && last) spans.push({ start: first.start, end: wholeLineSpan(last).end });
    }
  }
  return spans;
}

function ofLine(line: Line): Span[] {
  return [...line.words, line, wholeLineSpan(line)];
}

/** The line with the comment behind it. */
function wholeLineSpan({ start, end, comments }: Line): Span {
  return { start, end: comments.suffix.at(-1)?.end ?? end };
}
