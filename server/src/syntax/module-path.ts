import { matchPath } from './path-match.ts';
import { remembered } from './memory.ts';
import { quote, quoteRune } from './quote.ts';
import type { Result } from './result.ts';
import { build, canonical, isValid, major } from './semver.ts';
import { codePointAt, isLetter } from './unicode.ts';

/*
 * Module and import paths (golang.org/x/mod/module/module.go). Functions that check return the go command's reason,
 * or undefined when all is well.
 */

/** Checks a module path (module.CheckPath). */
export function checkPath(path: string): string | undefined {
  const reason = moduleFault(path);
  return reason === undefined ? undefined : `malformed module path ${quote(path)}: ${reason}`;
}

/** Checks the path of a package (module.CheckImportPath). */
export function checkImportPath(path: string): string | undefined {
  const reason = checkElements(path, 'import');
  return reason === undefined ? undefined : `malformed import path ${quote(path)}: ${reason}`;
}

/** Checks the path of a file within a module, with slashes (module.CheckFilePath). */
export function checkFilePath(path: string): string | undefined {
  const reason = checkElements(path, 'file');
  return reason === undefined ? undefined : `malformed file path ${quote(path)}: ${reason}`;
}

/** Checks a path together with its version: both valid, and of one major version (module.Check). */
export function checkVersion(path: string, version: string): string | undefined {
  const reason = checkPath(path);
  if (reason !== undefined) return reason;
  const fault = isValid(version)
    ? checkPathMajor(version, splitPathVersion(path).pathMajor)
    : 'not a semantic version';
  return fault === undefined ? undefined : `${path}@${version}: invalid version: ${fault}`;
}

/** A module path in two: `prefix + pathMajor` is the path. */
export interface SplitPath {
  readonly prefix: string;
  /** `/v2`, for gopkg.in `.v2` (also `.v2-unstable`), or empty. */
  readonly pathMajor: string;
  /** False when the last element is not as a module path must have it, such as `/v1` or `/v1.2`. */
  readonly ok: boolean;
}

/** Splits off the major version suffix of a module path (module.SplitPathVersion). */
export const splitPathVersion: (path: string) => SplitPath = remembered(splitPath);

function splitPath(path: string): SplitPath {
  if (path.startsWith('gopkg.in/')) return splitGopkgIn(path);
  const start = startOfTail(path, path.length, true);
  if (start < 2 || start === path.length || !path.startsWith('/v', start - 2)) return unsplit(path, true);
  const number = path.slice(start);
  const isMajor = !number.includes('.') && !number.startsWith('0') && number !== '1';
  return isMajor ? splitAt(path, start - 2) : unsplit(path, false);
}

/** gopkg.in has `.vN` for every major version, and an `-unstable` form of each. */
function splitGopkgIn(path: string): SplitPath {
  const end = path.endsWith(UNSTABLE) ? path.length - UNSTABLE.length : path.length;
  const start = startOfTail(path, end, false);
  if (start < 2 || start === path.length || !path.startsWith('.v', start - 2)) return unsplit(path, false);
  const isMajor = path[start] !== '0' || path.slice(start) === '0';
  return isMajor ? splitAt(path, start - 2) : unsplit(path, false);
}

function splitAt(path: string, at: number): SplitPath {
  return { prefix: path.slice(0, at), pathMajor: path.slice(at), ok: true };
}

function unsplit(path: string, ok: boolean): SplitPath {
  return { prefix: path, pathMajor: '', ok };
}

/** Where the digits (and dots) before `end` begin. */
function startOfTail(path: string, end: number, withDots: boolean): number {
  let at = end;
  while (at > 0 && ((path[at - 1]! >= '0' && path[at - 1]! <= '9') || (withDots && path[at - 1] === '.'))) at--;
  return at;
}

/**
 * Checks that a version fits the major version suffix of its path (module.CheckPathMajor).
 * The reason, `should be v0 or v1, not v2`, stands in the go command's messages after `version "v2.0.0" invalid: `.
 */
