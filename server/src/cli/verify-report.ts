import { terminalColors } from './colors.ts';
import { oneLine } from '../lsp/one-line.ts';
import { plural } from './plural.ts';
import type { VerifyCounts, VerifyFailure, VerifyReport } from './verify.ts';

/** The stable, documented form: docs/cli.md. */
export function verifyJson({ failures, unchecked, counts }: VerifyReport): string {
  return `${JSON.stringify({ schema: 1, failures, unchecked, summary: counts }, undefined, 2)}\n`;
}

/** One line for each failure, begun as the go command begins it, and below it who disagrees with whom. */
export function verifyText({ failures, unchecked, counts }: VerifyReport): string {
  const colors = terminalColors();
  const lines = failures.map((failure) => `${colors.red(headline(failure))}\n${sidesText(failure)}`);
  const reasons = new Map<string, number>();
  for (const { why } of unchecked) reasons.set(why, (reasons.get(why) ?? 0) + 1);
  const open = [...reasons].map(([why, count]) => `${colors.yellow('not checked')}: ${count} × ${oneLine(why)}\n`);
  return `${lines.join('')}${open.join('')}${failures.length === 0 ? 'all modules verified\n' : ''}${countsText(counts)}`;
}

function headline({ module: { path, version }, of, message }: VerifyFailure): string {
  return oneLine(`${path} ${version}${of === 'go.mod' ? '/go.mod' : ''}: ${message}`);
}

function sidesText({ sides }: VerifyFailure): string {
  const width = Math.max(0, ...sides.map(({ who }) => who.length));
  return sides.map(({ who, hash }) => `    ${who.padEnd(width)}  ${oneLine(hash)}\n`).join('');
}

function countsText({ modules, zips, directories, lines, signed, requests, milliseconds }: VerifyCounts): string {
  return (
    `${plural(modules, 'module version')} in go.sum: ${plural(zips, 'zip file')} and ` +
    `${plural(directories, 'directory', 'directories')} of the module cache hashed, ` +
    `${signed} of ${plural(lines, 'line')} signed by the checksum database (${plural(requests, 'request')}, ${milliseconds} ms)\n`
  );
}
