import type { ModFile, Replacement, WorkFile } from '../../server/src/syntax/directives.ts';
import { formatTree } from '../../server/src/syntax/format.ts';
import { parseMod } from '../../server/src/syntax/mod-file.ts';
import {
  canonicalVersion,
  checkImportPath,
  checkPath,
  checkVersion,
  escapePath,
  escapeVersion,
  matchPrefixPatterns,
  splitPathVersion,
} from '../../server/src/syntax/module-path.ts';
import {
  isPseudoVersion,
  pseudoVersionBase,
  pseudoVersionRev,
  pseudoVersionTime,
} from '../../server/src/syntax/pseudo-version.ts';
import type { Result } from '../../server/src/syntax/result.ts';
import * as semver from '../../server/src/syntax/semver.ts';
import { LineIndex } from '../../server/src/syntax/span.ts';
import { replaceInvalid } from '../../server/src/syntax/utf8.ts';
import { parseWork } from '../../server/src/syntax/work-file.ts';

/*
 * What `npm run -s conformance` answers, so that anyone can hold the engine against another judge. A request and its
 * answer are one JSON object each, on one line.
 *
 * {"id","op":"parse","kind":"mod|work|lax","text"} asks for modfile.Parse, ParseWork or ParseLax without a version
 * fixer: {"id","ok","errors":[{"line","message"}],"module","go","toolchain",
 * "require":[{"path","version","indirect","line"}],"exclude":[{"path","version","line"}],
 * "replace":[{"old":{"path","version"},"new":{"path","version"},"line"}],"retract":[{"low","high","rationale"}],
 * "tool":["path"],"ignore":["path"],"use":["path"],"godebug":[{"key","value"}],
 * "formatted"}. Lines count from 1. What is not there is an empty text or list. When `ok` is false, the directives are
 * those that could be understood all the same, and `formatted` is empty. Of errors of syntax only the first is listed,
 * since the go command stops there.
 *
 * {"id","op":"semver","fn","args"} has the functions isvalid, compare, canonical, major, majorminor, prerelease, build
 * and sort. {"id","op":"module","fn","args"} has checkpath, checkimportpath, checkversion (path and version),
 * splitpathversion, escapepath, escapeversion, ispseudo, pseudotime (RFC 3339), pseudorev, pseudobase and
 * matchprefixpatterns (list and target). The answer is {"id","result"}: for a check `true`, for splitpathversion
 * {"prefix","pathMajor","ok"}; a refusal is {"id","error"}, in Go's words.
 */

/** Answers one request, given as the text of its line. A line that is no request is answered with an error. */
export function answerLine(line: string): unknown {
  let request: unknown;
  try {
    request = JSON.parse(line);
  } catch (cause) {
    return { id: null, error: `not JSON: ${(cause as Error).message}` };
  }
  if (typeof request !== 'object' || request === null) return { id: null, error: 'not a request' };
  return answer(request as Readonly<Record<string, unknown>>);
}

function answer(request: Readonly<Record<string, unknown>>): unknown {
  const { id = null, op, kind, text, fn, args } = request;
  if (op === 'parse') {
    if (typeof text !== 'string') return { id, error: 'no text to parse' };
    const parse = PARSERS.get(String(kind));
    if (!parse) return { id, error: `unknown kind ${JSON.stringify(kind)}` };
    // Go holds the text as UTF-8, in which there is no half of a surrogate pair.
    return { id, ...report(parse(replaceInvalid(text))) };
  }
  const functions = op === 'semver' ? SEMVER : op === 'module' ? MODULE : undefined;
  if (!functions) return { id, error: `unknown op ${JSON.stringify(op)}` };
  const called = functions.get(String(fn));
  if (!called) return { id, error: `unknown fn ${JSON.stringify(fn)}` };
  const texts = Array.isArray(args) ? args.flat().map((arg) => replaceInvalid(String(arg))) : [];
  if (texts.length < called.length) return { id, error: `${String(fn)} needs ${called.length} arguments` };
  const result = called(...texts);
  return result.ok ? { id, result: result.value } : { id, error: result.error };
}

const PARSERS: ReadonlyMap<string, (text: string) => ModFile | WorkFile> = new Map<
  string,
  (text: string) => ModFile | WorkFile
