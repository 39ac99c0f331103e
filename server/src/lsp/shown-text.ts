import { boundedText } from '../engine/bounded-text.ts';
import { printable } from '../engine/printable.ts';

/** A text from anywhere as it may be shown: spelled out where it would be obeyed, and cut where it would bury the rest. */
export function shownText(text: string): string {
  return printable(boundedText(text));
}
