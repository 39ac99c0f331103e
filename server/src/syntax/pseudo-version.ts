import type { Result } from './result.ts';
import { remembered } from './memory.ts';
import { quote } from './quote.ts';
import { build, canonical, isValid, prerelease } from './semver.ts';

/*
 * Pseudo-versions (golang.org/x/mod/module/pseudo.go), in their three forms and with `+incompatible`:
 * `vX.0.0-TIME-REV`, `vX.Y.Z-pre.0.TIME-REV` and `vX.Y.(Z+1)-0.TIME-REV`.
 */

const FORM =
  /^v[0-9]+\.(0\.0-|[0-9]+\.[0-9]+-([^+]*\.)?0\.)[0-9]{14}-[A-Za-z0-9]+(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/;

/** Whether a version has the form of a pseudo-version (module.IsPseudoVersion). */
export function isPseudoVersion(version: string): boolean {
  return version.includes('-') && parse(version) !== undefined;
}

/** The time of its commit, in RFC 3339 and UTC: `2019-12-31T23:59:59Z` (module.PseudoVersionTime). */
export const pseudoVersionTime: (version: string) => Result<string> = remembered((version) => {
  const parts = parse(version);
  if (!parts) return refuse(version, 'syntax error');
  const digits = /^(....)(..)(..)(..)(..)(..)$/.exec(parts.timestamp)!;
  const [, year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = digits.map(Number);
  const isDate = month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
  if (!isDate || hour >= 24 || minute >= 60 || second >= 60) {
    return refuse(version, `malformed time ${quote(parts.timestamp)}`);
  }
  return { ok: true, value: `${digits[1]}-${digits[2]}-${digits[3]}T${digits[4]}:${digits[5]}:${digits[6]}Z` };
});

/** The revision at its end, for git the first twelve digits of the commit (module.PseudoVersionRev). */
export function pseudoVersionRev(version: string): Result<string> {
  const parts = parse(version);
  return parts ? { ok: true, value: parts.rev } : refuse(version, 'syntax error');
}

/** The tagged version that it follows; empty when it follows none (module.PseudoVersionBase). */
export const pseudoVersionBase: (version: string) => Result<string> = remembered((version) => {
  const parts = parse(version);
  if (!parts) return refuse(version, 'syntax error');
  const { base } = parts;
  const suffix = prerelease(base);
  if (suffix === '') {
    if (parts.build === '') return { ok: true, value: '' };
    return refuse(version, `lacks base version, but has build metadata ${quote(parts.build)}`);
  }
  if (suffix !== '-0') return { ok: true, value: base.slice(0, -'.0'.length) + parts.build };
  const release = base.slice(0, -suffix.length);
  const afterMinor = release.lastIndexOf('.') + 1;
  const patch = decrement(release.slice(afterMinor));
  if (patch === '') return refuse(version, `version before ${release} would have negative patch number`);
  return { ok: true, value: release.slice(0, afterMinor) + patch + parts.build };
});

/**
 * Makes a pseudo-version (module.PseudoVersion).
 *
 * @param major the major version, `v1`; empty for `v0`
 * @param older the tagged version before it, or empty
 * @param time the commit's time in UTC, as `yyyymmddhhmmss`
 * @param rev the short name of the revision
 */
export function pseudoVersion(major: string, older: string, time: string, rev: string): string {
  const segment = `${time}-${rev}`;
  const base = canonical(older);
  if (base === '') return `${major || 'v0'}.0.0-${segment}`;
  if (prerelease(base) !== '') return `${base}.0.${segment}${build(older)}`;
  const afterMinor = base.lastIndexOf('.') + 1;
  return `${base.slice(0, afterMinor)}${increment(base.slice(afterMinor))}-0.${segment}${build(older)}`;
}

interface Parts {
  /** `vX.Y.Z-pre.0`, `vX.Y.(Z+1)-0` or `vX.0.0`. */
  readonly base: string;
  readonly timestamp: string;
  readonly rev: string;
  readonly build: string;
}

const parse = remembered(split);

function split(version: string): Parts | undefined {
  const hyphen = version.indexOf('-');
  const isPseudo = hyphen >= 0 && version.includes('-', hyphen + 1) && isValid(version) && FORM.test(version);
  if (!isPseudo) return undefined;
  const suffix = build(version);
  const plain = version.slice(0, version.length - suffix.length);
  const beforeRev = plain.lastIndexOf('-');
  const dated = plain.slice(0, beforeRev);
  const beforeTime = Math.max(dated.lastIndexOf('-'), dated.lastIndexOf('.'));
  return {
    base: dated.slice(0, beforeTime),
    timestamp: dated.slice(beforeTime + 1),
    rev: plain.slice(beforeRev + 1),
    build: suffix,
  };
}

function refuse(version: string, reason: string): Result<never> {
  return { ok: false, error: `pseudo-version ${quote(version)} invalid: ${reason}` };
}

function daysIn(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]!;
}

function increment(decimal: string): string {
  return (BigInt(decimal) + 1n).toString();
}

/** One less; empty when there is nothing below. */
function decrement(decimal: string): string {
  const number = BigInt(decimal);
  return number === 0n ? '' : (number - 1n).toString();
}
