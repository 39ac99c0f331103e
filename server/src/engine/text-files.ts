import type { ModFile, WorkFile } from '../syntax/directives.ts';
import type { MainModule, Project, SourceFile } from './project.ts';
import { parentDirectory } from './file-path.ts';

/** A go.mod or go.work file of a project. */
export type DirectiveFile = SourceFile<ModFile> | SourceFile<WorkFile>;

/** The go.mod files of a project, and its go.work. */
export function directiveFiles(project: Project): DirectiveFile[] {
  const mods = project.modules.map(({ mod }) => mod);
  return project.workspace ? [...mods, project.workspace.work] : mods;
}

/** The main module whose go.mod a file is; undefined for a go.work. */
export function mainOf(project: Project, file: DirectiveFile): MainModule | undefined {
  return project.modules.find(({ mod }) => mod.path === file.path);
}

/** `go.mod` or `go.work`, for messages. */
export function nameOf(file: DirectiveFile): string {
  return file.parsed.kind === 'mod' ? 'go.mod' : 'go.work';
}

/** The directory where the relative paths of a file start. */
export function directoryOf(file: DirectiveFile): string {
  return parentDirectory(file.path);
}
