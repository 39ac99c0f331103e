import type { WorkDoneProgressReporter } from 'vscode-languageserver/node';
import { reportTags } from '../engine/tag-report.ts';
import type { ShownReport } from './shown-report.ts';
import { tagView } from './tag-view.ts';
import type { TagSection } from './tag-view.ts';
import type { Workbench } from './workbench.ts';

/** Holds every requirement of the workspace against the world; what is not done when the signal comes is left out. */
export async function verifyModuleTags(
  workbench: Workbench,
  signal: AbortSignal,
  progress: WorkDoneProgressReporter,
): Promise<ShownReport> {
  const sections: TagSection[] = [];
  const places = await workbench.places();
  for (const [index, place] of places.entries()) {
    if (signal.aborted) break;
    const { project } = await workbench.load(place);
    const rows = await workbench.settle((facts) => reportTags(project, facts), signal, ({ value, open }) => {
      const percentage = Math.floor(((index + (open === 0 ? 1 : 0)) / places.length) * 100);
      progress.report(percentage, `${place.directory}: ${value.length} requirements`);
    });
    sections.push({ title: place.directory, rows });
  }
  return tagView(sections, signal.aborted);
}
