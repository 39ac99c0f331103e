import { canonicalVersion, checkPathMajor, checkVersion, escapePath, pathMajorPrefix, splitPathVersion } from '../syntax/module-path.ts';
import type { Replacement } from '../syntax/directives.ts';
import { isPseudoVersion, pseudoVersion, pseudoVersionTime } from '../syntax/pseudo-version.ts';
import { build, compare, isValid, majorMinor, prerelease, sort } from '../syntax/semver.ts';
import type { DependencyMod, Evidence, Fact, Facts, Release } from './facts.ts';
import type { ModuleVersion } from './module-version.ts';
import type { MainModule, Project } from './project.ts';
import { Replacements } from './replacements.ts';
import { isExcluded, isMember } from './requirements.ts';

/** What a version query stands for. */
export type QueryAnswer =
  /** The version is empty for a main module, which has none. */
  | { readonly state: 'known'; readonly version: string; readonly time?: string; readonly from?: string }
  /** The go command finds none, for this reason, in its words. */
  | { readonly state: 'none'; readonly why: string }
  | { readonly state: 'pending' }
  | { readonly state: 'unavailable'; readonly why: string };

export interface VersionQuery {
  readonly path: string;
  /** `latest`, `upgrade`, `patch`, `v1`, `v1.2`, `<v1.2.3` and the like, a version, a branch, a tag or a commit. */
  readonly query: string;
  /** The version in use, from which `upgrade` and `patch` start; undefined where there is none. */
  readonly current?: string | undefined;
}

/**
 * What `go list -m PATH@QUERY` says (cmd/go/internal/modload/query.go:queryProxy): excluded and retracted versions are left
 * out, unless the query names one revision.
 */
export function queryVersion(project: Project, facts: Facts, { path, query, current }: VersionQuery): QueryAnswer {
  const isRelative = query === 'upgrade' || query === 'patch';
  if (isRelative && isMember(project, path)) return { state: 'known', version: '' };
  const matcher = matcherOf(path, query, current);
  if (matcher.kind === 'fault') return { state: 'none', why: matcher.why };
  const run = new QueryRun(project, facts, path);
  if (matcher.kind === 'revision') return run.stat(query);
  const chosen = run.choose(matcher, 'allowed');
  if (chosen.state === 'known') return isRelative ? notBefore(run, chosen.version, current) : run.stat(chosen.version);
  if (chosen !== NO_VERSION) return chosen;
  // `upgrade` and `patch` may stay where they are.
  if (isRelative && current !== undefined) return run.isAllowed(current) === 'no' ? disallowed(path, current) : run.stat(current);
  return { state: 'none', why: `no matching versions for query ${JSON.stringify(query)}` };
}

/**
 * The version that the go command would write for a query in a main module's go.mod
 * (cmd/go/internal/modload/init.go:fixVersion): `v1.2`, a branch, a commit, `v1.2.3+meta`. Excluded and retracted versions
 * count there. Undefined where it is not known, or where there is none.
 */
export function resolveQuery(main: MainModule, facts: Facts, path: string, query: string): string | undefined {
  const resolved = resolveRequirement(main, facts, path, query);
  return resolved.state === 'known' ? resolved.version : undefined;
}

/** The same, with the reason. */
export function resolveRequirement(main: MainModule, facts: Facts, path: string, query: string): QueryAnswer {
  // Its versions may be those of the replacements.
  if (Replacements.ofModule(main).find({ path, version: '' })) {
    return { state: 'unavailable', why: `${path} is replaced, so that ${query} of it is not looked up` };
  }
  const matcher = matcherOf(path, query, undefined);
  if (matcher.kind === 'fault') return { state: 'none', why: matcher.why };
  const run = new QueryRun({ workspace: undefined, modules: [] }, facts, path);
  const found = matcher.kind === 'revision' ? run.query(query) : run.choose(matcher, 'any');
  if (found.state !== 'known' || fits(path, found.version)) return found;
  return { state: 'none', why: `${found.version} is no version of ${path}` };
}

function fits(path: string, version: string): boolean {
  return canonicalVersion(version) === version && checkVersion(path, version) === undefined;
}

/** Which of a module's versions a query asks for (query.go:newQueryMatcher). */
interface Selection {
  readonly kind: 'selection';
  readonly prefix: string;
  readonly matches: (version: string) => boolean;
  readonly prefer: 'highest' | 'lowest';
  /** Where there is no such version, the newest commit may be one. */
  readonly mayUseLatest: boolean;
  /** `+incompatible` versions count, whatever the others have. */
  readonly preferIncompatible: boolean;
}

