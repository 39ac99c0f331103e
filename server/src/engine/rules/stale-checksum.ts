import { removeSumLines, sumLineKey } from '../../syntax/sum-file.ts';
import { checksumLineUse } from '../checksum-lines.ts';
import { inFile } from '../requirement-fixes.ts';
import type { Rule } from '../rule.ts';
import { markedLine, moduleLines } from '../sum-files.ts';

/**
 * Reports a go.sum line that nothing needs any more, so that `go mod tidy` would remove it.
 *
 * Why it matters: leftovers break nothing, but they hide what the build really uses, make reviews noisy, and keep a
 * wrong hash where it can't be noticed.
 *
 * Only what is certain is reported: lines of replaced or excluded versions, of the main module itself, and of versions
 * that can't exist. Where the source of every package is at hand that `go mod tidy` looks at, in the module cache or with
 * `check --deep`, exactly what tidy removes; where it is not, lines of versions that no requirement leads to, however deep,
 * once every go.mod file of the whole graph was read and every import of the module is known to be provided. A lower version
 * of a required module is no leftover as such: dependencies may still require it. Lines of a requirement that tidy removes
 * too are reported without a fix: they have to go together.
 *
 * @example
 * github.com/acme/log v1.3.0 h1:… // go.mod and all dependencies require v1.4.2
 *
 * @fix
 * Removes the line, or all such lines. No go command needs them; `go mod tidy` would do the same.
 *
 * @see https://go.dev/ref/mod#go-sum-files
 * @see https://go.dev/ref/mod#go-mod-tidy
 */
export const staleChecksum: Rule = {
  name: 'stale-checksum',
  severity: 'hint',
  summary: 'A go.sum line that nothing needs any more.',
  fixAllTitle: (count) => `Remove all ${count} stale lines`,
  later: true,
  *check(project, facts) {
    for (const main of project.modules) {
      const { sum } = main;
      if (!sum) continue;
      const nothing = project.workspace ? 'Nothing in this module' : 'Nothing';
      const marked = markedLine(sum);
      if (marked) {
        const edits = inFile(sum, [{ start: 0, end: 1, newText: '' }]);
        yield {
          at: { file: sum.path, span: marked },
          message: 'No go command finds this line: a byte order mark is a part of its path. go mod tidy removes it.',
          unnecessary: true,
          fixes: sum.editable ? [{ title: 'Remove the byte order mark', safety: 'safe', edits }] : [],
        };
      }
      const useOf = checksumLineUse(project, main, facts);
      for (const line of moduleLines(sum)) {
        const use = useOf(line);
        if (use.state !== 'stale') continue;
        const { path, version } = sumLineKey(line);
        // As long as go.mod requires it, the go command stops where the line is missing.
        const isRemovable = sum.editable && !use.stillRead;
        const edits = inFile(sum, removeSumLines(sum.parsed, [line]));
        yield {
          at: { file: sum.path, span: line },
          module: { path, version },
          message: `${nothing} needs this line any more: ${use.because}. go mod tidy removes it${use.stillRead ? ' with the requirement' : ''}.`,
          unnecessary: true,
          fixes: isRemovable ? [{ title: 'Remove this line', safety: 'safe', edits }] : [],
        };
      }
    }
  },
};
