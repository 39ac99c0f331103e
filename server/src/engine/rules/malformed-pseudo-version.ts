import { canonicalVersion } from '../../syntax/module-path.ts';
import { pseudoVersionRev } from '../../syntax/pseudo-version.ts';
import type { Facts } from '../facts.ts';
import type { MainModule, Project } from '../project.ts';
import { pseudoVersionFault } from '../pseudo-version-fault.ts';
import type { PseudoVersionFault } from '../pseudo-version-fault.ts';
import { Replacements } from '../replacements.ts';
import { isExcluded, isMember } from '../requirements.ts';
import type { Finding, Rule, Severity } from '../rule.ts';
import { soundLines } from '../text-problems.ts';
import { versionExistence } from '../version-existence.ts';
import { versionWordFix } from '../version-word-fixes.ts';
import { resolveQuery } from '../version-query.ts';
import { versionWords } from '../version-words.ts';
import type { VersionWord } from '../version-words.ts';

/**
 * Reports a pseudo-version that the go command would never have made: a revision that has not twelve digits, a time that is
 * none, a base that can't be.
 *
 * Why it matters: a pseudo-version is written by the go command from a commit. One that was typed, or shortened from a
 * commit's page, is refused by the module's origin with `invalid pseudo-version`, and a module proxy has no such version.
 * It is an error once every place that the go command would ask has said that there is none; a proxy that serves it all
 * the same makes it build.
 *
 * Replaced requirements and members of the workspace are not judged: there `v0.0.0-00010101000000-000000000000` is ordinary.
 *
 * @example
 * require github.com/acme/log v0.0.0-20240102030405-abc1234 // seven digits of the commit, not twelve
 *
 * @fix
 * Writes the pseudo-version of the same commit as the module proxy knows it, with its go.sum lines.
 *
 * @see https://go.dev/ref/mod#pseudo-versions
 */
export const malformedPseudoVersion: Rule = {
  name: 'malformed-pseudo-version',
  severity: 'error',
  summary: 'A pseudo-version that the go command would never have made.',
  *check(project, facts) {
    const replacements = Replacements.ofProject(project);
    for (const main of project.modules) {
      const isSound = soundLines(main.mod);
      for (const version of versionWords(main.mod)) {
        const fault = pseudoVersionFault(version.path, version.word.value);
        if (!fault || !isSound(version.line) || !isJudged(project, main, replacements, version)) continue;
        yield finding(project, facts, main, version, fault);
      }
    }
  },
};

function isJudged(project: Project, main: MainModule, replacements: Replacements, version: VersionWord): boolean {
  const module = { path: version.path, version: version.word.value };
  if (canonicalVersion(module.version) !== module.version) return false;
  if (version.directive === 'replace') return isTarget(main, version);
  if (!version.requirement) return false;
  return !isMember(project, module.path) && !isExcluded(main, module) && !replacements.find(module);
}

/** The version of a replacement's target is fetched; that of what it replaces need not exist. */
function isTarget(main: MainModule, { word }: VersionWord): boolean {
  return main.mod.parsed.replace.some(({ newVersion }) => newVersion?.start === word.start);
}

function finding(project: Project, facts: Facts, main: MainModule, version: VersionWord, fault: PseudoVersionFault): Finding {
  const module = { path: version.path, version: version.word.value };
  const rev = pseudoVersionRev(module.version);
  const isPlaceholder = rev.ok && /^0+$/.test(rev.value);
  const resolved = rev.ok && !isPlaceholder ? resolveQuery(main, facts, module.path, rev.value) : undefined;
  const title = `Use ${resolved}, which is the same commit`;
  const fix = resolved === undefined ? undefined : versionWordFix(project, facts, main.mod, main, version, resolved, title);
  const severity: Severity = versionExistence(project, facts, module).state === 'missing' ? 'error' : 'warning';
  const missing = severity === 'error' ? ', and no proxy has it' : '';
  return {
    at: { file: main.mod.path, span: version.word },
    module,
    severity,
    message:
      `${module.version} is no pseudo-version that the go command would make: ${fault.why}${missing}. ` +
      `From a module's origin, the go command says "${fault.said}".`,
    fixes: fix ? [fix] : [],
  };
}
