import assert from 'node:assert/strict';
import { commands, ConfigurationTarget, Range, Selection, window, workspace, WorkspaceEdit } from 'vscode';
import type { CodeAction, Hover, MarkdownString, TextDocument } from 'vscode';
import { openFile, restoreFiles, setting, until } from './workbench.ts';

describe('Verify Module Tags', () => {
  it('shows every requirement with its verdicts, in a view that can only be read', async () => {
    const document = await shown('gomodHealth.verifyModuleTags');
    const lines = document.getText().split('\n');
    for (const [requirement, verdicts] of [
      ['github.com/acme/clock v0.4.0', /✓.*✓.*✓/],
      ['github.com/acme/ledger v1.3.0', /✓.*✓.*✗/],
      ['github.com/acme/log v1.9.0', /no tag v1\.9\.0 .*✗ does not exist/],
      ['github.com/acme/money v1.2.0', /✗/],
      ['github.com/acme/queue v2.1.0', /✗/],
    ] as const) {
      const line = lines.find((text) => text.includes(requirement));
      assert.ok(line, `${requirement} is not in the view:\n${document.getText()}`);
      assert.match(line, verdicts);
    }
    assert.match(document.getText(), /\b5 /, 'the summary counts the requirements');
  });
});

describe('Show Go Environment', () => {
  it('shows every setting and why it is so, in a view that can only be read', async () => {
    const text = (await shown('gomodHealth.showGoEnvironment')).getText();
    assert.match(text, /^Go environment\n/);
    assert.match(text, /^GOPROXY=file:\/\/\S+,direct +# environment$/m);
    assert.match(text, /^GOWORK=\S* +# /m);
    assert.match(text, /^gomodHealth\.network=on +# setting$/m);
  });

  it('has what the editor sets: its network and its HTTP proxy, without the password', async () => {
    const http = workspace.getConfiguration('http');
    try {
      await http.update('proxy', 'http://me:s3cr3t@127.0.0.1:1', ConfigurationTarget.Global);
      await setting('network', 'cacheOnly');
      // The server is started anew with the proxy.
      const text = await until('the settings are shown', async () => {
        const now = (await shown('gomodHealth.showGoEnvironment')).getText();
        return /^HTTPS_PROXY=http:\/\/127\.0\.0\.1:1 +# http\.proxy$/m.test(now) && now.includes('gomodHealth.network=cacheOnly') ? now : undefined;
      });
      assert.doesNotMatch(text, /s3cr3t/);
    } finally {
      await setting('network', undefined);
      await http.update('proxy', undefined, ConfigurationTarget.Global);
    }
    await until('the proxy is gone', async () => /^HTTPS_PROXY= /m.test((await shown('gomodHealth.showGoEnvironment')).getText()));
  });
});

describe('Compare Proxies', () => {
  it('shows how the proxies of GOPROXY answer, in a view that can only be read', async () => {
    const text = (await shown('gomodHealth.compareProxies')).getText();
    assert.match(text, /^Go module proxies\n/);
    assert.match(text, /^proxy +answers +median +p95 +zip +newest versions +hashes$/m);
    assert.match(text, /^file:\/\/\S+ +\d+ of \d+/m);
    assert.match(text, /^asked about \d+ public modules? of this project$/m);
  });
});

describe('A requirement', () => {
  afterEach(restoreFiles);

  it('is explained by a hover and by a code action, with what an upgrade would drag along', async () => {
    const { document } = await openFile('go.mod');
    await repair(document);
    const at = document.positionAt(document.getText().indexOf('github.com/acme/clock'));
    const hover = await until('the hover', async () => {
      const hovers = await commands.executeCommand<Hover[]>('vscode.executeHoverProvider', document.uri, at);
      return hovers.flatMap(({ contents }) => contents.map((part) => (part as MarkdownString).value)).find((text) => text.includes('is selected'));
    });
    assert.match(hover, /^`github\.com\/acme\/clock v0\.4\.0` is selected\./);
    assert.match(hover, /Checksum: ✓ `as sum\.example\.com signed`/);
    const actions = await commands.executeCommand<CodeAction[]>('vscode.executeCodeActionProvider', document.uri, new Range(at, at));
    const explain = actions.find(({ title }) => title === 'Explain the version of github.com/acme/clock')?.command;
    assert.ok(explain, actions.map(({ title }) => title).join(' | '));
    const text = (await shown(explain.command, ...(explain.arguments ?? []))).getText();
    assert.match(text, /^github\.com\/acme\/clock v0\.4\.0 is selected\.\n/);
    assert.match(text, /go get github\.com\/acme\/clock@\S+ would /);
    // The palette has it for the requirement at the cursor, and a menu names the file.
    (await openFile('go.mod')).selection = new Selection(at, at);
    for (const args of [[], [document.uri]]) assert.equal((await shown('gomodHealth.explainVersion', ...args)).getText(), text);
  });
});

describe('The source actions', () => {
  it('of go.mod are offered in the menu, and not in the lightbulb', async () => {
    const { document } = await openFile('go.mod');
    const titles = async (kind: string) => {
      const all = new Range(0, 0, 0, 0);
      const actions = await commands.executeCommand<CodeAction[]>('vscode.executeCodeActionProvider', document.uri, all, kind);
      return actions.map(({ title }) => title);
    };
    assert.deepEqual(await titles('source'), ['Rebuild go.sum…', 'Clean and rebuild go.mod and go.sum (go mod tidy)…']);
    assert.deepEqual(await titles('quickfix'), []);
  });
});

/** Runs a command. @returns Its report, or the example's go.mod while there is none. */
async function shown(command: string, ...args: readonly unknown[]): Promise<TextDocument> {
  await openFile('go.mod');
  await commands.executeCommand(command, ...args);
  const document = window.activeTextEditor?.document;
  assert.ok(document);
  return document;
}

/** Names versions that there are, without which the module graph is not known. */
async function repair(document: TextDocument): Promise<void> {
  const text = document.getText().replace('log v1.9.0', 'log v1.5.0').replace('money v1.2.0', 'money v1.1.0').replace('v2.1.0', 'v1.6.0');
  const edit = new WorkspaceEdit();
  edit.replace(document.uri, new Range(0, 0, document.lineCount, 0), text);
  await workspace.applyEdit(edit);
}
