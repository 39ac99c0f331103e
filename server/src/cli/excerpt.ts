import { printable } from '../engine/printable.ts';
import type { Span } from '../syntax/span.ts';
import { displayWidth } from './display-width.ts';

/** A line as it is shown, with the blanks and the carets that stand below it. */
export interface Excerpt {
  readonly line: string;
  /** Blanks as wide as what is before the marked part; tabs stay, because their width is the terminal's matter. */
  readonly indent: string;
  /** The width of the marked part in columns, at least 1. */
  readonly width: number;
}

/** What is shown of a longer line, in UTF-16 code units. */
const LONGEST = 240;

/** What is shown before the marked part of a longer line, in UTF-16 code units. */
const BEFORE = 60;

/** Shows a line with a marked part, or of a very long one what is around the part's beginning. */
export function excerpt(line: string, { start, end }: Span): Excerpt {
  const from = line.length <= LONGEST ? 0 : whole(line, Math.max(start - BEFORE, 0));
  const to = line.length <= LONGEST ? line.length : whole(line, Math.min(from + LONGEST, line.length));
  const [lead, trail] = [from > 0 ? '…' : '', to < line.length ? '…' : ''];
  const before = lead + printable(line.slice(from, start));
  return {
    line: lead + printable(line.slice(from, to)) + trail,
    indent: before.replace(/[^\t]+/g, (text) => ' '.repeat(displayWidth(text))),
    width: Math.max(displayWidth(printable(line.slice(start, Math.min(end, to)))), 1),
  };
}

/** The place itself, or the one before where it is within a surrogate pair. */
function whole(line: string, at: number): number {
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(line.slice(at - 1, at + 1)) ? at - 1 : at;
}
