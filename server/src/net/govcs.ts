import { matchPrefixPatterns } from '../syntax/module-path.ts';
import { quote } from '../syntax/quote.ts';
import type { Result } from '../syntax/result.ts';

interface VcsRule {
  readonly pattern: string;
  readonly allowed: readonly string[];
}

/** What Go allows unless GOVCS says otherwise; GOVCS is put before it. */
const DEFAULT_RULES: readonly VcsRule[] = [
  { pattern: 'private', allowed: ['all'] },
  { pattern: 'public', allowed: ['git', 'hg'] },
];

/**
 * Why GOVCS keeps the go command from using a version control system for a repository, in its own words; undefined
 * when it does not (cmd/go/internal/vcs/vcs.go:checkGOVCS).
 *
 * @param goVcs GOVCS as written
 * @param goPrivate GOPRIVATE as written
 * @param root the import path of the repository's root
 */
export function refusedByGoVcs(goVcs: string, goPrivate: string, vcs: string, root: string): string | undefined {
  const parsed = parseGoVcs(goVcs);
  if (!parsed.ok) return parsed.error;
  const isPrivate = matchPrefixPatterns(goPrivate, root);
  const rule = [...parsed.value, ...DEFAULT_RULES].find(({ pattern }) => matches(pattern, root, isPrivate));
  if (rule?.allowed.some((allowed) => allowed === vcs || allowed === 'all')) return undefined;
  return `GOVCS disallows using ${vcs} for ${isPrivate ? 'private' : 'public'} ${root}; see 'go help vcs'`;
}

function matches(pattern: string, root: string, isPrivate: boolean): boolean {
  if (pattern === 'private') return isPrivate;
  if (pattern === 'public') return !isPrivate;
  return matchPrefixPatterns(pattern, root);
}

function parseGoVcs(text: string): Result<readonly VcsRule[]> {
  if (text.trim() === '') return { ok: true, value: [] };
  const rules: VcsRule[] = [];
  const seen = new Map<string, string>();
  for (const item of text.split(',').map((each) => each.trim())) {
    if (item === '') return fault('empty entry in GOVCS');
    const colon = item.indexOf(':');
    if (colon < 0) return fault(`malformed entry in GOVCS (missing colon): ${quote(item)}`);
    const pattern = item.slice(0, colon).trim();
    const list = item.slice(colon + 1).trim();
    if (pattern === '') return fault(`empty pattern in GOVCS: ${quote(item)}`);
    if (list === '') return fault(`empty VCS list in GOVCS: ${quote(item)}`);
    if (/^\.\.?($|\/)/.test(pattern)) return fault(`relative pattern not allowed in GOVCS: ${quote(pattern)}`);
    const earlier = seen.get(pattern);
    if (earlier !== undefined) return fault(`unreachable pattern in GOVCS: ${quote(item)} after ${quote(earlier)}`);
    seen.set(pattern, item);
    const allowed = list.split('|').map((each) => each.trim());
    if (allowed.includes('')) return fault(`empty VCS name in GOVCS: ${quote(item)}`);
    rules.push({ pattern, allowed });
  }
  return { ok: true, value: rules };
}

function fault(error: string): { readonly ok: false; readonly error: string } {
  return { ok: false, error };
}
