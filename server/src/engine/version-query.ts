import { canonicalVersion, checkPathMajor, splitPathVersion } from '../syntax/module-path.ts';
import { compare, isValid, prerelease } from '../syntax/semver.ts';
import type { Facts } from './facts.ts';
import type { MainModule } from './project.ts';
import { offeredVersions } from './offered-versions.ts';
import { Replacements } from './replacements.ts';
import { latestVersion } from './version-choice.ts';

/**
 * The version that the go command would write for a version query in a main module's go.mod
 * (cmd/go/internal/modload/query.go:newQueryMatcher): `latest`, `v1.2`, `>=v1.2.0`, a branch, a commit, `v1.2.3+meta`.
 * Undefined where that is not known, or where there is none.
 */
export function resolveQuery(main: MainModule, facts: Facts, path: string, query: string): string | undefined {
  // A replaced module has the replacements' versions as well.
  if (Replacements.ofModule(main).find({ path, version: '' })) return undefined;
  const selection = selectionOf(query);
  const version = selection ? selectListed(main, facts, path, selection) : resolveRevision(facts, path, query);
  return version !== undefined && fits(path, version) ? version : undefined;
}

/** Which of a module's listed versions a query asks for. */
interface Selection {
  readonly matches: (version: string) => boolean;
  readonly prefer: 'highest' | 'lowest';
}

/** Undefined for a query that names one revision. */
function selectionOf(query: string): Selection | undefined {
  if (query === 'latest' || query === 'upgrade') return { matches: () => true, prefer: 'highest' };
  const [, operator = '', bound = ''] = /^([<>]=?)(.*)$/.exec(query) ?? [];
  if (operator !== '') return isValid(bound) ? range(operator, bound) : { matches: () => false, prefer: 'highest' };
  if (!isValid(query) || !isPrefix(query)) return undefined;
  const matches = (version: string) => version.startsWith(`${query}.`) && compare(version, query) >= 0;
  return { matches, prefer: 'highest' };
}

function range(operator: string, bound: string): Selection {
  switch (operator) {
    case '<':
      return { matches: (version) => compare(version, bound) < 0, prefer: 'highest' };
    case '<=':
      // Which of the versions v1.2.x is meant can't be told from v1.2, and Go refuses to guess.
      return { matches: (version) => !isPrefix(bound) && compare(version, bound) <= 0, prefer: 'highest' };
    case '>':
      return { matches: (version) => !isPrefix(bound) && compare(version, bound) > 0, prefer: 'lowest' };
    default:
      return { matches: (version) => compare(version, bound) >= 0, prefer: 'lowest' };
  }
}

/** `v1` or `v1.2`. */
function isPrefix(version: string): boolean {
  return version.split('.').length < 3;
}

function selectListed(main: MainModule, facts: Facts, path: string, selection: Selection): string | undefined {
  const listed = facts.ask({ kind: 'versions', path });
  if (listed.state !== 'known') return undefined;
  const { versions, latest } = offeredVersions(facts, main, path, listed.value);
  if (latest === undefined) return undefined;
  const isPlain = !latest.endsWith('+incompatible');
  const candidates = versions.filter((version) => selection.matches(version) && !(isPlain && version.endsWith('+incompatible')));
  if (selection.prefer === 'highest') return latestVersion(candidates);
  const releases = candidates.filter((version) => prerelease(version) === '');
  return [...(releases.length > 0 ? releases : candidates)].sort(compare)[0];
}

/** One revision; a version with build metadata is also looked for without. */
function resolveRevision(facts: Facts, path: string, query: string): string | undefined {
  const found = facts.ask({ kind: 'query', path, query });
  if (found.state === 'known') return found.value.version;
  const plain = canonicalVersion(query);
  if (found.state !== 'absent' || plain === '' || plain === query) return undefined;
  const release = facts.ask({ kind: 'query', path, query: plain });
  return release.state === 'known' ? release.value.version : undefined;
}

function fits(path: string, version: string): boolean {
  const split = splitPathVersion(path);
  return split.ok && canonicalVersion(version) === version && checkPathMajor(version, split.pathMajor) === undefined;
}
