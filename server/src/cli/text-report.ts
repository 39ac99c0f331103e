import { createColors } from 'picocolors';
import type { ReportedFinding, ReportedUnchecked } from '../engine/analysis.ts';
import { printable } from '../engine/printable.ts';
import type { Severity } from '../engine/rule.ts';
import { LineIndex } from '../syntax/span.ts';
import type { CheckResult } from './check.ts';
import { countSeverities, shownPath } from './json-report.ts';

type Colors = ReturnType<typeof createColors>;

/** The form for people: file, line, caret, message, fixes; colours only on a terminal. */
export async function textReport(result: CheckResult): Promise<string> {
  const colors = createColors(process.stdout.isTTY && process.env['NO_COLOR'] === undefined);
  const indexes = new Map<string, LineIndex>();
  const parts = result.findings.map((finding) => findingText(finding, result.texts, indexes, colors));
  parts.push(...result.applied.map((title) => `${colors.green('fixed')} ${printable(title)}\n`));
  parts.push(uncheckedText(result.unchecked, colors), summaryText(result, colors));
  return parts.join('');
}

function findingText(
  finding: ReportedFinding,
  texts: ReadonlyMap<string, string>,
  indexes: Map<string, LineIndex>,
  colors: Colors,
): string {
  const { file, span } = finding.at;
  const text = texts.get(file) ?? '';
  let index = indexes.get(file);
  if (!index) {
    index = new LineIndex(text);
    indexes.set(file, index);
  }
  const { start, end } = index.range(span);
  const lineStart = index.offset({ line: start.line, character: 0 });
  const line = text.slice(lineStart).split(/\r?\n/, 1)[0]!;
  const width = Math.max((end.line === start.line ? end.character : line.length) - start.character, 1);
  const number = String(start.line + 1);
  const margin = ' '.repeat(number.length);
  const indent = line.slice(0, start.character).replace(/[^\t]/g, ' ');
  const paint = severityColor(finding.severity, colors);
  const out = [
    `${colors.bold(`${shownPath(file)}:${number}:${start.character + 1}`)}: ${paint(finding.severity)} ${colors.bold(finding.rule)}`,
    ` ${margin} |`,
    ` ${number} | ${printable(line)}`,
    ` ${margin} | ${indent}${paint('^'.repeat(width))}`,
    ` ${margin} = ${printable(finding.message)}`,
    ...(finding.fixes ?? []).map(
      ({ title, safety }) => ` ${margin} ${colors.cyan('fix:')} ${printable(title)}${safety === 'unsafe' ? colors.dim(' (unsafe)') : ''}`,
    ),
  ];
  return `${out.join('\n')}\n\n`;
}

function uncheckedText(unchecked: readonly ReportedUnchecked[], colors: Colors): string {
  if (unchecked.length === 0) return '';
  const reasons = new Map<string, number>();
  for (const { unchecked: what, why } of unchecked) {
    const reason = `${what}: ${why}`;
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  const lines = [...reasons]
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `  ${count} × ${printable(reason)}\n`);
  return `${colors.yellow('not checked')} (no fault is known of these):\n${lines.join('')}\n`;
}

function summaryText({ findings, modules, requests, milliseconds, unchecked }: CheckResult, colors: Colors): string {
  const { errors, warnings, infos, hints } = countSeverities(findings);
  const counts = [plural(errors, 'error'), plural(warnings, 'warning'), plural(infos, 'info'), plural(hints, 'hint')];
  const found = findings.length === 0 ? colors.green('no findings') : counts.join(', ');
  const left = unchecked.length > 0 ? `, ${unchecked.length} not checked` : '';
  return `${found}${left} (${plural(modules, 'requirement')}, ${plural(requests, 'request')}, ${milliseconds} ms)\n`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
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
