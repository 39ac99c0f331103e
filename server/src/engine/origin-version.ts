import { checkPathMajor, splitPathVersion } from '../syntax/module-path.ts';
import { isPseudoVersion } from '../syntax/pseudo-version.ts';
import { build, canonical, major, prerelease, sort } from '../syntax/semver.ts';

/*
 * How versions of a module and tags of its repository belong together (cmd/go/internal/modfetch/coderepo.go).
 *
 * In all functions `root` is the import path of the repository's root, and `subdirectory` the directory in the
 * repository that this root stands for, when a go-import answer names one (`go help importpath`).
 */

/**
 * What stands before the version in the tags of a module: empty for a module at the repository's root, `sub/` for one
 * in `sub`. Undefined when the repository can't hold the module (newCodeRepo).
 */
export function tagPrefix(path: string, root: string, subdirectory = ''): string | undefined {
  const directory = moduleDirectory(path, root);
  if (directory === undefined) return undefined;
  const whole = [subdirectory, directory].filter((part) => part !== '').join('/');
  return whole === '' ? '' : `${whole}/`;
}

/**
 * The versions that a repository's tags give a module, ascending (codeRepo.Versions). Those with `+incompatible` are
 * not among them; see incompatibleTags.
 */
export function versionsOfTags(path: string, root: string, tags: readonly string[], subdirectory = ''): string[] {
  const prefix = tagPrefix(path, root, subdirectory);
  if (prefix === undefined || hasNoTags(path)) return [];
  const { pathMajor } = splitPathVersion(path);
  const versions = tags
    .filter((tag) => tag.startsWith(prefix))
    .map((tag) => tag.slice(prefix.length))
    .filter((version) => isVersionTag(version) && checkPathMajor(version, pathMajor) === undefined);
  return sort([...new Set(versions)]);
}

/**
 * The tags that may count as `+incompatible` versions of a module at the root of its repository, ascending, those of one
 * major version together. Whether they do is told by the files of their commits.
 */
export function incompatibleTags(
  { path, root, subdirectory }: { readonly path: string; readonly root: string; readonly subdirectory: string },
  tags: readonly string[],
): string[][] {
  const isAtRoot = tagPrefix(path, root, subdirectory) === '' && splitPathVersion(path).pathMajor === '';
  if (!isAtRoot) return [];
  const byMajor = new Map<string, string[]>();
  for (const tag of sort(tags.filter((name) => isVersionTag(name) && checkPathMajor(name, '') !== undefined))) {
    byMajor.set(major(tag), [...(byMajor.get(major(tag)) ?? []), tag]);
  }
  return [...byMajor.values()];
}

/**
 * The tag that must be there for a version, canonical and perhaps `+incompatible` (codeRepo.revToRev). Undefined for a
 * pseudo-version, which needs a commit and no tag, and where the module can have no tags.
 */
export function neededTag(path: string, root: string, version: string, subdirectory = ''): string | undefined {
  const prefix = tagPrefix(path, root, subdirectory);
  if (prefix === undefined || hasNoTags(path)) return undefined;
  const plain = withoutIncompatible(version);
  return isVersionTag(plain) ? prefix + plain : undefined;
}

/** The tag of a version, when it is among a repository's tags. */
export function tagOfVersion(
  path: string,
  root: string,
  version: string,
  tags: readonly string[],
  subdirectory = '',
): string | undefined {
  const tag = neededTag(path, root, version, subdirectory);
  return tag !== undefined && tags.includes(tag) ? tag : undefined;
}

/** A tag that somebody may have meant for a version. */
export interface NearTag {
  readonly tag: string;
  /** Completes "Go ignores it because …". */
  readonly why: string;
}

/** The tag nearest to the one that a version needs, when that one is missing and such a tag is there. */
export function nearTag(
  path: string,
  root: string,
  version: string,
  tags: readonly string[],
  subdirectory = '',
): NearTag | undefined {
  const prefix = tagPrefix(path, root, subdirectory);
  const wanted = neededTag(path, root, version, subdirectory);
  if (prefix === undefined || wanted === undefined || tags.includes(wanted)) return undefined;
  const spelling = spellingOf(withoutIncompatible(version));
  const near: (NearTag & { rank: number })[] = [];
  for (const tag of tags) {
    const parts = spelling.exec(tag)?.groups;
    if (!parts || /[\d.]$/.test(parts['before'] ?? '')) continue;
    const judged = judge(parts, prefix, splitPathVersion(path).pathMajor, withoutIncompatible(version));
    if (judged) near.push({ tag, ...judged });
  }
  near.sort((a, b) => a.rank - b.rank || a.tag.length - b.tag.length || (a.tag < b.tag ? -1 : 1));
  return near[0] && { tag: near[0].tag, why: near[0].why };
}

