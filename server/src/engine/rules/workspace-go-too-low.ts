import { DEFAULT_GO_WORK_VERSION, compareGoVersions, isValidGoVersion } from '../../syntax/go-version.ts';
import { setGo } from '../../syntax/mod-edit.ts';
import type { Span } from '../../syntax/span.ts';
import { relativePath } from '../file-path.ts';
import type { MainModule, Workspace } from '../project.ts';
import { inFile } from '../requirement-fixes.ts';
import type { Finding, Rule } from '../rule.ts';
import { problemsFor, soundLines } from '../text-problems.ts';

/**
 * Reports a go.work whose go line is below that of one of its modules.
 *
 * Why it matters: from Go 1.21 on, no go command works in such a workspace: `module … listed in go.work file requires go >=
 * 1.26.0, but go.work lists go 1.25`. A go.work without a go line counts as 1.18.
 *
 * @example
 * go 1.25 // while ./api/go.mod says go 1.26.0
 *
 * @fix
 * Raises the go line to the highest one of the modules, as `go work use` does.
 *
 * @see https://go.dev/ref/mod#go-work-file-go
 * @see https://go.dev/doc/toolchain#config
 */
export const workspaceGoTooLow: Rule = {
  name: 'workspace-go-too-low',
  severity: 'error',
  summary: 'A go.work whose go line is below that of a module.',
  *check({ workspace, modules }) {
    if (!workspace || !isJudged(workspace)) return;
    const version = workspace.work.parsed.go?.version.value ?? DEFAULT_GO_WORK_VERSION;
    const newer = modules.filter((main) => demands(main, version));
    const [first, ...others] = newer;
    if (!first) return;
    const highest = others.reduce((best, main) => (compareGoVersions(goOf(main), goOf(best)) > 0 ? main : best), first);
    yield finding(workspace, newer, highest);
  },
};

/** A go line that is none has a finding of its own. */
function isJudged({ work }: Workspace): boolean {
  const { go } = work.parsed;
  if (problemsFor('invalid-go-version', work).some(({ kind }) => kind === 'go-version')) return false;
  return !go || (soundLines(work)(go.line) && isValidGoVersion(go.version.value));
}

/** Below 1.21 the go line was no demand. */
function demands(main: MainModule, version: string): boolean {
  const go = goOf(main);
  return isValidGoVersion(go) && compareGoVersions(go, '1.21') >= 0 && compareGoVersions(go, version) > 0;
}

function goOf({ mod }: MainModule): string {
  return mod.parsed.go?.version.value ?? '';
}

function finding(workspace: Workspace, newer: readonly MainModule[], highest: MainModule): Finding {
  const { work } = workspace;
  const listed = work.parsed.go?.version.value;
  const name = relativePath(workspace.directory, highest.directory)?.replace(/^\.\//, '') ?? highest.directory;
  const lists = listed === undefined ? `implicitly requires go ${DEFAULT_GO_WORK_VERSION}` : `lists go ${listed}`;
  const version = goOf(highest);
  return {
    at: { file: work.path, span: work.parsed.go?.version ?? placeOf(workspace) },
    message:
      `${name} needs go ${version}, and so does its workspace. The go command says ` +
      `"module ${name} listed in go.work file requires go >= ${version}, but go.work ${lists}".`,
    related: newer.map(({ mod }) => ({
      at: { file: mod.path, span: mod.parsed.go!.line },
      message: `This module needs go ${mod.parsed.go!.version.value}.`,
    })),
    fixes: work.editable
      ? [{ title: `Use go ${version} in go.work`, safety: 'safe', edits: inFile(work, setGo(work.parsed, version)) }]
      : [],
  };
}

/** Where a go line is lacking: the first statement. There is one, as a module is used. */
function placeOf({ work }: Workspace): Span {
  const first = work.parsed.tree.statements.find((statement) => statement.kind !== 'comments');
  return first?.kind === 'block' ? first.words[0]! : (first ?? { start: 0, end: 0 });
}
