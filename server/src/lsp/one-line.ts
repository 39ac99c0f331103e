import { shownText } from './shown-text.ts';

/** A text from anywhere as one line that a terminal shows and does not obey. */
export function oneLine(text: string): string {
  return shownText(text.replace(/\s*[\r\n]+\s*/g, ' ')).replaceAll('\t', ' ');
}
