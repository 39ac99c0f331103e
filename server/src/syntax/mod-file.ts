import {
  checkMajor,
  checkQuoting,
  checkVersionWord,
  directiveComment,
  Faults,
  isBracket,
  parseGo,
  parseGodebug,
  parsePath,
  parseReplace,
  parseString,
  parseToolchain,
  type Statement,
  type VersionLines,
} from './directive-parser.ts';
import type {
  Exclusion,
  Godebug,
  ModFile,
  ModuleDirective,
  PathDirective,
  Replacement,
  Requirement,
  Retraction,
} from './directives.ts';
import { splitPathVersion } from './module-path.ts';
import type { Span } from './span.ts';
import type { Line, Word } from './tree.ts';
import { parseTree } from './tree-parser.ts';
import { fields } from './unicode.ts';
import { quote } from './quote.ts';

/**
 * How to read a go.mod file: `strict` as the main module's own (modfile.Parse), `lax` as a dependency's, in which the
 * go command ignores what concerns main modules only and what it does not know (modfile.ParseLax).
 */
export type ModMode = 'strict' | 'lax';

/** Reads a go.mod file as modfile does without a version fixer. It takes any text. */
export function parseMod(text: string, mode: ModMode = 'strict'): ModFile {
  const { tree, problems } = parseTree(text, 'go.mod');
  const faults = new Faults(problems);
  const draft: Draft = {
    hasGo: false,
    hasToolchain: false,
    godebug: [],
    require: [],
    exclude: [],
    replace: [],
    retract: [],
    tool: [],
    ignore: [],
  };
  const strict = mode === 'strict';
  for (const statement of tree.statements) {
    if (statement.kind === 'line') {
      const [verb, ...args] = statement.words as [Word, ...Word[]];
      parseDirective({ verb, args, line: statement }, draft, faults, strict);
    } else if (statement.kind === 'block') {
      const [verb] = statement.words as [Word];
      if (statement.words.length > 1 || !BLOCKS.has(verb.raw)) {
        if (strict) faults.reportUnknownBlock(statement, BLOCKS);
        continue;
      }
      for (const line of statement.lines) parseDirective({ verb, args: line.words, line }, draft, faults, strict);
    }
  }
  const { hasGo: _, hasToolchain: __, ...directives } = draft;
  return { kind: 'mod', text, tree, problems: faults.problems, ...directives };
}

/** The directives of which a go.mod file may have blocks. */
const BLOCKS: ReadonlySet<string> = new Set(
  ['module', 'godebug', 'require', 'exclude', 'replace', 'retract', 'tool', 'ignore'],
);

const VERBS: ReadonlySet<string> = new Set([...BLOCKS, 'go', 'toolchain']);

/** The directives that count in a dependency's file. */
const LAX_VERBS: ReadonlySet<string> = new Set(['go', 'module', 'retract', 'require', 'ignore']);

interface Draft extends VersionLines {
  module?: ModuleDirective;
  readonly godebug: Godebug[];
  readonly require: Requirement[];
  readonly exclude: Exclusion[];
  readonly replace: Replacement[];
  readonly retract: Retraction[];
  readonly tool: PathDirective[];
  readonly ignore: PathDirective[];
}

function parseDirective(statement: Statement, draft: Draft, faults: Faults, strict: boolean): void {
  const { verb, line } = statement;
  if (!strict && !LAX_VERBS.has(verb.raw)) return;
  switch (verb.raw) {
    case 'go':
      return parseGo(statement, draft, faults, strict);
    case 'toolchain':
      return parseToolchain(statement, draft, faults);
    case 'module':
      return parseModule(statement, draft, faults);
    case 'godebug':
      return parseGodebug(statement, draft.godebug, faults);
    case 'require':
      return parseRequire(statement, draft, faults);
    case 'exclude':
      return parseExclude(statement, draft, faults);
    case 'replace':
      return parseReplace(statement, draft.replace, faults);
    case 'retract':
      return parseRetract(statement, draft, faults, strict);
    case 'tool':
      return parsePath(statement, 'tool directive expects exactly one argument', draft.tool, faults);
    case 'ignore':
      return parsePath(statement, 'ignore directive expects exactly one argument', draft.ignore, faults);
    default:
      return faults.reportUnknown(verb, line, VERBS);
  }
}

function parseModule(statement: Statement, draft: Draft, faults: Faults): void {
  const { verb, args, line } = statement;
  if (draft.module) {
    return faults.report('repeated-directive', line.block ? line : verb, line, 'repeated module statement');
  }
  const [path] = args;
  const deprecated = deprecation(directiveComment(line));
  const nowhere = { start: verb.end, end: verb.end, raw: '', value: '' };
  draft.module = { path: path ?? nowhere, line, ...(deprecated && { deprecated }) };
  if (args.length !== 1 || !path) return faults.reportUsage(statement, 1, 'usage: module module/path');
  checkQuoting(path, line, faults);
}

