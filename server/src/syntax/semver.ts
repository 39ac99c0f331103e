import npm from 'semver';
import { remembered } from './memory.ts';
import { compareText } from './utf8.ts';

/*
 * Semantic versions as the go command has them (golang.org/x/mod/semver).
 *
 * The `semver` package orders single identifiers here, where both agree. It cannot do the rest, since Go
 * - demands the `v`, which the package only tolerates, and takes no white space or `=` around a version;
 * - takes `v1` and `v1.2` for `v1.0.0` and `v1.2.0`, which the package refuses;
 * - puts no limit on length (the package: 256) or on numbers (the package: 2^53 - 1);
 * - keeps the text as written, so that `v1.0.0+meta` has a build suffix to give back;
 * - gives invalid versions an order: below all valid ones, and equal to each other.
 */

/** The parts of a valid version, as written. */
interface Parsed {
  readonly major: string;
  readonly minor: string;
  readonly patch: string;
  /** What a short version lacks: `.0.0`, `.0` or nothing. */
  readonly missing: string;
  /** With its hyphen, or empty. */
  readonly prerelease: string;
  /** With its plus sign, or empty. */
  readonly build: string;
}

/** Whether `version` is a semantic version: `vMAJOR[.MINOR[.PATCH[-PRERELEASE][+BUILD]]]` (semver.IsValid). */
export function isValid(version: string): boolean {
  return parse(version) !== undefined;
}

/**
 * Orders two versions by precedence: -1, 0 or 1 (semver.Compare).
 * Build metadata does not count. An invalid version is less than a valid one and equal to any other invalid one.
 */
export function compare(a: string, b: string): number {
  if (a === b) return 0;
  const x = parse(a);
  const y = parse(b);
  if (!x || !y) return Number(x !== undefined) - Number(y !== undefined);
  return (
    compareIdentifiers(x.major, y.major) ||
    compareIdentifiers(x.minor, y.minor) ||
    compareIdentifiers(x.patch, y.patch) ||
    comparePrereleases(x.prerelease, y.prerelease)
  );
}

/** The version with its missing numbers and without build metadata; empty when it is invalid (semver.Canonical). */
export function canonical(version: string): string {
  const parsed = parse(version);
  if (!parsed) return '';
  return version.slice(0, version.length - parsed.build.length) + parsed.missing;
}

/** `v2` of `v2.1.0`; empty when the version is invalid (semver.Major). */
export function major(version: string): string {
  const parsed = parse(version);
  return parsed ? `v${parsed.major}` : '';
}

/** `v2.1` of `v2.1.0`; empty when the version is invalid (semver.MajorMinor). */
export function majorMinor(version: string): string {
  const parsed = parse(version);
  return parsed ? `v${parsed.major}.${parsed.minor}` : '';
}

/** `-pre` of `v2.1.0-pre+meta`; empty when there is none or the version is invalid (semver.Prerelease). */
export function prerelease(version: string): string {
  return parse(version)?.prerelease ?? '';
}

/** `+meta` of `v2.1.0-pre+meta`; empty when there is none or the version is invalid (semver.Build). */
export function build(version: string): string {
  return parse(version)?.build ?? '';
}

/** A new list in ascending order; versions of one precedence go by their text (semver.Sort). */
export function sort(versions: readonly string[]): string[] {
  return [...versions].sort((a, b) => compare(a, b) || compareText(a, b));
}

const ZERO = 48;
const NINE = 57;
const DOT = 46;
const HYPHEN = 45;
const PLUS = 43;

const parse = remembered(split);

