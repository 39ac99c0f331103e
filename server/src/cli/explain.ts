import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { rules } from '../engine/rules/index.ts';
import { CannotRun } from './cannot-run.ts';
import { jsonText } from './json-text.ts';
import { oneLine } from '../lsp/one-line.ts';

export interface ExplainOptions {
  readonly format: 'text' | 'json';
}

/** The pages of docs/rules by rule; the bundle has them in place of this name. */
declare const RULE_PAGES: Readonly<Record<string, string>> | undefined;

/** Runs `gomod-health explain`: the page of docs/rules that tells what a rule finds, why it matters and what its fix does. */
export function explain(name: string, { format }: ExplainOptions): number {
  const rule = rules.find((candidate) => candidate.name === name);
  if (!rule) throw new CannotRun(noSuchRule(name));
  const page = pageOf(rule.name);
  const { severity, summary } = rule;
  process.stdout.write(format === 'json' ? jsonText({ schema: 1, rule: rule.name, severity, summary, page }) : page);
  return 0;
}

/** The text of a page, without the note on where it comes from. */
function pageOf(name: string): string {
  const bundled = typeof RULE_PAGES === 'undefined' ? undefined : RULE_PAGES[name];
  return (bundled ?? readFileSync(sourcePage(name), 'utf8')).replace(/\n*<!--[^]*?-->\n*$/, '\n');
}

/** Where the page is beside the sources. */
function sourcePage(name: string): string {
  return join(dirname(realpathSync(process.argv[1]!)), '../../../docs/rules', `${name}.md`);
}

function noSuchRule(name: string): string {
  const near = rules.filter((rule) => name !== '' && rule.name.includes(name)).map((rule) => rule.name);
  const names = near.length > 0 ? near : rules.map((rule) => rule.name);
  return `there is no rule ${oneLine(name) || 'without a name'}; ${near.length > 0 ? 'near it are' : 'there are'} ${names.join(', ')}`;
}
