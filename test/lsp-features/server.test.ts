import assert from 'node:assert/strict';
import type {
  DocumentLink,
  DocumentSymbol,
  FoldingRange,
  InitializeResult,
  SelectionRange,
  SemanticTokens,
  TextEdit,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { serve, type Served } from './served.ts';
import { MOD, SUM, WORK } from './texts.ts';

type Capability = keyof InitializeResult['capabilities'];

const STRUCTURE: readonly Capability[] = [
  'semanticTokensProvider',
  'foldingRangeProvider',
  'documentSymbolProvider',
  'selectionRangeProvider',
];
const FORMATTING: readonly Capability[] = ['documentFormattingProvider', 'documentOnTypeFormattingProvider'];
const ALL: readonly Capability[] = [...STRUCTURE, ...FORMATTING, 'documentLinkProvider'];

describe('the language features of the server', function () {
  this.timeout(30_000);
  let served: Served | undefined;
  const start = async (options: object, env?: Record<string, string>): Promise<Served> => (served = await serve(options, env));
  afterEach(async () => {
    await served?.close();
    served = undefined;
  });

  const offers: readonly (readonly [options: object, offered: readonly Capability[], linked: readonly string[]])[] = [
    [{}, ALL, ['go.mod', 'go.work', 'go.sum']],
    [{ goplsActive: true }, [...STRUCTURE, 'documentLinkProvider'], ['go.work', 'go.sum']],
    [{ languageFeatures: 'auto', goplsActive: true }, [...STRUCTURE, 'documentLinkProvider'], ['go.work', 'go.sum']],
    [{ languageFeatures: 'on', goplsActive: true }, ALL, ['go.mod', 'go.work', 'go.sum']],
    [{ languageFeatures: 'off' }, [], []],
    [{ languageFeatures: 'sometimes', goplsActive: 'yes' }, ALL, ['go.mod', 'go.work', 'go.sum']],
  ];
  for (const [options, offered, linked] of offers) {
    it(`offered with ${JSON.stringify(options)}`, async () => {
      const { connection, capabilities, open } = await start(options);
      assert.deepEqual(ALL.filter((name) => capabilities[name] !== undefined), offered);
      const texts = { 'go.mod': MOD, 'go.work': WORK, 'go.sum': SUM };
      const found: string[] = [];
      for (const [name, text] of Object.entries(texts)) {
        const uri = await open(name, text);
        const links = await connection.sendRequest<DocumentLink[]>('textDocument/documentLink', { textDocument: { uri } });
        if (links.length > 0) found.push(name);
      }
      assert.deepEqual(found, linked);
    });
  }

  it('answer about an open go.mod, and about its text as it is now', async () => {
    const { connection, open } = await start({});
    const uri = await open('go.mod', 'module  example.com/m\n\nrequire (\n\texample.com/a v1.0.0\n)\n');
    const textDocument = { uri };

    const { data } = await connection.sendRequest<SemanticTokens>('textDocument/semanticTokens/full', { textDocument });
    assert.deepEqual(data.slice(0, 10), [0, 0, 6, 0, 0, 0, 8, 13, 1, 1]);
    const folds = await connection.sendRequest<FoldingRange[]>('textDocument/foldingRange', { textDocument });
    assert.deepEqual(folds, [{ startLine: 2, endLine: 3, kind: 'region' }]);
    const symbols = await connection.sendRequest<DocumentSymbol[]>('textDocument/documentSymbol', { textDocument });
    assert.deepEqual(symbols.map(({ name, children }) => [name, children?.map((child) => child.name)]), [
      ['example.com/m', []],
      ['require', ['example.com/a']],
    ]);
    const [selection] = await connection.sendRequest<SelectionRange[]>('textDocument/selectionRange', {
      textDocument,
      positions: [{ line: 3, character: 20 }],
    });
    assert.deepEqual(selection?.range, { start: { line: 3, character: 15 }, end: { line: 3, character: 21 } });
    assert.deepEqual(selection.parent?.range.start, { line: 3, character: 1 });
    const edits = await connection.sendRequest<TextEdit[]>('textDocument/formatting', {
      textDocument,
      options: { tabSize: 4, insertSpaces: true },
    });
    assert.deepEqual(edits, [{ range: { start: { line: 0, character: 7 }, end: { line: 0, character: 8 } }, newText: '' }]);

    await connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version: 2 },
      contentChanges: [
        { range: { start: { line: 3, character: 14 }, end: { line: 3, character: 21 } }, text: '   v1.0.0\n' },
      ],
    });
    const typed = await connection.sendRequest<TextEdit[]>('textDocument/onTypeFormatting', {
      textDocument,
      position: { line: 4, character: 0 },
      ch: '\n',
      options: { tabSize: 4, insertSpaces: true },
    });
    const now = 'module  example.com/m\n\nrequire (\n\texample.com/a   v1.0.0\n\n)\n';
    const fixed = TextDocument.applyEdits(TextDocument.create(uri, 'go.mod', 2, now), typed);
    assert.equal(fixed, 'module  example.com/m\n\nrequire (\n\texample.com/a v1.0.0\n\n)\n');
  });

  it('link neither private modules nor, where there is no documentation host, any other', async () => {
    const env = { GOPRIVATE: 'example.com/b' };
    const { connection, open } = await start({ documentationHost: 'docs.example' }, env);
    const uri = await open('go.mod', MOD);
    const links = await connection.sendRequest<DocumentLink[]>('textDocument/documentLink', { textDocument: { uri } });
    const targets = links.map(({ target }) => target!);
    assert.deepEqual(targets.filter((target) => target.includes('example.com/b')), []);
    assert.deepEqual(targets.filter((target) => target.startsWith('https:')), [
      'https://docs.example/example.com/c@v1.0.0',
      'https://docs.example/example.com/d@v1.2.0',
      'https://docs.example/example.com/c@v1.0.0',
    ]);
    assert.equal(targets.filter((target) => target.startsWith('file:')).length, 1);
  });

  it('have nothing to say about a document that is not open, or of another language', async () => {
    const { connection, open } = await start({});
    const uri = await open('main.go', 'package main\n');
    for (const textDocument of [{ uri }, { uri: 'file:///nowhere/go.mod' }]) {
      assert.deepEqual(await connection.sendRequest('textDocument/foldingRange', { textDocument }), []);
      assert.deepEqual(await connection.sendRequest('textDocument/documentSymbol', { textDocument }), []);
      assert.deepEqual(await connection.sendRequest('textDocument/documentLink', { textDocument }), []);
      const options = { tabSize: 4, insertSpaces: false };
      assert.deepEqual(await connection.sendRequest('textDocument/formatting', { textDocument, options }), []);
      assert.deepEqual(await connection.sendRequest('textDocument/semanticTokens/full', { textDocument }), { data: [] });
      assert.equal(await connection.sendRequest('textDocument/selectionRange', { textDocument, positions: [] }), null);
    }
  });
});
