import { canonicalVersion } from '../syntax/module-path.ts';
import { compare } from '../syntax/semver.ts';
import type { DependencyMod, Facts, VersionList } from './facts.ts';
import type { MainModule } from './project.ts';
import { isExcluded } from './requirements.ts';
import { latestVersion } from './version-choice.ts';

/** The versions of a module that may be offered in place of another. */
export interface OfferedVersions {
  /** Those that are listed, and neither excluded here nor known to be retracted. */
  readonly versions: readonly string[];
  /** The one that the go command would take for `latest`; undefined when there is none, or when it is not known. */
  readonly latest: string | undefined;
  /** The highest of them, whatever is known of retractions. */
  readonly highest: string | undefined;
}

/**
 * Leaves out what the go command would not choose itself: excluded versions, and those that the highest version's go.mod
 * retracts. Where the highest version without `+incompatible` has a go.mod, `latest` is none of those with it
 * (cmd/go/internal/modload/query.go:filterVersions, modfile.go:CheckRetractions).
 */
export function offeredVersions(
  facts: Facts,
  main: MainModule,
  path: string,
  listed: VersionList | undefined,
): OfferedVersions {
  const all = listed?.versions ?? [];
  const allowed = all.filter((version) => !isExcluded(main, { path, version }));
  const compatible = all.filter((version) => !version.endsWith('+incompatible'));
  const telling = latestVersion(compatible) ?? latestVersion(all);
  const mod = telling === undefined ? undefined : modOf(facts, path, telling);
  if (!mod) return { versions: allowed, latest: undefined, highest: latestVersion(allowed) };

  const versions = allowed.filter((version) => !isRetracted(mod, version));
  const candidates = hasModFile(mod, path) ? versions.filter((version) => compatible.includes(version)) : versions;
  return { versions, latest: latestVersion(candidates), highest: latestVersion(versions) };
}

/** The go.mod of a version, from the module cache or else from where the go command would fetch it. */
export function modOf(facts: Facts, path: string, version: string): DependencyMod | undefined {
  const cached = facts.ask({ kind: 'mod', path, version });
  const mod = cached.state === 'absent' ? facts.ask({ kind: 'remote-mod', path, version }) : cached;
  return mod.state === 'known' && mod.value.fault === undefined ? mod.value : undefined;
}

function isRetracted({ retracts }: DependencyMod, version: string): boolean {
  return retracts.some(({ low, high }) => compare(canonical(low), version) <= 0 && compare(version, canonical(high)) <= 0);
}

function canonical(version: string): string {
  return canonicalVersion(version) || version;
}

/** For a module without a go.mod the go command makes one that says nothing but the path. */
function hasModFile(mod: DependencyMod, path: string): boolean {
  return mod.path !== path || mod.go !== undefined || mod.requires.length > 0 || mod.retracts.length > 0;
}
