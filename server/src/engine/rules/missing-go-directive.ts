import { DEFAULT_GO_MOD_VERSION, DEFAULT_GO_WORK_VERSION, compareGoVersions } from '../../syntax/go-version.ts';
import { setGo } from '../../syntax/mod-edit.ts';
import type { Span } from '../../syntax/span.ts';
import type { Project } from '../project.ts';
import { inFile } from '../requirement-fixes.ts';
import type { Rule } from '../rule.ts';
import { directiveFiles, nameOf } from '../text-files.ts';
import type { DirectiveFile } from '../text-files.ts';

/**
 * Reports a go.mod or go.work file without a go line.
 *
 * Why it matters: the go command then assumes an old language, 1.16 for go.mod and 1.18 for go.work. Generics, pruned module
 * graphs and the loop variables of Go 1.22 are off, and `go mod tidy` may put in the version that it happens to have.
 *
 * It builds, so this is no error. A go.work that is too old for its modules is a matter of `workspace-go-too-low`.
 *
 * @example
 * module example.com/service // and no go line
 *
 * @fix
 * Adds the go line that is in force without it, so that nothing changes but that it can be seen.
 *
 * @see https://go.dev/ref/mod#go-mod-file-go
 * @see https://go.dev/ref/mod#go-work-file-go
 */
export const missingGoDirective: Rule = {
  name: 'missing-go-directive',
  severity: 'warning',
  summary: 'A go.mod or go.work file without a go line.',
  *check(project) {
    for (const file of directiveFiles(project)) {
      const place = file.parsed.go ? undefined : placeOf(file);
      if (!place || isMisspelt(file) || isTooOld(project, file)) continue;
      const version = file.parsed.kind === 'mod' ? DEFAULT_GO_MOD_VERSION : DEFAULT_GO_WORK_VERSION;
      const title = `Add go ${version}, which is in force without it`;
      yield {
        at: { file: file.path, span: place },
        message: `${nameOf(file)} has no go line, so that the go command assumes go ${version}. Add one.`,
        fixes: file.editable ? [{ title, safety: 'safe', edits: inFile(file, setGo(file.parsed, version)) }] : [],
      };
    }
  },
};

/** The module line, in go.work the first line; nothing can be said at a place that is not there. */
function placeOf({ parsed }: DirectiveFile): Span | undefined {
  if (parsed.kind === 'mod') return parsed.module?.line;
  const first = parsed.tree.statements.find((statement) => statement.kind !== 'comments');
  return first?.kind === 'block' ? first.words[0] : first;
}

/** A line that is or was meant to be a go line, and can't be read, is reported as such. */
function isMisspelt({ text, parsed }: DirectiveFile): boolean {
  return parsed.problems.some(
    ({ suggestion, reportedAt }) => suggestion === 'go' || /^go(?![^\s(])/.test(text.slice(reportedAt, reportedAt + 3)),
  );
}

function isTooOld(project: Project, { parsed }: DirectiveFile): boolean {
  if (parsed.kind === 'mod') return false;
  return project.modules.some(({ mod }) => compareGoVersions(mod.parsed.go?.version.value ?? '', '1.21') >= 0);
}
