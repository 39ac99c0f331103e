import { shownText } from './shown-text.ts';
import type { UncheckedReason } from './unchecked-reasons.ts';

/** What the notification `gomodHealth/status` says of the checking. */
export interface Status {
  readonly busy: boolean;
  /** A few words. */
  readonly text: string;
  /** One line for each thing to know. */
  readonly tooltip: string;
}

/** How far the check of one project is. */
export interface ProjectState {
  readonly directory: string;
  /** Questions that are not answered yet. */
  readonly open: number;
  readonly unchecked: readonly UncheckedReason[];
  /** One sentence for each file that can't be read or that the go command does not accept. */
  readonly notes: readonly string[];
}

/** The state of all projects in one. */
export function statusOf(projects: readonly ProjectState[]): Status {
  const notes = projects.flatMap((project) => project.notes);
  const unchecked = projects.reduce((sum, project) => sum + project.unchecked.reduce((own, { count }) => own + count, 0), 0);
  const lines = projects.flatMap((project) => [project.directory, ...project.notes, ...reasonLines(project.unchecked)]);
  return {
    busy: projects.some(({ open }) => open > 0),
    text: wordsFor(projects, notes.length, unchecked),
    tooltip: lines.map(shownText).join('\n'),
  };
}

function wordsFor(projects: readonly ProjectState[], notes: number, unchecked: number): string {
  if (projects.some(({ open }) => open > 0)) return 'Checking modules';
  if (notes > 0) return `${notes} ${notes === 1 ? 'file' : 'files'} not understood`;
  return unchecked > 0 ? `${unchecked} not checked` : 'Modules checked';
}

/** The most reasons that are shown for one project. */
const MAX_REASONS = 5;

function reasonLines(reasons: readonly UncheckedReason[]): string[] {
  const shown = reasons.slice(0, MAX_REASONS).map(({ reason, count }) => `not checked (no fault is known): ${count} × ${reason}`);
  const left = reasons.length - shown.length;
  return left > 0 ? [...shown, `and ${left} more reasons`] : shown;
}
