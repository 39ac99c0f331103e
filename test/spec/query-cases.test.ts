import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../cli/bundle.ts';
import { judgeOf } from './expectations.ts';
import { layOutCase, readSpecCases, SPEC_CASES } from './spec-case.ts';
import type { SpecCase } from './spec-case.ts';

describe('gomod-health query on the judged cases', function () {
  this.timeout(60_000);

  if (SPEC_CASES === undefined) {
    it('is not compared', function () {
      console.log('skipped: ../shared/spec/cases is not there');
      this.skip();
    });
  }
  for (const spec of readSpecCases()) {
    // What the go command refuses of a version is refused here, too, in the same words.
    const expectations = spec.expectations.filter((words) => judgeOf(words) === 'queries');
    if (expectations.length > 0) it(spec.name, () => judge(spec, expectations));
  }
});

async function judge(spec: SpecCase, expectations: readonly string[]): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'gomod-health-case-'));
  const laid = await layOutCase(spec, directory);
  try {
    for (const words of expectations) {
      const [verdict] = words.split(' ');
      const argument = verdict === 'resolves' ? words.split(' ')[1]! : words.slice(words.lastIndexOf(' ') + 1);
      const { status, stdout, stderr } = await runCommand(['query', argument], { cwd: laid.work, env: laid.env });
      if (verdict === 'error') {
        assert.notEqual(status, 0, words);
        const said = (JSON.parse(/"(?:[^"\\]|\\.)*"/.exec(words)![0]) as string).replaceAll('$PROXY', join(directory, 'proxy'));
        assert.ok(stderr.includes(said.trim()), `${words}, but: ${stderr}`);
        continue;
      }
      assert.equal(status, 0, `${words}: ${stderr}`);
      if (verdict === 'resolves') assert.equal(stdout, `${argument.slice(0, argument.indexOf('@'))} ${words.split(' ')[2]}\n`);
    }
  } finally {
    await laid.close();
  }
}
