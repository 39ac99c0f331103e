import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkCase } from './case-report.ts';
import type { CaseReport } from './case-report.ts';
import { judgeOf } from './expectations.ts';
import { layOutCase, readSpecCases, SPEC_CASES } from './spec-case.ts';
import type { SpecCase } from './spec-case.ts';

describe('the judged cases of errors in the files, through the command line', function () {
  this.timeout(60_000);

  before(function () {
    if (SPEC_CASES !== undefined) return;
    console.log('skipped: ../shared/spec/cases is not there');
    this.skip();
  });

  const cases = readSpecCases();
  for (const spec of cases) {
    const judged = spec.expectations.filter((words) => judgeOf(words) === 'files');
    if (judged.length > 0) it(spec.name, () => judge(spec, judged));
  }

  it('are, with those of selection, queries and go.sum, all that can be judged without a build', () => {
    const counts = new Map<string, number>();
    const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);
    const left: string[] = [];
    for (const { name, expectations } of cases) {
      for (const words of expectations) {
        const by = judgeOf(words);
        assert.ok(by, `nobody judges ${name}: ${words}`);
        count(typeof by === 'string' ? by : 'only by a command');
        if (typeof by !== 'string') left.push(`${name}: ${words}: ${by.onlyBy}`);
      }
    }
    const shown = [...counts].map(([what, number]) => `${number} ${what}`).join(', ');
    console.log(`      expectations of the ${cases.length} cases: ${shown}. Not judged, since only the command shows it:`);
    for (const line of left) console.log(`        ${line}`);
  });
});

async function judge(spec: SpecCase, expectations: readonly string[]): Promise<void> {
  for (const words of expectations) {
    const laid = await layOutCase(spec, mkdtempSync(join(tmpdir(), 'gomod-health-case-')));
    try {
      // A case may take lines out of go.sum before its command.
      const change = / from (grep -v .*; mv s go\.sum); /.exec(words)?.[1];
      if (change !== undefined) execFileSync('sh', ['-c', change], { cwd: laid.work });
      const report = await checkCase(laid);
      assert.ok(holds(words, spec, report), `${words}, but found was:\n${report.shown}`);
    } finally {
      await laid.close();
    }
  }
}

/** What the go command says, and the rules of which one says the same. */
const RULES: readonly (readonly [RegExp, ...string[]])[] = [
  [/^error .*updates to go\.mod needed/, 'inconsistent-requirements', 'go-line-below-dependency', 'non-canonical-version', 'missing-requirement'],
  [/^error .*missing go\.sum entry/, 'missing-checksum'],
  [/^error .*(?:malformed go\.sum|wrong number of fields)/, 'malformed-checksum-line'],
  [/^error .*(?:checksum mismatch|SECURITY ERROR|does NOT match)/, 'checksum-mismatch'],
  [/^error .*should be v\d/, 'major-path-mismatch'],
  [/^error .*declares its path as/, 'declared-path-mismatch'],
  [/^error .*ambiguous import/, 'ambiguous-import'],
  [/^error .*conflicting replacements/, 'workspace-replace-conflict'],
  [/^error .*listed in go\.work file requires go/, 'workspace-go-too-low'],
  [/^error .*requires go >=/, 'go-line-below-dependency'],
  [/^error .*implicitly required module/, 'missing-requirement'],
  [/^output "found |^output "\+require /, 'missing-requirement', 'inconsistent-requirements'],
  [/^output "-require /, 'unused-requirement'],
  [/^output "\+go /, 'go-line-below-dependency'],
];

function holds(words: string, spec: SpecCase, { findings, unchecked }: CaseReport): boolean {
  if (words.startsWith('ok ')) {
    const isFaultless = !spec.expectations.some((other) => /^error |^malformed |^wrong /.test(other));
    return !isFaultless || !findings.some(({ severity }) => severity === 'error');
  }
  const disabled = 'module lookup disabled by GOPROXY=off';
  if (words.includes(disabled)) return unchecked.some(({ why }) => why === disabled);
  const said = RULES.find(([pattern]) => pattern.test(words));
  return findings.some(({ rule }) => said?.includes(rule));
}
