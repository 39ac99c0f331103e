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
  /** The chain of proxies lists the target. */
  readonly targetListed: boolean;
  /** The go command's own words; undefined where only the target's being there tells that the path is wrong. */
  readonly reason: string | undefined;
}

type Missing = Extract<Existence, { state: 'missing' }>;

/**
 * Tells a missing version that its source refuses on account of its `+incompatible` from one that is just not there:
 * by the text, by the origin's answer, or by the path for its major version that has the same version
 * (cmd/go/internal/modfetch/coderepo.go:convert). Undefined where none of these proves it.
 */
export function incompatibleRefusal(
  facts: Facts,
  module: ModuleVersion,
  { tags, evidence }: Missing,
): IncompatibleRefusal | undefined {
  if (!module.version.endsWith('+incompatible') || !tags) return undefined;
  const version = withoutIncompatible(module.version);
  if (tagOfVersion(module.path, tags.root, version, tags.tags, tags.subdirectory) === undefined) return undefined;

  const split = splitPathVersion(module.path);
  if (split.ok && checkPathMajor(version, split.pathMajor) === undefined) {
    const target = { path: module.path, version };
    const reason = `+incompatible suffix not allowed: major version ${major(version)} is compatible`;
    return { target, targetListed: isListed(facts, target), reason };
  }
  const path = pathForVersion({ path: module.path, version });
  const target = path === undefined ? undefined : { path, version };
  const targetListed = target !== undefined && isListed(facts, target);
  const reason = evidence.find(({ from, said }) => from === tags.repository && said !== 'no such tag')?.said;
  return reason !== undefined || targetListed ? { target, targetListed, reason } : undefined;
}

/** The path under which a version of this major would be required; undefined where there can be none. */
export function pathForVersion(module: ModuleVersion): string | undefined {
  const split = splitPathVersion(module.path);
  if (!split.ok) return undefined;
  const wanted = major(module.version);
  if (module.path.startsWith('gopkg.in/')) return `${split.prefix}.${wanted}`;
  return wanted === 'v0' || wanted === 'v1' ? split.prefix : `${split.prefix}/${wanted}`;
}

/** The chain of proxies lists a version. A path that can be no module's is not asked for. */
export function isListed(facts: Facts, module: ModuleVersion): boolean {
  if (checkPath(module.path) !== undefined) return false;
  const listed = facts.ask({ kind: 'versions', path: module.path });
  return listed.state === 'known' && listed.value.versions.includes(module.version);
}
