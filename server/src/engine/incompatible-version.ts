import { checkPath, checkPathMajor, splitPathVersion } from '../syntax/module-path.ts';
import { major } from '../syntax/semver.ts';
import type { Facts } from './facts.ts';
import type { ModuleVersion } from './module-version.ts';
import { tagOfVersion, withoutIncompatible } from './origin-version.ts';
import type { Existence } from './version-existence.ts';

/** Why a `+incompatible` version is refused although its tag is there. */
export interface IncompatibleRefusal {
  /** The path under which the plain version would be required. */
  readonly target: ModuleVersion | undefined;
  /** The chain of proxies has the target. */
  readonly targetExists: boolean;
  /** The go command's own words; undefined where only the target's being there tells that the path is wrong. */
  readonly reason: string | undefined;
}

type Missing = Extract<Existence, { state: 'missing' }>;

/**
 * Tells a missing version that its source refuses on account of its `+incompatible` from one that is just not there:
 * by the text, by the origin's answer, or by the path for its major version that has the same version
 * (cmd/go/internal/modfetch/coderepo.go:convert). Undefined where none of these proves it, `pending` while one may.
 */
export function incompatibleRefusal(
  facts: Facts,
  module: ModuleVersion,
  { tags, evidence }: Missing,
): IncompatibleRefusal | 'pending' | undefined {
  if (!module.version.endsWith('+incompatible') || !tags) return undefined;
  const version = withoutIncompatible(module.version);
  if (tagOfVersion(module.path, tags.root, version, tags.tags, tags.subdirectory) === undefined) return undefined;

  const split = splitPathVersion(module.path);
  const fits = split.ok && checkPathMajor(version, split.pathMajor) === undefined;
  const path = fits ? module.path : pathForVersion({ path: module.path, version });
  const target = path === undefined ? undefined : { path, version };
  const exists = target !== undefined && isThere(facts, target);
  const reason = fits
    ? `+incompatible suffix not allowed: major version ${major(version)} is compatible`
    : evidence.find(({ from, said }) => from === tags.repository && said !== 'no such tag')?.said;
  if (reason === undefined && exists !== true) return exists === 'pending' ? exists : undefined;
  return { target, targetExists: exists === true, reason };
}

/** The path under which a version of this major would be required; undefined where there can be none. */
export function pathForVersion(module: ModuleVersion): string | undefined {
  const split = splitPathVersion(module.path);
  if (!split.ok) return undefined;
  const wanted = major(module.version);
  if (module.path.startsWith('gopkg.in/')) return `${split.prefix}.${wanted}`;
  return wanted === 'v0' || wanted === 'v1' ? split.prefix : `${split.prefix}/${wanted}`;
}

/**
 * Whether the chain of proxies has a version. That it is in a list says too little, since a list may be made of tags whose
 * commits nobody has looked into. A path that can be no module's is not asked for.
 */
export function isThere(facts: Facts, { path, version }: ModuleVersion): boolean | 'pending' {
  if (checkPath(path) !== undefined) return false;
  const listed = facts.ask({ kind: 'versions', path });
  if (listed.state === 'pending') return 'pending';
  if (listed.state !== 'known' || !listed.value.versions.includes(version)) return false;
  const release = facts.ask({ kind: 'release', path, version });
  return release.state === 'pending' ? 'pending' : release.state === 'known';
}
