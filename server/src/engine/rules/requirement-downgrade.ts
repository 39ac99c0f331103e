import { compareModuleVersions } from '../../syntax/go-version.ts';
import { canonicalVersion } from '../../syntax/module-path.ts';
import type { Facts } from '../facts.ts';
import type { MainModule } from '../project.ts';
import { forVendoring, versionFix } from '../requirement-fixes.ts';
import { isExcluded, isValidModule, moduleOf } from '../requirements.ts';
import type { Rule } from '../rule.ts';

/**
 * Reports a requirement of a lower version than the one in the last commit.
 *
 * Why it matters: a merge that takes the older of two lines, or a `go get` that lowers one module for the sake of another,
 * takes fixes out of the build again without a word. Where it is meant, it is gone with the next commit.
 *
 * The go.mod of the commit that is checked out (`HEAD`) is read by git, where that is installed; nothing is said of a
 * version that go.mod excludes now.
 *
 * @example
 * require github.com/acme/log v1.4.2 // HEAD has v1.5.0
 *
 * @fix
 * Writes the version of the last commit again, with its go.sum lines from the checksum database. Unsafe: the lower version
 * may be meant.
 *
 * @see https://go.dev/ref/mod#go-mod-file-require
 */
export const requirementDowngrade: Rule = {
  name: 'requirement-downgrade',
  severity: 'info',
  summary: 'A requirement of a lower version than in the last commit.',
  later: true,
  *check(project, facts) {
    for (const main of project.modules) {
      const committed = committedVersions(main, facts);
      for (const requirement of main.mod.parsed.require) {
        const { path, version } = requirement;
        const before = committed.get(path.value);
        if (before === undefined || !isValidModule(requirement) || isExcluded(main, moduleOf(requirement))) continue;
        if (compareModuleVersions(path.value, version.value, before) >= 0) continue;
        const fix = main.mod.editable && versionFix(project, facts, main, requirement, before, `Use ${before} again`);
        yield {
          at: { file: main.mod.path, span: version },
          module: moduleOf(requirement),
          message:
            `${path.value} ${version.value} is lower than ${before}, which the last commit requires. ` +
            `What was fixed in between is out of the build, unless another requirement brings it.`,
          fixes: fix ? forVendoring(main, [fix]) : [],
        };
      }
    }
  },
};

/** By module path the highest version that the last commit requires; those that are excluded now are left out. */
function committedVersions(main: MainModule, facts: Facts): Map<string, string> {
  const versions = new Map<string, string>();
  const paths = new Set(main.mod.parsed.require.map(({ path }) => path.value));
  // Two lines of one module are another rule's matter.
  if (paths.size === 0 || paths.size < main.mod.parsed.require.length) return versions;
  const committed = facts.ask({ kind: 'committed-mod', directory: main.directory });
  if (committed.state !== 'known') return versions;
  for (const module of committed.value.requires) {
    const { path, version } = module;
    if (!paths.has(path) || canonicalVersion(version) !== version || isExcluded(main, module)) continue;
    const known = versions.get(path);
    if (known === undefined || compareModuleVersions(path, known, version) < 0) versions.set(path, version);
  }
  return versions;
}