export function checkPathMajor(version: string, pathMajor: string): string | undefined {
  const suffix = stable(pathMajor);
  // The go command once made such pseudo-versions for gopkg.in modules of major version 1.
  if (version.startsWith('v0.0.0-') && suffix === '.v1') return undefined;
  const given = major(version);
  if (suffix === '') {
    const fits = given === 'v0' || given === 'v1' || build(version) === '+incompatible';
    return fits ? undefined : `should be v0 or v1, not ${given}`;
  }
  const hasSeparator = suffix.startsWith('/') || suffix.startsWith('.');
  const wanted = hasSeparator ? suffix.slice(1) : suffix;
  return given === wanted && hasSeparator ? undefined : `should be ${wanted}, not ${given}`;
}

/** Whether a go.mod line may have a version under a path, in whatever spelling, as modfile.Parse checks it. */
export function fitsPath(version: string, path: string): boolean {
  if (/^v[01]\./.test(version) && WRITTEN_IN_FULL.test(version) && !MAY_HAVE_VERSION.test(path)) return true;
  const canonical = canonicalVersion(version);
  const split = splitPathVersion(path);
  return canonical !== '' && split.ok && checkPathMajor(canonical, split.pathMajor) === undefined;
}

/** Paths that may end in a major version, or in what looks like one; all others take v0 and v1. */
const MAY_HAVE_VERSION = /\/v[\d.]*$|^gopkg\.in\//;

/** The major version that tags must have for a path suffix: `v2` of `/v2`; empty for none (module.PathMajorPrefix). */
export function pathMajorPrefix(pathMajor: string): string {
  return stable(pathMajor).slice(1);
}

/** The canonical version, with `+incompatible` kept; empty when it is invalid (module.CanonicalVersion). */
export function canonicalVersion(version: string): string {
  return WRITTEN_IN_FULL.test(version) ? version : canonicalForm(version);
}

/** Most versions: releases and pseudo-versions that follow none. */
const WRITTEN_IN_FULL = /^v(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-\d{14}-[0-9a-f]{12})?$/;

const canonicalForm = remembered((version): string => {
  const plain = canonical(version);
  return build(version) === '+incompatible' ? `${plain}+incompatible` : plain;
});

/** The path as file systems and addresses have it, a capital letter as `!` and the small one (module.EscapePath). */
export function escapePath(path: string): Result<string> {
  const reason = checkPath(path);
  return reason === undefined ? escape(path) : { ok: false, error: reason };
}

/** The version as file systems and addresses have it (module.EscapeVersion). It need not be a semantic version. */
export function escapeVersion(version: string): Result<string> {
  if (checkElement(version, 'file') !== undefined || version.includes('!')) {
    return { ok: false, error: `version ${quote(version)} invalid: disallowed version string` };
  }
  return escape(version);
}

/** The path of an escaped one (module.UnescapePath). */
export function unescapePath(escaped: string): Result<string> {
  const path = unescape(escaped);
  const error = `invalid escaped module path ${quote(escaped)}`;
  if (path === undefined) return { ok: false, error };
  const reason = checkPath(path);
  return reason === undefined ? { ok: true, value: path } : { ok: false, error: `${error}: ${reason}` };
}

/** The version of an escaped one (module.UnescapeVersion). */
export function unescapeVersion(escaped: string): Result<string> {
  const version = unescape(escaped);
  if (version === undefined) return { ok: false, error: `invalid escaped version ${quote(escaped)}` };
  const reason = checkElement(version, 'file');
  if (reason === undefined) return { ok: true, value: version };
  return { ok: false, error: `invalid escaped version ${quote(version)}: ${reason}` };
}

/**
 * Whether a prefix of a path matches one of the comma-separated patterns of a list such as GOPRIVATE
 * (module.MatchPrefixPatterns). Empty and malformed patterns match nothing; a slash at a pattern's end does not count.
 */