type Matcher = Selection | { readonly kind: 'revision' } | { readonly kind: 'fault'; readonly why: string };

function matcherOf(path: string, query: string, current: string | undefined): Matcher {
  const fromIncompatible = current?.endsWith('+incompatible') ?? false;
  const any: Selection = {
    kind: 'selection',
    prefix: '',
    matches: () => true,
    prefer: 'highest',
    mayUseLatest: false,
    preferIncompatible: fromIncompatible,
  };
  if (query === 'latest') return { ...any, mayUseLatest: true };
  if (query === 'upgrade' || query === 'patch') return relativeMatcher(any, path, query, current);
  const [, operator = '', bound = ''] = /^([<>]=?)(.*)$/s.exec(query) ?? [];
  if (operator !== '') return rangeMatcher(any, path, query, operator, bound);
  if (!isValid(query) || !isPrefix(query)) return { kind: 'revision' };
  return {
    ...any,
    prefix: `${query}.`,
    // v1.2 is no pre-release of v1.2.0.
    matches: (version) => compare(version, query) >= 0,
    preferIncompatible: fromIncompatible || !fitsMajor(path, query),
  };
}

function relativeMatcher(any: Selection, path: string, query: string, current: string | undefined): Matcher {
  if (current === undefined) {
    if (query === 'upgrade') return { ...any, mayUseLatest: true };
    return { kind: 'fault', why: `can't query version "patch" of module ${path}: no existing version is required` };
  }
  return {
    ...any,
    prefix: query === 'patch' ? `${majorMinor(current)}.` : '',
    matches: (version) => compare(version, current) >= 0,
    mayUseLatest: isPseudoVersion(current),
  };
}

function rangeMatcher(any: Selection, path: string, query: string, operator: string, bound: string): Matcher {
  if (!isValid(bound)) return { kind: 'fault', why: `invalid semantic version ${JSON.stringify(bound)} in range ${JSON.stringify(query)}` };
  // Which of the versions v1.2.x is meant can't be told from v1.2, and Go refuses to guess.
  if (isPrefix(bound) && (operator === '>' || operator === '<=')) {
    return { kind: 'fault', why: `ambiguous semantic version ${JSON.stringify(bound)} in range ${JSON.stringify(query)}` };
  }
  return {
    ...any,
    matches: COMPARISONS[operator]!(bound),
    prefer: operator.startsWith('>') ? 'lowest' : 'highest',
    preferIncompatible: any.preferIncompatible || !fitsMajor(path, bound),
  };
}

const COMPARISONS: Readonly<Record<string, (bound: string) => (version: string) => boolean>> = {
  '<': (bound) => (version) => compare(version, bound) < 0,
  '<=': (bound) => (version) => compare(version, bound) <= 0,
  '>': (bound) => (version) => compare(version, bound) > 0,
  '>=': (bound) => (version) => compare(version, bound) >= 0,
};

/** `v1` or `v1.2`. */
function isPrefix(version: string): boolean {
  return version.split('.').length < 3;
}

function fitsMajor(path: string, version: string): boolean {
  const split = splitPathVersion(path);
  return split.ok && checkPathMajor(version, split.pathMajor) === undefined;
}

/** Which versions count: all, or those that are neither excluded nor retracted. */
type Admission = 'any' | 'allowed';

type Unknown = Exclude<QueryAnswer, { state: 'known' | 'none' }>;

/** What the files say of versions; a workspace's go.work counts as well as its members. */
type Directives = Pick<Project, 'workspace' | 'modules'>;

/** One query over what is known of one module. */
class QueryRun {
  readonly #directives: Directives;
  readonly #facts: Facts;
  readonly #path: string;
  readonly #replacements: Replacements;
  /** The versions of this module that a replace names; empty for a replace of all of them. */
  readonly #replaced: readonly string[];
  #retracts: readonly DependencyMod['retracts'][number][] | Unknown | undefined;

  constructor(directives: Directives, facts: Facts, path: string) {
    this.#directives = directives;
    this.#facts = facts;
    this.#path = path;
    this.#replacements = Replacements.ofProject(directives);
    this.#replaced = replaceDirectives(directives)
      .filter(({ oldPath }) => oldPath.value === path)
      .map(({ oldVersion }) => oldVersion?.value ?? '');
  }

