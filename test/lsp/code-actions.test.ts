import assert from 'node:assert/strict';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientCapabilities, CodeAction, TextDocumentEdit, TextEdit } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { Sandbox, library } from '../cli/sandbox.ts';
import { layOutExample } from '../world/example.ts';
import type { Example } from '../world/example.ts';
import { ABLE, LspClient, uriOf } from './client.ts';
import type { LspClientOptions } from './client.ts';

const MOVE_QUEUE = 'Require github.com/acme/queue/v2 v2.1.0 and rewrite its imports in 3 files';

/** What documents an action edits, with their versions and whether they are made. */
function edited({ edit }: CodeAction): string[] {
  return (edit?.documentChanges ?? []).map((change) =>
    'textDocument' in change ? `${change.textDocument.uri} ${change.textDocument.version}` : `${change.kind} ${(change as { uri: string }).uri}`,
  );
}

function editsOf({ edit }: CodeAction): TextEdit[] {
  return (edit?.documentChanges ?? []).flatMap((change) => ('textDocument' in change ? (change.edits as TextDocumentEdit['edits']) : [])) as TextEdit[];
}

describe('The language server offers', () => {
  describe('in the example', () => {
    let example: Example;
    let client: LspClient;

    const path = (name: string): string => join(example.workspace, name);

    beforeEach(async () => {
      example = await layOutExample(await mkdtemp(join(tmpdir(), 'gomod-health-actions-')));
    });
    afterEach(async () => {
      assert.equal(await client.stop(), 0);
      await example.close();
    });

    async function start(options: Partial<LspClientOptions> = {}): Promise<void> {
      client = await LspClient.start({ env: example.env, folders: [example.workspace], ...options });
      await client.open(path('go.mod'));
      await client.open(path('go.sum'));
      await client.quiet();
    }

    const titles = async (file: string, at: string): Promise<string[]> =>
      (await client.codeActions(path(file), client.rangeOf(path(file), at))).map(({ title }) => title);

    it('for a missing tag the versions there are, a replace directive, and the removal', async () => {
      await start();
      assert.deepEqual(await titles('go.mod', 'v1.9.0'), [
        'Use v1.5.0, the nearest version below',
        'Add replace directive: github.com/acme/log v1.9.0 => v1.5.0',
        'Remove the requirement on github.com/acme/log',
      ]);
      const action = await client.fix(path('go.mod'), 'v1.9.0', 'Use v1.5.0, the nearest version below');
      assert.deepEqual(edited(action), [`${uriOf(path('go.mod'))} 1`, `${uriOf(path('go.sum'))} 1`]);
      assert.deepEqual([action.kind, action.isPreferred, action.edit!.changeAnnotations], ['quickfix', undefined, undefined]);
      assert.deepEqual(action.diagnostics!.map(({ code }) => code), ['missing-tag']);
      const texts = await client.applied(action.edit!);
      assert.match(texts[path('go.mod')]!, /\tgithub\.com\/acme\/log v1\.5\.0\n/);
      assert.match(texts[path('go.sum')]!, /log v1\.5\.0 h1:\S+\n\S+log v1\.5\.0\/go\.mod h1:/);
    });

    it('for a wrong major version the path that has it, with every import, to be looked at first', async () => {
      await start();
      const action = await client.fix(path('go.mod'), 'v2.1.0', MOVE_QUEUE);
      assert.deepEqual(edited(action).sort(), [
        `${uriOf(path('drain_integration.go'))} null`,
        `${uriOf(path('go.mod'))} 1`,
        `${uriOf(path('go.sum'))} 1`,
        `${uriOf(path('internal/charge/charge_test.go'))} null`,
        `${uriOf(path('main.go'))} null`,
      ]);
      assert.deepEqual(Object.values(action.edit!.changeAnnotations ?? {}), [{ label: MOVE_QUEUE, needsConfirmation: true }]);
      const ids = editsOf(action).map((edit) => (edit as { annotationId?: string }).annotationId);
      assert.deepEqual([...new Set(ids)], Object.keys(action.edit!.changeAnnotations!));
      const texts = await client.applied(action.edit!);
      assert.match(texts[path('main.go')]!, /"github\.com\/acme\/queue\/v2"/);
      assert.match(texts[path('drain_integration.go')]!, /orders "github\.com\/acme\/queue\/v2"/);
      assert.match(texts[path('internal/charge/charge_test.go')]!, /"github\.com\/acme\/queue\/v2\/queuetest"/);
    });

    it('no annotations to an editor that does not know them', async () => {
      const capabilities: ClientCapabilities = { workspace: { workspaceEdit: { documentChanges: true, resourceOperations: ['create'] } } };
      await start({ capabilities });
      const action = await client.fix(path('go.mod'), 'v2.1.0', MOVE_QUEUE);
      assert.equal(action.edit!.changeAnnotations, undefined);
      assert.ok(editsOf(action).every((edit) => !('annotationId' in edit)));
    });

    it('for a wrong hash the signed one, never as the preferred fix', async () => {
      await start();
      const hash = 'h1:+1kvYd3e8dfjC4P45rYg5Zq4HtTcdYigS/3/2Cdk48g=';
      const line = `github.com/acme/ledger v1.3.0 ${hash}`;
      const action = await client.fix(path('go.sum'), line, 'Put the hash that sum.example.com has signed');
      assert.equal(action.isPreferred, undefined);
      const texts = await client.applied(action.edit!);
      assert.ok(!texts[path('go.sum')]!.includes(line));
      assert.match(texts[path('go.sum')]!, /ledger v1\.3\.0 h1:\/fjJVB1ireS/);
    });

    it('for stale lines their removal, one and all', async () => {
      await start();
      const stale = client.diagnostics(path('go.sum')).filter(({ code }) => code === 'stale-checksum');
      assert.ok(stale.length >= 2);
      const actions = await client.codeActions(path('go.sum'), stale[0]!.range);
      const [one, all] = actions.filter(({ diagnostics }) => diagnostics?.[0]?.code === 'stale-checksum');
      assert.deepEqual([one!.title, one!.isPreferred], ['Remove this line', true]);
      assert.equal(all!.title, `Remove all ${stale.length} stale lines`);
      await client.change(path('go.sum'), editsOf(one!)[0]!);
      await client.until('one less', () => client.diagnostics(path('go.sum')).filter(({ code }) => code === 'stale-checksum').length === stale.length - 1);
      const left = client.diagnostics(path('go.sum')).find(({ code }) => code === 'stale-checksum')!;
      const rest = (await client.codeActions(path('go.sum'), left.range)).find(({ title }) => /^Remove all/.test(title));
      const text = rest ? (await client.applied(rest.edit!))[path('go.sum')]! : '';
      assert.doesNotMatch(text, /ledger v1\.2\.9/);
    });

    it('edits at the places of unsaved text', async () => {
      await start();
      await client.open(path('main.go'));
      const version = await client.replace(path('main.go'), 'package main', '// unsaved 𝒳\npackage main');
      await client.replace(path('go.mod'), 'module', '// unsaved\nmodule');
      const action = await client.fix(path('go.mod'), 'v2.1.0', MOVE_QUEUE);
      assert.ok(edited(action).includes(`${uriOf(path('main.go'))} ${version}`));
      assert.ok(edited(action).includes(`${uriOf(path('go.mod'))} 2`));
      const texts = await client.applied(action.edit!);
      assert.match(texts[path('main.go')]!, /^[^\n]*\n[\s\S]*\/\/ unsaved 𝒳\npackage main[\s\S]*"github\.com\/acme\/queue\/v2"/);
      assert.match(texts[path('go.mod')]!, /queue\/v2 v2\.1\.0/);
      // An import that is not there any more is not rewritten.
      await client.replace(path('main.go'), '"github.com/acme/queue"', '"github.com/acme/other"');
      const later = (await client.codeActions(path('go.mod'), client.rangeOf(path('go.mod'), 'v2.1.0')))[0]!;
      assert.match(later.title, /and rewrite its imports in 2 files$/);
    });

    it('nothing whose text on the disk is no longer the one that was read', async () => {
      await start();
      const main = await readFile(path('main.go'), 'utf8');
      assert.equal((await titles('go.mod', 'v2.1.0'))[0], MOVE_QUEUE);
      await writeFile(path('main.go'), `// changed\n${main}`);
      const actions = await client.codeActions(path('go.mod'), client.rangeOf(path('go.mod'), 'v2.1.0'));
      const moving = actions.find(({ title }) => title === MOVE_QUEUE);
      if (moving) assert.match((await client.applied(moving.edit!))[path('main.go')]!, /"github\.com\/acme\/queue\/v2"/);
      await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri: uriOf(path('main.go')), type: 2 }] });
      const action = await client.fix(path('go.mod'), 'v2.1.0', MOVE_QUEUE);
      assert.match((await client.applied(action.edit!))[path('main.go')]!, /^\/\/ changed\n[\s\S]*"github\.com\/acme\/queue\/v2"/);
    });

    it('nothing where there is nothing, and nothing that was not asked for', async () => {
      await start();
      assert.deepEqual(await titles('go.mod', 'module github.com/acme/payments'), []);
      const range = client.rangeOf(path('go.mod'), 'v1.9.0');
      assert.deepEqual(await client.codeActions(path('go.mod'), range, ['source.organizeImports']), []);
      assert.deepEqual(await client.codeActions(path('go.mod'), range, ['refactor', 'source']), []);
      assert.equal((await client.codeActions(path('go.mod'), range, ['quickfix'])).length, 3);
      await client.open(path('main.go'));
      assert.deepEqual(await client.codeActions(path('main.go'), client.rangeOf(path('main.go'), 'package')), []);
    });

    it('nothing that misses its place when the text changes meanwhile', async () => {
      await start();
      for (let round = 0; round < 10; round++) {
        const texts = new Map([[client.document(path('go.mod')).version, client.document(path('go.mod')).getText()]]);
        const asked = client.codeActions(path('go.mod'), client.rangeOf(path('go.mod'), 'v1.9.0'));
        if (round % 2 === 0) await new Promise((resolve) => setTimeout(resolve, round));
        await client.replace(path('go.mod'), 'module', '// a\nmodule');
        texts.set(client.document(path('go.mod')).version, client.document(path('go.mod')).getText());
        // ContentModified (LSP) says that the text is no longer the one that was asked about.
        const actions = await asked.catch((error: { code: number }) => {
          assert.equal(error.code, -32801);
          return [];
        });
        for (const action of actions.filter(({ title }) => title.startsWith('Use '))) {
          const change = action.edit!.documentChanges![0] as TextDocumentEdit;
          const text = TextDocument.create('', '', 0, texts.get(change.textDocument.version!)!);
          assert.match(text.getText((change.edits[0] as TextEdit).range), /^v1\.[92]\.0$/);
        }
      }
    });

    it('no edits in text that is not what the disk has', async () => {
      await start();
      await client.replace(path('go.mod'), 'go 1.21', 'go 1.21 // caf\ufffd');
      await client.until('the finding', () => client.faults(path('go.mod')).includes('major-path-mismatch at v2.1.0'));
      assert.deepEqual(await titles('go.mod', 'v2.1.0'), []);
    });
  });

  describe('a go.sum that is not there', () => {
    let sandbox: Sandbox;

    before(async () => {
      sandbox = await Sandbox.open({ modules: [library('example.com/widget', 'v1.0.0')] });
      await sandbox.write({ 'go.mod': 'module example.com/m\n\ngo 1.21\n\nrequire example.com/widget v1.9.0\n' });
    });
    after(() => sandbox.close());

    async function actions(workspaceEdit: NonNullable<ClientCapabilities['workspace']>['workspaceEdit']): Promise<CodeAction[]> {
      const capabilities = { ...ABLE, workspace: { ...ABLE.workspace, workspaceEdit: workspaceEdit! } };
      const client = await LspClient.start({ env: sandbox.env, folders: [sandbox.project], capabilities });
      try {
        await client.open(sandbox.path('go.mod'));
        await client.until('the finding', () => client.faults(sandbox.path('go.mod')).length > 0);
        return await client.codeActions(sandbox.path('go.mod'), client.rangeOf(sandbox.path('go.mod'), 'v1.9.0'));
      } finally {
        await client.stop();
      }
    }

    const USE = 'Use v1.0.0, the nearest version below';

    it('made by the fix, before its lines are written', async () => {
      const action = (await actions({ documentChanges: true, resourceOperations: ['create'] })).find(({ title }) => title === USE)!;
      const sum = uriOf(sandbox.path('go.sum'));
      assert.deepEqual(edited(action), [`${uriOf(sandbox.path('go.mod'))} 1`, `create ${sum}`, `${sum} null`]);
      assert.equal(editsOf(action).at(-1)!.newText, sandbox.lines('example.com/widget', 'v1.0.0'));
    });

    it('only to an editor that can make files', async () => {
      const found = await actions({ documentChanges: true });
      assert.ok(!found.some((action) => edited(action).some((change) => change.startsWith('create'))));
      assert.ok(found.length > 0, 'what needs no new file is offered');
    });
  });
});
