import type {
  Godebug,
  PathDirective,
  Problem,
  ProblemKind,
  Replacement,
  VersionDirective,
} from './directives.ts';
import { isGoLineVersion, isToolchainName } from './go-version.ts';
import { canonicalVersion, checkPathMajor, splitPathVersion } from './module-path.ts';
import { quote, unquote } from './quote.ts';
import type { Result } from './result.ts';
import type { Span } from './span.ts';
import type { Line, LineBlock, Word } from './tree.ts';
import { trimSpace } from './unicode.ts';

/*
 * What go.mod and go.work have in common in the meaning of their lines (golang.org/x/mod/modfile/rule.go).
 * A line with a fault gives its directive all the same when the words for it are there.
 */

/** One line as a directive: its verb, which a block has for all its lines, and what follows. */
export interface Statement {
  readonly verb: Word;
  readonly args: readonly Word[];
  readonly line: Line;
}

/** Collects the faults of a file. */
export class Faults {
  readonly problems: Problem[];
  /** What unknown directives resemble. */
  readonly #nearest = new Map<string, string | undefined>();

  constructor(problems: readonly Problem[]) {
    this.problems = [...problems];
  }

  /** Checks something, and tells whether no fault was found. */
  noneFrom(check: () => void): boolean {
    const before = this.problems.length;
    check();
    return this.problems.length === before;
  }

  /** Reports a fault at a span of a line; the go command reports all faults of a line at its start. */
  report(kind: ProblemKind, at: Span, line: Line, message: string, suggestion?: string): void {
    const place = { start: at.start, end: at.end, reportedAt: line.start };
    this.problems.push({ kind, message, ...place, ...(suggestion && { suggestion }) });
  }

