import { isIgnoredByConstraints } from './build-constraint.ts';
import { unquote } from './quote.ts';
import type { Span } from './span.ts';
import { replaceInvalid } from './utf8.ts';

/** One import declaration. */
export interface ImportDeclaration {
  readonly importPath: string;
  /** The path between its quotes. */
  readonly span: Span;
}

/** The head of a Go source file: what comes before its first declaration other than imports. */
export interface GoImports {
  /** All imports in order, `C` included; those before a syntax error count. */
  readonly imports: readonly ImportDeclaration[];
  /** Whether build constraints keep the file out of all that `go mod tidy` looks at, as `//go:build ignore` does. */
  readonly ignored: boolean;
  /** False when the go command refuses to read the file, because of a NUL character in its head. */
  readonly readable: boolean;
  readonly packageName?: string;
}

/**
 * Reads the imports of a Go source file as the go command does when it resolves packages
 * (cmd/go/internal/imports/read.go:ReadImports, scan.go). It takes any text; a byte order mark at its start is skipped.
 */
export function parseGoImports(text: string): GoImports {
  const start = text.startsWith('\ufeff') ? 1 : 0;
  const reader = new Reader(text, start);
  const { imports, packageName } = reader.readHead();
  const readUpTo = reader.isFaulty ? text.length : reader.at;
  const nul = text.indexOf('\0');
  return {
    imports,
    ignored: isIgnoredByConstraints(text.slice(start)),
    readable: nul < 0 || nul > readUpTo,
    ...(packageName !== undefined && { packageName }),
  };
}

interface Head {
  readonly imports: readonly ImportDeclaration[];
  readonly packageName: string | undefined;
}

/** Reads on until the imports end or the syntax is wrong. */
class Reader {
  readonly #text: string;
  at: number;
  isFaulty = false;
  readonly #imports: ImportDeclaration[] = [];

  constructor(text: string, start: number) {
    this.#text = text;
    this.at = start;
  }

  readHead(): Head {
    if (!this.#readKeyword('package')) return { imports: [], packageName: undefined };
    const packageName = this.#readName();
    while (packageName !== undefined && this.#peek() === 'i') {
      if (!this.#readKeyword('import') || !this.#readImports()) break;
    }
    return { imports: this.#imports, packageName };
  }

  #readImports(): boolean {
    if (this.#peek() !== '(') return this.#readImport();
    this.at++;
    while (this.#peek() !== ')') {
      if (this.isFaulty || !this.#readImport()) return false;
    }
    this.at++;
    return true;
  }

  /** Reads a name, if any, and a path. */
  #readImport(): boolean {
    const character = this.#peek();
    if (character === '.') this.at++;
    else if (isNameCharacter(character)) this.#readName();
    const mark = this.#peek();
    if (mark !== '"' && mark !== '`') return this.#fail();
    const start = this.at;
    const end = mark === '"' ? endOfQuoted(this.#text, start) : this.#text.indexOf('`', start + 1) + 1;
    if (end <= 0) return this.#fail();
    this.at = end;
    const importPath = unquote(this.#text.slice(start, end));
    const span = { start: start + 1, end: end - 1 };
    if (importPath !== undefined) this.#imports.push({ importPath: replaceInvalid(importPath), span });
    return true;
  }

  #readKeyword(keyword: string): boolean {
    this.#peek();
    if (this.isFaulty || !this.#text.startsWith(keyword, this.at)) return this.#fail();
    this.at += keyword.length;
    return isNameCharacter(this.#text[this.at]) ? this.#fail() : true;
  }

  #readName(): string | undefined {
    if (!isNameCharacter(this.#peek())) {
      this.#fail();
      return undefined;
    }
    const start = this.at;
    while (isNameCharacter(this.#text[this.at])) this.at++;
    return this.#text.slice(start, this.at);
  }

  #fail(): false {
    this.isFaulty = true;
    return false;
  }

  /** The next character after blanks, semicolons, which separate as blanks do here, and comments. */
  #peek(): string | undefined {
    const text = this.#text;
    for (;;) {
      const character = text[this.at];
      if (character !== undefined && ' \f\t\r\n;'.includes(character)) {
        this.at++;
      } else if (character === '/' && text[this.at + 1] === '/') {
        const newline = text.indexOf('\n', this.at);
        this.at = newline < 0 ? text.length : newline + 1;
      } else if (character === '/' && text[this.at + 1] === '*') {
        const close = text.indexOf('*/', this.at + 2);
        this.isFaulty ||= close < 0;
        this.at = close < 0 ? text.length : close + 2;
      } else {
        return this.isFaulty ? undefined : character;
      }
    }
  }
}

/** A letter, digit or underscore; like the go command, anything beyond ASCII counts as one. */
function isNameCharacter(character: string | undefined): boolean {
  return character !== undefined && (/[A-Za-z0-9_]/.test(character) || character >= '\u0080');
}

/** The end of a string in double quotes; -1 when its line or the text ends before. */
function endOfQuoted(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at];
    if (character === '"') return at + 1;
    if (character === '\n') return -1;
    if (character === '\\') at++;
  }
  return -1;
}
