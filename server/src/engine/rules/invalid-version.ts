import { canonicalVersion } from '../../syntax/module-path.ts';
import type { Facts } from '../facts.ts';
import type { Project } from '../project.ts';
import type { Finding, Fix, Rule } from '../rule.ts';
import { directiveFiles, mainOf } from '../text-files.ts';
import type { DirectiveFile } from '../text-files.ts';
import { problemsFor, soundLines } from '../text-problems.ts';
import { resolveQuery } from '../version-query.ts';
import { versionWordFix } from '../version-word-fixes.ts';
import { versionWords } from '../version-words.ts';
import type { VersionWord } from '../version-words.ts';

/**
 * Reports a version that is no version: `latest`, the name of a branch, a commit, a range, or a number without its `v`.
 *
 * Why it matters: go.mod records versions, not what they were asked for by. The go command looks such a word up on every
 * run; if it finds a version, builds stop with `updates to go.mod needed`, and if not, with `errors parsing go.mod`. In
 * go.work nothing is looked up: `must be of the form v1.2.3`.
 *
 * @example
 * require github.com/acme/log latest
 * require github.com/acme/log 1.4.2 // without its v
 *
 * @fix
 * Writes the version that `go mod tidy` would write: the highest release that is neither excluded nor retracted for `latest`,
 * what the module proxy makes of a branch or commit; or puts the missing `v` there. The go.sum lines are added in the same
 * edit.
 *
 * @see https://go.dev/ref/mod#versions
 * @see https://go.dev/ref/mod#version-queries
 */
export const invalidVersion: Rule = {
  name: 'invalid-version',
  severity: 'error',
  summary: 'A version that is no version, such as a branch or "latest".',
  *check(project, facts) {
    for (const file of directiveFiles(project)) {
      const faulty = new Set(problemsFor('invalid-version', file).map(({ start }) => start));
      const isSound = soundLines(file);
      for (const version of versionWords(file)) {
        const isNone = version.directive === 'retract' && isSound(version.line) && canonicalVersion(version.word.value) === '';
        if (isNone || faulty.has(version.word.start)) yield finding(project, facts, file, version);
      }
    }
  },
};

function finding(project: Project, facts: Facts, file: DirectiveFile, version: VersionWord): Finding {
  const { word, path } = version;
  const main = mainOf(project, file);
  const repaired = respelled(word.value);
  const resolved = main && repaired === undefined ? resolveQuery(main, facts, path, word.value) : undefined;
  const fixes: (Fix | undefined)[] = [];
  if (repaired !== undefined) {
    fixes.push(versionWordFix(project, facts, file, main, version, repaired, `Write ${repaired}`));
  }
  if (resolved !== undefined) {
    const title = `Use ${resolved}, which is what ${word.value} stands for`;
    fixes.push(versionWordFix(project, facts, file, main, version, resolved, title));
  }
  return {
    at: { file: file.path, span: word },
    module: { path, version: word.value },
    message: explain(word.value, main !== undefined, repaired, resolved),
    fixes: fixes.filter((fix) => fix !== undefined),
  };
}

function explain(written: string, isMod: boolean, repaired: string | undefined, resolved: string | undefined): string {
  const truth =
    repaired !== undefined
      ? `a version is written ${repaired}`
      : 'a version has the form v1.2.3; branches, commits and queries such as latest belong on the command line of go get';
  const now = resolved === undefined ? '' : ` It stands for ${resolved} now.`;
  const said = !isMod
    ? `The go command says "version ${JSON.stringify(written)} invalid: must be of the form v1.2.3".`
    : resolved !== undefined
      ? 'The go command says "updates to go.mod needed".'
      : `The go command looks it up and says "updates to go.mod needed", or "version ${JSON.stringify(written)} invalid" where it finds none.`;
  return `"${written}" is no version: ${truth}.${now} ${said}`;
}

/** The version that a word misspells: `1.2.0`, `V1.2.0`, `v1.02.0`. */
function respelled(written: string): string | undefined {
  const parts = /^[vV]?\.?(\d+)\.(\d+)(?:\.(\d+))?([-+][0-9A-Za-z.+-]+)?$/.exec(written);
  if (!parts) return undefined;
  const numbers = [parts[1], parts[2], parts[3] ?? '0'].map((number) => number!.replace(/^0+(?=\d)/, ''));
  const version = `v${numbers.join('.')}${parts[4] ?? ''}`;
  return canonicalVersion(version) === version ? version : undefined;
}
