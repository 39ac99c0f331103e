import assert from 'node:assert/strict';
import { commands, languages, Position, Range, workspace, type CodeAction } from 'vscode';
import { findings, openFile, restoreFiles, until, uriOf } from './workbench.ts';

/** What a file must and must not hold after a fix. */
interface Result {
  readonly file: string;
  readonly has: readonly RegExp[];
  readonly hasNot: readonly RegExp[];
}

/** Every quick-fix of the example: the finding it is offered on, its title, and what it makes of the files. */
const fixes: readonly {
  readonly file: string;
  readonly line: number;
  readonly title: RegExp;
  readonly silences: number;
  readonly results: readonly Result[];
}[] = [
  {
    file: 'go.mod',
    line: 7,
    title: /^Use v1\.5\.0, the nearest version below/,
    silences: 1,
    results: [
      { file: 'go.mod', has: [/\tgithub\.com\/acme\/log v1\.5\.0$/m], hasNot: [/v1\.9\.0/] },
      { file: 'go.sum', has: [/^github\.com\/acme\/log v1\.5\.0 h1:/m, /^github\.com\/acme\/log v1\.5\.0\/go\.mod h1:/m], hasNot: [] },
    ],
  },
  {
    file: 'go.mod',
    line: 7,
    title: /^Add replace directive: github\.com\/acme\/log v1\.9\.0 => v1\.5\.0/,
    silences: 1,
    results: [
      { file: 'go.mod', has: [/^replace github\.com\/acme\/log v1\.9\.0 => github\.com\/acme\/log v1\.5\.0$/m], hasNot: [] },
      { file: 'go.sum', has: [/^github\.com\/acme\/log v1\.5\.0 h1:/m], hasNot: [] },
    ],
  },
  {
    file: 'go.mod',
    line: 7,
    title: /^Remove the requirement on github\.com\/acme\/log$/,
    silences: 1,
    results: [{ file: 'go.mod', has: [/acme\/ledger/], hasNot: [/acme\/log\b/] }],
  },
  {
    file: 'go.mod',
    line: 8,
    title: /^Use v1\.1\.0, the nearest version below/,
    silences: 1,
    results: [{ file: 'go.mod', has: [/\tgithub\.com\/acme\/money v1\.1\.0$/m], hasNot: [/money v1\.2\.0/] }],
  },
  {
    file: 'go.mod',
    line: 9,
    title: /^Require github\.com\/acme\/queue\/v2 v2\.1\.0 and rewrite its imports in 3 files/,
    silences: 1,
    results: [
      { file: 'go.mod', has: [/\tgithub\.com\/acme\/queue\/v2 v2\.1\.0$/m], hasNot: [/acme\/queue v2/] },
      { file: 'main.go', has: [/^\t"github\.com\/acme\/queue\/v2"$/m], hasNot: [/acme\/queue"/] },
      // A test, and a file behind a build tag.
      { file: 'internal/charge/charge_test.go', has: [/"github\.com\/acme\/queue\/v2\/queuetest"/], hasNot: [/queue\/queuetest/] },
      { file: 'drain_integration.go', has: [/^import orders "github\.com\/acme\/queue\/v2"$/m], hasNot: [/acme\/queue"/] },
      { file: 'go.sum', has: [/^github\.com\/acme\/queue\/v2 v2\.1\.0 h1:/m], hasNot: [] },
    ],
  },
  {
    file: 'go.mod',
    line: 9,
    title: /^Use v1\.6\.0, the highest version of github\.com\/acme\/queue/,
    silences: 1,
    results: [
      { file: 'go.mod', has: [/\tgithub\.com\/acme\/queue v1\.6\.0$/m], hasNot: [/v2\.1\.0/] },
      { file: 'main.go', has: [/"github\.com\/acme\/queue"/], hasNot: [/queue\/v2/] },
    ],
  },
  {
    file: 'go.sum',
    line: 4,
    title: /^Remove this line$/,
    silences: 1,
    results: [{ file: 'go.sum', has: [/ledger v1\.2\.9\/go\.mod/], hasNot: [/ledger v1\.2\.9 /] }],
  },
  {
    file: 'go.sum',
    line: 4,
    title: /all 2 /,
    silences: 2,
    results: [{ file: 'go.sum', has: [/ledger v1\.3\.0/], hasNot: [/ledger v1\.2\.9/] }],
  },
  {
    file: 'go.sum',
    line: 6,
    title: /^Put the hash that sum\.example\.com has signed$/,
    silences: 1,
    results: [
      {
        file: 'go.sum',
        has: [/^github\.com\/acme\/ledger v1\.3\.0 h1:\/fjJVB1ireS\/quDPiF3wJ0aY\/\+rm8qPxnMRKSw9koC0=$/m],
        hasNot: [/ledger v1\.3\.0 h1:\+1kvYd3e8/],
      },
    ],
  },
];

describe('The quick-fixes', () => {
  afterEach(restoreFiles);

  for (const fix of fixes) {
    it(`make of ${fix.file}:${fix.line + 1} what “${fix.title.source.replaceAll(/[\\^$]/g, '')}” says`, async () => {
      const before = await settled();
      const action = await offered(fix.file, fix.line, fix.title);
      await apply(action);
      for (const { file, has, hasNot } of fix.results) {
        const text = (await workspace.openTextDocument(uriOf(file))).getText();
        for (const pattern of has) assert.match(text, pattern);
        for (const pattern of hasNot) assert.doesNotMatch(text, pattern);
      }
      await until('the finding is gone', () => findings().length === before - fix.silences);
    });
  }

  it('find the imports where they are in a Go file that is not saved', async () => {
    await settled();
    const editor = await openFile('main.go');
    await editor.edit((edit) => edit.insert(new Position(2, 0), '// Not saved.\n'));
    await apply(await offered('go.mod', 9, /^Require github\.com\/acme\/queue\/v2/));
    const lines = editor.document.getText().split('\n');
    assert.deepEqual(lines.slice(2, 10), [
      '// Not saved.',
      '',
      'import (',
      '\t"github.com/acme/clock"',
      '\t"github.com/acme/log"',
      '\t"github.com/acme/payments/internal/charge"',
      '\t"github.com/acme/queue/v2"',
      ')',
    ]);
  });

  it('are none where nothing is wrong', async () => {
    await settled();
    assert.deepEqual((await actionsAt('go.mod', 0)).map(({ title }) => title), []);
  });
});

/** Waits for the example's findings. @returns Their number. */
async function settled(): Promise<number> {
  await openFile('go.mod');
  await until('the findings of the database', () => findings().some(({ diagnostic }) => diagnostic.code === 'checksum-mismatch'));
  return until('all findings', () => (findings().length === 6 ? 6 : undefined));
}

async function actionsAt(file: string, line: number): Promise<CodeAction[]> {
  const { document } = await openFile(file);
  const wrong = languages.getDiagnostics(document.uri).find(({ range }) => range.start.line === line);
  const range = wrong?.range ?? new Range(line, 0, line, 0);
  return commands.executeCommand<CodeAction[]>('vscode.executeCodeActionProvider', document.uri, range, 'quickfix');
}

async function offered(file: string, line: number, title: RegExp): Promise<CodeAction> {
  const actions = await actionsAt(file, line);
  const found = actions.find((action) => title.test(action.title));
  assert.ok(found, `not offered; there are: ${actions.map((action) => action.title).join(' | ')}`);
  return found;
}

/** Applies an action's edit, at once: VS Code tells tests nothing of a preview. The tests in the browser see it. */
async function apply(action: CodeAction): Promise<void> {
  assert.ok(action.edit);
  assert.equal(await workspace.applyEdit(action.edit), true);
}
