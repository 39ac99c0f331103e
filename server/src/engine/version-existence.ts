import { checkPath, checkPathMajor, splitPathVersion } from '../syntax/module-path.ts';
import type { Facts, Fact, OriginTags, VersionList, Evidence } from './facts.ts';
import type { ModuleVersion } from './module-version.ts';
import type { Project } from './project.ts';
import type { Replacements } from './replacements.ts';
import { isExcluded, isMember, namesTag } from './requirements.ts';
import { endsAtOrigin, routeOf } from './route.ts';

/** Whether a version can be had, as the go command would find out. */
export type Existence =
  | { readonly state: 'exists' }
  | { readonly state: 'pending' }
  | { readonly state: 'unchecked'; readonly why: string }
  /** Every place that the go command would ask said that it is not there. */
  | {
      readonly state: 'missing';
      readonly evidence: readonly Evidence[];
      readonly listed: VersionList | undefined;
      readonly tags: OriginTags | undefined;
    };

/** The go command takes this version from its own module, by its tag, so that it must exist. */
export function isFoundByTag(project: Project, replacements: Replacements, module: ModuleVersion): boolean {
  return (
    namesTag(module.version) &&
    checkPath(module.path) === undefined &&
    checkPathMajor(module.version, splitPathVersion(module.path).pathMajor) === undefined &&
    !project.modules.some((member) => isExcluded(member, module)) &&
    !isMember(project, module.path) &&
    replacements.find(module) === undefined
  );
}

/**
 * Asks for a version in the one order that does no harm: the module cache and the proxy's list, then the origin's tags,
 * and the proxy's `.info` last, because a mirror that is asked for a tag too early remembers for half an hour that
 * there is none.
 */
export function versionExistence(project: Project, facts: Facts, module: ModuleVersion): Existence {
  const { path, version } = module;
  const route = routeOf(project.environment, path);
  if (route.entries.length === 0) return { state: 'unchecked', why: 'GOPROXY names no proxy' };

  const cached = facts.ask({ kind: 'cached', path, version });
  if (cached.state === 'pending') return cached;
  if (cached.state === 'known') return { state: 'exists' };

  const listed = facts.ask({ kind: 'versions', path });
  if (listed.state === 'pending') return listed;
  if (listed.state === 'unavailable') return { state: 'unchecked', why: listed.why };
  if (listed.state === 'known' && listed.value.versions.includes(version)) return { state: 'exists' };

  const tags = facts.ask({ kind: 'tags', path });
  if (tags.state === 'pending') return tags;
  if (tags.state === 'unavailable' && endsAtOrigin(route)) return { state: 'unchecked', why: tags.why };

  const release = facts.ask({ kind: 'release', path, version });
  switch (release.state) {
    case 'pending':
      return release;
    case 'unavailable':
      return { state: 'unchecked', why: release.why };
    case 'known':
      return { state: 'exists' };
    case 'absent':
      return { state: 'missing', evidence: release.evidence, listed: known(listed), tags: known(tags) };
  }
}

function known<T>(fact: Fact<T>): T | undefined {
  return fact.state === 'known' ? fact.value : undefined;
}
