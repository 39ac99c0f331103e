import type { ModFile, SumFile, WorkFile } from '../../syntax/directives.ts';
import type { Span } from '../../syntax/span.ts';
import type { Word } from '../../syntax/tree.ts';
import { writtenComments, type ModuleFile, type ParsedText } from './module-file.ts';

/** The types that tokens have, in the order of the legend (LSP, SemanticTokenTypes). */
export const TOKEN_TYPES = ['keyword', 'namespace', 'number', 'string', 'operator', 'property', 'comment'] as const;

/** The modifiers that tokens have, in the order of the legend (LSP, SemanticTokenModifiers). */
export const TOKEN_MODIFIERS = ['declaration', 'deprecated'] as const;

export type TokenType = (typeof TOKEN_TYPES)[number];
export type TokenModifier = (typeof TOKEN_MODIFIERS)[number];

export interface SemanticToken extends Span {
  readonly type: TokenType;
  readonly modifiers: readonly TokenModifier[];
}

/**
 * What the words of a file mean, in the order of the text: module and package paths are `namespace`, versions `number`,
 * directories and hashes `string`. Words that could not be understood have no token, so that they stand out.
 */
export function semanticTokens(file: ModuleFile): SemanticToken[] {
  const tokens = file.kind === 'sum' ? ofSum(file) : [...ofKeywords(file), ...ofDirectives(file), ...ofComments(file)];
  tokens.sort((a, b) => a.start - b.start);
  // An interval of one version has one word for both ends.
  return tokens.filter((token, at) => token.end > token.start && token.start >= (tokens[at - 1]?.end ?? 0));
}

/** The numbers that a client is sent: five for each token, relative to the one before (LSP, SemanticTokens.data). */
export function encodeTokens(tokens: readonly SemanticToken[], { file, index }: ParsedText): number[] {
  const data: number[] = [];
  let line = 0;
  let character = 0;
  for (const token of tokens.flatMap((one) => byLines(one, file.text))) {
    const start = index.position(token.start);
    const isSameLine = start.line === line;
    const modifiers = token.modifiers.reduce((bits, modifier) => bits | (1 << TOKEN_MODIFIERS.indexOf(modifier)), 0);
    data.push(
      start.line - line,
      isSameLine ? start.character - character : start.character,
      token.end - token.start,
      TOKEN_TYPES.indexOf(token.type),
      modifiers,
    );
    ({ line, character } = start);
  }
  return data;
}

/** A token's parts on each of its lines: a string may go on after a backslash at a line's end. */
function byLines(token: SemanticToken, text: string): SemanticToken[] {
  const parts: SemanticToken[] = [];
  let { start } = token;
  for (;;) {
    const newline = text.indexOf('\n', start);
    if (newline < 0 || newline >= token.end) return [...parts, { ...token, start }];
    if (newline > start) parts.push({ ...token, start, end: newline });
    start = newline + 1;
  }
}

function token({ start, end }: Span, type: TokenType, ...modifiers: TokenModifier[]): SemanticToken {
  return { start, end, type, modifiers };
}

function ofSum(file: SumFile): SemanticToken[] {
  return file.lines.flatMap(({ path, version, hash }) => [
    token(path, 'namespace'),
    token(version, 'number'),
    token(hash, 'string'),
  ]);
}

function ofKeywords(file: ModFile | WorkFile): SemanticToken[] {
  const unknown = new Set(file.problems.filter(({ kind }) => kind === 'unknown-directive').map(({ start }) => start));
  return file.tree.statements.flatMap((statement) => {
    const verb = statement.kind === 'comments' ? undefined : statement.words[0];
    return verb && !unknown.has(verb.start) ? [token(verb, 'keyword')] : [];
  });
}

function ofComments(file: ModFile | WorkFile): SemanticToken[] {
  const { wholeLine, endOfLine } = writtenComments(file);
  return [...wholeLine, ...endOfLine].map((comment) => token(comment, 'comment'));
}

function ofDirectives(file: ModFile | WorkFile): SemanticToken[] {
  const tokens: SemanticToken[] = [];
  const add = (word: Word | undefined, type: TokenType): void => {
    if (word) tokens.push(token(word, type));
  };
  add(file.go?.version, 'number');
  add(file.toolchain?.version, 'number');
  for (const { line } of file.godebug) tokens.push(...ofGodebug(line.words.at(-1)!));
  for (const { oldPath, oldVersion, arrow, newPath, newVersion } of file.replace) {
    add(oldPath, 'namespace');
    add(oldVersion, 'number');
    add(arrow, 'operator');
    add(newPath, newVersion ? 'namespace' : 'string');
    add(newVersion, 'number');
  }
  if (file.kind === 'work') {
    for (const { path } of file.use) add(path, 'string');
    return tokens;
  }
  const { module } = file;
  if (module) {
    const deprecated: TokenModifier[] = module.deprecated === undefined ? [] : ['deprecated'];
    tokens.push(token(module.path, 'namespace', 'declaration', ...deprecated));
  }
  for (const { path, version } of [...file.require, ...file.exclude]) {
    add(path, 'namespace');
    add(version, 'number');
  }
  for (const { low, high } of file.retract) {
    add(low, 'number');
    add(high, 'number');
  }
  for (const { path } of file.tool) add(path, 'namespace');
  for (const { path } of file.ignore) add(path, 'string');
  return tokens;
}

/** `key=value` is one word. */
function ofGodebug({ start, end, raw }: Word): SemanticToken[] {
  const equals = start + raw.indexOf('=');
  return [
    token({ start, end: equals }, 'property'),
    token({ start: equals, end: equals + 1 }, 'operator'),
    token({ start: equals + 1, end }, 'string'),
  ];
}
