import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReportedFinding } from '../../server/src/engine/analysis.ts';
import type { Fix } from '../../server/src/engine/rule.ts';
import { applyEdits } from '../../server/src/syntax/span.ts';
import { goCommand, goInstalled } from '../live/go-command.ts';
import type { GoResult } from '../live/go-command.ts';
import { layOutExample } from '../world/example.ts';
import type { Example } from '../world/example.ts';
import { runEngine } from './engine-run.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'dist', 'gomod-health.cjs');

/** The faults of the example, each by its rule and by the text that is marked, in the order of the files. */
const FAULTS: readonly Fault[] = [
  { rule: 'missing-tag', marked: 'v1.9.0' },
  { rule: 'missing-tag', marked: 'v1.2.0' },
  { rule: 'major-path-mismatch', marked: 'v2.1.0' },
  { rule: 'checksum-mismatch', marked: 'h1:+1kvYd3e8dfjC4P45rYg5Zq4HtTcdYigS/3/2Cdk48g=' },
  { rule: 'stale-checksum', marked: 'github.com/acme/clock v0.3.0 h1:SDJ0YNJ2bq9hRzjN/0AOaLvTBV8ss/+aLpjbAlUFtFM=' },
  { rule: 'stale-checksum', marked: 'github.com/acme/clock v0.3.0/go.mod h1:Kh06WeCrFQmJ18uXGwMm1nIK4eMduMtL9lNeFtFYbdI=' },
  { rule: 'stale-checksum', marked: 'github.com/acme/ledger v1.2.9 h1:+1kvYd3e8dfjC4P45rYg5Zq4HtTcdYigS/3/2Cdk48g=' },
  { rule: 'stale-checksum', marked: 'github.com/acme/ledger v1.2.9/go.mod h1:107fo2uf+2+5POc+vXkiLjlyj4tIWabcGO0H1za4ggY=' },
];

interface Fault {
  readonly rule: string;
  readonly marked: string;
}

