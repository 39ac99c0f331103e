import type { Facts } from './facts.ts';
import type { MainModule, Project } from './project.ts';
import { versionFix } from './requirement-fixes.ts';
import type { Fix } from './rule.ts';
import type { DirectiveFile } from './text-files.ts';
import type { VersionWord } from './version-words.ts';

/** Writes another version in place of one; for a requirement with its go.sum lines. Undefined while those are asked for. */
export function versionWordFix(
  project: Project,
  facts: Facts,
  file: DirectiveFile,
  main: MainModule | undefined,
  { word, requirement }: VersionWord,
  version: string,
  title: string,
): Fix | undefined {
  if (!file.editable) return undefined;
  if (main && requirement) return versionFix(project, facts, main, requirement, version, title);
  const { start, end } = word;
  return { title, safety: 'unsafe', edits: [{ file: file.path, start, end, newText: version }] };
}
