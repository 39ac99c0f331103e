import assert from 'node:assert/strict';
import { commands, ConfigurationTarget, window, workspace, type TextDocument } from 'vscode';
import { openFile, setting, until } from './workbench.ts';

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

/** Runs a command. @returns Its report, or the example's go.mod while there is none. */
async function shown(command: string): Promise<TextDocument> {
  await openFile('go.mod');
  await commands.executeCommand(command);
  const document = window.activeTextEditor?.document;
  assert.ok(document);
  return document;
}
