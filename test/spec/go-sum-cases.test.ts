import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gomodHealth } from '../cli/command.ts';
import { layOutCase, readSpecCases, SPEC_CASES } from './spec-case.ts';
import type { LaidOutCase, SpecCase } from './spec-case.ts';

/** The verdicts of a case that are about lines of go.sum. */
const SPEAKS_OF_SUMS = /^(?:stale|keep|missing|malformed|wrong|conflict)\s|^tidy-clean$/;

/** Verdicts that `check` does not give, each with the reason. */
const NOT_GIVEN: Readonly<Record<string, string>> = {
  'sum-byte-order-mark: stale go.sum:1': 'malformed-checksum-line is said of the line instead, which without its mark is no leftover',
};

interface ReportedModule {
  readonly path: string;
  readonly version: string;
}

interface Finding {
  readonly rule: string;
  readonly file: string;
  readonly severity: string;
  readonly message: string;
  readonly module: ReportedModule | null;
  readonly range: { readonly start: { readonly line: number } };
}

describe('the judged cases of go.sum, through the command line', function () {
  this.timeout(60_000);

  before(function () {
    if (SPEC_CASES !== undefined) return;
    console.log('skipped: ../shared/spec/cases is not there');
    this.skip();
  });

  const cases = readSpecCases().filter(({ expectations }) => expectations.some((words) => SPEAKS_OF_SUMS.test(words)));
  for (const spec of cases) it(spec.name, () => judge(spec));

  after(() => {
    for (const [verdict, reason] of Object.entries(NOT_GIVEN)) console.log(`      not given: ${verdict}: ${reason}`);
  });
});

async function judge(spec: SpecCase): Promise<void> {
  const laid = await layOutCase(spec, mkdtempSync(join(tmpdir(), 'gomod-health-case-')));
  try {
    const findings = await check(laid);
    const failures = spec.expectations
      .filter((words) => SPEAKS_OF_SUMS.test(words) && !(`${spec.name}: ${words}` in NOT_GIVEN))
      .filter((words) => !holds(words, laid, findings));
    const shown = findings.map(({ rule, file, range, module, message }) => {
      return `${rule} ${file}:${range.start.line} ${module ? `${module.path} ${module.version}` : ''} ${message}`;
    });
    assert.deepEqual(failures, [], `found was:\n${shown.join('\n')}`);
  } finally {
    await laid.close();
  }
}

async function check({ work, env }: LaidOutCase): Promise<Finding[]> {
  const { stdout, stderr } = await gomodHealth(['check', '--deep', '--format', 'json', work], { directory: work, env });
  assert.ok(stdout.startsWith('{'), stderr);
  return (JSON.parse(stdout) as { findings: Finding[] }).findings;
}

function holds(words: string, { work }: LaidOutCase, findings: readonly Finding[]): boolean {
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
