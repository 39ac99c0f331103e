import { LineIndex } from '../../server/src/syntax/span.ts';
import type { Span } from '../../server/src/syntax/span.ts';

/** What a fixture expects at one place. */
export interface Mark {
  readonly span: Span;
  readonly severity: string;
  readonly rule: string;
  readonly message: string;
}

/** A file without its marks, and the marks. */
export interface MarkedFile {
  readonly text: string;
  readonly marks: readonly Mark[];
}

/**
 * Takes marks out of a text. A line whose first non-blank is `^` marks the line above it: `^^^ error rule-name: message`
 * under the characters that are meant. Several such lines may follow one line. `related` in place of a severity stands for
 * what a finding elsewhere says of this place.
 */
export function readMarks(marked: string): MarkedFile {
  const kept: string[] = [];
  const found: { line: number; start: number; end: number; rest: string }[] = [];
  for (const line of marked.split('\n')) {
    const match = /^(\s*)(\^+) ?(.*)$/.exec(line);
    if (match) found.push({ line: kept.length - 1, start: match[1]!.length, end: match[1]!.length + match[2]!.length, rest: match[3]! });
    else kept.push(line);
  }
  const text = kept.join('\n');
  const index = new LineIndex(text);
  const marks = found.map(({ line, start, end, rest }) => {
    const parts = /^(error|warning|info|hint|related) ([a-z-]+): (.*)$/.exec(rest);
    if (!parts) throw new Error(`this mark can't be read: ${rest}`);
    const from = index.offset({ line, character: 0 });
    return { span: { start: from + start, end: from + end }, severity: parts[1]!, rule: parts[2]!, message: parts[3]! };
  });
  return { text, marks };
}
