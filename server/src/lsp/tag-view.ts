import { printable } from '../engine/printable.ts';
import { summarizeTags } from '../engine/tag-report.ts';
import type { TagReportRow, Verdict } from '../engine/tag-report.ts';
import type { ShownReport } from './shown-report.ts';

/** One project's rows, with the name to show above them. */
export interface TagSection {
  readonly title: string;
  readonly rows: readonly TagReportRow[];
}

/** One aligned table for each module. */
export function tagView(sections: readonly TagSection[], cancelled: boolean): ShownReport {
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
  const lines = [line(HEADER), line(widths.map((width) => '─'.repeat(width))), ...cells.map(line)];
  return `${[...lines, ...details(rows)].join('\n')}\n`;
}

/** What the cells are too narrow for, once for each reason. */
function details(rows: readonly TagReportRow[]): string[] {
  const requirements = new Map<string, string[]>();
  for (const { module, origin, proxy, checksum } of rows) {
    for (const detail of new Set([origin, proxy, checksum].map((verdict) => verdict.detail))) {
      if (detail === undefined) continue;
      requirements.set(detail, [...(requirements.get(detail) ?? []), `${module.path} ${module.version}`]);
    }
  }
  if (requirements.size === 0) return [];
  return ['', ...[...requirements].map(([detail, names]) => `${shortList(names)}: ${detail}`)];
}

/** The names, or how many there are when they would fill the view. */
function shortList(names: readonly string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names[0]} and ${names.length - 1} more`;
}

/** What a verdict's state is shown as; LEGEND says what it means. */
export const MARKS: Readonly<Record<Verdict['state'], string>> = { good: '✓', bad: '✗', unchecked: '?', pending: '?', neutral: '–' };

function cell({ state, words }: Verdict): string {
  return words === '' ? '' : `${MARKS[state]} ${words}`;
}