  /** One of the listed versions, or the newest commit (queryProxy, filterVersions). */
  choose(selection: Selection, admission: Admission): QueryAnswer {
    const path = this.#path;
    const listed = this.#facts.ask({ kind: 'versions', path });
    const named = this.#replaced.filter((version) => version !== '' && !isPseudoVersion(version));
    if (listed.state === 'pending' || listed.state === 'unavailable') return listed;
    if (listed.state === 'absent' && this.#replaced.length === 0) return { state: 'none', why: this.#words(listed.evidence, 'list') };
    const versions = sort([...new Set([...(listed.state === 'known' ? listed.value.versions : []), ...named])]);
    const filtered = this.#filter(versions, selection, admission);
    if ('state' in filtered) return filtered;
    const releases = filtered.filter((version) => prerelease(version) === '');
    const best = releases.length > 0 ? releases : filtered;
    const chosen = selection.prefer === 'lowest' ? best[0] : best.at(-1);
    if (chosen !== undefined) return { state: 'known', version: chosen };
    return selection.mayUseLatest ? this.#latestCommit(selection, admission) : NO_VERSION;
  }

  /** Whether neither an exclude nor the author takes a version out (modfile.go:CheckAllowed). */
  isAllowed(version: string): 'yes' | 'no' | Unknown {
    if (this.#directives.modules.some((main) => isExcluded(main, { path: this.#path, version }))) return 'no';
    this.#retracts ??= this.#readRetracts();
    if ('state' in this.#retracts) return this.#retracts;
    const isRetracted = this.#retracts.some(
      ({ low, high }) => compare(canonical(low), version) <= 0 && compare(version, canonical(high)) <= 0,
    );
    return isRetracted ? 'no' : 'yes';
  }

  /** One version or revision, as it is found; a version that a replace names need not be anywhere else. */
  stat(revision: string): QueryAnswer {
    const found = this.#lookUp(revision);
    if (found.state !== 'none' && found.state !== 'unavailable') return found;
    const version = canonicalVersion(revision) === revision ? withIncompatible(this.#path, revision) : undefined;
    return version !== undefined && this.#replacements.find({ path: this.#path, version }) ? { state: 'known', version } : found;
  }

  /** What a branch, a tag or a commit stands for; a version with build metadata is also looked for without. */
  query(revision: string): QueryAnswer {
    const found = this.#facts.ask({ kind: 'query', path: this.#path, query: revision });
    if (found.state !== 'absent') return answerOf(found);
    const none: QueryAnswer = { state: 'none', why: this.#words(found.evidence, `${revision}.info`) };
    const plain = canonicalVersion(revision);
    if (plain === '' || plain === revision) return none;
    const release = this.#facts.ask({ kind: 'query', path: this.#path, query: plain });
    return release.state === 'absent' ? none : answerOf(release);
  }

  #lookUp(revision: string): QueryAnswer {
    const path = this.#path;
    if (!fits(path, revision)) return this.query(revision);
    if (this.#facts.ask({ kind: 'cached', path, version: revision }).state === 'known') return { state: 'known', version: revision };
    if (isPseudoVersion(revision)) return this.query(revision);
    const release = this.#facts.ask({ kind: 'release', path, version: revision });
    // Who knows what stands for what has the go command's words for it.
    return release.state === 'known' ? answerOf(release) : release.state === 'pending' ? release : this.query(revision);
  }

  #filter(versions: readonly string[], selection: Selection, admission: Admission): readonly string[] | Unknown {
    const taken: string[] = [];
    let needIncompatible = selection.preferIncompatible;
    let lastCompatible: string | undefined;
    for (const version of versions) {
      const admitted = this.#admits(version, selection, admission);
      if (typeof admitted !== 'boolean') return admitted;
      if (!admitted) continue;
      if (!needIncompatible && version.endsWith('+incompatible') && lastCompatible !== undefined) {
        const hasMod = this.#hasModFile(lastCompatible);
        if (typeof hasMod !== 'boolean') return hasMod;
        // All that follow are of higher major versions, which the author keeps under other paths.
        if (hasMod) break;
        needIncompatible = true;
      }
      if (!version.endsWith('+incompatible')) lastCompatible = version;
      taken.push(version);
    }
    return taken;
  }

  #admits(version: string, { prefix, matches }: Selection, admission: Admission): boolean | Unknown {
    if (!version.startsWith(prefix) || !matches(version)) return false;
    if (admission === 'any') return true;
    const allowed = this.isAllowed(version);
    return typeof allowed === 'string' ? allowed === 'yes' : allowed;
  }

  #latestCommit(selection: Selection, admission: Admission): QueryAnswer {
    const latest = this.#facts.ask({ kind: 'query', path: this.#path, query: 'latest' });
    if (latest.state === 'pending') return latest;
    const found = latest.state === 'known' ? latest.value.version : undefined;
    const replaced = this.#highestReplaced();
    const isReplaced = replaced !== undefined && (found === undefined || compare(replaced, found) > 0);
    const version = isReplaced ? replaced : found;
    if (version === undefined) return latest.state === 'unavailable' ? latest : NO_VERSION;
    const admitted = this.#admits(version, selection, admission);
    if (typeof admitted !== 'boolean') return admitted;
    return admitted ? { state: 'known', version } : NO_VERSION;
  }

  /** A replace of all versions stands for one that is below any real one (query.go:replacementRepo.Latest). */
  #highestReplaced(): string | undefined {
    if (this.#replaced.length === 0) return undefined;
    const named = sort(this.#replaced.filter((version) => version !== ''));
    const { pathMajor } = splitPathVersion(this.#path);
    return named.at(-1) ?? pseudoVersion(pathMajorPrefix(pathMajor), '', '00010101000000', '000000000000');
  }

  /** From the highest version, be it retracted itself (modfile.go:queryLatestVersionIgnoringRetractions). */
  #readRetracts(): readonly DependencyMod['retracts'][number][] | Unknown {
    if (this.#replaced.includes('')) return [];
    const latest = matcherOf(this.#path, 'latest', undefined) as Selection;
    const telling = this.choose(latest, 'any');
    if (telling.state === 'none') return [];
    if (telling.state !== 'known') return telling;
    const mod = this.#mod(telling.version);
    if (mod.state === 'known') return mod.value.retracts;
    return mod.state === 'absent' ? [] : mod;
  }

  #hasModFile(version: string): boolean | Unknown {
    const mod = this.#mod(version);
    if (mod.state === 'absent') return { state: 'unavailable', why: `the go.mod file of ${this.#path} ${version} is not to be had` };
    if (mod.state !== 'known') return mod;
    const { path, go, requires, retracts } = mod.value;
    // For a module without one the go command makes one that says nothing but the path.
    return path !== this.#path || go !== undefined || requires.length > 0 || retracts.length > 0;
  }

  /** What the last one said who was asked, as the go command has it; a proxy is asked for a file. */
  #words(evidence: readonly Evidence[], file: string): string {
    const last = evidence.at(-1);
    if (!last) return 'not found';
    if (last.said.startsWith('invalid ')) return last.said;
    const isProxy = /^(?:\d{3} |no such file$)/.test(last.said);
    const escaped = escapePath(this.#path);
    const place = isProxy && escaped.ok ? `${last.from}/${escaped.value}/@v/${file}` : last.from;
    return `reading ${place}: ${last.said}${last.said === 'no such file' ? ' or directory' : ''}`;
  }

  #mod(version: string): Fact<DependencyMod> {
    const source = this.#replacements.source({ path: this.#path, version });
    if (source.kind === 'directory') return this.#facts.ask({ kind: 'directory-mod', directory: source.directory });
    const module: ModuleVersion = { path: source.path, version: source.version };
    const cached = this.#facts.ask({ kind: 'mod', ...module });
    return cached.state === 'absent' ? this.#facts.ask({ kind: 'remote-mod', ...module }) : cached;
  }
}

const NO_VERSION: QueryAnswer = { state: 'none', why: 'no matching versions' };

/** From a commit, `upgrade` leads to no version of an earlier time (queryProxy: lookup). */
function notBefore(run: QueryRun, version: string, current: string | undefined): QueryAnswer {
  const found = run.stat(version);
  if (found.state !== 'known' || found.time === undefined || current === undefined || !isPseudoVersion(current)) return found;
  const time = pseudoVersionTime(current);
  return time.ok && Date.parse(found.time) < Date.parse(time.value) ? run.stat(current) : found;
}

function disallowed(path: string, version: string): QueryAnswer {
  return { state: 'none', why: `${path}@${version}: excluded by go.mod or retracted by module author` };
}

function answerOf(fact: Exclude<Fact<Release>, { state: 'absent' }>): QueryAnswer {
  if (fact.state !== 'known') return fact;
  const { version, time, from } = fact.value;
  return { state: 'known', version, from, ...(time !== undefined && { time }) };
}

function replaceDirectives({ workspace, modules }: Directives): readonly Replacement[] {
  return [...modules.flatMap(({ mod }) => mod.parsed.replace), ...(workspace?.work.parsed.replace ?? [])];
}

/** `v2.0.0` of a path without suffix is v2.0.0+incompatible. */
function withIncompatible(path: string, version: string): string {
  return fitsMajor(path, version) || build(version) !== '' ? version : `${version}+incompatible`;
}

function canonical(version: string): string {
  return canonicalVersion(version) || version;
}
