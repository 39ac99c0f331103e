import { fields, isLetter, trimSpace } from './unicode.ts';

/**
 * Whether the build constraints at the top of a Go file keep it out of everything that `go mod tidy` looks at, for
 * which every tag but `ignore` is both set and unset (cmd/go/internal/imports/build.go:ShouldBuild with the tag `*`).
 */
export function isIgnoredByConstraints(text: string): boolean {
  const header = readHeader(text);
  if (header.goBuild.length > 1) return true;
  const [line] = header.goBuild;
  if (line !== undefined) return parseGoBuild(line)?.wanted !== true;
  return header.plusBuild.some((constraint) => parsePlusBuild(constraint)?.wanted === false);
}

/** What a constraint says when its tags count as set, and when as unset: a tag under `!` is taken as unset. */
interface Verdict {
  readonly wanted: boolean;
  readonly unwanted: boolean;
}

const ANY_TAG: Verdict = { wanted: true, unwanted: false };
const NEVER: Verdict = { wanted: false, unwanted: false };

function ofTag(tag: string): Verdict {
  return tag === 'ignore' ? NEVER : ANY_TAG;
}

function not(verdict: Verdict): Verdict {
  return { wanted: !verdict.unwanted, unwanted: !verdict.wanted };
}

function and(a: Verdict, b: Verdict): Verdict {
  return { wanted: a.wanted && b.wanted, unwanted: a.unwanted && b.unwanted };
}

function or(a: Verdict, b: Verdict): Verdict {
  return { wanted: a.wanted || b.wanted, unwanted: a.unwanted || b.unwanted };
}

interface Header {
  /** The expressions of `//go:build` lines. */
  readonly goBuild: readonly string[];
  /** Those of `// +build` lines where they may stand: before a blank line before anything else. */
  readonly plusBuild: readonly string[];
}

/** Reads the comments before the package clause (cmd/go/internal/imports/build.go:parseFileHeader). */
function readHeader(text: string): Header {
  const goBuild: string[] = [];
  const plusBuild: string[] = [];
  let pending: string[] = [];
  let onlyLineComments = true;
  let inBlock = false;
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const line = trimSpace(text.slice(start, end));
    start = end + 1;
    if (line === '' && onlyLineComments) {
      plusBuild.push(...pending);
      pending = [];
      continue;
    }
    if (!line.startsWith('//')) onlyLineComments = false;
    if (!inBlock) {
      const expression = afterMark(line, '//go:build');
      if (expression !== undefined) goBuild.push(expression);
      const old = line.startsWith('//') ? afterMark(trimSpace(line.slice(2)), '+build') : undefined;
      if (old !== undefined && onlyLineComments) pending.push(old);
    }
    const rest = skipComments(line, inBlock);
    if (rest === 'code') break;
    inBlock = rest === 'in block';
  }
  return { goBuild, plusBuild };
}

/** What follows a mark that stands alone or before white space. */
function afterMark(line: string, mark: string): string | undefined {
  if (!line.startsWith(mark)) return undefined;
  const rest = line.slice(mark.length);
  const expression = trimSpace(rest);
  return rest !== '' && rest.length === expression.length ? undefined : expression;
}

/** What a line leaves open once its comments are skipped. */
function skipComments(line: string, inBlock: boolean): 'code' | 'in block' | 'nothing' {
  let rest = line;
  let isOpen = inBlock;
  while (rest !== '') {
    if (isOpen) {
      const close = rest.indexOf('*/');
      if (close < 0) return 'in block';
      rest = trimSpace(rest.slice(close + 2));
      isOpen = false;
    } else if (rest.startsWith('//')) {
      return 'nothing';
    } else if (rest.startsWith('/*')) {
      rest = trimSpace(rest.slice(2));
      isOpen = true;
    } else {
      return 'code';
    }
  }
  return isOpen ? 'in block' : 'nothing';
}

/** The most tags of an expression that Go reads (go/build/constraint: maxSize). */
const MOST_TERMS = 1000;

/** Reads the expression of a `//go:build` line; undefined when it is malformed. */
function parseGoBuild(expression: string): Verdict | undefined {
  const tokens = tokenize(expression);
  if (!tokens) return undefined;
  let at = 0;
  let terms = 0;
  const verdict = parseOr();
  return at === tokens.length ? verdict : undefined;

  function parseOr(): Verdict | undefined {
    let left = parseAnd();
    while (left && tokens![at] === '||') {
      at++;
      const right = parseAnd();
      left = right && or(left, right);
    }
    return left;
  }

  function parseAnd(): Verdict | undefined {
    let left = parseNot();
    while (left && tokens![at] === '&&') {
      at++;
      const right = parseNot();
      left = right && and(left, right);
    }
    return left;
  }

  function parseNot(): Verdict | undefined {
    if (++terms > MOST_TERMS) return undefined;
    if (tokens![at] !== '!') return parseAtom();
    at++;
    const operand = parseAtom();
    return operand && not(operand);
  }

  function parseAtom(): Verdict | undefined {
    const token = tokens![at];
    if (token === undefined || /^[)!&|]/.test(token)) return undefined;
    at++;
    if (token !== '(') return ofTag(token);
    const inner = parseOr();
    return tokens![at++] === ')' ? inner : undefined;
  }
}

function tokenize(expression: string): string[] | undefined {
  const tokens: string[] = [];
  for (let at = 0; at < expression.length; ) {
    const character = expression[at]!;
    if (character === ' ' || character === '\t') {
      at++;
      continue;
    }
    const end = '()!'.includes(character) ? at + 1 : endOfOperator(expression, at);
    if (end === at) return undefined;
    tokens.push(expression.slice(at, end));
    at = end;
  }
  return tokens;
}

/** The end of `&&`, `||` or a tag; the start itself when there is none. */
function endOfOperator(expression: string, start: number): number {
  const character = expression[start]!;
  if (character === '&' || character === '|') return expression[start + 1] === character ? start + 2 : start;
  let at = start;
  for (;;) {
    const length = tagCharacterAt(expression, at);
    if (length === 0) return at;
    at += length;
  }
}

/** How many places a character of a tag takes; 0 when the one there cannot be in a tag. */
function tagCharacterAt(text: string, at: number): number {
  const code = text.codePointAt(at);
  if (code === undefined) return 0;
  const isTag = isLetter(code) || /[\p{Nd}_.]/u.test(String.fromCodePoint(code));
  return isTag ? (code > 0xffff ? 2 : 1) : 0;
}

/** The most operators of a `// +build` line that Go reads. */
const MOST_OLD_OPERATORS = 100;

/** Reads the terms of a `// +build` line: a blank is "or", a comma "and". Undefined when there are too many. */
function parsePlusBuild(expression: string): Verdict | undefined {
  const clauses = fields(expression).map(({ start, end }) => expression.slice(start, end).split(','));
  const terms = clauses.reduce((count, clause) => count + clause.length, 0);
  if (terms > MOST_OLD_OPERATORS + 1) return undefined;
  if (clauses.length === 0) return NEVER;
  return clauses.map((clause) => clause.map(oldTerm).reduce(and)).reduce(or);
}

function oldTerm(term: string): Verdict {
  if (term.startsWith('!!') || term === '!') return NEVER;
  const isNegated = term.startsWith('!');
  const tag = isNegated ? term.slice(1) : term;
  const verdict = tag !== '' && endOfTag(tag) === tag.length ? ofTag(tag) : NEVER;
  return isNegated ? not(verdict) : verdict;
}

function endOfTag(text: string): number {
  return /^[&|]/.test(text) ? 0 : endOfOperator(text, 0);
}