>([
  ['mod', (text: string) => parseMod(text)],
  ['lax', (text: string) => parseMod(text, 'lax')],
  ['work', parseWork],
]);

type Called = (...args: string[]) => Result<unknown>;

const SEMVER: ReadonlyMap<string, Called> = new Map<string, Called>([
  ['isvalid', (version: string) => value(semver.isValid(version))],
  ['compare', (a: string, b: string) => value(semver.compare(a, b))],
  ['canonical', (version: string) => value(semver.canonical(version))],
  ['major', (version: string) => value(semver.major(version))],
  ['majorminor', (version: string) => value(semver.majorMinor(version))],
  ['prerelease', (version: string) => value(semver.prerelease(version))],
  ['build', (version: string) => value(semver.build(version))],
  ['sort', (...versions: string[]) => value(semver.sort(versions))],
]);

const MODULE: ReadonlyMap<string, Called> = new Map<string, Called>([
  ['checkpath', (path: string) => passed(checkPath(path))],
  ['checkimportpath', (path: string) => passed(checkImportPath(path))],
  ['checkversion', (path: string, version: string) => passed(checkVersion(path, version))],
  ['splitpathversion', (path: string) => value(splitPathVersion(path))],
  ['escapepath', (path: string) => escapePath(path)],
  ['escapeversion', (version: string) => escapeVersion(version)],
  ['ispseudo', (version: string) => value(isPseudoVersion(version))],
  ['pseudotime', (version: string) => pseudoVersionTime(version)],
  ['pseudorev', (version: string) => pseudoVersionRev(version)],
  ['pseudobase', (version: string) => pseudoVersionBase(version)],
  ['matchprefixpatterns', (globs: string, target: string) => value(matchPrefixPatterns(globs, target))],
]);

function value(result: unknown): Result<unknown> {
  return { ok: true, value: result };
}

function passed(reason: string | undefined): Result<unknown> {
  return reason === undefined ? { ok: true, value: true } : { ok: false, error: reason };
}

/** What a parsed file says, in the form of the protocol. */
export function report(file: ModFile | WorkFile): Record<string, unknown> {
  const index = new LineIndex(file.text);
  const lineOf = (offset: number): number => index.position(offset).line + 1;
  const isMod = file.kind === 'mod';
  const ok = file.problems.length === 0;
  return {
    ok,
    errors: reported(file).map(({ reportedAt, message }) => ({ line: lineOf(reportedAt), message })),
    module: (isMod && file.module?.path.value) || '',
    go: file.go?.version.value ?? '',
    toolchain: file.toolchain?.version.value ?? '',
    require: (isMod ? file.require : []).map(({ path, version, indirect, line }) => ({
      path: path.value,
      version: canonicalOr(version.value),
      indirect,
      line: lineOf(line.start),
    })),
    exclude: (isMod ? file.exclude : []).map(({ path, version, line }) => ({
      path: path.value,
      version: canonicalOr(version.value),
      line: lineOf(line.start),
    })),
    replace: file.replace.map((replacement) => ({
      ...replaced(replacement),
      line: lineOf(replacement.line.start),
    })),
    retract: (isMod ? file.retract : []).map(({ low, high, rationale }) => ({
      low: low.value,
      high: high.value,
      rationale,
    })),
    tool: (isMod ? file.tool : []).map(({ path }) => path.value),
    ignore: (isMod ? file.ignore : []).map(({ path }) => path.value),
    use: (isMod ? [] : file.use).map(({ path }) => path.value),
    godebug: file.godebug.map(({ key, value }) => ({ key, value })),
    formatted: ok ? formatTree(file) : '',
  };
}

/** What the go command reports: the first fault of syntax, or all faults of directives. */
function reported(file: ModFile | WorkFile): ModFile['problems'] {
  const syntax = file.problems.find(({ kind }) => kind === 'syntax' || kind === 'byte-order-mark');
  return syntax ? [syntax] : file.problems;
}

function replaced({ oldPath, oldVersion, newPath, newVersion }: Replacement): Record<string, unknown> {
  return {
    old: { path: oldPath.value, version: canonicalOr(oldVersion?.value ?? '') },
    new: { path: newPath.value, version: canonicalOr(newVersion?.value ?? '') },
  };
}

/** The version that the go command reads; a faulty one as it is written. */
function canonicalOr(version: string): string {
  return canonicalVersion(version) || version;
}
