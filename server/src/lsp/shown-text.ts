import { printable } from '../engine/printable.ts';

/** The most that is shown of one text, in UTF-16 code units; a name in a file may be of any length. */
const LONGEST = 2000;

/** A text from anywhere as it may be shown: spelled out where it would be obeyed, and cut where it would bury the rest. */
export function shownText(text: string): string {
  if (text.length <= LONGEST) return printable(text);
  return `${printable(text.slice(0, LONGEST).replace(/[\ud800-\udbff]$/, ''))}…`;
}
