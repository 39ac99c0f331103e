import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import type { ClientCapabilities, CodeAction, Hover, WorkspaceEdit } from 'vscode-languageserver/node';
import { Sandbox, library } from '../cli/sandbox.ts';
import { goInstalled } from '../live/go-command.ts';
import { ABLE, LspClient, uriOf } from './client.ts';
import type { LspClientOptions } from './client.ts';

const RESOLVING: ClientCapabilities = { ...ABLE, textDocument: { codeAction: { resolveSupport: { properties: ['edit'] } } } };

const REBUILD = 'Rebuild go.sum…';
const CLEAN = 'Clean and rebuild go.mod and go.sum (go mod tidy)…';
const EXPLAIN = 'Explain the version of example.com/log';
const OURS = [REBUILD, CLEAN, EXPLAIN];

const log10 = library('example.com/log', 'v1.0.0');
const log11 = library('example.com/log', 'v1.1.0');
const web = library('example.com/web', 'v1.0.0', {
  'go.mod': 'module example.com/web\n\ngo 1.21\n\nrequire example.com/log v1.1.0\n',
  'web.go': 'package web\n\nimport _ "example.com/log"\n',
});

const GO_MOD = 'module example.com/m\n\ngo 1.21\n\nrequire (\n\texample.com/log v1.1.0 // indirect\n\texample.com/unused v1.0.0\n\texample.com/web v1.0.0\n)\n';
const TIDY = GO_MOD.replace('\texample.com/unused v1.0.0\n', '');
const STALE = 'example.com/old v1.0.0 h1:DVt5fqwyjeynRkk/Ul/mHnGkwSdkkw0EG69fJfZ7SJU=\n';

