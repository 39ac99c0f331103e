import { environmentText, readEnvironmentReport } from './environment-report.ts';
import type { EnvironmentReport } from './environment-report.ts';
import type { GoVariable } from '../host/go-environment.ts';
import type { Settings } from './settings.ts';
import { unpainted } from './shown-report.ts';
import type { ShownReport } from './shown-report.ts';
import type { Workbench } from './workbench.ts';

/** Shows Go's settings with what the editor's own make of them; each folder has a section where they differ. */
export async function showEnvironment(workbench: Workbench): Promise<ShownReport> {
  const found = workbench.directories();
  const directories = found.length > 0 ? found : [process.cwd()];
  const reports = await Promise.all(
    directories.map((directory) => readEnvironmentReport(process.env, process.platform, directory)),
  );
  const texts = reports.map((report) => environmentText(report, unpainted, editorRows(workbench.settings)));
  const sections = [...new Set(texts)];
  const titles = sections.map((text) => directories.filter((_, order) => texts[order] === text).join('\n'));
  const body = sections.map((text, order) => `${titles[order]}\n\n${text}`).join('\n');
  const summary = summaryOf(reports);
  return { summary, text: `Go environment\n\n${summary}\n\n${body}` };
}

function editorRows({ reach, reachReason }: Settings): Readonly<Record<string, GoVariable>> {
  return { 'gomodHealth.network': { value: reach, why: reachReason === '' ? 'setting' : reachReason } };
}

function summaryOf(reports: readonly EnvironmentReport[]): string {
  const faults = new Set(reports.flatMap(({ problems }) => problems.map(({ variable }) => variable)));
  if (faults.size === 0) return 'No setting is at fault.';
  return `At fault: ${[...faults].join(', ')}. The go command fails on ${faults.size === 1 ? 'it' : 'them'}.`;
}
