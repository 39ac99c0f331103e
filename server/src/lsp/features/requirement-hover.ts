import type { ModuleVersion } from '../../engine/module-version.ts';
import type { TagReportRow } from '../../engine/tag-report.ts';
import type { VersionExplanation } from '../../engine/version-explanation.ts';
import type { Requirement } from '../../syntax/directives.ts';
import { shownText } from '../shown-text.ts';
import { MARKS } from '../tag-view.ts';
import type { ModuleFile } from './module-file.ts';

/** The requirement of a go.mod whose path or version is at an offset. */
export function requirementAt(file: ModuleFile, offset: number): Requirement | undefined {
  if (file.kind !== 'mod') return undefined;
  return file.require.find(({ path, version }) => path.start <= offset && offset <= version.end);
}

/** How many of those that require a version are named. */
const NAMED = 3;

/**
 * What a requirement comes to, in a few lines of Markdown: the version that is selected, who else requires it and how they
 * come into the build, and what is known of the version that is declared. Which packages need the module is told by gopls.
 *
 * @param own the path of the module whose go.mod it is in
 */
export function hoverMarkdown(
  explanation: VersionExplanation,
  declared: string,
  own: string | undefined,
  verdicts?: Omit<TagReportRow, 'module' | 'at'>,
): string | undefined {
  const { selected } = explanation;
  if (selected === undefined || selected === '') return undefined;
  const known = verdicts && verdictLine(verdicts);
  return [selection(explanation, selected, declared, own), ...(known ? [known] : [])].join('\n\n');
}

function selection(
  { path, requirers, chains }: VersionExplanation,
  selected: string,
  declared: string,
  own: string | undefined,
): string {
  const others = requirers.filter((module) => module.version !== '' || module.path !== own);
  const isOwn = others.length < requirers.length;
  const said = [`${code(`${path} ${selected}`)} is selected${selected === declared ? '' : `, not ${code(declared)}`}.`];
  if (others.length === 0) said.push('Only go.mod requires it.');
  else if (isOwn) said.push(`It is also required by ${names(others)}: without go.mod's own line it stays.`);
  else said.push(`It is required by ${names(others)}.`);
  const [shortest = []] = chains;
  // What a chain of three says has been said.
  if (shortest.length > 3) said.push(`The shortest way to it: ${shortest.slice(1).map(nameOf).join(' → ')}.`);
  return said.join(' ');
}

/** What is known already; what there is to ask still is left out. */
function verdictLine({ origin, proxy, checksum }: Omit<TagReportRow, 'module' | 'at'>): string {
  return Object.entries({ Origin: origin, Proxy: proxy, Checksum: checksum })
    .filter(([, { state, words }]) => state !== 'pending' && words !== '')
    .map(([who, { state, words }]) => `${who}: ${MARKS[state]} ${code(words)}`)
    .join(' · ');
}

function names(modules: readonly ModuleVersion[]): string {
  const named = modules.slice(0, NAMED).map(nameOf);
  const more = modules.length - named.length;
  return more === 0 ? named.join(', ') : `${named.join(', ')} and ${more} more`;
}

function nameOf({ path, version }: ModuleVersion): string {
  return code(`${path} ${version}`.trim());
}

/** A text as it stands, whatever it holds: Markdown knows nothing in a code span but its fence. */
function code(text: string): string {
  const line = shownText(text).replace(/\s+/g, ' ').trim();
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${line}${fence}` : `${fence} ${line} ${fence}`;
}
