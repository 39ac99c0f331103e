/**
 * Rewrites the marks and the fix results of fixtures as they come out now: `node test/rules/update.ts FILE…`.
 * It saves typing; whether what comes out is right is for the person who reads the difference.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { LineIndex, applyEdits } from '../../server/src/syntax/span.ts';
import { parseTxtar } from '../txtar.ts';
import { filesOf, labelledFixes, openFixture, shownMessage } from './fixture.ts';
import type { Fixture, Run } from './fixture.ts';

for (const file of process.argv.slice(2)) {
  const text = readFileSync(file, 'utf8');
  const fixture = await openFixture(text);
  try {
    writeFileSync(file, updated(text, fixture, await fixture.run()));
  } finally {
    fixture.close();
  }
}

function updated(text: string, fixture: Fixture, run: Run): string {
  const archive = parseTxtar(text);
  const parts = [archive.comment];
  for (const { name, data } of archive.files) {
    if (name.startsWith('fix/') || name === 'unchecked') continue;
    if (name === 'asked') {
      parts.push(section(name, run.asked));
      continue;
    }
    const unmarked = fixture.files.get(name);
    parts.push(`-- ${name} --\n`, unmarked === undefined ? data : marked(name, unmarked, fixture, run));
  }
  if (run.unchecked.length > 0) parts.push(section('unchecked', run.unchecked));
  return parts.join('') + fixResults(fixture, run);
}

function section(name: string, lines: readonly string[]): string {
  return [`-- ${name} --`, ...lines].map((line) => `${line}\n`).join('');
}

function marked(name: string, text: string, fixture: Fixture, run: Run): string {
  const index = new LineIndex(text);
  const marks = run.analysis.findings
    .flatMap(({ related = [], ...finding }) => [finding, ...related.map((other) => ({ ...other, severity: 'related', rule: finding.rule }))])
    .filter(({ at }) => at.file === `${fixture.directory}/${name}`)
    .map(({ at, severity, rule, message }) => {
      return { ...index.range(at.span), severity, rule, message: shownMessage(fixture.directory, message) };
    });
  const lines: string[] = [];
  for (const [number, line] of text.split('\n').entries()) {
    lines.push(line);
    for (const { start, end, severity, rule, message } of marks.filter((mark) => mark.start.line === number)) {
      const indent = line.slice(0, start.character).replace(/[^\t]/g, ' ');
      lines.push(`${indent}${'^'.repeat(end.character - start.character)} ${severity} ${rule}: ${message}`);
    }
  }
  return lines.join('\n');
}

function fixResults(fixture: Fixture, run: Run): string {
  const sections = labelledFixes(run.analysis).flatMap(({ fix, label }) =>
    filesOf(fixture, fix).map((name) => {
      const edits = fix.edits.filter(({ file }) => file === `${fixture.directory}/${name}`);
      return `-- fix/${label}/${name} --\n${applyEdits(fixture.files.get(name) ?? '', edits)}`;
    }),
  );
  return sections.join('');
}
