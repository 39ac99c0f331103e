import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.join(import.meta.dirname, '../..');

describe('TextMate grammars', () => {
  for (const file of ['go.mod', 'go.work', 'go.sum']) {
    it(`give every part of a ${file} its scope`, () => {
      const program = path.join(root, 'node_modules/vscode-tmgrammar-test/dist/unit.js');
      // The grammars are read from package.json's contributions, so their registration is tested too.
      const run = spawnSync(process.execPath, [program, `syntaxes/tests/${file}.scopes`], { cwd: root, encoding: 'utf8' });
      assert.equal(run.status, 0, run.stdout + run.stderr);
    });
  }
});