function split(version: string): Parsed | undefined {
  if (version.charCodeAt(0) !== 118) return undefined;
  const afterMajor = endOfNumber(version, 1);
  if (afterMajor < 0) return undefined;
  const major = version.slice(1, afterMajor);
  if (afterMajor === version.length) return short(major, '0', '.0.0');
  if (version.charCodeAt(afterMajor) !== DOT) return undefined;

  const afterMinor = endOfNumber(version, afterMajor + 1);
  if (afterMinor < 0) return undefined;
  const minor = version.slice(afterMajor + 1, afterMinor);
  if (afterMinor === version.length) return short(major, minor, '.0');
  if (version.charCodeAt(afterMinor) !== DOT) return undefined;

  const afterPatch = endOfNumber(version, afterMinor + 1);
  if (afterPatch < 0) return undefined;
  const hasPrerelease = version.charCodeAt(afterPatch) === HYPHEN;
  const afterPrerelease = hasPrerelease ? endOfIdentifiers(version, afterPatch + 1, true) : afterPatch;
  if (afterPrerelease < 0) return undefined;
  const hasBuild = version.charCodeAt(afterPrerelease) === PLUS;
  const end = hasBuild ? endOfIdentifiers(version, afterPrerelease + 1, false) : afterPrerelease;
  if (end !== version.length) return undefined;
  return {
    major,
    minor,
    patch: version.slice(afterMinor + 1, afterPatch),
    missing: '',
    prerelease: version.slice(afterPatch, afterPrerelease),
    build: version.slice(afterPrerelease),
  };
}

function short(major: string, minor: string, missing: string): Parsed {
  return { major, minor, patch: '0', missing, prerelease: '', build: '' };
}

/** The end of a number without needless zeros; -1 when there is none. */
function endOfNumber(text: string, start: number): number {
  const end = endOfDigits(text, start);
  return end === start || isPadded(text, start, end) ? -1 : end;
}

function endOfDigits(text: string, start: number): number {
  let at = start;
  while (text.charCodeAt(at) >= ZERO && text.charCodeAt(at) <= NINE) at++;
  return at;
}

function isPadded(text: string, start: number, end: number): boolean {
  return end - start > 1 && text.charCodeAt(start) === ZERO;
}

/** The end of dot-separated identifiers; -1 when one is empty or, in a pre-release, a number with needless zeros. */
function endOfIdentifiers(text: string, start: number, refusePadded: boolean): number {
  for (let first = start; ; ) {
    let at = first;
    while (at < text.length && IDENTIFIER_CHARACTERS[text.charCodeAt(at)] === 1) at++;
    if (at === first) return -1;
    if (refusePadded && isPadded(text, first, at) && endOfDigits(text, first) === at) return -1;
    if (text.charCodeAt(at) !== DOT) return at;
    first = at + 1;
  }
}

/** By their code, which characters identifiers are made of. */
const IDENTIFIER_CHARACTERS = new Uint8Array(128);
for (const character of '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz') {
  IDENTIFIER_CHARACTERS[character.charCodeAt(0)] = 1;
}

/** A version without a pre-release is above those with one; otherwise identifier by identifier, fewer first. */
function comparePrereleases(a: string, b: string): number {
  if (a === b) return 0;
  if (a === '') return 1;
  if (b === '') return -1;
  const x = a.slice(1).split('.');
  const y = b.slice(1).split('.');
  for (let at = 0; at < x.length && at < y.length; at++) {
    const order = compareIdentifiers(x[at]!, y[at]!);
    if (order !== 0) return order;
  }
  return x.length < y.length ? -1 : 1;
}

/** The most digits that a JavaScript number surely holds without rounding. */
const SAFE_DIGITS = 15;

function compareIdentifiers(a: string, b: string): number {
  if (a === b) return 0;
  // The package compares numbers as floating-point ones, which rounds long ones; without needless zeros length tells.
  if (a.length > SAFE_DIGITS && b.length > SAFE_DIGITS && a.length !== b.length && isNumber(a) && isNumber(b)) {
    return a.length < b.length ? -1 : 1;
  }
  if (a.length > SAFE_DIGITS && a.length === b.length) {
    const order = Number(isNumber(b)) - Number(isNumber(a));
    return order || (a < b ? -1 : 1);
  }
  return npm.compareIdentifiers(a, b);
}

function isNumber(identifier: string): boolean {
  return endOfDigits(identifier, 0) === identifier.length;
}
