import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { rules } from '../../server/src/engine/rules/index.ts';
import { gomodHealth } from './command.ts';
import { runCommand } from './bundle.ts';

const cwd = tmpdir();

describe('gomod-health explain', () => {
  it('prints the page of every rule, from the sources and from the bundle alike', async function () {
    this.timeout(60_000);
    const { name } = rules[0]!;
    const fromSources = await gomodHealth(['explain', name], { directory: cwd });
    assert.equal(fromSources.stdout, (await runCommand(['explain', name], { cwd })).stdout);
    for (const rule of rules) {
      const { status, stdout, stderr } = await runCommand(['explain', rule.name], { cwd });
      assert.equal(status, 0, stderr);
      assert.ok(stdout.startsWith(`# ${rule.name}\n\n*${rule.summary}*`), stdout);
      assert.doesNotMatch(stdout, /<!--/);
    }
  });

  it('has the page for programs', async () => {
    const { stdout } = await runCommand(['explain', 'missing-tag', '--format', 'json'], { cwd });
    const { schema, rule, severity, page } = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual([schema, rule, severity], [1, 'missing-tag', 'error']);
    assert.match(String(page), /^# missing-tag\n/);
  });

  const refusals = [
    ['tag', 'there is no rule tag; near it are missing-tag'],
    ['toString', 'there is no rule toString; there are '],
    ['', 'there is no rule without a name; there are '],
    ['../README', 'there is no rule ../README; there are '],
    ['a\u001b[31m', 'there is no rule a\\u{1b}[31m; there are '],
  ] as const;
  for (const [name, words] of refusals) {
    it(`refuses ${JSON.stringify(name)}`, async () => {
      const { status, stdout, stderr } = await runCommand(['explain', name], { cwd });
      assert.deepEqual([status, stdout], [2, '']);
      assert.ok(stderr.startsWith(`gomod-health: ${words}`), stderr);
    });
  }
});
