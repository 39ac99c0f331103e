import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { PROGRAM, cleanEnvironment } from '../cli/bundle.ts';
import { Sandbox, library } from '../cli/sandbox.ts';
import { LspClient, uriOf } from './client.ts';
import type { LspClientOptions } from './client.ts';

const TEXT_FAULT = 'major-path-mismatch at v2.1.0';

describe('The language server lives', () => {
  let sandbox: Sandbox;

  beforeEach(async () => {
    sandbox = await Sandbox.open({ modules: [library('example.com/widget', 'v1.0.0')] });
    await sandbox.write({ 'go.mod': 'module example.com/m\n\ngo 1.21\n\nrequire example.com/queue v2.1.0\n' });
  });
  afterEach(() => sandbox.close());

  const start = (options: Partial<LspClientOptions> = {}): Promise<LspClient> =>
    LspClient.start({ env: sandbox.env, folders: [sandbox.project], ...options });

  async function opened(options: Partial<LspClientOptions> = {}): Promise<LspClient> {
    const client = await start(options);
    await client.open(sandbox.path('go.mod'));
    await client.until('the finding', () => client.faults(sandbox.path('go.mod')).includes(TEXT_FAULT));
    return client;
  }

  it('until shutdown and exit, and says what it can', async () => {
    const client = await start();
    const { serverInfo, capabilities } = client.initialized;
    assert.equal(serverInfo?.name, 'Go Module Health');
    const commands = ['verifyModuleTags', 'showGoEnvironment', 'explainVersion', 'compareProxies'].map((name) => `gomodHealth.${name}`);
    assert.deepEqual(capabilities.executeCommandProvider?.commands, commands);
    assert.equal(await client.stop(), 0);
  });

  it('until shutdown and exit, whatever is still out', async () => {
    sandbox.proxy.faults.set('*', { kind: 'hang' });
    const client = await opened();
    await client.until('request', () => sandbox.proxy.requests.length > 0);
    const started = performance.now();
    assert.equal(await client.stop(), 0);
    assert.ok(performance.now() - started < 3000);
  });

  it('until exit without shutdown, which is an error', async () => {
    const client = await opened();
    const exited = client.exited();
    await client.connection.sendNotification('exit');
    assert.equal(await exited, 1);
  });

  it('until its input ends', async () => {
    const client = await opened();
    const exited = client.exited();
    client.process.stdin!.end();
    assert.equal(await exited, 1);
  });

  for (const [name, options] of [
    ['that it was started by', (pid: number) => ({ args: [`--clientProcessId=${pid}`] })],
    ['that initialized it', (pid: number) => ({ processId: pid })],
  ] satisfies [string, (pid: number) => Partial<LspClientOptions>][]) {
    it(`until the client ${name} has died`, async () => {
      const editor = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
      const client = await opened(options(editor.pid!));
      const exited = client.exited();
      editor.kill('SIGKILL');
      assert.equal(await exited, 1);
    });
  }

  it('until its output is read no more', async () => {
    const client = await opened();
    const exited = client.exited();
    client.process.stdout!.destroy();
    await client.replace(sandbox.path('go.mod'), 'v2.1.0', 'v3.1.0').catch(() => undefined);
    assert.equal(await exited, 1);
  });

  it('through requests and notifications that make no sense', async () => {
    const client = await opened();
    const { connection } = client;
    const requests: [string, unknown][] = [
      ['no/such/method', {}],
      ['textDocument/codeAction', {}],
      ['textDocument/codeAction', { textDocument: { uri: 'nonsense' }, range: {}, context: {} }],
      ['textDocument/codeAction', { textDocument: { uri: uriOf(sandbox.path('go.mod')) }, range: null, context: null }],
      ['textDocument/codeAction', { textDocument: { uri: uriOf(sandbox.path('go.mod')) }, range: { start: { line: 1e9, character: -5 }, end: { line: -1, character: 1e9 } }, context: { diagnostics: [] } }],
      ['textDocument/documentSymbol', { textDocument: { uri: 'http://[' } }],
      ['workspace/executeCommand', {}],
      ['workspace/executeCommand', { command: 'gomodHealth.nope', arguments: [1] }],
      ['initialize', { capabilities: {} }],
    ];
    for (const [method, params] of requests) {
      await Promise.race([
        connection.sendRequest(method, params).catch(() => undefined),
        new Promise((_, reject) => setTimeout(() => reject(new Error(`${method} is not answered`)), 5000)),
      ]);
    }
    const notifications: [string, unknown][] = [
      ['no/such/notification', {}],
      ['textDocument/didOpen', {}],
      ['textDocument/didOpen', { textDocument: { uri: '::::', languageId: 'go.mod', version: 1, text: 'module m\n' } }],
      ['textDocument/didOpen', { textDocument: { uri: 'file://%E0%A4%A/go.mod', languageId: 'go.mod', version: 1, text: 'module m\n' } }],
      ['textDocument/didChange', { textDocument: { uri: 'file:///nowhere', version: 2 }, contentChanges: [{ text: 'x' }] }],
      ['textDocument/didChange', { textDocument: {} }],
      ['textDocument/didClose', { textDocument: { uri: 'file:///nowhere' } }],
      ['textDocument/didSave', null],
      ['workspace/didChangeWatchedFiles', {}],
      ['workspace/didChangeWatchedFiles', { changes: [{ uri: '::::', type: 9 }] }],
      ['workspace/didChangeConfiguration', null],
      ['workspace/didChangeWorkspaceFolders', {}],
      ['gomodHealth/trustChanged', null],
      ['$/cancelRequest', { id: 12345 }],
      ['$/setTrace', { value: 'loud' }],
    ];
    for (const [method, params] of notifications) await connection.sendNotification(method, params as object);
    client.process.stdin!.write('Content-Length: 9\r\n\r\n{"broken"');
    client.process.stdin!.write('Content-Length: 4\r\n\r\nnull');
    await connection.sendNotification('gomodHealth/trustChanged', { trusted: true });
    await client.quiet();
    await client.replace(sandbox.path('go.mod'), 'v2.1.0', 'v3.1.0');
    await client.until('the next finding', () => client.faults(sandbox.path('go.mod')).includes('major-path-mismatch at v3.1.0'));
    assert.equal(await client.stop(), 0);
  });

  it('over the channel of a Node process, as VS Code starts it', async () => {
    const child = spawn(process.execPath, [PROGRAM, 'lsp', '--node-ipc'], {
      env: { ...cleanEnvironment(), ...sandbox.env },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const answers: Record<string, unknown>[] = [];
    const waiting: (() => void)[] = [];
    child.on('message', (message: Record<string, unknown>) => {
      answers.push(message);
      for (const look of waiting) look();
    });
    const answer = (id: number): Promise<Record<string, unknown>> =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = answers.find((message) => message['id'] === id && !('method' in message));
          if (found) resolve(found);
        };
        waiting.push(look);
        look();
      });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.send({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { processId: process.pid, rootUri: null, capabilities: {} } });
    assert.ok('result' in (await answer(1)));
    child.send({ jsonrpc: '2.0', method: 'initialized', params: {} });
    child.send({ jsonrpc: '2.0', id: 2, method: 'shutdown' });
    assert.ok('result' in (await answer(2)));
    child.send({ jsonrpc: '2.0', method: 'exit' });
    assert.equal(await exited, 0);
  });
});
