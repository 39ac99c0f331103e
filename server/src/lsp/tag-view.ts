import { printable } from '../engine/printable.ts';
import { summarizeTags } from '../engine/tag-report.ts';
import type { TagReportRow, Verdict } from '../engine/tag-report.ts';

/** The result of "Verify Module Tags" as a client shows it. */
export interface TagView {
  /** One line. */
  readonly summary: string;
  /** A plain text with one aligned table for each module. */
  readonly text: string;
}

/** One project's rows, with the name to show above them. */
export interface TagSection {
  readonly title: string;
  readonly rows: readonly TagReportRow[];
}

export function tagView(sections: readonly TagSection[], cancelled: boolean): TagView {
  const all = sections.flatMap(({ rows }) => rows);
  const summary = (cancelled ? 'Cancelled. ' : '') + summarizeTags(all);
  const tables = sections.map(({ title, rows }) => `${title}\n\n${table(rows)}`);
  return { summary, text: printable(['Module tags', '', summary, '', LEGEND, '', ...tables].join('\n')) };
}

const LEGEND = '✓ as it should be   ✗ a fault   ? could not be checked   – nothing to check';

const HEADER = ['Requirement', 'Origin', 'Proxy', 'Checksum'];

function table(rows: readonly TagReportRow[]): string {
  if (rows.length === 0) return 'It requires no modules.\n';
  const cells = rows.map(({ module, origin, proxy, checksum }) => [
    `${module.path} ${module.version}`,
    cell(origin),
    cell(proxy),
    cell(checksum),
  ]);
  const widths = HEADER.map((title, column) => Math.max(title.length, ...cells.map((row) => [...row[column]!].length)));
  const line = (row: readonly string[]) => row.map((text, column) => text.padEnd(widths[column]!)).join('  ').trimEnd();
  return `${[line(HEADER), line(widths.map((width) => '─'.repeat(width))), ...cells.map(line)].join('\n')}\n`;
}

const MARKS: Record<Verdict['state'], string> = { good: '✓', bad: '✗', unchecked: '?', pending: '?', neutral: '–' };

function cell({ state, words }: Verdict): string {
  return words === '' ? '' : `${MARKS[state]} ${words}`;
}
