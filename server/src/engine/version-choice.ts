import { compare, isValid, major, prerelease } from '../syntax/semver.ts';

/** The highest release, or the highest pre-release where there is no release; undefined for an empty list. */
export function latestVersion(versions: readonly string[]): string | undefined {
  return highest(preferReleases(versions));
}

/**
 * The neighbours of a version among those of its major version. For a release, pre-releases count only where there are
 * no releases; for a pre-release they are its like.
 */
export function nearestVersions(
  versions: readonly string[],
  version: string,
): { readonly lower: string | undefined; readonly higher: string | undefined } {
  const ofMajor = versions.filter((candidate) => isValid(candidate) && major(candidate) === major(version));
  const same = prerelease(version) === '' ? preferReleases(ofMajor) : ofMajor;
  return {
    lower: highest(same.filter((candidate) => compare(candidate, version) < 0)),
    higher: lowest(same.filter((candidate) => compare(candidate, version) > 0)),
  };
}

function preferReleases(versions: readonly string[]): readonly string[] {
  const releases = versions.filter((version) => prerelease(version) === '');
  return releases.length > 0 ? releases : versions;
}

function highest(versions: readonly string[]): string | undefined {
  return versions.reduce<string | undefined>(
    (best, version) => (best === undefined || compare(version, best) > 0 ? version : best),
    undefined,
  );
}

function lowest(versions: readonly string[]): string | undefined {
  return versions.reduce<string | undefined>(
    (best, version) => (best === undefined || compare(version, best) < 0 ? version : best),
    undefined,
  );
}
