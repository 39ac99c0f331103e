import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../cli/bundle.ts';
import { judgeOf } from './expectations.ts';
import { layOutCase, readSpecCases, SPEC_CASES } from './spec-case.ts';
import type { SpecCase } from './spec-case.ts';

interface GraphJson {
  readonly buildList: readonly { readonly path: string; readonly version: string }[];
}

describe('gomod-health graph on the judged cases', function () {
  this.timeout(60_000);

  before(function () {
    if (SPEC_CASES !== undefined) return;
    console.log('skipped: ../shared/spec/cases is not there');
    this.skip();
  });

  for (const spec of readSpecCases()) {
    const expectations = spec.expectations.filter((words) => judgeOf(words) === 'selection');
    if (expectations.length > 0) it(spec.name, () => judge(spec, expectations));
  }
});

async function judge(spec: SpecCase, expectations: readonly string[]): Promise<void> {
  const { work, env, close } = await layOutCase(spec, mkdtempSync(join(tmpdir(), 'gomod-health-case-')));
  try {
    const { status, stdout, stderr } = await runCommand(['graph', '--format', 'json'], { cwd: work, env });
    assert.equal(status, 0, stderr);
    const { buildList } = JSON.parse(stdout) as GraphJson;
    const list = buildList.map(({ path, version }) => `${path} ${version}`);
    for (const words of expectations) {
      const [verdict, path] = words.split(' ');
      const isHeld =
        verdict === 'notselected'
          ? !buildList.some((module) => module.path === path)
          : list.includes(verdict === 'selected' ? words.slice('selected '.length) : /"(.*)"/.exec(words)![1]!);
      assert.ok(isHeld, `${words}, not ${list.join(', ')}`);
    }
  } finally {
    await close();
  }
}
