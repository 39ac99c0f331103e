/** A half-open range of a text, in zero-based UTF-16 code units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A place in a text: zero-based line and zero-based UTF-16 column, as LSP counts them. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

/** A half-open range between two places of a text. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** Replaces the text of a span; an empty span inserts. */
export interface TextEdit extends Span {
  readonly newText: string;
}

/**
 * Translates between offsets and lines of one text.
 *
 * Lines end at `\n`, as the go command counts them; a `\r` before it belongs to the line.
 */
export class LineIndex {
  readonly #starts: number[] = [0];
  readonly #length: number;

  constructor(text: string) {
    this.#length = text.length;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
      this.#starts.push(at + 1);
    }
  }

  /** The place of an offset; offsets outside the text are clamped to it. */
  position(offset: number): Position {
    const clamped = Math.min(Math.max(offset, 0), this.#length);
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#starts[middle]! <= clamped) low = middle;
      else high = middle - 1;
    }
    return { line: low, character: clamped - this.#starts[low]! };
  }

  /** The offset of a place; places past the end of a line or of the text are clamped. */
  offset(position: Position): number {
    const start = this.#starts[position.line];
    if (start === undefined) return this.#length;
    const next = this.#starts[position.line + 1] ?? this.#length + 1;
    return Math.min(start + position.character, next - 1);
  }

  range(span: Span): Range {
    return { start: this.position(span.start), end: this.position(span.end) };
  }
}

/** Applies edits that do not overlap; edits at one place are applied in the order given. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const ordered = edits.map((edit, order) => ({ edit, order }));
  ordered.sort((a, b) => a.edit.start - b.edit.start || a.edit.end - b.edit.end || a.order - b.order);
  let result = '';
  let at = 0;
  for (const { edit } of ordered) {
    if (edit.start < at) throw new RangeError(`edits overlap at offset ${edit.start}`);
    result += text.slice(at, edit.start) + edit.newText;
    at = edit.end;
  }
  return result + text.slice(at);
}
