import assert from 'node:assert/strict';
import type { Problem } from '../../server/src/syntax/directives.ts';
import { LineIndex } from '../../server/src/syntax/span.ts';

/** A text with lines that mark what is expected on the line above: `^^^ kind: message`, the marks under the place. */
export interface Marked {
  readonly text: string;
  readonly expected: readonly string[];
}

/**
 * Takes marks out of a text. A mark on an empty place is written `|`. The first line break is not part of the text,
 * so that a template can start on a line of its own.
 */
export function unmark(marked: string): Marked {
  const kept: string[] = [];
  const expected: string[] = [];
  for (const line of marked.replace(/^\n/, '').split('\n')) {
    const mark = /^( *)(\^+|\|) (.*)$/.exec(line);
    if (!mark) {
      kept.push(line);
      continue;
    }
    const [, before = '', place = '', message = ''] = mark;
    const end = before.length + (place === '|' ? 0 : place.length);
    expected.push(`${kept.length}:${before.length + 1}-${end + 1} ${message}`);
  }
  return { text: kept.join('\n'), expected };
}

/** Checks the problems of a text against its marks. */
export function assertProblems(marked: Marked, problems: readonly Problem[]): void {
  const index = new LineIndex(marked.text);
  const found = problems.map((problem) => {
    const { start, end } = index.range(problem);
    const lastColumn = end.line === start.line ? end.character : `${end.line - start.line}:${end.character}`;
    const to = typeof lastColumn === 'number' ? lastColumn + 1 : lastColumn;
    const hint = problem.suggestion ? ` (${problem.suggestion}?)` : '';
    return `${start.line + 1}:${start.character + 1}-${to} ${problem.kind}: ${problem.message}${hint}`;
  });
  assert.deepEqual(found.sort(byPlace), [...marked.expected].sort(byPlace));
}

function byPlace(a: string, b: string): number {
  return parseInt(a, 10) - parseInt(b, 10) || (a < b ? -1 : 1);
}
