import assert from 'node:assert/strict';
import { rules } from '../../server/src/engine/rules/index.ts';
import { readSettings } from '../../server/src/lsp/settings.ts';
import { Sandbox, library } from '../cli/sandbox.ts';
import { LspClient } from './client.ts';

const SILENT = ['missing-indirect-comment', 'missing-requirement', 'superfluous-indirect-comment', 'unused-requirement', 'workspace-directory-missing'];

describe('Beside gopls', () => {
  const silent = (section: object, trusted = true) =>
    Object.entries(readSettings(section, trusted).rules).filter(([, setting]) => setting === 'beside-gopls').map(([name]) => name).sort();

  it('the rules are silent whose findings it shows as well', () => {
    assert.deepEqual(silent({ goplsActive: true }), SILENT);
    assert.deepEqual(silent({ goplsActive: true, besideGopls: 'quiet' }), SILENT);
    assert.deepEqual(silent({ goplsActive: true, besideGopls: 'nonsense' }), SILENT);
  });

  it('they are not, where a user asks for them or there is no gopls', () => {
    assert.deepEqual(silent({ goplsActive: true, besideGopls: 'all' }), []);
    assert.deepEqual(silent({ goplsActive: false }), []);
    assert.deepEqual(silent({}), []);
    assert.deepEqual(silent({ goplsActive: 'yes' }), []);
    assert.deepEqual(silent({ goplsActive: true }, false), []);
    const chosen = readSettings({ goplsActive: true, rules: { 'unused-requirement': 'warning' } }, true).rules;
    assert.equal(chosen['unused-requirement'], 'warning');
    assert.equal(chosen['missing-requirement'], 'beside-gopls');
  });

  it('no rule is silent that tells of more than gopls can', () => {
    assert.deepEqual(rules.filter(({ inGopls }) => inGopls !== undefined).map(({ name }) => name), SILENT);
  });

  it('the server publishes what the settings say', async () => {
    const sandbox = await Sandbox.open({ modules: [library('example.com/log', 'v1.0.0')], cached: [library('example.com/log', 'v1.0.0')] });
    try {
      await sandbox.write({ 'go.mod': 'module example.com/m\n\ngo 1.21\n\nrequire example.com/log v1.0.0\n', 'm.go': 'package m\n' });
      for (const [initializationOptions, expected] of [
        [{ goplsActive: true }, false],
        [{ goplsActive: true, besideGopls: 'all' }, true],
        [{ goplsActive: false }, true],
      ] as const) {
        const client = await LspClient.start({ env: sandbox.env, folders: [sandbox.project], initializationOptions });
        await client.open(sandbox.path('go.mod'));
        await client.quiet();
        const codes = client.diagnostics(sandbox.path('go.mod')).map(({ code }) => code);
        assert.equal(codes.includes('unused-requirement'), expected, JSON.stringify(initializationOptions));
        assert.equal(await client.stop(), 0);
      }
    } finally {
      await sandbox.close();
    }
  });
});
