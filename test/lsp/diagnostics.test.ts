import assert from 'node:assert/strict';
import { cp, rm, writeFile } from 'node:fs/promises';
import { DiagnosticSeverity, DiagnosticTag } from 'vscode-languageserver/node';
import { Sandbox, library } from '../cli/sandbox.ts';
import { LspClient, uriOf } from './client.ts';
import type { LspClientOptions } from './client.ts';

const MOD = `module example.com/m

go 1.21

require (
	example.com/widget v1.9.0
	example.com/queue v2.1.0
)
`;

const TEXT_FAULT = 'major-path-mismatch at v2.1.0';

describe('The language server publishes', () => {
  let sandbox: Sandbox;
  let client: LspClient;

  beforeEach(async () => {
    sandbox = await Sandbox.open({
      modules: [library('example.com/widget', 'v1.0.0'), library('example.com/queue', 'v1.0.0'), library('example.com/queue/v2', 'v2.1.0')],
    });
    await sandbox.write({ 'go.mod': MOD });
  });
  afterEach(async () => {
    assert.equal(await client.stop(), 0);
    await sandbox.close();
  });

  const path = (name: string): string => sandbox.path(name);

  async function start(options: Partial<LspClientOptions> = {}): Promise<void> {
    client = await LspClient.start({ env: sandbox.env, folders: [sandbox.project], ...options });
  }

  /** Opens a file and waits for something to be found in it. */
  async function openFaulty(name: string): Promise<void> {
    await client.open(path(name));
    await client.until(`findings in ${name}`, () => client.diagnostics(path(name)).length > 0);
  }

  it('findings at their places, with the version of the document, its source and its code', async () => {
    await start();
    await client.open(path('go.mod'));
    await client.until('both findings', () => client.faults(path('go.mod')).length === 2);
    assert.deepEqual(client.faults(path('go.mod')), [TEXT_FAULT, 'missing-tag at v1.9.0']);
    const last = client.published.at(-1)!;
    assert.equal(last.version, 1);
    for (const { source, severity, message } of last.diagnostics) {
      assert.deepEqual([source, severity], ['Go Module Health', DiagnosticSeverity.Error]);
      assert.ok(String(message).length > 20);
    }
  });

  it('what the text alone shows before any answer has come', async () => {
    sandbox.proxy.faults.set('*', { kind: 'hang' });
    await start();
    await openFaulty('go.mod');
    assert.deepEqual(client.faults(path('go.mod')), [TEXT_FAULT]);
    await client.until('request', () => sandbox.proxy.requests.length > 0);
    assert.equal(client.statuses.at(-1)?.busy, true, 'the answer is still out');
    // An edit needs no answer either.
    const version = await client.replace(path('go.mod'), 'v2.1.0', 'v3.1.0');
    await client.until('the new text\'s finding', () => client.published.at(-1)?.version === version);
    assert.deepEqual(client.faults(path('go.mod')), ['major-path-mismatch at v3.1.0']);
  });

  it('for each edit its own findings, and never an older text\'s after them', async () => {
    await start();
    await openFaulty('go.mod');
    for (let edit = 0; edit < 10; edit++) {
      await client.replace(path('go.mod'), 'module', '// a line\nmodule');
      await client.replace(path('go.mod'), edit % 2 === 0 ? 'v2.1.0' : 'v1.0.0', edit % 2 === 0 ? 'v1.0.0' : 'v2.1.0');
    }
    await client.replace(path('go.mod'), 'v2.1.0', 'v1.0.0');
    await client.replace(path('go.mod'), 'v1.9.0', 'v1.0.0');
    const { version } = client.document(path('go.mod'));
    await client.quiet();
    assert.deepEqual(client.faults(path('go.mod')), []);
    const versions = client.published.filter(({ uri }) => uri === uriOf(path('go.mod'))).map((published) => published.version!);
    assert.deepEqual(versions, versions.toSorted((a, b) => a - b), 'in order');
    assert.ok(versions.at(-1)! <= version);
  });

  it('a finding once, in its fullest words, while something else is typed', async () => {
    await start();
    await client.open(path('go.mod'));
    await client.quiet();
    const messages = (): string[] =>
      client.diagnostics(path('go.mod')).filter(({ code }) => code === 'major-path-mismatch').map(({ message }) => String(message));
    const known = messages();
    assert.match(known[0] ?? '', /v2 of this module has the path/);
    const version = await client.replace(path('go.mod'), 'module', '// a line\nmodule');
    await client.until('the findings of the new text', () => client.published.at(-1)?.version === version);
    assert.deepEqual(messages(), known);
  });

  it('findings of go.sum while only go.mod is open, faded where nothing needs the line', async () => {
    await sandbox.write({ 'go.sum': `${sandbox.lines('example.com/widget', 'v1.0.0')}example.com/a v1 h1:x\n` });
    await start();
    await client.open(path('go.mod'));
    await client.until('a finding in go.sum', () => client.diagnostics(path('go.sum')).length > 0);
    const published = client.published.findLast(({ uri }) => uri === uriOf(path('go.sum')))!;
    assert.equal(published.version, undefined, 'nobody has it open');
    const stale = published.diagnostics.find(({ code }) => code === 'stale-checksum')!;
    assert.deepEqual([stale.severity, stale.tags], [DiagnosticSeverity.Hint, [DiagnosticTag.Unnecessary]]);
    assert.deepEqual(stale.range, { start: { line: 2, character: 0 }, end: { line: 2, character: 21 } });
  });

  it('where else a finding shows, with the places of that file', async () => {
    const wrong = sandbox.lines('example.com/queue', 'v1.0.0').replace(/h1:./, 'h1:0');
    await sandbox.write({ 'go.mod': MOD.replace('queue v2.1.0', 'queue v1.0.0'), 'go.sum': wrong });
    await start();
    await client.open(path('go.sum'));
    await client.until('the mismatch', () => client.faults(path('go.sum')).some((fault) => fault.startsWith('checksum-mismatch at h1:0')));
    const { relatedInformation } = client.diagnostics(path('go.sum')).find(({ code }) => code === 'checksum-mismatch')!;
    assert.deepEqual(relatedInformation!.map(({ location }) => location), [
      { uri: uriOf(path('go.mod')), range: { start: { line: 6, character: 1 }, end: { line: 6, character: 25 } } },
    ]);
  });

  it('nothing any more when the last document of a project is closed', async () => {
    await sandbox.write({ 'go.sum': 'example.com/a v1 h1:x\n' });
    await start();
    await openFaulty('go.mod');
    await client.open(path('go.sum'));
    await client.quiet();
    await client.close(path('go.mod'));
    await client.quiet();
    assert.ok(client.diagnostics(path('go.mod')).length >= 2, 'go.sum is open, so the project is');
    await client.close(path('go.sum'));
    await client.until('the end', () => client.diagnostics(path('go.mod')).length + client.diagnostics(path('go.sum')).length === 0);
    await client.quiet();
    assert.deepEqual([client.diagnostics(path('go.mod')), client.diagnostics(path('go.sum'))], [[], []]);
  });

  it('nothing for a document that is opened and closed at once', async () => {
    await start();
    for (let round = 0; round < 5; round++) {
      await client.open(path('go.mod'));
      await client.close(path('go.mod'));
    }
    await client.quiet();
    assert.deepEqual(client.diagnostics(path('go.mod')), []);
  });

  it('what the disk has again when unsaved changes are dropped', async () => {
    await start();
    await openFaulty('go.mod');
    await client.open(path('go.sum'), '');
    await client.replace(path('go.mod'), 'v2.1.0', 'v1.0.0');
    await client.until('the edit', () => !client.faults(path('go.mod')).includes(TEXT_FAULT));
    await client.close(path('go.mod'));
    await client.until('the disk\'s finding', () => client.diagnostics(path('go.mod')).some(({ code }) => code === 'major-path-mismatch'));
  });

  it('findings of every member of a workspace, and leaves the others alone', async () => {
    const fault = (name: string): string => MOD.replace('/m\n', `/${name}\n`);
    await sandbox.write({
      'w/go.work': 'go 1.21\n\nuse (\n\t./a\n\t./b\n)\n',
      'w/a/go.mod': fault('a'),
      'w/b/go.mod': fault('b'),
      'w/c/go.mod': fault('c'),
    });
    await start();
    await client.open(path('w/a/go.mod'));
    await client.until('the other member', () => client.diagnostics(path('w/b/go.mod')).length > 0);
    await client.quiet();
    assert.deepEqual(client.diagnostics(path('w/c/go.mod')), []);
    await client.open(path('w/go.work'));
    await client.replace(path('w/go.work'), '\t./b\n', '');
    await client.until('b without findings', () => client.diagnostics(path('w/b/go.mod')).length === 0);
    assert.ok(client.diagnostics(path('w/a/go.mod')).length > 0);
    // What leaves the workspace is a module of its own.
    await client.replace(path('w/go.work'), '\t./a\n', '');
    await client.quiet();
    assert.equal(client.faults(path('w/a/go.mod')).filter((found) => found === TEXT_FAULT).length, 1);
  });

  it('findings in several folders, and takes folders as they come and go', async () => {
    for (const name of ['one', 'two', 'three']) await sandbox.write({ [`${name}/go.mod`]: MOD, [`${name}/testdata/go.mod`]: MOD });
    await start({ folders: [path('one'), path('two')] });
    for (const name of ['one', 'two', 'three']) await openFaulty(`${name}/go.mod`);
    await client.open(path('one/testdata/go.mod'));
    await client.quiet();
    assert.deepEqual(client.diagnostics(path('one/testdata/go.mod')), []);
    await client.connection.sendNotification('workspace/didChangeWorkspaceFolders', {
      event: { added: [{ uri: uriOf(path('one/testdata')), name: 'testdata' }], removed: [{ uri: uriOf(path('two')), name: 'two' }] },
    });
    await client.until('findings in the new folder', () => client.diagnostics(path('one/testdata/go.mod')).length > 0);
    assert.ok(client.diagnostics(path('two/go.mod')).length > 0, 'an open file needs no folder');
  });

  it('nothing for documents that are no files of the user', async () => {
    await sandbox.write({ 'vendor/example.com/x/go.mod': MOD, 'node_modules/x/go.mod': MOD, '.git/go.mod': MOD });
    await cp(path('go.mod'), `${sandbox.directory}/modcache/example.com/x@v1.0.0/go.mod`, { recursive: true });
    await start({ folders: [sandbox.directory] });
    for (const name of ['vendor/example.com/x/go.mod', 'node_modules/x/go.mod', '.git/go.mod', '../modcache/example.com/x@v1.0.0/go.mod']) {
      await client.open(path(name));
    }
    for (const uri of [`git:${path('go.mod')}?ref=HEAD`, 'untitled:go.mod', 'vscode-vfs://github/a/b/go.mod', `git-blob:///${path('go.mod')}`]) {
      await client.open(uri, MOD, uri);
    }
    await client.quiet();
    assert.deepEqual(client.published, []);
    assert.deepEqual(sandbox.proxy.requests, []);
  });

  it('nothing for vendored files without any folder', async () => {
    await sandbox.write({ 'vendor/example.com/x/go.mod': MOD });
    await start({ folders: [] });
    await client.open(path('vendor/example.com/x/go.mod'));
    await client.quiet();
    assert.deepEqual(client.published, []);
    await openFaulty('go.mod');
  });

  it('for the address that the editor uses', async () => {
    await sandbox.write({ 'a b+c (d)/go.mod': MOD });
    await start();
    const uri = `file://${sandbox.project}/a%20b%2Bc%20(d)/go.mod`;
    await client.open(path('a b+c (d)/go.mod'), undefined, uri);
    await client.until('findings', () => client.published.length > 0);
    assert.deepEqual([...new Set(client.published.map((published) => published.uri))], [uri]);
  });

  it('what changed on the disk, when it is told and at the next keystroke', async () => {
    await start();
    await openFaulty('go.mod');
    await client.quiet();
    await writeFile(path('go.sum'), 'example.com/a v1 h1:x\n');
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri: uriOf(path('go.sum')), type: 1 }] });
    await client.until('a finding in the new go.sum', () => client.diagnostics(path('go.sum')).length > 0);
    await rm(path('go.sum'));
    await client.replace(path('go.mod'), 'module', '//\nmodule');
    await client.until('no go.sum', () => client.diagnostics(path('go.sum')).length === 0);
  });

  it('places without the byte order mark that the editor hides', async () => {
    const wrong = sandbox.lines('example.com/queue', 'v1.0.0').replace(/h1:./, 'h1:0');
    await sandbox.write({ 'go.mod': '\ufeffrequire example.com/queue v1.0.0\n\nmodule example.com/m\n', 'go.sum': wrong });
    await start();
    await client.open(path('go.sum'));
    await client.until('the mismatch', () => client.faults(path('go.sum')).some((fault) => fault.startsWith('checksum-mismatch')));
    // go.mod is read from the disk, where the mark is the first character of the line.
    const { relatedInformation } = client.diagnostics(path('go.sum')).find(({ code }) => code === 'checksum-mismatch')!;
    assert.deepEqual(relatedInformation![0]!.location.range, { start: { line: 0, character: 0 }, end: { line: 0, character: 32 } });
    await client.open(path('go.mod'));
    await client.replace(path('go.mod'), 'v1.0.0', 'v2.1.0');
    await client.until('the text\'s finding', () => client.faults(path('go.mod')).includes(TEXT_FAULT));
  });

  for (const [name, text] of [
    ['nothing', ''],
    ['binary', '\0\u0001\ufffd\u0007PK\u0003\n\0'],
    ['a line of 5 MB', `${MOD}require ${'x'.repeat(5 << 20)} v2.0.0\n`],
    ['half a surrogate pair', `${MOD}// \ud83d\n`],
    ['carriage returns alone', MOD.replaceAll('\n', '\r')],
  ] as const) {
    it(`something, and lives on, given ${name}`, async () => {
      await start();
      await client.open(path('go.mod'), text);
      await client.open(path('go.sum'), text);
      await client.quiet();
      const sum = client.document(path('go.sum'));
      await client.change(path('go.sum'), { range: { start: sum.positionAt(0), end: sum.positionAt(text.length) }, newText: '' });
      const document = client.document(path('go.mod'));
      await client.change(path('go.mod'), { range: { start: document.positionAt(0), end: document.positionAt(text.length) }, newText: MOD });
      await client.until('findings of sound text', () => client.faults(path('go.mod')).includes(TEXT_FAULT));
    });
  }

  it('in its status what could not be read or understood', async () => {
    await sandbox.write({ 'go.sum/x': '' });
    await start();
    await openFaulty('go.mod');
    await client.until('the note', () => /go\.sum is a directory/.test(client.statuses.at(-1)?.tooltip ?? ''));
    await client.until('the end', () => client.statuses.at(-1)?.busy === false);
    assert.equal(client.statuses.at(-1)!.text, '1 file not understood');
    assert.ok(client.log.some((line) => /go\.sum is a directory/.test(line)));
  });
});
