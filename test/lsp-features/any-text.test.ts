import assert from 'node:assert/strict';
import fc from 'fast-check';
import { documentSymbols, type FileSymbol } from '../../server/src/lsp/features/document-symbols.ts';
import { foldingRanges } from '../../server/src/lsp/features/folding-ranges.ts';
import { parseModuleFile } from '../../server/src/lsp/features/module-file.ts';
import { selectionSpans } from '../../server/src/lsp/features/selection-ranges.ts';
import { encodeTokens, semanticTokens } from '../../server/src/lsp/features/semantic-tokens.ts';
import type { Span } from '../../server/src/syntax/span.ts';

/** Texts of the pieces that module files are made of, in any order. */
const anyText = fc
  .array(
    fc.constantFrom(
      ...['module', 'go', 'require', 'replace', 'retract', 'godebug', 'use', 'tool', 'ignore', 'exclude', 'toolchain'],
      ...['example.com/a', 'v1.0.0', '1.26', 'go1.26', 'a=b', '../a', '=>', '[', ']', ',', '(', ')', '"', '`', '\\'],
      ...['// c', '// indirect', '/*', '*/', ' ', ' ', '\t', '\n', '\n', '\r\n', '\ufeff', '😀', '\ud83d', '\0'],
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''));

const anyKind = fc.constantFrom('mod' as const, 'work' as const, 'sum' as const);

function isWithin(inner: Span, outer: Span): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

describe('the features of any text', () => {
  it('are tokens in order, each in one line', () => {
    fc.assert(
      fc.property(anyKind, anyText, (kind, text) => {
        const parsed = parseModuleFile(kind, text);
        const tokens = semanticTokens(parsed.file);
        for (const [at, token] of tokens.entries()) {
          assert.ok(token.start < token.end && token.start >= (tokens[at - 1]?.end ?? 0) && token.end <= text.length);
        }
        const lines = text.split('\n').map((line) => line.length);
        let line = 0;
        let character = 0;
        const data = encodeTokens(tokens, parsed);
        for (let at = 0; at < data.length; at += 5) {
          if (data[at]! > 0) character = 0;
          line += data[at]!;
          character += data[at + 1]!;
          assert.ok(data[at + 2]! > 0 && character + data[at + 2]! <= lines[line]!, `${line}:${character} is past its line`);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('are symbols with a name, whose words and children are within them', () => {
    const check = (symbol: FileSymbol, around: Span): void => {
      assert.notEqual(symbol.name, '');
      assert.ok(isWithin(symbol.span, around) && isWithin(symbol.selection, symbol.span), symbol.name);
      for (const child of symbol.children) check(child, symbol.span);
    };
    fc.assert(
      fc.property(anyKind, anyText, (kind, text) => {
        for (const symbol of documentSymbols(parseModuleFile(kind, text).file)) check(symbol, { start: 0, end: text.length });
      }),
      { numRuns: 3000 },
    );
  });

  it('are folds of more than one line, one within the other or apart', () => {
    fc.assert(
      fc.property(anyKind, anyText, (kind, text) => {
        const folds = foldingRanges(parseModuleFile(kind, text));
        const count = text.split('\n').length;
        for (const [at, { startLine, endLine }] of folds.entries()) {
          assert.ok(0 <= startLine && startLine < endLine && endLine < count);
          for (const other of folds.slice(at + 1)) assert.ok(other.startLine > endLine || other.endLine <= endLine);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('are selections that widen up to the file', () => {
    fc.assert(
      fc.property(anyKind, anyText, fc.nat(), (kind, text, place) => {
        const offset = place % (text.length + 1);
        const spans = selectionSpans(parseModuleFile(kind, text).file, offset);
        assert.deepEqual(spans.at(-1), { start: 0, end: text.length });
        for (const [at, span] of spans.entries()) {
          assert.ok(isWithin({ start: offset, end: offset }, span));
          const inner = spans[at - 1];
          assert.ok(!inner || (isWithin(inner, span) && inner.end - inner.start < span.end - span.start));
        }
      }),
      { numRuns: 3000 },
    );
  });
});
