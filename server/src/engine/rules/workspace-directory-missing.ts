import type { PathDirective } from '../../syntax/directives.ts';
import { dropUse } from '../../syntax/mod-edit.ts';
import { joinPath } from '../file-path.ts';
import type { Workspace } from '../project.ts';
import { inFile } from '../requirement-fixes.ts';
import type { Finding, Rule } from '../rule.ts';
import { soundLines } from '../text-problems.ts';

/**
 * Reports a use directive of go.work whose directory is not there or has no go.mod.
 *
 * Why it matters: one such line and no go command works anywhere in the workspace: `cannot load module … listed in go.work
 * file`.
 *
 * @example
 * use ./services/billing // the directory was moved
 *
 * @fix
 * Removes the line.
 *
 * @see https://go.dev/ref/mod#go-work-file-use
 */
export const workspaceDirectoryMissing: Rule = {
  name: 'workspace-directory-missing',
  severity: 'error',
  summary: 'A directory of go.work that holds no module.',
  inGopls: 'does not contain a module',
  later: true,
  *check({ workspace, modules }, facts) {
    if (!workspace) return;
    const isSound = soundLines(workspace.work);
    for (const use of workspace.work.parsed.use) {
      const directory = joinPath(workspace.directory, use.path.value);
      if (!isSound(use.line) || modules.some((main) => main.directory === directory)) continue;
      const mod = facts.ask({ kind: 'directory-mod', directory });
      if (mod.state === 'absent') yield finding(workspace, use, mod.evidence[0]?.said ?? '');
    }
  },
};

function finding({ work }: Workspace, use: PathDirective, lack: string): Finding {
  const path = use.path.value;
  const truth = lack === 'no go.mod' ? 'has no go.mod' : lack === 'not a directory' ? 'is no directory' : 'does not exist';
  const edits = inFile(work, dropUse(work.parsed, use));
  return {
    at: { file: work.path, span: use.path },
    message: `${path} ${truth}. The go command says "cannot load module ${path.replace(/^\.\//, '')} listed in go.work file".`,
    fixes: work.editable ? [{ title: `Remove ${path} from the workspace`, safety: 'unsafe', edits }] : [],
  };
}
