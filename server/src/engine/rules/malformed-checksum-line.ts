import type { Problem } from '../../syntax/directives.ts';
import { canonicalVersion, checkPath } from '../../syntax/module-path.ts';
import { LineIndex } from '../../syntax/span.ts';
import { removeSumLines } from '../../syntax/sum-file.ts';
import type { Facts } from '../facts.ts';
import { isOnMarker, mergeConflicts } from '../merge-conflict.ts';
import type { Project } from '../project.ts';
import { inFile } from '../requirement-fixes.ts';
import { routeOf } from '../route.ts';
import type { Finding, Fix, Rule } from '../rule.ts';
import { BYTE_ORDER_MARK, sumFiles } from '../sum-files.ts';
import type { ProjectSum } from '../sum-files.ts';

/**
 * Reports a line of go.sum or go.work.sum that has not the three fields module, version and hash, and a byte order mark,
 * which hides the first line from the go command.
 *
 * Why it matters: every command that reads the file stops with `malformed go.sum: wrong number of fields`; only `go mod tidy`
 * passes over the line. A go.sum of a module that requires nothing is not read, and then it is a warning.
 *
 * What a merge conflict leaves in the file is a matter of `merge-conflict`.
 *
 * @example
 * github.com/acme/log v1.4.2
 *
 * @fix
 * Adds the missing hash where the checksum database has signed one, or removes the line, as `go mod tidy` does.
 *
 * @see https://go.dev/ref/mod#go-sum-files
 */
export const malformedChecksumLine: Rule = {
  name: 'malformed-checksum-line',
  severity: 'error',
  summary: 'A go.sum line that has not three fields.',
  fixAllTitle: (count) => `Repair all ${count} malformed lines`,
  *check(project, facts) {
    for (const sum of sumFiles(project)) {
      const conflicts = mergeConflicts(sum.file.text);
      if (sum.file.hiddenByteOrderMark || sum.file.text.startsWith(BYTE_ORDER_MARK)) yield hiddenLine(sum);
      for (const problem of sum.file.parsed.problems) {
        if (!isOnMarker(conflicts, problem)) yield finding(project, facts, sum, problem);
      }
    }
  },
};

function hiddenLine({ file }: ProjectSum): Finding {
  const isShown = !file.hiddenByteOrderMark;
  const removal = inFile(file, [{ start: 0, end: 1, newText: '' }]);
  return {
    at: { file: file.path, span: { start: 0, end: Math.min(1, file.text.length) } },
    severity: 'warning',
    message:
      'The file begins with a byte order mark, which the go command takes for a part of the first line. Save it with the ' +
      'encoding UTF-8, without a byte order mark.',
    fixes: file.editable && isShown ? [{ title: 'Remove the byte order mark', safety: 'safe', edits: removal }] : [],
  };
}

function finding(project: Project, facts: Facts, { file, isRead }: ProjectSum, problem: Problem): Finding {
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  const line = new LineIndex(file.text).position(problem.start).line + 1;
  const edits = inFile(file, removeSumLines(file.parsed, [problem]));
  const completion = completionFix(project, facts, file, problem);
  return {
    at: { file: file.path, span: { start: problem.start, end: problem.end } },
    severity: isRead ? 'error' : 'warning',
    message:
      'A line has three fields: module, version and hash. ' +
      `The go command says "malformed go.sum: ${name}:${line}: ${problem.message}".`,
    fixes: file.editable
      ? [...(completion ? [completion] : []), { title: 'Remove the malformed line', safety: 'safe', edits }]
      : [],
  };
}

/** A line that has lost its hash; undefined where no hash is signed or the answer is not there. */
function completionFix(project: Project, facts: Facts, file: ProjectSum['file'], { start, end }: Problem): Fix | undefined {
  const [path = '', written = '', hash] = file.text.slice(start, end).split(/\s+/);
  const version = written.replace(/\/go\.mod$/, '');
  if (hash !== undefined || checkPath(path) !== undefined || canonicalVersion(version) !== version || version === '') return undefined;
  if (routeOf(project.environment, path).sumDb === undefined) return undefined;
  const signed = facts.ask({ kind: 'checksums', path, version });
  const missing = signed.state === 'known' ? (written === version ? signed.value.zip : signed.value.mod) : undefined;
  if (signed.state !== 'known' || missing === undefined) return undefined;
  const edits = inFile(file, [{ start: end, end, newText: ` ${missing}` }]);
  return { title: `Add the hash that ${signed.value.database} has signed`, safety: 'safe', edits };
}
