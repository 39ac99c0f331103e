import { tagPrefix, withoutIncompatible } from '../engine/origin-version.ts';
import { canonicalVersion, checkPathMajor, pathMajorPrefix, splitPathVersion } from '../syntax/module-path.ts';
import { isPseudoVersion, pseudoVersion, pseudoVersionBase, pseudoVersionRev, pseudoVersionTime } from '../syntax/pseudo-version.ts';
import type { Result } from '../syntax/result.ts';
import { build, canonical, compare, isValid, major } from '../syntax/semver.ts';
import type { Revision } from './git.ts';
import { goModFiles, versionFault } from './origin-mod.ts';
import type { OriginModule } from './origin-mod.ts';

/** The name under which git knows what a query means: for a pseudo-version its commit (coderepo.go:revToRev). */
export function revisionName(module: OriginModule, query: string): string {
  if (query === 'latest') return 'HEAD';
  if (!isValid(query)) return query;
  const rev = pseudoVersionRev(query);
  return rev.ok ? rev.value : `${prefixOf(module)}${withoutIncompatible(query)}`;
}

/** The files that decide what a revision stands for: go.mod, and `vN/go.mod` for each major version that a tag has. */
export function revisionFiles(module: OriginModule, tags: readonly string[]): string[] {
  const prefix = prefixOf(module);
  const majors = tags.filter((tag) => tag.startsWith(prefix)).map((tag) => major(tag.slice(prefix.length)));
  const inMajors = [...new Set(majors)].filter((name) => name !== '').map((name) => `${prefix}${name}/go.mod`);
  return [...new Set([...goModFiles(module), ...inMajors])];
}

/**
 * The version that a revision stands for; the error is in the go command's words
 * (cmd/go/internal/modfetch/coderepo.go:convert).
 *
 * @param query what was asked for; `latest` for the newest commit
 */
export function versionOfRevision(
  module: OriginModule,
  query: string,
  revision: Revision,
  isRetracted: (version: string) => boolean,
): Result<string> {
  const asked = query === 'latest' ? '' : query;
  const conversion = new Conversion(module, asked, revision, isRetracted);
  if (!isPseudoVersion(asked)) return conversion.version();
  const checked = conversion.check(asked);
  const fault = checked.ok ? pseudoVersionFault(module, asked, revision) : undefined;
  return fault === undefined ? checked : { ok: false, error: `invalid pseudo-version: ${fault}` };
}

class Conversion {
  readonly #module: OriginModule;
  readonly #asked: string;
  readonly #revision: Revision;
  readonly #isRetracted: (version: string) => boolean;
  readonly #prefix: string;
  readonly #pathMajor: string;

  constructor(module: OriginModule, asked: string, revision: Revision, isRetracted: (version: string) => boolean) {
    this.#module = module;
    this.#asked = asked;
    this.#revision = revision;
    this.#isRetracted = isRetracted;
    this.#prefix = prefixOf(module);
    this.#pathMajor = splitPathVersion(module.path).pathMajor;
  }

