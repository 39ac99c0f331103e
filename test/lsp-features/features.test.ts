import assert from 'node:assert/strict';
import { documentSymbols, type FileSymbol } from '../../server/src/lsp/features/document-symbols.ts';
import { foldingRanges } from '../../server/src/lsp/features/folding-ranges.ts';
import { moduleFileKind, parseModuleFile, type ModuleFile } from '../../server/src/lsp/features/module-file.ts';
import { selectionSpans } from '../../server/src/lsp/features/selection-ranges.ts';
import { encodeTokens, semanticTokens } from '../../server/src/lsp/features/semantic-tokens.ts';
import { BROKEN, MOD, SUM, WORK } from './texts.ts';

type Kind = ModuleFile['kind'];

/** Without what every case would repeat: comments and keywords have a test of their own. */
function tokens(kind: Kind, text: string): string[] {
  return semanticTokens(parseModuleFile(kind, text).file)
    .filter(({ type }) => type !== 'comment' && type !== 'keyword')
    .map(({ start, end, type, modifiers }) => [text.slice(start, end), type, ...modifiers].join(' '));
}

describe('the kind of a document', () => {
  const cases: readonly (readonly [uri: string, language: string, kind: Kind | undefined])[] = [
    ['file:///m/go.mod', 'plaintext', 'mod'],
    ['file:///m/go.work', 'go.work', 'work'],
    ['file:///m/go.sum', 'go.sum', 'sum'],
    ['file:///m/go.work.sum', 'go.sum', 'sum'],
    ['untitled:Untitled-1', 'go.mod', 'mod'],
    ['file:///m/gopls.mod', 'go.mod', 'mod'],
    ['file:///m/main.go', 'go', undefined],
  ];
  for (const [uri, language, kind] of cases) {
    it(`of ${uri} in ${language}`, () => assert.equal(moduleFileKind(uri, language), kind));
  }
});

describe('semantic tokens', () => {
  const cases: readonly (readonly [name: string, kind: Kind, text: string, tokens: readonly string[]])[] = [
    [
      'of every directive',
      'mod',
      MOD,
      [
        'example.com/m namespace declaration deprecated',
        '1.26.0 number',
        'go1.26.8 number',
        'default property',
        '= operator',
        'go1.21 string',
        'example.com/a namespace',
        'v1.0.0 number',
        'example.com/b/v2 namespace',
        'v2.0.0 number',
        '"example.com/c" namespace',
        'v1.0.0 number',
        'example.com/a namespace',
        'v1.1.0 number',
        'example.com/a namespace',
        '=> operator',
        '../a string',
        'example.com/c namespace',
        'v1.0.0 number',
        '=> operator',
        'example.com/d namespace',
        'v1.2.0 number',
        'v1.0.0 number',
        'v1.0.5 number',
        'v1.1.0 number',
        'example.com/b/v2/cmd/gen namespace',
        './node_modules string',
      ],
    ],
    [
      'of a workspace',
      'work',
      WORK,
      ['1.26.0 number', './a string', '../b string', 'example.com/a namespace', '=> operator', './c string'],
    ],
    [
      'of checksums',
      'sum',
      'example.com/a v1.0.0 h1:x=\nnonsense\n',
      ['example.com/a namespace', 'v1.0.0 number', 'h1:x= string'],
    ],
    [
      'of the lines that are understood',
      'mod',
      BROKEN,
      ['example.com/m namespace declaration', 'example.com/a namespace', 'v1.0.0 number', '"" namespace', 'v1 number'],
    ],
  ];
  for (const [name, kind, text, expected] of cases) {
    it(name, () => assert.deepEqual(tokens(kind, text), expected));
  }

  it('mark known directives and all comments', () => {
    const text = '// a\nmodule example.com/m // b\nrequires x v1.0.0\nrequire ( // c\n\t// d\n) // e\n';
    const found = semanticTokens(parseModuleFile('mod', text).file).filter(({ type }) => /comment|keyword/.test(type));
    assert.deepEqual(
      found.map(({ start, end }) => text.slice(start, end)),
      ['// a', 'module', '// b', 'require', '// c', '// d', '// e'],
    );
  });

  it('are sent as numbers relative to the one before', () => {
    const parsed = parseModuleFile('mod', 'module m\n\nrequire example.com/a v1.0.0\n');
    assert.deepEqual(encodeTokens(semanticTokens(parsed.file), parsed), [
      [0, 0, 6, 0, 0],
      [0, 7, 1, 1, 1],
      [2, 0, 7, 0, 0],
      [0, 8, 13, 1, 0],
      [0, 14, 6, 2, 0],
    ].flat());
  });

  it('are cut at the ends of lines', () => {
    const parsed = parseModuleFile('mod', 'ignore "a\\\nbc"\n');
    assert.deepEqual(encodeTokens([{ start: 7, end: 14, type: 'string', modifiers: [] }], parsed), [
      [0, 7, 3, 3, 0],
      [1, 0, 3, 3, 0],
    ].flat());
  });
});