/** The directory of a module below the repository's root; the major version suffix is not part of it. */
function moduleDirectory(path: string, root: string): string | undefined {
  if (path === root) return '';
  const { prefix, ok } = splitPathVersion(path);
  if (!ok || (prefix !== root && !prefix.startsWith(`${root}/`))) return undefined;
  return prefix.slice(root.length + 1);
}

/** gopkg.in's unstable modules have no tags at all: `v2` tags belong to the stable one. */
function hasNoTags(path: string): boolean {
  return path.startsWith('gopkg.in/') && path.endsWith('-unstable');
}

function isVersionTag(version: string): boolean {
  return version !== '' && canonical(version) === version && !isPseudoVersion(version);
}

/** `v2.0.0` of `v2.0.0+incompatible`; other versions as they are. */
export function withoutIncompatible(version: string): string {
  return build(version) === '+incompatible' ? version.slice(0, -'+incompatible'.length) : version;
}

/** Matches tags that spell a version in any way that people use, with anything before it. */
function spellingOf(version: string): RegExp {
  const pre = prerelease(version);
  const [major = '', minor = '', patch = ''] = version.slice(1, version.length - pre.length).split('.');
  const tail = patch === '0' ? `(?:\\.0*${patch})?` : `\\.0*${patch}`;
  const numbers = minor === '0' && patch === '0' ? `0*${major}(?:\\.0*0${tail})?` : `0*${major}\\.0*${minor}${tail}`;
  const suffix = pre.slice(1).split('.').map((part) => escapeRegExp(part)).join('[.-]?');
  const ending = pre === '' ? '' : `[-._]?${suffix}`;
  const whole = `(?<before>.*?)(?<v>[vV]?)(?<numbers>${numbers})(?<pre>${ending})(?<meta>\\+[0-9A-Za-z.-]+)?`;
  return new RegExp(`^${whole}$`);
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function judge(
  parts: Readonly<Record<string, string>>,
  prefix: string,
  pathMajor: string,
  version: string,
): { rank: number; why: string } | undefined {
  const { before = '', v = '', numbers = '', pre = '', meta = '' } = parts;
  if (before === prefix) {
    const why = flaw(v, numbers, pre, meta, version);
    return why === undefined ? undefined : { rank: 0, why };
  }
  // One number alone, such as `sub/v2` or `release-2`, says too little to be a version of something else.
  if (!numbers.includes('.')) return undefined;
  if (pathMajor.startsWith('/') && before === `${prefix}${pathMajor.slice(1)}/`) {
    return { rank: 1, why: `the ${pathMajor} of the module's path is no part of its tags` };
  }
  if (before.startsWith(prefix) && !before.slice(prefix.length).includes('/')) {
    return { rank: 1, why: `${quoted(before.slice(prefix.length))} stands before the version` };
  }
  if (before !== '' && !before.endsWith('/')) return undefined;
  if (prefix !== '') return { rank: 2, why: `the tags of this module begin with ${quoted(prefix)}` };
  return { rank: 3, why: `it is a tag for a module in the directory ${quoted(before.slice(0, -1))}` };
}

/** Why a spelling of the version is not the canonical one; undefined when it is. */
function flaw(v: string, numbers: string, pre: string, meta: string, version: string): string | undefined {
  if (v === '') return 'a version tag begins with a v';
  if (v === 'V') return 'the v of a version tag is a small letter';
  if (numbers.split('.').length !== 3) return 'a version tag has three numbers';
  if (/(^|\.)0\d/.test(numbers)) return 'a number of a version has no leading zero';
  if (pre !== prerelease(version)) return `a pre-release is written ${quoted(prerelease(version))}`;
  if (meta === '+incompatible') return 'Go adds +incompatible itself, so that no tag may have it';
  if (meta !== '') return 'a version tag has no build metadata';
  return undefined;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