  version(): Result<string> {
    let highest: string | undefined;
    let base: string | undefined;
    for (const tag of this.#revision.tags) {
      const named = this.#versionOfTag(tag);
      if (!named) continue;
      const { version, isCanonical } = named;
      if (isValid(this.#asked) && compare(version, this.#asked) === 0) {
        if (isCanonical) return this.check(version);
        // Several tags may differ in their build metadata alone, so that it is no version of its own.
        base = version;
      }
      const isHigher = highest === undefined || compare(version, highest) > 0;
      if (isCanonical && isHigher && !this.#isRetracted(version) && this.#mayBeVersion(version)) highest = version;
    }
    if (highest !== undefined) return this.check(highest);
    base ??= this.#highestBefore();
    const { hash, seconds } = this.#revision;
    return this.check(pseudoVersion(pathMajorPrefix(this.#pathMajor), base ?? '', timestamp(seconds), hash.slice(0, 12)));
  }

  /** Whether the module can have this version at this revision, with `+incompatible` where it needs it (checkCanonical). */
  check(canonicalOne: string): Result<string> {
    const asked = this.#asked;
    let version = canonicalOne === withoutIncompatible(asked) ? asked : canonicalOne;
    const plain = withoutIncompatible(version);
    if (checkPathMajor(plain, this.#pathMajor) !== undefined && this.#isIncompatible(plain)) version = `${plain}+incompatible`;
    const fault = this.#faultOf(version);
    if (fault !== undefined) return { ok: false, error: `invalid version: ${fault}` };
    if (asked !== '' && asked === canonicalVersion(asked) && withoutIncompatible(asked) !== plain) {
      return { ok: false, error: `invalid version: resolves to version ${version} (${withoutIncompatible(asked)} is not a tag)` };
    }
    return { ok: true, value: version };
  }

  #faultOf(version: string): string | undefined {
    const fault = versionFault(this.#module, version, this.#name(), this.#revision.files);
    if (fault !== undefined || version.endsWith('+incompatible')) return fault;
    if (checkPathMajor(version, this.#pathMajor) === undefined) return undefined;
    if (this.#pathMajor !== '') return 'module path includes a major version suffix, so major version must match';
    const path = JSON.stringify(`${this.#module.path}/${major(version)}`);
    return `module contains a go.mod file, so module path must match major version (${path})`;
  }

  /** What the go command calls the revision in its messages. */
  #name(): string {
    return isValid(this.#asked) && !isPseudoVersion(this.#asked)
      ? revisionName(this.#module, this.#asked)
      : this.#revision.hash.slice(0, 12);
  }

  #highestBefore(): string | undefined {
    let highest: string | undefined;
    for (const tag of this.#revision.reachableTags) {
      const version = this.#versionOfTag(tag)?.version;
      if (version === undefined || this.#isRetracted(version) || !this.#mayBeVersion(version)) continue;
      if (highest === undefined || compare(version, highest) > 0) highest = version;
    }
    return highest;
  }

  #mayBeVersion(version: string): boolean {
    return checkPathMajor(version, this.#pathMajor) === undefined || this.#isIncompatible(version);
  }

  /** A tag of v2 or above counts without a suffix in the path where its commit knows no modules. */
  #isIncompatible(version: string): boolean {
    const { files } = this.#revision;
    if (this.#prefix !== '' || this.#pathMajor !== '' || files.has('go.mod')) return false;
    return this.#asked.endsWith('+incompatible') || !files.has(`${major(version)}/go.mod`);
  }

  #versionOfTag(tag: string): { readonly version: string; readonly isCanonical: boolean } | undefined {
    if (!tag.startsWith(this.#prefix) || isPseudoVersion(tag)) return undefined;
    const trimmed = tag.slice(this.#prefix.length);
    const version = canonical(trimmed);
    if (version === '' || !trimmed.startsWith(version)) return undefined;
    return { version, isCanonical: version === trimmed };
  }
}

/** Why a pseudo-version is not one of this commit (coderepo.go:validatePseudoVersion). */
function pseudoVersionFault(module: OriginModule, version: string, revision: Revision): string | undefined {
  const { hash, seconds, tags, reachableTags, allTags } = revision;
  const rev = pseudoVersionRev(version);
  const time = pseudoVersionTime(version);
  const base = pseudoVersionBase(build(version) === '+incompatible' ? withoutIncompatible(version) : version);
  for (const part of [rev, time, base]) if (!part.ok) return part.error;
  if (!rev.ok || !time.ok || !base.ok) return undefined;
  const short = hash.slice(0, 12);
  if (rev.value !== short) {
    if (rev.value.startsWith(short)) return `revision is longer than canonical (expected ${short})`;
    if (short.startsWith(rev.value)) return `revision is shorter than canonical (expected ${short})`;
    return `does not match short name of revision (expected ${short})`;
  }
  if (Date.parse(time.value) !== seconds * 1000) return `does not match version-control timestamp (expected ${timestamp(seconds)})`;
  if (base.value === '') {
    const needsZero = splitPathVersion(module.path).pathMajor === '' && major(version) === 'v1';
    return needsZero ? 'major version without preceding tag must be v0, not v1' : undefined;
  }
  const prefix = prefixOf(module);
  const own = tags.find((tag) => tag === prefix + base.value);
  if (own !== undefined) {
    return (
      `tag (${own}) found on revision ${rev.value} is already canonical, ` +
      'so should not be replaced with a pseudo-version derived from that tag'
    );
  }
  const isBase = (tag: string) => tag.startsWith(prefix + base.value) && compare(tag.slice(prefix.length), base.value) === 0;
  const bases = allTags.filter(isBase);
  if (bases.length === 0) return `preceding tag (${base.value}) not found`;
  if (reachableTags.some(isBase)) return undefined;
  return `revision ${rev.value} is not a descendent of preceding tag (${bases.at(-1)})`;
}

function prefixOf({ path, root, subdirectory }: OriginModule): string {
  return tagPrefix(path, root, subdirectory) ?? '';
}

/** Seconds since 1970 as `yyyymmddhhmmss` in UTC. */
function timestamp(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/\D/g, '').slice(0, 14);
}
