import type { Replacement } from '../../syntax/directives.ts';
import { isDirectoryPath } from '../../syntax/directive-parser.ts';
import { dropReplace } from '../../syntax/mod-edit.ts';
import { autoQuote } from '../../syntax/quote.ts';
import { joinPath, relativePath } from '../file-path.ts';
import type { Evidence, Facts } from '../facts.ts';
import type { Project } from '../project.ts';
import { isRequiredUnder } from '../replacement-use.ts';
import { inFile } from '../requirement-fixes.ts';
import type { Finding, Fix, Rule } from '../rule.ts';
import { directiveFiles, directoryOf, mainOf } from '../text-files.ts';
import type { DirectiveFile } from '../text-files.ts';
import { soundLines } from '../text-problems.ts';

/**
 * Reports a replacement by a local directory that is not there, or that has no go.mod.
 *
 * Why it matters: such a line works on the machine where it was written and nowhere else. As soon as the module is needed, the
 * go command says `replacement directory ../log does not exist`, or `reading ../log/go.mod: no such file or directory`. It is
 * an error when this go.mod or workspace requires the module; otherwise a warning.
 *
 * @example
 * replace github.com/acme/log => ../log // nobody else has it there
 *
 * @fix
 * Names a directory nearby that declares the module, or removes the replacement.
 *
 * @see https://go.dev/ref/mod#go-mod-file-replace
 */
export const replaceTargetMissing: Rule = {
  name: 'replace-target-missing',
  severity: 'error',
  summary: 'A replacement by a directory that holds no module.',
  later: true,
  *check(project, facts) {
    for (const file of directiveFiles(project)) {
      const isSound = soundLines(file);
      for (const replacement of file.parsed.replace) {
        if (!isSound(replacement.line) || !isDirectoryPath(replacement.newPath.value)) continue;
        const lack = lackOf(facts, file, replacement);
        if (lack) yield finding(project, file, replacement, lack);
      }
    }
  },
};

/** Why the directory is no module; undefined where it is one, or where that can't be told. */
function lackOf(facts: Facts, file: DirectiveFile, { newPath }: Replacement): Evidence | undefined {
  // A drive of Windows is not looked for elsewhere.
  if (/^[A-Za-z]:/.test(newPath.value) && !/^[A-Za-z]:/.test(file.path)) return undefined;
  const mod = facts.ask({ kind: 'directory-mod', directory: joinPath(directoryOf(file), newPath.value) });
  return mod.state === 'absent' ? mod.evidence[0] : undefined;
}

function finding(project: Project, file: DirectiveFile, replacement: Replacement, lack: Evidence): Finding {
  const { oldPath, newPath } = replacement;
  const path = newPath.value;
  const [truth, said] =
    lack.said === 'no go.mod'
      ? [`${path} has no go.mod, so that it is no module`, `reading ${path.replace(/^\.\/|\/+$/g, '')}/go.mod: open …: no such file or directory`]
      : [`${path} ${lack.said === 'not a directory' ? 'is no directory' : 'does not exist'}`, `replacement directory ${path} does not exist`];
  const isError = isRequiredUnder(project, replacement);
  return {
    at: { file: file.path, span: newPath },
    severity: isError ? 'error' : 'warning',
    message: `${truth}, but it is to replace ${oldPath.value}. Where the module is needed, the go command says "${said}".`,
    fixes: file.editable ? fixes(project, file, replacement) : [],
  };
}

function fixes(project: Project, file: DirectiveFile, replacement: Replacement): Fix[] {
  const { oldPath, newPath } = replacement;
  const own = mainOf(project, file)?.directory;
  const found: Fix[] = [];
  for (const nearby of project.nearby) {
    if (nearby.path !== oldPath.value || nearby.directory === own) continue;
    const path = relativePath(directoryOf(file), nearby.directory);
    if (path === undefined) continue;
    const edit = { file: file.path, start: newPath.start, end: newPath.end, newText: autoQuote(path) };
    found.push({ title: `Replace by ${path}, which declares ${oldPath.value}`, safety: 'unsafe', edits: [edit] });
  }
  const edits = inFile(file, dropReplace(file.parsed, replacement));
  return [...found, { title: `Remove the replacement of ${oldPath.value}`, safety: 'unsafe', edits }];
}
