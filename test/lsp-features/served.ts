import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createProtocolConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-languageserver/node';
import type { InitializeResult, ProtocolConnection } from 'vscode-languageserver/node';

/** A running language server with a directory of its own, to ask about open documents. */
export interface Served {
  readonly connection: ProtocolConnection;
  readonly capabilities: InitializeResult['capabilities'];
  /** Opens a text as a file of the directory; the uri by which to ask about it. */
  open(name: string, text: string): Promise<string>;
  close(): Promise<void>;
}

const MAIN = join(import.meta.dirname, '..', '..', 'server', 'src', 'cli', 'main.ts');

/** Starts the real server over standard input and output, without a network. */
export async function serve(options: object, env: Record<string, string> = {}): Promise<Served> {
  const directory = await mkdtemp(join(tmpdir(), 'gomod-health-features-'));
  const child = spawn(process.execPath, [MAIN, 'lsp', '--stdio'], {
    env: { ...process.env, GOENV: 'off', GOFLAGS: '', GOPRIVATE: '', GONOPROXY: '', GOWORK: 'off', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  const connection = createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
  connection.listen();
  const { capabilities } = await connection.sendRequest<InitializeResult>('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: {},
    workspaceFolders: [{ uri: pathToFileURL(directory).href, name: 'features' }],
    initializationOptions: { network: 'off', ...options },
  });
  await connection.sendNotification('initialized', {});
  return {
    connection,
    capabilities,
    async open(name, text) {
      const path = join(directory, name);
      await writeFile(path, text);
      const uri = pathToFileURL(path).href;
      const textDocument = { uri, languageId: name, version: 1, text };
      await connection.sendNotification('textDocument/didOpen', { textDocument });
      return uri;
    },
    async close() {
      await connection.sendRequest('shutdown');
      await connection.sendNotification('exit');
      await ended;
      connection.dispose();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