describe('On whole files the language server', function () {
  this.timeout(60_000);
  let sandbox: Sandbox;
  let client: LspClient;

  beforeEach(async () => {
    const unused = library('example.com/unused', 'v1.0.0');
    sandbox = await Sandbox.open({ modules: [log10, log11, web, unused], cached: [log10, log11, web, unused] });
    await sandbox.write({ 'go.mod': TIDY, 'go.sum': STALE, 'm.go': 'package m\n\nimport _ "example.com/web"\n' });
  });
  afterEach(async () => {
    assert.equal(await client.stop(), 0);
    await sandbox.close();
  });

  async function start(options: Partial<LspClientOptions> = {}): Promise<void> {
    const env = { ...sandbox.env, GOTOOLCHAIN: 'local', GOFLAGS: '-modcacherw', GOPATH: sandbox.path('../gopath') };
    client = await LspClient.start({ env, folders: [sandbox.project], capabilities: RESOLVING, initializationOptions: { showsReports: true }, ...options });
    await client.open(sandbox.path('go.mod'));
    await client.open(sandbox.path('go.sum'));
    await client.quiet();
  }

  const actionsAt = (text: string, only?: readonly string[]) =>
    client.codeActions(sandbox.path('go.mod'), client.rangeOf(sandbox.path('go.mod'), text), only);
  const titlesAt = async (text: string, only?: readonly string[]) => (await actionsAt(text, only)).map(({ title }) => title);
  const resolved = async (title: string): Promise<WorkspaceEdit> => {
    const action = (await actionsAt('go 1.21')).find((one) => one.title === title);
    return (await client.connection.sendRequest<CodeAction>('codeAction/resolve', action)).edit!;
  };
  const hover = (text: string) =>
    client.connection.sendRequest<Hover | null>('textDocument/hover', {
      textDocument: { uri: uriOf(sandbox.path('go.mod')) },
      position: client.rangeOf(sandbox.path('go.mod'), text).start,
    });

  it('makes go.sum anew, with a preview of the whole difference', async () => {
    await start();
    assert.deepEqual(await titlesAt('go 1.21'), [REBUILD, CLEAN]);
    const edit = await resolved(REBUILD);
    assert.deepEqual(Object.values(edit.changeAnnotations!), [{ label: 'Rebuild go.sum', needsConfirmation: true }]);
    const after = await client.applied(edit);
    const lines = sandbox.lines('example.com/log', 'v1.1.0') + sandbox.lines('example.com/web', 'v1.0.0');
    assert.deepEqual(after, { [sandbox.path('go.sum')]: lines });
    assert.equal(await sandbox.read('go.sum'), STALE);
  });

  it('cleans and rebuilds both files by go mod tidy, of the text that the editor holds', async function () {
    if ((await goInstalled()) === undefined) {
      console.log('skipped: the go command is not installed');
      this.skip();
    }
    await start();
    await client.replace(sandbox.path('go.mod'), '\texample.com/web', '\texample.com/unused v1.0.0\n\texample.com/web');
    await client.quiet();
    const after = await client.applied(await resolved(CLEAN));
    assert.deepEqual(Object.keys(after).sort(), [sandbox.path('go.mod'), sandbox.path('go.sum')]);
    assert.doesNotMatch(after[sandbox.path('go.mod')]!, /unused/);
    assert.equal(after[sandbox.path('go.sum')], sandbox.lines('example.com/log', 'v1.1.0') + sandbox.lines('example.com/web', 'v1.0.0'));
    assert.deepEqual([await sandbox.read('go.mod'), await sandbox.read('go.sum')], [TIDY, STALE]);
  });

  it('says why it does not, and changes nothing', async () => {
    await sandbox.write({ 'go.sum': sandbox.lines('example.com/web', 'v1.0.0').replace(/h1:\S+/, 'h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=') });
    await start();
    await assert.rejects(resolved(REBUILD), /example\.com\/web@v1\.0\.0: checksum mismatch: go\.sum has h1:AAA/);
    await assert.rejects(resolved(CLEAN), /go mod tidy failed: [^\n]*|not installed/);
    await writeFile(sandbox.path('m.go'), 'package m\n\nimport _ "example.com/nowhere"\n');
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri: uriOf(sandbox.path('m.go')), type: 2 }] });
    await assert.rejects(resolved(REBUILD), /no required module provides package example\.com\/nowhere/);
    await rm(sandbox.path('m.go'));
  });

  it('offers none of it in a folder that is not trusted, nor to a client that can\'t resolve', async () => {
    await start({ initializationOptions: { trusted: false, showsReports: true } });
    assert.deepEqual((await titlesAt('example.com/log')).filter((title) => OURS.includes(title)), []);
    const forged = { title: CLEAN, data: { kind: 'source.cleanAndRebuild', uri: uriOf(sandbox.path('go.mod')) } };
    await assert.rejects(client.connection.sendRequest('codeAction/resolve', forged), /the workspace is not trusted/);
    assert.equal(await client.stop(), 0);
    await start({ capabilities: ABLE, initializationOptions: {} });
    assert.deepEqual((await titlesAt('example.com/log')).filter((title) => OURS.includes(title)), []);
  });

  it('offers the kinds that are asked for, and the go command only where the network is allowed', async () => {
    await start({ initializationOptions: { network: 'cacheOnly' } });
    assert.deepEqual(await titlesAt('go 1.21'), [REBUILD]);
    assert.deepEqual(await titlesAt('go 1.21', ['source']), [REBUILD]);
    assert.deepEqual(await titlesAt('go 1.21', ['source.cleanAndRebuild']), []);
    assert.deepEqual(await titlesAt('go 1.21', ['quickfix']), []);
  });

  it('explains the version of a requirement as gomod-health why does, with what an upgrade would drag along', async () => {
    await sandbox.write({ 'go.mod': TIDY.replace('log v1.1.0', 'log v1.0.0') });
    await start();
    const action = (await actionsAt('example.com/log')).find(({ title }) => title === EXPLAIN)!;
    const report = await client.connection.sendRequest<{ summary: string; text: string }>('workspace/executeCommand', action.command);
    const why = await sandbox.run(['why', 'example.com/log']);
    const upgrade = await sandbox.run(['why', 'example.com/log', '--upgrade']);
    assert.equal(report.text, `${why.stdout}\n${upgrade.stdout}`);
    assert.equal(report.summary, 'example.com/log v1.1.0 is selected.');
    await assert.rejects(client.connection.sendRequest('workspace/executeCommand', { command: 'gomodHealth.explainVersion' }), /There is no requirement of a go\.mod at that place/);
    const { range, uri } = { range: client.rangeOf(sandbox.path('go.mod'), 'example.com/log'), uri: uriOf(sandbox.path('go.mod')) };
    const automatic = { textDocument: { uri }, range, context: { diagnostics: [], triggerKind: 2 } };
    const bulb = await client.connection.sendRequest<CodeAction[]>('textDocument/codeAction', automatic);
    assert.ok(!bulb.some(({ title }) => title === EXPLAIN));
  });

  it('names a private module to nobody but its origin when it explains it', async () => {
    const own = library('github.com/acme/log', 'v1.0.0');
    const { files } = library('github.com/acme/log', 'v1.1.0');
    const repositories = [{ url: 'https://github.com/acme/log', commits: [{ files: own.files, tags: ['v1.0.0'] }, { files, tags: ['v1.1.0'] }] }];
    const other = await Sandbox.open({ modules: [own], cached: [own], repositories });
    try {
      await other.write({ 'go.mod': 'module example.com/m\n\ngo 1.21\n\nrequire github.com/acme/log v1.0.0\n', 'm.go': 'package m\n\nimport _ "github.com/acme/log"\n' });
      const env = { ...other.env, GOPRIVATE: 'github.com/acme', GOTOOLCHAIN: 'local' };
      client = await LspClient.start({ env, folders: [other.project], initializationOptions: { showsReports: true } });
      await client.open(other.path('go.mod'));
      await client.quiet();
      const { start: position } = client.rangeOf(other.path('go.mod'), 'github.com/acme/log');
      const command = { command: 'gomodHealth.explainVersion', arguments: [uriOf(other.path('go.mod')), position] };
      const report = await client.connection.sendRequest<{ text: string }>('workspace/executeCommand', command);
      assert.match(report.text, /go get github\.com\/acme\/log@v1\.1\.0 would change the build list/);
      const { proxy, database } = await other.asked();
      assert.deepEqual([proxy, database], [[], []]);
    } finally {
      await other.close();
    }
  });

  it('shows the selected version by a hover, asking nobody', async () => {
    await sandbox.write({ 'go.mod': TIDY.replace('log v1.1.0', 'log v1.0.0') });
    await start();
    await titlesAt('example.com/log');
    // The origin is still to be asked.
    const KNOWN = 'Proxy: ✓ `in the module cache` · Checksum: – `no go.sum line`';
    const before = (await sandbox.asked()).proxy.length;
    const shown = await hover('example.com/log');
    assert.deepEqual(shown?.contents, {
      kind: 'markdown',
      value: '`example.com/log v1.1.0` is selected, not `v1.0.0`. It is required by `example.com/web v1.0.0`.\n\n' + KNOWN,
    });
    const own = (await hover('example.com/web')) as { contents: { value: string } };
    assert.equal(own.contents.value, '`example.com/web v1.0.0` is selected. Only go.mod requires it.\n\n' + KNOWN);
    assert.equal(await hover('module'), null);
    assert.equal((await sandbox.asked()).proxy.length, before);
    assert.equal((await readFile(sandbox.path('go.mod'), 'utf8')).length, TIDY.length);
  });
});
