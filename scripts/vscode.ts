// `npm run vscode`: opens the example in a VS Code with this extension, and stays until Ctrl-C.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startServedWorkbench } from '../test/editor/served-workbench.ts';
import { layOutExample } from '../test/world/example.ts';
import { root } from './command.mjs';
import { findDesktopEditor } from './editor.mjs';

const directory = mkdtempSync(path.join(os.tmpdir(), 'gomod-health-example-'));
const example = await layOutExample(directory);
try {
  const desktop = findDesktopEditor();
  if (desktop === undefined) await serve();
  else await openDesktop(desktop);
} finally {
  await example.close();
  rmSync(directory, { recursive: true, force: true });
}

async function serve(): Promise<void> {
  const workbench = await startServedWorkbench({ extension: root, environment: example.env, trusted: false });
  console.log(`VS Code with this extension is served on this machine. Open in a browser:\n\n  ${workbench.address(example.workspace)}\n`);
  console.log('Ctrl-C ends it.');
  await interrupted();
  await workbench.close();
}

async function openDesktop(program: string): Promise<void> {
  console.log(`Opening the example in ${program}. Close its window, or press Ctrl-C here, to end.`);
  // Its own user data: with a VS Code already open, that one would be asked to open the window, without this environment.
  const userData = path.join(directory, 'user-data');
  const args = ['--wait', `--extensionDevelopmentPath=${root}`, `--user-data-dir=${userData}`, example.workspace];
  const child = spawn(program, args, {
    stdio: 'inherit',
    env: { ...process.env, ...example.env },
    shell: process.platform === 'win32',
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('exit', () => resolve());
    child.once('error', reject);
  });
  await Promise.race([ended, interrupted().then(() => child.kill())]);
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
