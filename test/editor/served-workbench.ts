import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { servedEditor } from '../../scripts/editor.mjs';

/** How a workbench is served. */
export interface ServedWorkbenchOptions {
  /** The folder of the extension under development. */
  readonly extension: string;
  /** Set for the editor's server, and so for the extension host and the language server. */
  readonly environment: Readonly<Record<string, string>>;
  /** Whether every folder is trusted without asking. */
  readonly trusted: boolean;
}

/** VS Code's own server on the loopback address, in a data folder of its own. */
export interface ServedWorkbench {
  /**
   * The address that opens a folder with the extension. It holds the token without which the server answers nothing, so
   * no other user of the machine and no web page can use it.
   * @param folder An absolute path.
   * @param testsModule The absolute path of a module that exports `run()`, to be run in the extension host.
   */
  address(folder: string, testsModule?: string): string;
  close(): Promise<void>;
}

const startMilliseconds = 60_000;

/**
 * Starts the editor that scripts/editor.mjs installs.
 * @throws {Error} When it is not installed, or does not listen within a minute.
 */
export async function startServedWorkbench(options: ServedWorkbenchOptions): Promise<ServedWorkbench> {
  if (!existsSync(servedEditor.serverMain)) {
    throw new Error('The served editor is not installed: run `node scripts/setup.mjs --editor`.');
  }
  const port = await freePort();
  const token = randomBytes(16).toString('hex');
  const data = mkdtempSync(path.join(os.tmpdir(), 'gomod-health-editor-'));
  writeQuietSettings(data);
  const server = spawn(servedEditor.node, serverArguments(options, port, token, data), {
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const close = async (): Promise<void> => {
    await end(server);
    rmSync(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  try {
    await listening(server);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    address: (folder, testsModule) => address(`127.0.0.1:${port}`, token, options.extension, folder, testsModule),
    close,
  };
}

/** A newly installed VS Code offers itself and an assistant in half its window; the pictures and the tests are of the files. */
function writeQuietSettings(data: string): void {
  const settings = {
    'chat.disableAIFeatures': true,
    'editor.minimap.enabled': false,
    'extensions.ignoreRecommendations': true,
    'workbench.secondarySideBar.defaultVisibility': 'hidden',
  };
  const folder = path.join(data, 'data', 'Machine');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'settings.json'), JSON.stringify(settings));
}

function serverArguments(options: ServedWorkbenchOptions, port: number, token: string, data: string): string[] {
  return [
    servedEditor.serverMain,
    '--host=127.0.0.1',
    `--port=${port}`,
    `--connection-token=${token}`,
    '--accept-server-license-terms',
    // Without it a built VS Code ignores the development payload of the address.
    '--enable-smoke-test-driver',
    `--server-data-dir=${data}`,
    '--disable-telemetry',
    ...(options.trusted ? ['--disable-workspace-trust'] : []),
  ];
}

/** A port that was free a moment ago; the server takes no other word for "any". */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

/** Resolves when the server says that it listens; rejects with its last words when it ends before. */
function listening(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const words: string[] = [];
    const giveUp = (why: string): void => reject(new Error(`The editor's server ${why}.\n${words.slice(-20).join('\n')}`));
    const timer = setTimeout(() => giveUp(`did not listen within ${startMilliseconds / 1000} s`), startMilliseconds);
    server.once('error', (error) => giveUp(`could not be started: ${error.message}`));
    server.once('exit', (code, signal) => giveUp(`ended with ${code ?? signal}`));
    for (const stream of [server.stdout, server.stderr]) {
      // The streams are read to the end, so that the server never waits for a full pipe.
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        words.push(line);
        if (words.length > 200) words.shift();
        if (!line.includes('Extension host agent listening')) return;
        clearTimeout(timer);
        resolve();
      });
    }
  });
}

function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null || server.pid === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    const force = setTimeout(() => server.kill('SIGKILL'), 5_000);
    server.once('exit', () => {
      clearTimeout(force);
      resolve();
    });
    server.kill('SIGTERM');
  });
}

function address(host: string, token: string, extension: string, folder: string, testsModule: string | undefined): string {
  const remote = (file: string): string => `vscode-remote://${host}${file}`;
  const payload = [
    ['extensionDevelopmentPath', remote(extension)],
    ...(testsModule === undefined ? [] : [['extensionTestsPath', remote(testsModule)]]),
    ['skipWelcome', 'true'],
  ];
  const query = new URLSearchParams({ folder, tkn: token, payload: JSON.stringify(payload) });
  // VS Code reads `+` in a query as itself.
  return `http://${host}/?${query.toString().replaceAll('+', '%20')}`;
}
