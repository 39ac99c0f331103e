import { LineIndex } from '../syntax/span.ts';
import type { Position, Range, Span } from '../syntax/span.ts';

/**
 * The places of a text from the disk as an editor counts them: a byte order mark, which the text has but no editor
 * shows, is no character of the first line.
 */
export class EditorLines {
  readonly #index: LineIndex;
  readonly #hidden: number;

  constructor(text: string) {
    this.#index = new LineIndex(text);
    this.#hidden = text.startsWith('\ufeff') ? 1 : 0;
  }

  position(offset: number): Position {
    const { line, character } = this.#index.position(offset);
    return { line, character: line === 0 ? Math.max(character - this.#hidden, 0) : character };
  }

  range(span: Span): Range {
    return { start: this.position(span.start), end: this.position(span.end) };
  }
}
