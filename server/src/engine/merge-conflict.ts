import type { Span } from '../syntax/span.ts';

/** What one side of a merge conflict holds. */
export interface ConflictSide extends Span {
  /** What the marker names it: a branch, `HEAD`, a commit; empty when the marker names nothing. */
  readonly label: string;
}

/** A conflict that git left in a file, from its first marker to its last. */
export interface MergeConflict extends Span {
  /** The marker lines, without their line ends. */
  readonly markers: readonly Span[];
  /** The two sides as whole lines; undefined for a marker that has lost its others. */
  readonly sides: readonly [ours: ConflictSide, theirs: ConflictSide] | undefined;
}

/**
 * The conflicts that `git merge` wrote into a text (gitformat: seven `<`, `|`, `=` or `>` at the start of a line, the
 * first, second and last followed by a name).
 */
export function mergeConflicts(text: string): MergeConflict[] {
  // Nearly all texts have none, which is found out faster without lines.
  if (!text.includes('<<<<<<<') && !text.includes('>>>>>>>')) return [];
  if (!/^(?:<{7}|>{7})(?: |\r?$)/m.test(text)) return [];
  const found: MergeConflict[] = [];
  let open: Opened | undefined;
  for (const marker of text.matchAll(/^(<{7}|\|{7}|={7}|>{7})(?: (.*?))?(\r?\n|\r?$(?![^]))/gm)) {
    const line = lineOf(marker);
    switch (line.mark) {
      case '<':
        if (open) found.push(stray(open.line));
        open = { line, base: undefined, separator: undefined };
        break;
      case '|':
        if (open && !open.base && !open.separator) open.base = line;
        break;
      case '=':
        if (open && !open.separator && line.label === '') open.separator = line;
        break;
      default:
        found.push(open?.separator ? closed(open, open.separator, line) : stray(line));
        open = open?.separator ? undefined : open;
    }
  }
  if (open) found.push(stray(open.line));
  return found;
}

/** Whether a place lies in one of the conflicts, their markers included. */
export function isInConflict(conflicts: readonly MergeConflict[], place: Span): boolean {
  return conflicts.some(({ start, end }) => start <= place.start && place.start < end);
}

/** Whether a place is on a marker line. */
export function isOnMarker(conflicts: readonly MergeConflict[], place: Span): boolean {
  return conflicts.some(({ markers }) => markers.some(({ start, end }) => start <= place.start && place.start < end));
}

interface MarkerLine extends Span {
  readonly mark: string;
  readonly label: string;
  /** Where the next line starts. */
  readonly next: number;
}

interface Opened {
  readonly line: MarkerLine;
  base: MarkerLine | undefined;
  separator: MarkerLine | undefined;
}

function lineOf(match: RegExpExecArray): MarkerLine {
  const [whole, marks = '', label = '', end = ''] = match;
  const start = match.index;
  return { mark: marks[0]!, label, start, end: start + whole.length - end.length, next: start + whole.length };
}

function stray(line: MarkerLine): MergeConflict {
  return { start: line.start, end: line.next, markers: [line], sides: undefined };
}

function closed({ line, base }: Opened, separator: MarkerLine, last: MarkerLine): MergeConflict {
  return {
    start: line.start,
    end: last.next,
    markers: base ? [line, base, separator, last] : [line, separator, last],
    sides: [
      { label: line.label, start: line.next, end: base?.start ?? separator.start },
      { label: last.label, start: separator.next, end: last.start },
    ],
  };
}
