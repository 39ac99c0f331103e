import assert from 'node:assert/strict';
import { runCommand } from '../cli/bundle.ts';
import type { LaidOutCase } from './spec-case.ts';

export interface CaseFinding {
  readonly rule: string;
  readonly file: string;
  readonly severity: string;
  readonly message: string;
  readonly module: { readonly path: string; readonly version: string } | null;
  readonly range: { readonly start: { readonly line: number } };
}

/** What `gomod-health check --deep --format json` says of a case. */
export interface CaseReport {
  readonly findings: readonly CaseFinding[];
  readonly unchecked: readonly { readonly why: string }[];
  /** The findings for people, one a line. */
  readonly shown: string;
}

export async function checkCase({ work, env }: LaidOutCase): Promise<CaseReport> {
  const { stdout, stderr } = await runCommand(['check', '--deep', '--format', 'json', work], { cwd: work, env });
  assert.ok(stdout.startsWith('{'), stderr);
  const { findings, unchecked } = JSON.parse(stdout) as Omit<CaseReport, 'shown'>;
  const lines = findings.map(({ rule, file, range, module, message }) => {
    return `${rule} ${file}:${range.start.line + 1} ${module ? `${module.path} ${module.version}` : ''} ${message}`;
  });
  return { findings, unchecked, shown: lines.join('\n') };
}
