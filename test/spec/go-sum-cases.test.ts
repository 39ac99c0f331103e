import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { checkCase } from './case-report.ts';
import type { CaseFinding } from './case-report.ts';
import { judgeOf } from './expectations.ts';
import { layOutCase, readSpecCases, SPEC_CASES } from './spec-case.ts';
import type { LaidOutCase, SpecCase } from './spec-case.ts';

describe('the judged cases of go.sum, through the command line', function () {
  this.timeout(60_000);

  before(function () {
    if (SPEC_CASES !== undefined) return;
    console.log('skipped: ../shared/spec/cases is not there');
    this.skip();
  });

  const cases = readSpecCases().filter(({ expectations }) => expectations.some((words) => judgeOf(words) === 'go.sum'));
  for (const spec of cases) it(spec.name, () => judge(spec));
});

async function judge(spec: SpecCase): Promise<void> {
  const laid = await layOutCase(spec, mkdtempSync(join(tmpdir(), 'gomod-health-case-')));
  try {
    const { findings, shown } = await checkCase(laid);
    const failures = spec.expectations
      .filter((words) => judgeOf(words) === 'go.sum')
      .filter((words) => !holds(words, laid, findings));
    assert.deepEqual(failures, [], `found was:\n${shown}`);
  } finally {
    await laid.close();
  }
}

function holds(words: string, { work }: LaidOutCase, findings: readonly CaseFinding[]): boolean {
  const at = (file: string, line: string, ...rules: string[]): boolean =>
    findings.some(({ rule, file: found, range }) => {
      return rules.includes(rule) && resolve(work, found) === join(work, file) && range.start.line === Number(line) - 1;
    });
  const line = /^(\w+) (\S+):(\d+)(?: (\S+):(\d+))?$/.exec(words);
  const [, verdict, file, first, otherFile, second] = line ?? [];
  switch (verdict) {
    case 'stale':
      return at(file!, first!, 'stale-checksum');
    case 'keep':
      return !at(file!, first!, 'stale-checksum');
    case 'malformed':
      return at(file!, first!, 'malformed-checksum-line');
    case 'wrong':
      return at(file!, first!, 'checksum-mismatch');
    case 'conflict':
      return at(file!, first!, 'conflicting-checksums') || at(otherFile!, second!, 'conflicting-checksums');
  }
  const missing = /^missing (\S+) (\S+)$/.exec(words);
  if (missing) {
    return findings.some(({ rule, module }) => rule === 'missing-checksum' && module?.path === missing[1] && module?.version === missing[2]);
  }
  return !findings.some(({ rule, file: found }) => rule === 'missing-checksum' || found.endsWith('.sum'));
}
