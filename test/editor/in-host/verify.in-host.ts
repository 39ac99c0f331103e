import assert from 'node:assert/strict';
import { commands, window } from 'vscode';
import { openFile } from './workbench.ts';

describe('Verify Module Tags', () => {
  it('shows every requirement with its verdicts, in a view that can only be read', async () => {
    await openFile('go.mod');
    await commands.executeCommand('gomodHealth.verifyModuleTags');
    const document = window.activeTextEditor?.document;
    assert.equal(document?.uri.scheme, 'gomod-health');
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