describe('the go command on the example', function () {
  this.timeout(120_000);
  let example: Example;

  before(async function () {
    if ((await goInstalled()) === undefined) {
      console.log('skipped: the go command is not installed, so that nobody judges the example');
      this.skip();
    }
    example = await layOutExample(mkdtempSync(join(tmpdir(), 'gomod-health-example-')));
  });

  after(() => example?.close());

  for (const fault of FAULTS.filter(({ rule }) => rule !== 'stale-checksum')) {
    it(`stops with the words of ${fault.rule} on ${fault.marked}, and goes on after each fix`, async () => {
      const isolated = await isolate(example, fault);
      const { finding } = isolated;
      const words = /The go command says [`"](.+)[`"]\.$/.exec(finding.message)?.[1] ?? /"(verifying .+?)"/.exec(finding.message)![1]!;
      const failed = [await go(example, isolated.directory, 'mod', 'download'), await go(example, isolated.directory, 'build', './...')];
      assert.ok(
        failed.some(({ code, stderr }) => code !== 0 && stderr.includes(words)),
        `${words}\nis not in\n${failed.map(({ stderr }) => stderr).join('\n')}`,
      );
      assert.ok((finding.fixes ?? []).length > 0);
      for (const fix of finding.fixes ?? []) await succeedsAfter(example, isolated.directory, fix);
    });
  }

  for (const fault of FAULTS.filter(({ rule }) => rule === 'stale-checksum')) {
    it(`takes ${fault.marked.split(' h1:')[0]} away when it tidies, and nothing after the fix`, async () => {
      const { directory, finding } = await isolate(example, fault);
      const before = await go(example, directory, 'mod', 'tidy', '-diff');
      assert.deepEqual(changedLines(before.stdout), [`-${fault.marked}`]);
      assert.equal((await go(example, directory, 'build', './...')).code, 0, 'a stale line breaks nothing');
      apply(finding.fixes![0]!);
      const after = await go(example, directory, 'mod', 'tidy', '-diff');
      assert.deepEqual([after.code, after.stdout], [0, ''], after.stderr);
    });
  }

  it('builds, vets, tests and has nothing to tidy once the command line has applied all fixes', async () => {
    assert.ok(existsSync(PROGRAM), `${PROGRAM} is not there; npm run build makes it`);
    const directory = await copyOf(example);
    const { code, stderr } = await checkAndFix(example, directory);
    assert.equal(code, 0, stderr);
    for (const args of [['build', './...'], ['vet', './...'], ['vet', '-tags', 'integration', './...'], ['test', './...']]) {
      const result = await go(example, directory, ...args);
      assert.equal(result.code, 0, `go ${args.join(' ')}: ${result.stderr}${result.stdout}`);
    }
    const tidied = await go(example, directory, 'mod', 'tidy', '-diff');
    assert.deepEqual([tidied.code, tidied.stdout], [0, ''], tidied.stderr);
  });
});

interface Isolated {
  readonly directory: string;
  readonly finding: ReportedFinding;
}

/** A copy of the example in which everything is fixed but one fault. */
async function isolate(example: Example, fault: Fault): Promise<Isolated> {
  const directory = await copyOf(example);
  for (;;) {
    const { analysis } = await runEngine(directory, example.env);
    const findings = analysis.findings.filter(({ fixes = [] }) => fixes.length > 0);
    const other = findings.find((finding) => !isFault(finding, fault));
    if (other) {
      apply(other.fixes![0]!);
      continue;
    }
    assert.equal(findings.length, 1, `only ${fault.marked} is left: ${findings.map(({ message }) => message).join('\n')}`);
    return { directory, finding: findings[0]! };
  }
}

function isFault({ rule, at }: ReportedFinding, fault: Fault): boolean {
  return rule === fault.rule && readFileSync(at.file, 'utf8').slice(at.span.start, at.span.end) === fault.marked;
}

async function copyOf(example: Example): Promise<string> {
  const directory = mkdtempSync(join(example.workspace, '..', 'copy-'));
  await cp(example.workspace, directory, { recursive: true });
  return directory;
}

function apply(fix: Fix): void {
  for (const file of new Set(fix.edits.map((edit) => edit.file))) {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    writeFileSync(file, applyEdits(text, fix.edits.filter((edit) => edit.file === file)));
  }
}

/** What is removed may be needed after all; then tidy adds it in a version that exists. */
async function succeedsAfter(example: Example, isolated: string, fix: Fix): Promise<void> {
  const directory = mkdtempSync(join(example.workspace, '..', 'fixed-'));
  await cp(isolated, directory, { recursive: true });
  apply({ ...fix, edits: fix.edits.map((edit) => ({ ...edit, file: edit.file.replace(isolated, directory) })) });
  const isRemoval = fix.title.startsWith('Remove ');
  const commands = isRemoval ? [['mod', 'download'], ['mod', 'tidy'], ['build', './...']] : [['mod', 'download'], ['build', './...'], ['vet', './...']];
  for (const args of commands) {
    const { code, stderr } = await go(example, directory, ...args);
    assert.equal(code, 0, `after "${fix.title}", go ${args.join(' ')}: ${stderr}`);
  }
}

/** Runs one go command from an empty module cache. */
async function go(example: Example, directory: string, ...args: string[]): Promise<GoResult> {
  const { GOMODCACHE: _, ...settings } = example.env;
  const command = goCommand(settings);
  try {
    return await command.run(args, { directory });
  } finally {
    command.dispose();
  }
}

/** The lines that a diff takes away or adds. */
function changedLines(diff: string): string[] {
  return diff.split('\n').filter((line) => /^[-+](?![-+])/.test(line));
}

function checkAndFix(example: Example, directory: string): Promise<{ code: number; stderr: string }> {
  const args = [PROGRAM, 'check', '--unsafe-fixes', '--fail-on', 'hint'];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: directory, env: { ...process.env, ...example.env } }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stderr: stdout + stderr });
    });
  });
}
