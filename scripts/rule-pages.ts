/**
 * `npm run docs`: writes what is said of the rules elsewhere from the rules themselves: docs/rules/*.md and the setting
 * `gomodHealth.rules` in package.json. A test fails when they are out of date.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rule } from '../server/src/engine/rule.ts';
import { rules } from '../server/src/engine/rules/index.ts';

const ROOT = join(import.meta.dirname, '..');
const PAGES = join(ROOT, 'docs', 'rules');

/** Every generated file, by its path below the repository, with the text that it should have. */
export function generatedFiles(): Map<string, string> {
  const files = new Map(rules.map((rule) => [`docs/rules/${rule.name}.md`, rulePage(rule)]));
  files.set('docs/rules/README.md', ruleTable());
  files.set('package.json', manifest());
  return files;
}

/** The names of the pages that are there. */
export function presentPages(): string[] {
  return readdirSync(PAGES).map((name) => `docs/rules/${name}`);
}

if (process.argv[1] === import.meta.filename) {
  mkdirSync(PAGES, { recursive: true });
  const files = generatedFiles();
  for (const page of presentPages()) if (!files.has(page)) rmSync(join(ROOT, page));
  for (const [file, text] of files) writeFileSync(join(ROOT, file), text);
}

interface RuleComment {
  readonly description: string;
  readonly examples: readonly string[];
  readonly fix: string;
  readonly references: readonly string[];
}

function rulePage(rule: Rule): string {
  const { description, examples, fix, references } = readComment(rule.name);
  const sections = [`# ${rule.name}`, `*${rule.summary}* Severity: **${rule.severity}**${offNote(rule)}.`, description];
  sections.push(...examples.map((example) => `## Example\n\n\`\`\`\n${example}\n\`\`\``));
  if (fix !== '') sections.push(`## What the fix changes\n\n${fix}`);
  if (rule.inGopls !== undefined) sections.push(`## Beside gopls\n\n${besideGopls(rule.inGopls)}`);
  if (references.length > 0) sections.push(`## References\n\n${references.map((link) => `- <${link}>`).join('\n')}`);
  return `${sections.join('\n\n')}\n\n${generatedFrom(rule.name)}\n`;
}

function ruleTable(): string {
  const rows = rules.map((rule) => `| [${rule.name}](${rule.name}.md) | ${rule.severity}${offNote(rule)} | ${rule.summary} |`);
  const lines = [
    '# Rules',
    '',
    'A severity of *error* means that a go command fails on the file as it stands; anything else is a warning or less.',
    'The severity given is the heaviest that the rule reports. `gomodHealth.rules` in the editor changes it.',
    '',
    '| Rule | Severity | What it finds |',
    '| --- | --- | --- |',
    ...rows,
  ];
  return `${lines.join('\n')}\n`;
}

function manifest(): string {
  const text = readFileSync(join(ROOT, 'package.json'), 'utf8');
  const value = JSON.parse(text);
  value.contributes.configuration.properties['gomodHealth.rules'].properties = Object.fromEntries(
    rules.map((rule) => [
      rule.name,
      {
        type: 'string',
        enum: ['error', 'warning', 'info', 'hint', 'off'],
        default: rule.defaultSetting ?? rule.severity,
        description: rule.summary,
      },
    ]),
  );
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function offNote(rule: Rule): string {
  return rule.defaultSetting === 'off' ? ', off unless asked for' : '';
}

function besideGopls(words: string): string {
  const asked = '`gomodHealth.besideGopls` is `all`, or `gomodHealth.rules` names the rule';
  return `gopls reports the same as “… ${words}”. In an editor where it is active, this rule is silent about it unless ${asked}.`;
}

function generatedFrom(name: string): string {
  return `<!-- Written by \`npm run docs\` from server/src/engine/rules/${name}.ts. -->`;
}

/** Reads the doc comment of the rule that a file exports. */
function readComment(name: string): RuleComment {
  const source = readFileSync(join(ROOT, 'server', 'src', 'engine', 'rules', `${name}.ts`), 'utf8');
  const comment = /\/\*\*\n((?: \*.*\n)+) \*\/\nexport const \w+: Rule = /.exec(source)?.[1];
  if (comment === undefined) throw new Error(`the rule ${name} has no doc comment`);
  const text = comment.replace(/^ \* ?/gm, '');
  const [description, ...tags] = text.split(/^@/m);
  const values = (tag: string) => tags.filter((part) => part.startsWith(tag)).map((part) => part.slice(tag.length).trim());
  return { description: description!.trim(), examples: values('example'), fix: values('fix').join('\n\n'), references: values('see') };
}
