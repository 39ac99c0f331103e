import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { commands, extensions, languages, workspace, Uri } from 'vscode';
import { openFile, until } from './workbench.ts';

const extensionId = 'gomod-health.gomod-health';

describe('The extension', () => {
  it('starts when a go.mod is opened', async () => {
    await openFile('go.mod');
    await until('the extension is active', () => extensions.getExtension(extensionId)?.isActive === true);
  });

  for (const [file, language] of [
    ['go.mod', 'go.mod'],
    ['go.sum', 'go.sum'],
    ['go.work', 'go.work'],
    ['go.work.sum', 'go.sum'],
  ] as const) {
    it(`knows the language of ${file}`, async () => {
      const document = await workspace.openTextDocument(Uri.from({ scheme: 'untitled', path: `/elsewhere/${file}` }));
      assert.equal(document.languageId, language);
    });
  }

  it('offers its commands', async () => {
    const known = await commands.getCommands(true);
    const own = known.filter((command) => command.startsWith('gomodHealth.')).sort();
    const expected = ['compareProxies', 'explainVersion', 'restartServer', 'showGoEnvironment', 'showOutput', 'verifyModuleTags'];
    assert.deepEqual(own, expected.map((name) => `gomodHealth.${name}`));
  });

  it('makes comments with //', async () => {
    const editor = await openFile('go.mod');
    const before = editor.document.getText();
    await commands.executeCommand('editor.action.commentLine');
    assert.match(editor.document.lineAt(0).text, /^\/\/ module /);
    await commands.executeCommand('undo');
    assert.equal(editor.document.getText(), before);
  });

  it('has its findings again after the server was restarted', async () => {
    const { document } = await openFile('go.mod');
    const findings = () => languages.getDiagnostics(document.uri);
    await until('findings', () => findings().length > 0);
    await commands.executeCommand('gomodHealth.restartServer');
    await until('findings again', () => findings().length > 0);
  });

  it('starts its server again when that ends unasked', async function () {
    if (process.platform !== 'linux') {
      console.log('skipped: the server process is looked up in /proc, which only Linux has');
      this.skip();
    }
    const { document } = await openFile('go.mod');
    const first = await until('the server runs', serverProcess);
    process.kill(first, 'SIGKILL');
    const second = await until('another server runs', () => (serverProcess() === first ? undefined : serverProcess()));
    assert.notEqual(second, first);
    await until('findings', () => languages.getDiagnostics(document.uri).length > 0);
  });
});

/** The language server's process: a child of the extension host. */
function serverProcess(): number | undefined {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const server = processes.find((id) => isServer(`/proc/${id}`));
  return server === undefined ? undefined : Number(server);
}

function isServer(directory: string): boolean {
  try {
    const isChild = new RegExp(`^PPid:\\s*${process.pid}$`, 'm').test(readFileSync(`${directory}/status`, 'utf8'));
    return isChild && readFileSync(`${directory}/cmdline`, 'utf8').includes('gomod-health.cjs\0lsp\0');
  } catch {
    // The process has ended meanwhile.
    return false;
  }
}
