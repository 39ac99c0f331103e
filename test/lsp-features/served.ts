import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InitializeResult, ProtocolConnection } from 'vscode-languageserver/node';
import { LspClient } from '../lsp/client.ts';

/** A running language server with a directory of its own, to ask about open documents. */
export interface Served {
  readonly connection: ProtocolConnection;
  readonly capabilities: InitializeResult['capabilities'];
  /** Opens a text as a file of the directory; the uri by which to ask about it. */
  open(name: string, text: string): Promise<string>;
  close(): Promise<void>;
}

/** Starts the real server over standard input and output, without a network. */
export async function serve(options: object, env: Record<string, string> = {}): Promise<Served> {
  const directory = await mkdtemp(join(tmpdir(), 'gomod-health-features-'));
  const client = await LspClient.start({
    env: { GOENV: 'off', GOWORK: 'off', ...env },
    folders: [directory],
    initializationOptions: { network: 'off', ...options },
  });
  return {
    connection: client.connection,
    capabilities: client.initialized.capabilities,
    async open(name, text) {
      const path = join(directory, name);
      await writeFile(path, text);
      await client.open(path);
      return client.document(path).uri;
    },
    async close() {
      await client.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
