import type { PathDirective } from '../../syntax/directives.ts';
import { dropUse } from '../../syntax/mod-edit.ts';
import { joinPath } from '../file-path.ts';
import { isInConflict, mergeConflicts } from '../merge-conflict.ts';
import type { MainModule, Workspace } from '../project.ts';
import { inFile } from '../requirement-fixes.ts';
import type { Finding, Rule, Safety } from '../rule.ts';
import { soundLines } from '../text-problems.ts';

/**
 * Reports a directory that go.work uses twice, and a second directory that declares the same module.
 *
 * Why it matters: the go command stops with `path … appears multiple times in workspace`, or `module … appears multiple times
 * in workspace`. Two spellings of one directory, `./log` and `log`, count as the same.
 *
 * @example
 * use ./log
 * use log
 *
 * @fix
 * Removes the second line.
 *
 * @see https://go.dev/ref/mod#go-work-file-use
 */
export const workspaceDuplicateUse: Rule = {
  name: 'workspace-duplicate-use',
  severity: 'error',
  summary: 'A directory or module that go.work uses twice.',
  *check({ workspace, modules }) {
    if (!workspace) return;
    const isSound = soundLines(workspace.work);
    const conflicts = mergeConflicts(workspace.work.text);
    const byDirectory = new Map<string, PathDirective>();
    const byModule = new Map<string, PathDirective>();
    for (const use of workspace.work.parsed.use) {
      if (!isSound(use.line) || isInConflict(conflicts, use.line)) continue;
      const directory = joinPath(workspace.directory, use.path.value);
      const sameDirectory = byDirectory.get(directory);
      byDirectory.set(directory, sameDirectory ?? use);
      if (sameDirectory) {
        const truth = `${use.path.value} is the directory ${sameDirectory.path.value}, which is used already`;
        yield finding(workspace, use, sameDirectory, truth, 'appears multiple times in workspace', 'safe');
        continue;
      }
      const module = modulePath(modules, directory);
      const sameModule = module === undefined ? undefined : byModule.get(module);
      if (module !== undefined && !sameModule) byModule.set(module, use);
      if (!sameModule) continue;
      const truth = `${use.path.value} declares the module ${module}, as ${sameModule.path.value} does`;
      yield finding(workspace, use, sameModule, truth, `module ${module} appears multiple times in workspace`, 'unsafe');
    }
  },
};

function modulePath(modules: readonly MainModule[], directory: string): string | undefined {
  return modules.find((main) => main.directory === directory)?.mod.parsed.module?.path.value;
}

function finding(
  { work }: Workspace,
  use: PathDirective,
  first: PathDirective,
  truth: string,
  said: string,
  safety: Safety,
): Finding {
  const edits = inFile(work, dropUse(work.parsed, use));
  return {
    at: { file: work.path, span: use.path },
    message: `${truth}. The go command says "${said}".`,
    related: [{ at: { file: work.path, span: first.path }, message: 'The first use.' }],
    fixes: work.editable ? [{ title: `Remove the second use, ${use.path.value}`, safety, edits }] : [],
  };
}