describe('folding ranges', () => {
  const cases: readonly (readonly [name: string, kind: Kind, text: string, folds: readonly string[]])[] = [
    ['of blocks, of which the parenthesis stays, and of comments', 'mod', MOD, ['0-2 comments', '11-13 block', '20-22 block']],
    ['of a block that is not closed', 'mod', BROKEN, ['4-7 block']],
    ['of comments within a block', 'mod', 'require (\n\t// a\n\t// b\n\n\t// c\n\tx v1.0.0\n)\n', ['0-5 block', '1-2 comments']],
    ['of nothing in blocks without lines', 'mod', 'require ()\nrequire (\n)\n// alone\n', []],
    ['of a workspace with CRLF', 'work', WORK.replaceAll('\n', '\r\n'), ['2-4 block']],
    ['of a module in go.sum', 'sum', SUM, ['0-1 module']],
  ];
  for (const [name, kind, text, expected] of cases) {
    it(name, () => {
      const found = foldingRanges(parseModuleFile(kind, text));
      assert.deepEqual(found.map((fold) => `${fold.startLine}-${fold.endLine} ${fold.kind}`), expected);
    });
  }
});

describe('document symbols', () => {
  function outline(text: string, symbols: readonly FileSymbol[], indent = ''): string[] {
    return symbols.flatMap(({ name, detail, sort, selection, children }) => [
      `${indent}${sort}: ${name} | ${detail} | ${text.slice(selection.start, selection.end)}`,
      ...outline(text, children, `${indent}  `),
    ]);
  }
  const cases: readonly (readonly [name: string, kind: Kind, text: string, outline: readonly string[]])[] = [
    [
      'of every directive',
      'mod',
      MOD,
      [
        'module: example.com/m | module | example.com/m',
        'version: go | 1.26.0 | go',
        'version: toolchain | go1.26.8 | toolchain',
        'setting: default | godebug go1.21 | default=go1.21',
        'block: require | 2 lines | require',
        '  package: example.com/a | v1.0.0 | example.com/a',
        '  package: example.com/b/v2 | v2.0.0 // indirect | example.com/b/v2',
        'package: example.com/c | require v1.0.0 | "example.com/c"',
        'package: example.com/a | exclude v1.1.0 | example.com/a',
        'block: replace | 2 lines | replace',
        '  package: example.com/a | => ../a | example.com/a',
        '  package: example.com/c v1.0.0 | => example.com/d v1.2.0 | example.com/c',
        'version: [v1.0.0, v1.0.5] | retract broken | v1.0.0',
        'version: v1.1.0 | retract | v1.1.0',
        'tool: example.com/b/v2/cmd/gen | tool | example.com/b/v2/cmd/gen',
        'directory: ./node_modules | ignore | ./node_modules',
      ],
    ],
    [
      'of lines that are not understood',
      'mod',
      BROKEN,
      [
        'module: example.com/m | module | example.com/m',
        'unknown: requires | example.com/x v1.0.0 | requires',
        'block: require | 3 lines | require',
        '  package: example.com/a | v1.0.0 | example.com/a',
        '  unknown: example.com/b |  | example.com/b',
        '  package: "" | v1 | ""',
      ],
    ],
    ['of a module line without a path', 'mod', 'module\n', ['module: "" | module | ']],
    [
      'of a workspace',
      'work',
      WORK,
      [
        'version: go | 1.26.0 | go',
        'block: use | 2 lines | use',
        '  directory: ./a |  | ./a',
        '  directory: ../b |  | ../b',
        'package: example.com/a | replace => ./c | example.com/a',
      ],
    ],
    [
      'of checksums',
      'sum',
      'example.com/a v1.0.0 h1:x=\nexample.com/a v1.0.0/go.mod h1:y=\nexample.com/b v1.0.0 h1:z=\n',
      [
        'package: example.com/a | 2 lines | example.com/a',
        '  version: v1.0.0 | h1:x= | v1.0.0',
        '  version: v1.0.0/go.mod | h1:y= | v1.0.0/go.mod',
        'package: example.com/b | 1 line | example.com/b',
        '  version: v1.0.0 | h1:z= | v1.0.0',
      ],
    ],
  ];
  for (const [name, kind, text, expected] of cases) {
    it(name, () => assert.deepEqual(outline(text, documentSymbols(parseModuleFile(kind, text).file)), expected));
  }
});

