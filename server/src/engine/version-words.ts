import type { Requirement } from '../syntax/directives.ts';
import { isDirectoryPath } from '../syntax/directive-parser.ts';
import { rememberedOf } from '../syntax/memory.ts';
import type { Line, Word } from '../syntax/tree.ts';
import type { DirectiveFile } from './text-files.ts';
import { unusualRequirements } from './unusual-requirements.ts';

/** A version as a line has it, with the module whose version it is. */
export interface VersionWord {
  readonly path: string;
  readonly word: Word;
  readonly line: Line;
  /** When the line is a requirement. */
  readonly requirement?: Requirement;
  readonly directive: 'require' | 'exclude' | 'replace' | 'retract';
}

/** The versions of modules in a go.mod or go.work file, but for usual requirements; those of Go itself are none. */
export function versionWords({ parsed }: DirectiveFile): readonly VersionWord[] {
  return wordsOf(parsed);
}

/** Several rules go through the words of the same snapshot. */
const wordsOf = rememberedOf(findWords);

function findWords(parsed: DirectiveFile['parsed']): VersionWord[] {
  const found: VersionWord[] = [];
  for (const { oldPath, oldVersion, newPath, newVersion, line } of parsed.replace) {
    if (oldVersion) found.push({ path: oldPath.value, word: oldVersion, line, directive: 'replace' });
    if (!newVersion || isDirectoryPath(newPath.value)) continue;
    found.push({ path: newPath.value, word: newVersion, line, directive: 'replace' });
  }
  if (parsed.kind === 'work') return found;
  for (const requirement of unusualRequirements(parsed)) {
    const { path, version, line } = requirement;
    found.push({ path: path.value, word: version, line, requirement, directive: 'require' });
  }
  for (const { path, version, line } of parsed.exclude) {
    found.push({ path: path.value, word: version, line, directive: 'exclude' });
  }
  const own = parsed.module?.path.value;
  if (own === undefined) return found;
  for (const { low, high, line } of parsed.retract) {
    found.push({ path: own, word: low, line, directive: 'retract' });
    if (high !== low) found.push({ path: own, word: high, line, directive: 'retract' });
  }
  return found;
}