/** The paragraph of a comment that starts with `Deprecated:` (modfile.parseDeprecation). */
function deprecation(comment: string): string | undefined {
  return /(?:^|\n\n)Deprecated: *([^]*?)(?:$|\n\n)/.exec(comment)?.[1];
}

function parseRequire(statement: Statement, draft: Draft, faults: Faults): void {
  const { line } = statement;
  const module = parseModuleVersion(statement, faults);
  if (module) draft.require.push({ ...module, indirect: isIndirect(line), line });
}

function parseExclude(statement: Statement, draft: Draft, faults: Faults): void {
  const module = parseModuleVersion(statement, faults);
  if (module) draft.exclude.push({ ...module, line: statement.line });
}

/** The path and version of a line, as far as they are there. */
function parseModuleVersion(statement: Statement, faults: Faults): { path: Word; version: Word } | undefined {
  const [path, version] = statement.args;
  const { form } = statement.line;
  if (path && version && form?.fits) return { path, version };
  const isSound = faults.noneFrom(() => checkModuleVersion(statement, faults));
  if (!path || !version) return undefined;
  return isSound || !(isBracket(path) || isBracket(version)) ? { path, version } : undefined;
}

function checkModuleVersion(statement: Statement, faults: Faults): void {
  const { args, line } = statement;
  const verb = statement.verb.raw;
  const [path, version] = args;
  if (args.length !== 2 || !path || !version) {
    return faults.reportUsage(statement, 2, `usage: ${verb} module/path v1.2.3`);
  }
  if (!checkQuoting(path, line, faults)) return;
  const canonical = checkVersionWord(verb, path.value, version, line, faults);
  if (canonical === undefined) return;
  const split = splitPathVersion(path.value);
  if (!split.ok) return faults.report('module-path', path, line, 'invalid module path');
  checkMajor(verb, path.value, split.pathMajor, version, canonical, line, faults);
}

/** Whether a requirement's line is marked `// indirect` (modfile.isIndirect). */
export function isIndirect(line: Line): boolean {
  const comment = line.comments.suffix[0];
  if (!comment) return false;
  if (comment.text === '// indirect') return true;
  const words = fields(comment.text, 2);
  const [first] = words;
  if (!first) return false;
  const text = comment.text.slice(first.start, first.end);
  return words.length === 1 ? text === 'indirect' : text === 'indirect;';
}

/** What a retract line says, or where and why it says nothing. */
type Interval =
  | { readonly ok: true; readonly low: Word; readonly high: Word; readonly length: number }
  | { readonly ok: false; readonly at: Span; readonly error: string; readonly isQuoting?: boolean };

function parseRetract(statement: Statement, draft: Draft, faults: Faults, strict: boolean): void {
  const { args, line } = statement;
  const interval = parseInterval(statement);
  if (!interval.ok) {
    // In a dependency the go command ignores what it does not understand, for the sake of future forms.
    if (strict) faults.report(interval.isQuoting ? 'quoting' : 'retraction', interval.at, line, interval.error);
    return;
  }
  const extra = args[interval.length];
  draft.retract.push({ low: interval.low, high: interval.high, rationale: directiveComment(line), line });
  if (extra && strict) {
    const message = `unexpected token after version: ${quote(extra.raw)}`;
    faults.report('retraction', { start: extra.start, end: line.end }, line, message);
  }
}

/** Reads one version or `[low, high]` (modfile.parseVersionInterval); without a fixer any word is a version. */
function parseInterval(statement: Statement): Interval {
  const { verb, args, line } = statement;
  const [first] = args;
  if (!first || first.raw === '(') return { ok: false, at: first ?? verb, error: "expected '[' or version" };
  if (first.raw !== '[') return checkRetracted(first) ?? { ok: true, low: first, high: first, length: 1 };
  const [, low, comma, high, close] = args;
  const end = { start: line.end - 1, end: line.end };
  if (!low) return { ok: false, at: end, error: "expected version after '['" };
  const lowFault = checkRetracted(low);
  if (lowFault) return lowFault;
  if (comma?.raw !== ',') return { ok: false, at: comma ?? low, error: "expected ',' after version" };
  if (!high) return { ok: false, at: comma, error: "expected version after ','" };
  const highFault = checkRetracted(high);
  if (highFault) return highFault;
  if (close?.raw !== ']') return { ok: false, at: close ?? high, error: "expected ']' after version" };
  return { ok: true, low, high, length: 5 };
}

function checkRetracted(word: Word): Interval | undefined {
  const parsed = parseString(word);
  if (parsed.ok) return undefined;
  const error = `retract: version ${quote(word.raw)} invalid: ${parsed.error}`;
  return { ok: false, at: word, error, isQuoting: true };
}