describe('selection ranges', () => {
  // The place is marked by ‸.
  const cases: readonly (readonly [name: string, kind: Kind, text: string, selections: readonly string[]])[] = [
    [
      'from a word of a block',
      'mod',
      'module m\nrequire (\n\texample.com/a v1.‸0.0 // indirect\n\tb v1.0.0\n)\n',
      [
        'v1.0.0',
        'example.com/a v1.0.0',
        'example.com/a v1.0.0 // indirect',
        'example.com/a v1.0.0 // indirect\n\tb v1.0.0',
        'require (\n\texample.com/a v1.0.0 // indirect\n\tb v1.0.0\n)',
        'module m\nrequire (\n\texample.com/a v1.0.0 // indirect\n\tb v1.0.0\n)\n',
      ],
    ],
    ['from a single line', 'mod', 'go ‸1.26\n', ['1.26', 'go 1.26', 'go 1.26\n']],
    ['from where two words touch', 'mod', 'retract [v1.0.0‸, v1.1.0]\n', [',', 'retract [v1.0.0, v1.1.0]', 'retract [v1.0.0, v1.1.0]\n']],
    ['from a comment', 'mod', '// a‸b\n// c\n\ngo 1.26\n', ['// ab', '// ab\n// c', '// ab\n// c\n\ngo 1.26\n']],
    ['from a blank line', 'mod', 'module m\n‸\ngo 1.26\n', ['module m\n\ngo 1.26\n']],
    ['from an empty file', 'mod', '‸', ['']],
    ['from a checksum', 'sum', 'a v1.0.0 h1:‸x=\na v1.0.0/go.mod h1:y=\nb v1.0.0 h1:z=\n', [
      'h1:x=',
      'a v1.0.0 h1:x=',
      'a v1.0.0 h1:x=\na v1.0.0/go.mod h1:y=',
      'a v1.0.0 h1:x=\na v1.0.0/go.mod h1:y=\nb v1.0.0 h1:z=\n',
    ]],
  ];
  for (const [name, kind, marked, expected] of cases) {
    it(name, () => {
      const offset = marked.indexOf('‸');
      const text = marked.replace('‸', '');
      const spans = selectionSpans(parseModuleFile(kind, text).file, offset);
      assert.deepEqual(spans.map(({ start, end }) => text.slice(start, end)), expected);
    });
  }
});