export function matchPrefixPatterns(globs: string, target: string): boolean {
  if (globs === '') return false;
  const elements = target.split('/');
  for (const entry of globs.split(',')) {
    const glob = entry.endsWith('/') ? entry.slice(0, -1) : entry;
    if (glob === '') continue;
    const count = glob.split('/').length;
    if (count <= elements.length && matchPath(glob, elements.slice(0, count).join('/')) === true) return true;
  }
  return false;
}

const UNSTABLE = '-unstable';

function stable(pathMajor: string): string {
  return pathMajor.startsWith('.v') && pathMajor.endsWith(UNSTABLE) ? pathMajor.slice(0, -UNSTABLE.length) : pathMajor;
}

type PathKind = 'module' | 'import' | 'file';

const moduleFault = remembered((path) => checkElements(path, 'module') ?? checkModulePath(path));

function checkModulePath(path: string): string | undefined {
  const first = path.split('/', 1)[0]!;
  if (first === '') return 'leading slash';
  if (!first.includes('.')) return 'missing dot in first path element';
  if (first.startsWith('-')) return 'leading dash in first path element';
  const bad = /[^-.0-9a-z]/u.exec(first);
  if (bad) return `invalid char ${quoteRune(codePointAt(first, bad.index))} in first path element`;
  return splitPathVersion(path).ok ? undefined : 'invalid version';
}

function checkElements(path: string, kind: PathKind): string | undefined {
  if (PLAIN_PATH.test(path) && !SUSPECT.test(path)) return undefined;
  if (path === '') return 'empty string';
  if (path.startsWith('-') && kind !== 'file') return 'leading dash';
  if (path.includes('//')) return 'double slash';
  if (path.endsWith('/')) return 'trailing slash';
  for (const element of path.split('/')) {
    const reason = checkElement(element, kind);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** Nearly all paths: elements that start with a letter or digit and hold nothing that any kind of path refuses. */
const PLAIN_PATH = /^[0-9A-Za-z][-\w.]*(?:\/[0-9A-Za-z][-\w.]*)*$/;

/** What is refused even so, and more: a dot at an element's end, and names that begin as Windows devices do. */
const SUSPECT = /\.(?:$|\/)|(?:^|\/)(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:$|[/.])/i;

function checkElement(element: string, kind: PathKind): string | undefined {
  if (element === '') return 'empty path element';
  if (/^\.+$/.test(element)) return `invalid path element ${quote(element)}`;
  if (element.startsWith('.') && kind === 'module') return 'leading dot in path element';
  if (element.endsWith('.')) return 'trailing dot in path element';
  for (let at = 0; at < element.length; ) {
    const code = codePointAt(element, at);
    if (!isAllowed(code, kind)) return `invalid char ${quoteRune(code)}`;
    at += code > 0xffff ? 2 : 1;
  }
  const short = element.split('.', 1)[0]!;
  if (WINDOWS_NAMES.test(short)) return `${quote(short)} disallowed as path element component on Windows`;
  if (kind !== 'file' && /~[0-9]+$/.test(short)) return 'trailing tilde and digits in path element';
  return undefined;
}

const WINDOWS_NAMES = /^(?:CON|PRN|AUX|NUL|COM[1-9]|LPT[1-9])$/i;

const ALLOWED: Readonly<Record<PathKind, RegExp>> = {
  module: /[-._~0-9A-Za-z]/,
  import: /[-._~0-9A-Za-z+]/,
  file: /[-!#$%&()+,.=@[\]^_{}~ 0-9A-Za-z]/,
};

function isAllowed(code: number, kind: PathKind): boolean {
  if (code < 0x80) return ALLOWED[kind].test(String.fromCharCode(code));
  return kind === 'file' && isLetter(code);
}

function escape(text: string): Result<string> {
  if (/[!\u0080-\uffff]/.test(text)) return { ok: false, error: 'internal error: inconsistency in EscapePath' };
  return { ok: true, value: text.replace(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`) };
}

function unescape(escaped: string): string | undefined {
  if (/[A-Z\u0080-\uffff]|!(?![a-z])/.test(escaped)) return undefined;
  return escaped.replace(/!([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
