import { isGoLineVersion } from './go-version.ts';
import { interned } from './memory.ts';
import { parseMod } from './mod-file.ts';
import { fitsPath } from './module-path.ts';
import { LineIndex } from './span.ts';
import { LONGEST_PLAIN_LINE, PLAIN_WORD } from './tree-parser.ts';

/**
 * What a dependency's go.mod says to those who require it, read as modfile.ParseLax does
 * (cmd/go/internal/modload/modfile.go:modFileSummary).
 */
export interface ModSummary {
  /** The module path that it declares. */
  readonly path: string | undefined;
  /** The version of its `go` line. */
  readonly go: string | undefined;
  /** As written. */
  readonly requires: readonly { readonly path: string; readonly version: string }[];
  /** Closed intervals of versions that the module's author has retracted. */
  readonly retracts: readonly { readonly low: string; readonly high: string }[];
  /** Why the go command refuses the file, in its words; the other fields then have what could be read all the same. */
  readonly fault: string | undefined;
}

/**
 * Reads a dependency's go.mod. It takes any text. A module graph has hundreds of these files, nearly all as plain as the
 * go command writes them, and a plain one is read without a tree.
 */
export function summarizeMod(text: string): ModSummary {
  return summaryOfPlainText(text) ?? summaryOfTree(text);
}

function summaryOfTree(text: string): ModSummary {
  const { module, go, require, retract, problems } = parseMod(text, 'lax');
  const [problem] = problems;
  const line = problem && new LineIndex(text).position(problem.reportedAt).line + 1;
  return {
    path: module?.path.value,
    go: go?.version.value,
    requires: require.map(({ path, version }) => ({ path: path.value, version: version.value })),
    retracts: retract.map(({ low, high }) => ({ low: low.value, high: high.value })),
    fault: problem && `parsing go.mod: go.mod:${line!}: ${problem.message}`,
  };
}

/** Undefined for a text that has anything unusual. */
function summaryOfPlainText(text: string): ModSummary | undefined {
  let path: string | undefined;
  let go: string | undefined;
  const requires: { path: string; version: string }[] = [];
  let block: string | undefined;
  for (LINE.lastIndex = 0; LINE.lastIndex < text.length; ) {
    const newline = text.indexOf('\n', LINE.lastIndex);
    if ((newline < 0 ? text.length : newline) - LINE.lastIndex > LONGEST_PLAIN_LINE) return undefined;
    const line = LINE.exec(text);
    if (!line) return undefined;
    const [, first, second, third] = line;
    if (first === undefined) continue;
    if (second === '(' && third === undefined && block === undefined) {
      if (READ_IN_BLOCKS.has(first)) return undefined;
      block = first;
    } else if (first === ')' && second === undefined && block !== undefined) {
      block = undefined;
    } else if ([first, second, third].some(isParenthesis)) {
      return undefined;
    } else if (block === 'require') {
      if (second === undefined || third !== undefined || !fitsPath(valueOf(second), valueOf(first))) return undefined;
      requires.push({ path: interned(valueOf(first)), version: valueOf(second) });
    } else if (block === undefined && READ_IN_LINES.has(first)) {
      if (second === undefined) return undefined;
      if (first === 'require' && third !== undefined && fitsPath(valueOf(third), valueOf(second)) && line[4] === '') {
        requires.push({ path: interned(valueOf(second)), version: valueOf(third) });
      } else if (first === 'module' && third === undefined && path === undefined) {
        path = valueOf(second);
      } else if (first === 'go' && third === undefined && go === undefined && isGoLineVersion(second)) {
        go = second;
      } else {
        return undefined;
      }
    }
  }
  return block === undefined ? { path, go, requires, retracts: [], fault: undefined } : undefined;
}

/** Directives that count in a dependency's file and, but for `require`, are left to the parser where they have blocks. */
const READ_IN_LINES: ReadonlySet<string> = new Set(['module', 'go', 'require', 'retract', 'ignore']);
const READ_IN_BLOCKS: ReadonlySet<string> = new Set(['module', 'retract', 'ignore']);

const WORD = `${PLAIN_WORD}|"${PLAIN_WORD}"`;
const BLANKS = '[ \\t]+';

/** A line of up to three words or parentheses, more words in the fourth group, and a comment. */
const LINE = new RegExp(
  `[ \\t]*(?:(${WORD}|[()])(?:${BLANKS}(${WORD}|[()])(?:${BLANKS}(${WORD}|[()])((?:${BLANKS}(?:${WORD}))*))?)?)?` +
    '[ \\t]*(?://[^\\r\\n]*)?(?:\\n|$)',
  'y',
);

/** What a word stands for. */
function valueOf(word: string): string {
  return word.startsWith('"') ? word.slice(1, -1) : word;
}

function isParenthesis(word: string | undefined): boolean {
  return word === '(' || word === ')';
}