  /** Reports a directive that is none, with the one of these that it resembles. */
  reportUnknown(verb: Word, line: Line, known: Iterable<string>): void {
    this.report('unknown-directive', verb, line, `unknown directive: ${verb.raw}`, this.#suggest(verb.raw, known));
  }

  /** Reports a block that is none; the go command names all its words. */
  reportUnknownBlock(block: LineBlock, known: ReadonlySet<string>): void {
    const [verb, second] = block.words as [Word, ...Word[]];
    const isKnown = known.has(verb.raw) && second !== undefined;
    const at = isKnown ? { start: second.start, end: block.words.at(-1)!.end } : verb;
    const suggestion = known.has(verb.raw) ? undefined : this.#suggest(verb.raw, known);
    const message = `unknown block type: ${block.words.map((word) => word.raw).join(' ')}`;
    const place = { start: at.start, end: at.end, reportedAt: block.start };
    this.problems.push({ kind: 'unknown-directive', message, ...place, ...(suggestion && { suggestion }) });
  }

  #suggest(word: string, known: Iterable<string>): string | undefined {
    if (!this.#nearest.has(word)) this.#nearest.set(word, nearest(word, known));
    return this.#nearest.get(word);
  }

  /** Reports a wrong number of words, at those too many or at the whole line. */
  reportUsage(statement: Statement, wanted: number, message: string): void {
    const { args, line } = statement;
    const first = args[wanted];
    this.report('usage', first ? { start: first.start, end: line.end } : line, line, message);
  }
}

/** A file's `go` and `toolchain` lines as they are read: the first valid one counts, and a second is a fault. */
export interface VersionLines {
  go?: VersionDirective;
  toolchain?: VersionDirective;
  /** Whether they have been accepted, so that another one repeats them. */
  hasGo: boolean;
  hasToolchain: boolean;
}

/** Reads a `go` line. In a dependency's file `v1.21.x` counts as `1.21`. */
export function parseGo(statement: Statement, lines: VersionLines, faults: Faults, strict: boolean): void {
  const { verb, args, line } = statement;
  if (lines.hasGo) return faults.report('repeated-directive', verb, line, 'repeated go statement');
  const [version] = args;
  if (version) lines.go = { version, line };
  if (args.length !== 1 || !version) {
    return faults.reportUsage(statement, 1, 'go directive expects exactly one argument');
  }
  const lax = strict ? undefined : laxGoVersion(version.raw);
  if (isGoLineVersion(version.raw)) {
    lines.hasGo = true;
  } else if (lax !== undefined) {
    lines.hasGo = true;
    lines.go = { version: { ...version, value: lax }, line };
  } else {
    faults.report('go-version', version, line, `invalid go version '${version.raw}': must match format 1.23.0`);
  }
}

/** Reads a `toolchain` line. */
export function parseToolchain(statement: Statement, lines: VersionLines, faults: Faults): void {
  const { verb, args, line } = statement;
  if (lines.hasToolchain) return faults.report('repeated-directive', verb, line, 'repeated toolchain statement');
  const [version] = args;
  if (version) lines.toolchain = { version, line };
  if (args.length !== 1 || !version) {
    return faults.reportUsage(statement, 1, 'toolchain directive expects exactly one argument');
  }
  if (isToolchainName(version.raw)) {
    lines.hasToolchain = true;
  } else {
    const message = `invalid toolchain version '${version.raw}': must match format go1.23.0 or default`;
    faults.report('toolchain', version, line, message);
  }
}

/** Reads a `godebug key=value` line. */
export function parseGodebug(statement: Statement, found: Godebug[], faults: Faults): void {
  const { args, line } = statement;
  const [setting] = args;
  const raw = setting?.raw ?? '';
  const equals = raw.indexOf('=');
  if (args.length !== 1 || /["`',]/.test(raw) || equals < 0) {
    const isAlone = args.length === 1 && setting;
    if (isAlone) return faults.report('usage', setting, line, 'usage: godebug key=value');
    return faults.reportUsage(statement, 1, 'usage: godebug key=value');
  }
  found.push({ key: raw.slice(0, equals), value: raw.slice(equals + 1), line });
}

/** Reads a line with one path: `tool`, `ignore`, `use`. */
export function parsePath(statement: Statement, usage: string, found: PathDirective[], faults: Faults): void {
  const { args, line } = statement;
  const [path] = args;
  const isSound = faults.noneFrom(() => {
    if (args.length !== 1 || !path) faults.reportUsage(statement, 1, usage);
    else checkQuoting(path, line, faults);
  });
  if (path && (isSound || !isBracket(path))) found.push({ path, line });
}

/** Reads a `replace` line. */
export function parseReplace(statement: Statement, found: Replacement[], faults: Faults): void {
  const { args, line } = statement;
  const arrowAt = args[1]?.raw === '=>' ? 1 : 2;
  const [oldPath] = args;
  const arrow = args[arrowAt];
  const newPath = args[arrowAt + 1];
  if (oldPath && arrow?.raw === '=>' && newPath) {
    const oldVersion = arrowAt === 2 ? args[1] : undefined;
    const newVersion = args[arrowAt + 2];
    const replacement = { oldPath, arrow, newPath, line };
    found.push({ ...replacement, ...(oldVersion && { oldVersion }), ...(newVersion && { newVersion }) });
  }
  checkReplace(statement, arrowAt, faults);
}

function checkReplace(statement: Statement, arrowAt: number, faults: Faults): void {
  const { verb, args, line } = statement;
  const arrow = args[arrowAt];
  if (args.length < arrowAt + 2 || args.length > arrowAt + 3 || arrow?.raw !== '=>') {
    const form = `${verb.raw} module/path [v1.2.3] =>`;
    const usage = `usage: ${form} other/module v1.4\n\t or ${form} ../local/directory`;
    const extra = arrow?.raw === '=>' ? args[arrowAt + 3] : undefined;
    return faults.report('usage', extra ? { start: extra.start, end: line.end } : line, line, usage);
  }
  const oldPath = args[0]!;
  const newPath = args[arrowAt + 1]!;
  const newVersion = args[arrowAt + 2];
  if (!checkQuoting(oldPath, line, faults)) return;
  const split = splitPathVersion(oldPath.value);
  if (!split.ok) {
    return faults.report('module-path', oldPath, line, `${verb.raw} ${oldPath.value}: invalid module path`);
  }
  if (arrowAt === 2) {
    const oldVersion = args[1]!;
    const version = checkVersionWord(verb.raw, oldPath.value, oldVersion, line, faults);
    if (version === undefined) return;
    if (!checkMajor(verb.raw, oldPath.value, split.pathMajor, oldVersion, version, line, faults)) return;
  }
  if (!checkQuoting(newPath, line, faults)) return;
  checkTarget(verb.raw, newPath, newVersion, line, faults);
}

function checkTarget(verb: string, path: Word, version: Word | undefined, line: Line, faults: Faults): void {
  const isDirectory = isDirectoryPath(path.value);
  if (version) {
    if (checkVersionWord(verb, path.value, version, line, faults) === undefined) return;
    if (!isDirectory) return;
    const message = `replacement module directory path ${quote(wordValue(path))} cannot have version`;
    return faults.report('replacement', version, line, message);
  }
  if (!isDirectory) {
    const message = path.value.includes('@')
      ? "replacement module must match format 'path version', not 'path@version'"
      : 'replacement module without version must be directory path (rooted or starting with . or ..)';
    return faults.report('replacement', path, line, message);
  }
  // The go command says so everywhere but on Windows, where it takes the path; a go.mod file is for all systems.
  if (path.value.includes('\\')) {
    const message = 'replacement directory appears to be Windows path (on a non-windows system)';
    faults.report('replacement', path, line, message);
  }
}

/** Whether a replacement's target is a directory and not a module (modfile.IsDirectoryPath). */
export function isDirectoryPath(path: string): boolean {
  return /^(?:\.\.?(?:$|[/\\])|[/\\]|[A-Za-z]:)/.test(path);
}

/**
 * Whether a word is a bracket or comma that stands for itself. The go command takes it for a path where one should be;
 * in a line with faults it is none.
 */
export function isBracket(word: Word): boolean {
  return /^[()[\]{},]$/.test(word.raw);
}

/** The value of a word, with bytes that are not UTF-8 told apart as `decodeUtf8` does. */
export function wordValue(word: Word): string {
  return word.raw.startsWith('"') ? (unquote(word.raw) ?? word.value) : word.value;
}

/** A word's value, or why its quotes are wrong (modfile.parseString): only double ones may be, around the whole. */
export function parseString(word: Word): Result<string> {
  if (word.raw.startsWith('"')) {
    const value = unquote(word.raw);
    return value === undefined ? { ok: false, error: 'invalid syntax' } : { ok: true, value };
  }
  if (/["'`]/.test(word.raw)) return { ok: false, error: 'unquoted string cannot contain quote' };
  return { ok: true, value: word.value };
}

/** Reports wrong quotes of a word; true when there are none. */
export function checkQuoting(word: Word, line: Line, faults: Faults): boolean {
  const parsed = parseString(word);
  if (!parsed.ok) faults.report('quoting', word, line, `invalid quoted string: ${parsed.error}`);
  return parsed.ok;
}

/** The canonical form of a version word; undefined, and reported, when it has none (modfile.parseVersion). */
export function checkVersionWord(
  verb: string,
  path: string,
  word: Word,
  line: Line,
  faults: Faults,
): string | undefined {
  const parsed = parseString(word);
  const canonical = parsed.ok ? canonicalVersion(parsed.value) : '';
  if (canonical !== '') return canonical;
  const place = path === '' ? verb : `${verb} ${path}`;
  if (parsed.ok) {
    const message = `${place}: version ${quote(parsed.value)} invalid: must be of the form v1.2.3`;
    faults.report('version', word, line, message);
  } else {
    faults.report('quoting', word, line, `${place}: version ${quote(word.raw)} invalid: ${parsed.error}`);
  }
  return undefined;
}

/** Reports a version that does not fit its path's major version; true when it does. */
export function checkMajor(
  verb: string,
  path: string,
  pathMajor: string,
  word: Word,
  version: string,
  line: Line,
  faults: Faults,
): boolean {
  const reason = checkPathMajor(version, pathMajor);
  if (reason === undefined) return true;
  faults.report('path-major', word, line, `${verb} ${path}: version ${quote(version)} invalid: ${reason}`);
  return false;
}

/**
 * The comments that explain a line, without slashes: those above and behind it, or else its block's
 * (modfile.parseDirectiveComment).
 */
export function directiveComment(line: Line): string {
  const isBare = line.comments.before.length === 0 && line.comments.suffix.length === 0;
  const comments = isBare && line.block ? line.block.comments : line.comments;
  return [...comments.before, ...comments.suffix]
    .filter((comment) => comment.text !== '')
    .map((comment) => trimSpace(comment.text.slice(2)))
    .join('\n');
}

/** The version that a dependency's go line means, if it is not one itself (modfile.laxGoVersionRE). */
function laxGoVersion(version: string): string | undefined {
  return /^v?([1-9][0-9]*\.(?:0|[1-9][0-9]*))[^0-9].*$/.exec(version)?.[1];
}

/** The known word that another is probably meant for: at most two letters wrong, and fewer than half of them. */
function nearest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > LONGEST_TYPO) return undefined;
  let best: string | undefined;
  let least = Math.min(3, Math.ceil(word.length / 2));
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) >= least) continue;
    const distance = editDistance(word.toLowerCase(), candidate);
    if (distance >= least) continue;
    best = candidate;
    least = distance;
  }
  return best;
}

const LONGEST_TYPO = 16;

/** How many letters to insert, drop, change or swap with their neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const change = last[column - 1]! + Number(a[row - 1] !== b[column - 1]);
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const swap = isSwap ? beforeLast[column - 2]! + 1 : Infinity;
      current.push(Math.min(change, swap, last[column]! + 1, current[column - 1]! + 1));
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length]!;
}
