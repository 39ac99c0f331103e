import assert from 'node:assert/strict';
import { DiagnosticSeverity } from 'vscode-languageserver/node';
import { Sandbox, library } from '../cli/sandbox.ts';
import { LspClient } from './client.ts';
import type { LspClientOptions } from './client.ts';

const TEXT_FAULT = 'major-path-mismatch at v2.1.0';
const NET_FAULT = 'missing-tag at v1.9.0';

const NOBODY_ASKED = { proxy: [], database: [], git: [] };

describe('The language server is told', () => {
  let sandbox: Sandbox;
  let client: LspClient;

  beforeEach(async () => {
    sandbox = await Sandbox.open({
      modules: [library('github.com/acme/widget', 'v1.0.0'), library('github.com/acme/queue', 'v1.0.0')],
      repositories: ['widget', 'queue'].map((name) => ({ url: `https://github.com/acme/${name}`, commits: [{ files: {}, tags: ['v1.0.0'] }] })),
    });
    await sandbox.write({
      'go.mod': 'module example.com/m\n\ngo 1.21\n\nrequire (\n\tgithub.com/acme/widget v1.9.0\n\tgithub.com/acme/queue v2.1.0\n)\n',
      'go.sum': sandbox.lines('github.com/acme/queue', 'v1.0.0'),
    });
  });
  afterEach(async () => {
    assert.equal(await client.stop(), 0);
    await sandbox.close();
  });

  const mod = (): string => sandbox.path('go.mod');

  async function start(options: Partial<LspClientOptions>): Promise<void> {
    client = await LspClient.start({ env: { ...sandbox.env, GOPROXY: `${sandbox.proxy.url},direct` }, folders: [sandbox.project], ...options });
    await client.open(mod());
  }

  /** The section changed: the client says so, and is asked or says what it is now. */
  const changed = (gomodHealth?: object): Promise<void> =>
    client.connection.sendNotification('workspace/didChangeConfiguration', { settings: { gomodHealth } });

  for (const [name, options] of [
    ['network off at the start', { initializationOptions: { network: 'off' } }],
    ['network off when it asks', { configuration: () => ({ network: 'off' }) }],
    ['network cacheOnly when it asks', { configuration: () => ({ network: 'cacheOnly' }) }],
    ['network off at the start and nothing when it asks', { initializationOptions: { network: 'off' }, configuration: () => null }],
    ['that the workspace is not trusted', { initializationOptions: { trusted: false, network: 'on' }, configuration: () => ({ network: 'on' }) }],
    ['of trust in a way that it does not know', { initializationOptions: { trusted: 'false' } }],
  ] satisfies [string, Partial<LspClientOptions>][]) {
    it(`${name}: it asks nobody, and says what the text shows`, async () => {
      await start(options);
      await client.until('the text\'s finding', () => client.faults(mod()).length > 0);
      await client.quiet();
      await client.codeActions(mod(), client.rangeOf(mod(), 'v2.1.0'));
      await client.connection.sendRequest('workspace/executeCommand', { command: 'gomodHealth.verifyModuleTags' });
      await client.quiet();
      assert.deepEqual(client.faults(mod()), [TEXT_FAULT]);
      assert.deepEqual(await sandbox.asked(), NOBODY_ASKED);
      assert.match(client.statuses.at(-1)!.text, /^\d+ not checked$/);
    });
  }

  it('nothing yet: it asks nobody before it knows', async () => {
    let answer = (_: object): void => undefined;
    const asked = new Promise<object>((resolve) => {
      answer = resolve;
    });
    await start({ configuration: () => asked });
    await new Promise((resolve) => setTimeout(resolve, 600));
    assert.deepEqual(await sandbox.asked(), NOBODY_ASKED);
    answer({ network: 'off' });
    await client.until('the text\'s finding', () => client.faults(mod()).length > 0);
    await client.quiet();
    assert.deepEqual(await sandbox.asked(), NOBODY_ASKED);
  });

  it('of trust that was given: it asks', async () => {
    await start({ initializationOptions: { trusted: false } });
    await client.until('the text\'s finding', () => client.faults(mod()).includes(TEXT_FAULT));
    assert.deepEqual(await sandbox.asked(), NOBODY_ASKED);
    for (const nonsense of [undefined, null, {}, { trusted: 'yes' }, { trusted: false }]) {
      await client.connection.sendNotification('gomodHealth/trustChanged', nonsense as object);
    }
    await client.quiet();
    assert.deepEqual(await sandbox.asked(), NOBODY_ASKED);
    await client.connection.sendNotification('gomodHealth/trustChanged', { trusted: true });
    await client.until('the proxy\'s finding', () => client.faults(mod()).includes(NET_FAULT));
  });

  it('network off and on again, by a client that it asks', async () => {
    let network = 'on';
    await start({ configuration: () => ({ network }) });
    await client.until('both findings', () => client.faults(mod()).length === 2);
    network = 'off';
    await changed();
    await client.until('only the text\'s', () => client.faults(mod()).length === 1);
    await client.quiet();
    const before = await sandbox.asked();
    await client.replace(mod(), 'widget v1.9.0', 'widget v1.8.0');
    await client.quiet();
    assert.deepEqual(await sandbox.asked(), before);
    network = 'on';
    await changed();
    await client.until('both findings again', () => client.faults(mod()).includes('missing-tag at v1.8.0'));
  });

  it('severities and rules to leave out, by a client that pushes', async () => {
    await start({});
    await client.until('both findings', () => client.faults(mod()).length === 2);
    await changed({ rules: { 'missing-tag': 'off', 'major-path-mismatch': 'hint' } });
    await client.until('one left', () => client.faults(mod()).length === 1);
    await client.until('a hint', () => client.diagnostics(mod()).some(({ code, severity }) => code === 'major-path-mismatch' && severity === DiagnosticSeverity.Hint));
    await changed({ rules: { 'missing-tag': 'info' } });
    await client.until('both', () => client.faults(mod()).length === 2);
    assert.equal(client.diagnostics(mod()).find(({ code }) => code === 'missing-tag')!.severity, DiagnosticSeverity.Information);
  });

  it('nonsense, which counts as nothing', async () => {
    await start({});
    for (const section of [undefined, null, 'x', [], { rules: 3, network: 7 }, { rules: { 'missing-tag': 'loud' } }, { rules: [] }]) {
      await changed(section as object);
    }
    await client.until('both findings', () => client.faults(mod()).length === 2);
    assert.ok(client.diagnostics(mod()).filter(({ code }) => code === 'missing-tag').every(({ severity }) => severity === DiagnosticSeverity.Error));
  });

  it('of a bad setting of Go, which it says and lives with', async () => {
    await start({ env: { ...sandbox.env, GOPROXY: 'ftp://user:secret@proxy.example.com', GOFLAGS: 'nonsense' } });
    await client.until('the text\'s finding', () => client.faults(mod()).includes(TEXT_FAULT));
    await client.quiet();
    assert.ok(client.log.some((line) => line.includes('invalid proxy URL scheme (must be https, http, file): ftp://proxy.example.com')));
    assert.ok(client.log.some((line) => line.includes('parsing $GOFLAGS: non-flag "nonsense"')));
    assert.ok(!client.log.some((line) => line.includes('secret')));
  });
});
