import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CancellationTokenSource, NotificationType } from 'vscode-languageserver/node';
import { Sandbox, library } from '../cli/sandbox.ts';
import { layOutExample } from '../world/example.ts';
import { LspClient } from './client.ts';

interface TagView {
  readonly summary: string;
  readonly text: string;
}

interface Progress {
  readonly token: string | number;
  readonly value: { readonly kind: 'begin' | 'report' | 'end'; readonly title?: string; readonly cancellable?: boolean; readonly percentage?: number };
}

const PROGRESS = new NotificationType<Progress>('$/progress');

const VERIFY = 'gomodHealth.verifyModuleTags';

describe('Verify Module Tags', () => {
  it('says of every requirement what origin, proxy and database say, with progress', async () => {
    const example = await layOutExample(await mkdtemp(join(tmpdir(), 'gomod-health-verify-')));
    const client = await LspClient.start({ env: example.env, folders: [example.workspace] });
    try {
      const progress: Progress[] = [];
      client.connection.onNotification(PROGRESS, (params) => void progress.push(params));
      const view: TagView = await client.connection.sendRequest('workspace/executeCommand', { command: VERIFY, workDoneToken: 'ours' });
      assert.deepEqual(Object.keys(view).sort(), ['summary', 'text']);
      assert.equal(view.summary, '5 requirements: 1 verified, 4 with a fault.');
      assert.ok(view.text.startsWith(`Module tags\n\n${view.summary}\n\n`));
      assert.match(view.text, new RegExp(`^${example.workspace}$`, 'm'));
      for (const row of [
        /^github\.com\/acme\/clock v0\.4\.0 +✓ tag v0\.4\.0 .*✓ as sum\.example\.com signed$/m,
        /^github\.com\/acme\/ledger v1\.3\.0 +✓ tag v1\.3\.0 .*✗ differs from sum\.example\.com$/m,
        /^github\.com\/acme\/log v1\.9\.0 +[–✗] no tag v1\.9\.0 +✗ /m,
        /^github\.com\/acme\/money v1\.2\.0 +[–✗] no tag v1\.2\.0 +✗ /m,
        /^github\.com\/acme\/queue v2\.1\.0 /m,
      ]) assert.match(view.text, row);
      assert.ok(progress.every(({ token }) => token === 'ours'));
      const kinds = progress.map(({ value }) => value.kind);
      assert.deepEqual([kinds[0], kinds.at(-1)], ['begin', 'end']);
      assert.deepEqual([progress[0]!.value.cancellable, progress[0]!.value.title], [true, 'Verifying module tags']);
      const percentages = progress.map(({ value }) => value.percentage).filter((percentage) => percentage !== undefined);
      assert.deepEqual(percentages, percentages.toSorted((a, b) => a - b));
      assert.ok(percentages.every((percentage) => Number.isInteger(percentage) && percentage >= 0 && percentage <= 100));
    } finally {
      await client.stop();
      await example.close();
    }
  });

  describe('over several modules', () => {
    let sandbox: Sandbox;
    let client: LspClient;

    const mod = (name: string): string => `module example.com/${name}\n\ngo 1.21\n\nrequire example.com/widget v1.0.0\n`;

    beforeEach(async () => {
      sandbox = await Sandbox.open({ modules: [library('example.com/widget', 'v1.0.0')] });
      await sandbox.write({ 'a/go.mod': mod('a'), 'b/go.mod': mod('b'), 'b/vendor/x/go.mod': mod('x'), 'c/readme': '' });
    });
    afterEach(async () => {
      assert.equal(await client.stop(), 0);
      await sandbox.close();
    });

    it('has a table for each, opens a progress of its own, and asks each thing once', async () => {
      client = await LspClient.start({ env: sandbox.env, folders: [sandbox.path('a'), sandbox.path('b'), sandbox.path('c')] });
      const progress: Progress[] = [];
      client.connection.onNotification(PROGRESS, (params) => void progress.push(params));
      const view: TagView = await client.connection.sendRequest('workspace/executeCommand', { command: VERIFY });
      assert.match(view.summary, /^2 requirements: /);
      assert.deepEqual([...view.text.matchAll(/^\/.*$/gm)].map(([title]) => title), [sandbox.path('a'), sandbox.path('b')]);
      assert.equal(progress.at(-1)?.value.kind, 'end');
      const { proxy } = await sandbox.asked();
      assert.deepEqual(proxy.filter((path) => path.endsWith('@v/list')), ['example.com/widget/@v/list']);
    });

    it('takes the open file where there is no folder', async () => {
      client = await LspClient.start({ env: sandbox.env });
      await client.open(sandbox.path('a/go.mod'));
      const view: TagView = await client.connection.sendRequest('workspace/executeCommand', { command: VERIFY });
      assert.match(view.summary, /^1 requirement: /);
    });

    it('takes the folder of a simple client', async () => {
      client = await LspClient.start({ env: sandbox.env, rootUri: `file://${sandbox.project}` });
      const view: TagView = await client.connection.sendRequest('workspace/executeCommand', { command: VERIFY });
      assert.match(view.summary, /^2 requirements: /);
    });

    it('ends soon when it is cancelled, by the request and by the button', async () => {
      sandbox.proxy.faults.set('*', { kind: 'hang' });
      client = await LspClient.start({ env: sandbox.env, folders: [sandbox.project] });
      const source = new CancellationTokenSource();
      const asked = client.connection.sendRequest<TagView>('workspace/executeCommand', { command: VERIFY }, source.token).then(
        (view) => view.summary,
        (error: Error) => error.message,
      );
      await client.until('request', () => sandbox.proxy.requests.length > 0);
      const started = performance.now();
      source.cancel();
      assert.match(await asked, /^Cancelled\. |cancel/i);
      assert.ok(performance.now() - started < 3000);

      let token: string | number | undefined;
      client.connection.onNotification(PROGRESS, (params) => {
        token ??= params.token;
      });
      const again = client.connection.sendRequest<TagView>('workspace/executeCommand', { command: VERIFY });
      await client.until('progress', () => token !== undefined);
      await client.connection.sendNotification('window/workDoneProgress/cancel', { token });
      const { summary, text } = await again;
      assert.match(summary, /^Cancelled\. /);
      assert.ok(text.includes(summary));
    });

    it('refuses a command that there is not', async () => {
      client = await LspClient.start({ env: sandbox.env, folders: [sandbox.project] });
      await assert.rejects(client.connection.sendRequest('workspace/executeCommand', { command: 'gomodHealth.nope' }), /There is no command gomodHealth\.nope\./);
    });
  });
});
