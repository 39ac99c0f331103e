import type { SumFile, SumLine } from '../syntax/directives.ts';
import { isOnMarker, mergeConflicts } from './merge-conflict.ts';
import type { MainModule, Project, SourceFile } from './project.ts';
import { Replacements } from './replacements.ts';
import { isExcluded, moduleOf } from './requirements.ts';

/** A go.sum or go.work.sum file of a project. */
export interface ProjectSum {
  readonly file: SourceFile<SumFile>;
  /** Some go command is certain to read it: a module is required whose files have hashes. */
  readonly isRead: boolean;
}

/** The go.sum files of a project, and its go.work.sum first, in the order in which the go command reads them. */
export function sumFiles(project: Project): ProjectSum[] {
  const { workspace, modules } = project;
  const replacements = Replacements.ofProject(project);
  const isRead = modules.some((main) => requiresHashes(main, replacements));
  const found: ProjectSum[] = workspace?.sum ? [{ file: workspace.sum, isRead }] : [];
  for (const main of modules) {
    if (main.sum) found.push({ file: main.sum, isRead });
  }
  return found;
}

/**
 * The lines that speak of a module: a marker of a merge conflict may have three fields too, and a byte order mark makes
 * another path of the first line's.
 */
export function moduleLines({ text, parsed }: SourceFile<SumFile>): readonly SumLine[] {
  const conflicts = mergeConflicts(text);
  if (conflicts.length === 0 && !text.startsWith(BYTE_ORDER_MARK)) return parsed.lines;
  return parsed.lines.filter((line) => !isOnMarker(conflicts, line) && !line.path.value.startsWith(BYTE_ORDER_MARK));
}

/** The first line, where a byte order mark is the beginning of its path: no module has such a path. */
export function markedLine({ text, parsed }: SourceFile<SumFile>): SumLine | undefined {
  const [first] = parsed.lines;
  return text.startsWith(BYTE_ORDER_MARK) && first?.path.value.startsWith(BYTE_ORDER_MARK) ? first : undefined;
}

export const BYTE_ORDER_MARK = '\ufeff';

function requiresHashes(main: MainModule, replacements: Replacements): boolean {
  return main.mod.parsed.require
    .map(moduleOf)
    .some((module) => !isExcluded(main, module) && replacements.source(module).kind === 'module');
}
