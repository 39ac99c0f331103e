import { canonicalVersion } from '../../syntax/module-path.ts';
import { isValid } from '../../syntax/semver.ts';
import type { Facts } from '../facts.ts';
import { isOnMarker, mergeConflicts } from '../merge-conflict.ts';
import type { Project } from '../project.ts';
import type { Finding, Fix, Rule } from '../rule.ts';
import { directiveFiles, mainOf } from '../text-files.ts';
import type { DirectiveFile } from '../text-files.ts';
import { resolveQuery } from '../version-query.ts';
import { versionWordFix } from '../version-word-fixes.ts';
import { versionWords } from '../version-words.ts';
import type { VersionWord } from '../version-words.ts';

/**
 * Reports a version that is valid but not written in full: `v1`, `v1.2`, or one with build metadata such as `v1.2.3+meta`.
 *
 * Why it matters: in go.mod, `v1.2` does not mean v1.2.0 but asks for the highest version that begins so, and builds stop
 * with `updates to go.mod needed` until the answer is written down. In go.work the go command takes `v1.2` for v1.2.0
 * without a word, so that there it is a warning.
 *
 * @example
 * require github.com/acme/log v1.4
 *
 * @fix
 * Writes the version that `go mod tidy` would write, with its go.sum lines in the same edit; in go.work the version that
 * is meant there.
 *
 * @see https://go.dev/ref/mod#canonical-versions
 * @see https://go.dev/ref/mod#version-queries
 */
export const nonCanonicalVersion: Rule = {
  name: 'non-canonical-version',
  severity: 'error',
  summary: 'A version that is not written in full.',
  *check(project, facts) {
    for (const file of directiveFiles(project)) {
      const conflicts = mergeConflicts(file.text);
      for (const version of versionWords(file)) {
        const { value } = version.word;
        if (canonicalVersion(value) === value || !isValid(value)) continue;
        if (isOnMarker(conflicts, version.line) || isReportedOtherwise(file, version)) continue;
        yield finding(project, facts, file, version);
      }
    }
  },
};

/** A version of another major than its path has is a matter of that, except in a requirement. */
function isReportedOtherwise(file: DirectiveFile, { word, line, directive }: VersionWord): boolean {
  return file.parsed.problems.some(({ kind, start, reportedAt }) => {
    if (kind === 'path-major' && start === word.start) return directive !== 'require';
    return start === word.start || (kind !== 'path-major' && reportedAt === line.start);
  });
}

function finding(project: Project, facts: Facts, file: DirectiveFile, version: VersionWord): Finding {
  const { word, path } = version;
  const main = mainOf(project, file);
  const resolved = main ? resolveQuery(main, facts, path, word.value) : canonicalVersion(word.value);
  const title = main ? `Use ${resolved}, which is what ${word.value} stands for` : `Write ${resolved}`;
  const fix = resolved === undefined ? undefined : versionWordFix(project, facts, file, main, version, resolved, title);
  return {
    at: { file: file.path, span: word },
    module: { path, version: word.value },
    severity: main ? 'error' : 'warning',
    message: main ? explain(word.value, resolved) : `go.work means ${resolved} by "${word.value}"; write the version in full.`,
    fixes: fix ? [main ? fix : asSafe(fix)] : [],
  };
}

function explain(written: string, resolved: string | undefined): string {
  const now = resolved === undefined ? '' : `, which is ${resolved} now`;
  const meaning = written.includes('+')
    ? `go.mod records versions without build metadata${resolved === undefined ? '' : `, here ${resolved}`}`
    : `it asks for the highest version that begins with ${written}${now}`;
  return `"${written}" is not a version in full: ${meaning}. The go command says "updates to go.mod needed".`;
}

/** What go.work means stays the same. */
function asSafe(fix: Fix): Fix {
  return { ...fix, safety: 'safe' };
}
