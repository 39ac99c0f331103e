import { environmentText, readEnvironmentReport } from '../lsp/environment-report.ts';
import type { EnvironmentReport } from '../lsp/environment-report.ts';
import { terminalColors } from './colors.ts';

export interface EnvOptions {
  readonly format: 'text' | 'json';
}

/** Runs `gomod-health env`; the exit status is 1 when a setting makes the go command fail. */
export async function env(options: EnvOptions): Promise<number> {
  const report = await readEnvironmentReport(process.env, process.platform, process.cwd());
  process.stdout.write(options.format === 'json' ? json(report) : environmentText(report, terminalColors()));
  return report.problems.length > 0 ? 1 : 0;
}

function json({ cache, ...report }: EnvironmentReport): string {
  return `${JSON.stringify({ schema: 1, ...report, cache: cache ?? null }, undefined, 2)}\n`;
}
