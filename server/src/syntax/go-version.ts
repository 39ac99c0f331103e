import { remembered } from './memory.ts';
import { compare as compareSemver } from './semver.ts';

/*
 * Versions of Go itself, which are not semantic versions: `1.21`, `1.21rc1`, `1.21.0` (GOROOT/src/internal/gover and
 * cmd/go/internal/gover). They stand without the prefix `go`, which belongs to a toolchain's name.
 */

/** The version of a go.mod without a go line (gover.DefaultGoModVersion). */
export const DEFAULT_GO_MOD_VERSION = '1.16';

/** The version of a go.work without a go line (gover.DefaultGoWorkVersion). */
export const DEFAULT_GO_WORK_VERSION = '1.18';

/** Whether `version` is a version of Go: `1`, `1.21`, `1.21rc1`, `1.21.0` (gover.IsValid). */
export function isValidGoVersion(version: string): boolean {
  return parse(version) !== INVALID;
}

/**
 * Orders two versions of Go: -1, 0 or 1 (gover.Compare). The language version comes before its releases,
 * `1.21` < `1.21rc1` < `1.21.0`. Invalid versions are less than valid ones and equal to each other.
 */
export function compareGoVersions(a: string, b: string): number {
  const x = parse(a);
  const y = parse(b);
  return (
    compareNumbers(x.major, y.major) ||
    compareNumbers(x.minor, y.minor) ||
    compareNumbers(x.patch, y.patch) ||
    compareKinds(x.kind, y.kind) ||
    compareNumbers(x.pre, y.pre)
  );
}

/** The later of two versions; the first when they are equal (gover.Max). */
export function maxGoVersion(a: string, b: string): string {
  return compareGoVersions(a, b) < 0 ? b : a;
}

/** Whether it names a version of the language, not a release: `1.21` (gover.IsLang). */
export function isLanguageVersion(version: string): boolean {
  const { patch, kind, pre } = parse(version);
  return isValidGoVersion(version) && patch === '' && kind === '' && pre === '';
}

/** The language version of a version: `1.21` of `1.21.3`; empty when it is invalid (gover.Lang). */
export function languageVersion(version: string): string {
  const { major, minor } = parse(version);
  return minor === '' || (major === '1' && minor === '0') ? major : `${major}.${minor}`;
}

/** Whether it is a pre-release such as `1.21rc1` (gover.IsPrerelease). */
export function isGoPrerelease(version: string): boolean {
  return parse(version).kind !== '';
}

/**
 * The version of Go that a toolchain has by its name: `1.21.3` of `go1.21.3-custom`;
 * empty when the name tells none, as `default` (gover.FromToolchain).
 */
export function goVersionOfToolchain(name: string): string {
  if (/[\\/]/.test(name) || !name.startsWith('go')) return '';
  const version = name.slice(2).split(/[ \t-]/, 1)[0] ?? '';
  return isValidGoVersion(version) ? version : '';
}

/** The name of the toolchain of a version: `go1.21.3`. */
export function toolchainOfGoVersion(version: string): string {
  return `go${version}`;
}

/** Whether a go line may have this version (modfile.GoVersionRE); a release such as `1.21rc1` included. */
export function isGoLineVersion(version: string): boolean {
  return /^[1-9][0-9]*\.(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))?([a-z]+[0-9]+)?$/.test(version);
}

/** Whether a toolchain line may have this name (modfile.ToolchainRE). */
export function isToolchainName(name: string): boolean {
  return /^default$|^go1($|\.)/.test(name);
}

/** Whether a path is one of the two modules `go` and `toolchain` that stand for Go itself (gover.IsToolchain). */
export function isToolchainModule(path: string): boolean {
  return path === 'go' || path === 'toolchain';
}

/** Orders two versions of one module, which for `go` and `toolchain` are versions of Go (gover.ModCompare). */
export function compareModuleVersions(path: string, a: string, b: string): number {
  if (path === 'go') return compareGoVersions(a, b);
  if (path === 'toolchain') return compareGoVersions(versionOrToolchain(a), versionOrToolchain(b));
  return compareSemver(a, b);
}

function versionOrToolchain(name: string): string {
  return isValidGoVersion(name) ? name : goVersionOfToolchain(name);
}

/** Decimal numbers stay texts, since they may be longer than a number holds. */
interface Parsed {
  readonly major: string;
  readonly minor: string;
  readonly patch: string;
  /** `alpha`, `beta`, `rc` or empty. */
  readonly kind: string;
  readonly pre: string;
}

const INVALID: Parsed = { major: '', minor: '', patch: '', kind: '', pre: '' };

const FORM = /^(?<major>N)(?:\.(?<minor>N)(?:\.(?<patch>N)|(?<kind>[a-z]+)(?<pre>N)?)?)?$/;
const NUMBERED_FORM = new RegExp(FORM.source.replaceAll('N', '0|[1-9][0-9]*'));

const parse = remembered((version): Parsed => {
  const groups = NUMBERED_FORM.exec(version)?.groups;
  if (!groups) return INVALID;
  const major = groups['major'] ?? '';
  const minor = groups['minor'];
  if (minor === undefined) return { major, minor: '0', patch: '0', kind: '', pre: '' };
  const kind = groups['kind'] ?? '';
  // Up to Go 1.20 the first release of a version had no patch number.
  const firstRelease = kind === '' && compareNumbers(minor, '21') < 0 ? '0' : '';
  return { major, minor, patch: groups['patch'] ?? firstRelease, kind, pre: groups['pre'] ?? '' };
});

function compareNumbers(a: string, b: string): number {
  if (a === b) return 0;
  if (a.length !== b.length) return a.length < b.length ? -1 : 1;
  return a < b ? -1 : 1;
}

function compareKinds(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
