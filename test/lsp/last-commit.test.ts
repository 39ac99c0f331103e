import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { Sandbox, library } from '../cli/sandbox.ts';
import { makeWorkTree } from '../world/git-origin.ts';
import { LspClient, uriOf } from './client.ts';

const log10 = library('example.com/log', 'v1.0.0');
const log11 = library('example.com/log', 'v1.1.0');
const requiring = (version: string) => `module example.com/m\n\ngo 1.21\n\nrequire example.com/log ${version}\n`;
const RULE = 'requirement-downgrade';

describe('Against the last commit the language server', () => {
  let sandbox: Sandbox;
  let client: LspClient;

  beforeEach(async () => {
    sandbox = await Sandbox.open({ modules: [log10, log11], cached: [log10, log11] });
    await sandbox.write({ 'go.mod': requiring('v1.0.0'), 'm.go': 'package m\n\nimport _ "example.com/log"\n' });
    await makeWorkTree(sandbox.project, { 'go.mod': requiring('v1.1.0') });
  });
  afterEach(async () => {
    assert.equal(await client.stop(), 0);
    await sandbox.close();
  });

  async function start(trusted: boolean): Promise<void> {
    client = await LspClient.start({ env: sandbox.env, folders: [sandbox.project], initializationOptions: { trusted } });
    await client.open(sandbox.path('go.mod'));
    await client.quiet();
  }
  const isReported = () => client.diagnostics(sandbox.path('go.mod')).some(({ code }) => code === RULE);

  it('reports a lower requirement until it is committed', async () => {
    await start(true);
    assert.ok(isReported());
    await rm(sandbox.path('.git'), { recursive: true });
    await makeWorkTree(sandbox.project, { 'go.mod': requiring('v1.0.0') });
    const uri = uriOf(sandbox.path('.git/logs/HEAD'));
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri, type: 2 }] });
    await client.until('it is gone', () => !isReported());
  });

  it('does not start git in a folder that is not trusted', async () => {
    await start(false);
    assert.ok(!isReported());
  });
});
