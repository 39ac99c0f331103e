import type { ReportedFinding, ReportedUnchecked } from '../engine/analysis.ts';
import type { Severity } from '../engine/rule.ts';
import { EditorLines } from '../lsp/editor-lines.ts';
import { uncheckedReasons } from '../lsp/unchecked-reasons.ts';
import type { Span } from '../syntax/span.ts';
import { terminalColors } from './colors.ts';
import type { Colors } from './colors.ts';
import type { CheckResult } from './check.ts';
import { excerpt } from './excerpt.ts';
import type { Excerpt } from './excerpt.ts';
import { countSeverities, shownPath } from './json-report.ts';
import { oneLine } from '../lsp/one-line.ts';
import { plural } from './plural.ts';

/** The form for people: file, line, caret, message, fixes; colours only on a terminal. */
export async function textReport(result: CheckResult): Promise<string> {
  const colors = terminalColors();
  const lines = new Map<string, EditorLines>();
  const parts = result.findings.map((finding) => findingText(finding, result.texts, lines, colors));
  parts.push(...result.applied.map((title) => `${colors.green('fixed')} ${oneLine(title)}\n`));
  parts.push(uncheckedText(result.unchecked, colors), summaryText(result, colors));
  return parts.join('');
}

function findingText(
  finding: ReportedFinding,
  texts: ReadonlyMap<string, string>,
  linesOf: Map<string, EditorLines>,
  colors: Colors,
): string {
  const { file, span } = finding.at;
  const text = texts.get(file) ?? '';
  let lines = linesOf.get(file);
  if (!lines) {
    lines = new EditorLines(text);
    linesOf.set(file, lines);
  }
  const start = lines.position(span.start);
  const { line, indent, width } = markedLine(text, span);
  const number = String(start.line + 1);
  const margin = ' '.repeat(number.length);
  const paint = severityColor(finding.severity, colors);
  const place = `${oneLine(shownPath(file))}:${number}:${start.character + 1}`;
  const out = [
    `${colors.bold(place)}: ${paint(finding.severity)} ${colors.bold(finding.rule)}`,
    ` ${margin} |`,
    ` ${number} | ${line}`,
    ` ${margin} | ${indent}${paint('^'.repeat(width))}`,
    ` ${margin} = ${oneLine(finding.message)}`,
    ...(finding.fixes ?? []).map(
      ({ title, safety }) => ` ${margin} ${colors.cyan('fix:')} ${oneLine(title)}${safety === 'unsafe' ? colors.dim(' (unsafe)') : ''}`,
    ),
  ];
  return `${out.join('\n')}\n\n`;
}

/** The line that a span begins on, without what ends it and without a byte order mark. */
function markedLine(text: string, { start, end }: Span): Excerpt {
  const lineStart = start === 0 ? 0 : text.lastIndexOf('\n', start - 1) + 1;
  const from = lineStart === 0 && text.startsWith('\ufeff') ? 1 : lineStart;
  const newline = text.indexOf('\n', start);
  const line = text.slice(from, newline < 0 ? text.length : newline).replace(/\r$/, '');
  const place = (offset: number): number => Math.min(Math.max(offset - from, 0), line.length);
  return excerpt(line, { start: place(start), end: place(end) });
}

function uncheckedText(unchecked: readonly ReportedUnchecked[], colors: Colors): string {
  if (unchecked.length === 0) return '';
  const lines = uncheckedReasons(unchecked).map(({ reason, count }) => `  ${count} × ${oneLine(reason)}\n`);
  return `${colors.yellow('not checked')} (no fault is known of these):\n${lines.join('')}\n`;
}

function summaryText({ findings, modules, requests, milliseconds, unchecked }: CheckResult, colors: Colors): string {
  const { errors, warnings, infos, hints } = countSeverities(findings);
  const counts = [plural(errors, 'error'), plural(warnings, 'warning'), plural(infos, 'info'), plural(hints, 'hint')];
  const found = findings.length === 0 ? colors.green('no findings') : counts.join(', ');
  const left = unchecked.length > 0 ? `, ${unchecked.length} not checked` : '';
  return `${found}${left} (${plural(modules, 'requirement')}, ${plural(requests, 'request')}, ${milliseconds} ms)\n`;
}

function severityColor(severity: Severity, colors: Colors): (text: string) => string {
  switch (severity) {
    case 'error':
      return colors.red;
    case 'warning':
      return colors.yellow;
    case 'info':
      return colors.blue;
    case 'hint':
      return colors.dim;
  }
}
