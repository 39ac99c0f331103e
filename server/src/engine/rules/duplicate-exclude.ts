import { dropExclude } from '../../syntax/mod-edit.ts';
import { canonicalVersion } from '../../syntax/module-path.ts';
import { isInConflict, mergeConflicts } from '../merge-conflict.ts';
import { inFile } from '../requirement-fixes.ts';
import type { Rule } from '../rule.ts';
import { soundLines } from '../text-problems.ts';

/**
 * Reports a version that one go.mod excludes twice.
 *
 * Why it matters: it does no harm, but the second line says nothing, and one who removes only one of them wonders why the
 * version stays excluded.
 *
 * @example
 * exclude github.com/acme/log v1.4.1
 * exclude github.com/acme/log v1.4.1
 *
 * @fix
 * Removes the second line.
 *
 * @see https://go.dev/ref/mod#go-mod-file-exclude
 */
export const duplicateExclude: Rule = {
  name: 'duplicate-exclude',
  severity: 'hint',
  summary: 'A version that is excluded twice.',
  fixAllTitle: (count) => `Remove all ${count} exclusions that stand twice`,
  *check(project) {
    for (const { mod } of project.modules) {
      const isSound = soundLines(mod);
      const conflicts = mergeConflicts(mod.text);
      const first = new Map<string, { readonly start: number; readonly end: number }>();
      for (const exclusion of mod.parsed.exclude) {
        const { path, version, line } = exclusion;
        if (!isSound(line) || isInConflict(conflicts, line)) continue;
        const key = `${path.value} ${canonicalVersion(version.value)}`;
        const earlier = first.get(key);
        if (!earlier) {
          first.set(key, line);
          continue;
        }
        yield {
          at: { file: mod.path, span: { start: path.start, end: version.end } },
          module: { path: path.value, version: version.value },
          message: `${key} is excluded already. This line says nothing more.`,
          unnecessary: true,
          related: [{ at: { file: mod.path, span: earlier }, message: 'The first exclusion.' }],
          fixes: mod.editable
            ? [{ title: 'Remove the second exclusion', safety: 'safe', edits: inFile(mod, dropExclude(mod.parsed, exclusion)) }]
            : [],
        };
      }
    }
  },
};
