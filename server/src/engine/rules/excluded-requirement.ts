import type { Exclusion, Requirement } from '../../syntax/directives.ts';
import { dropExclude, dropRequirement } from '../../syntax/mod-edit.ts';
import { canonicalVersion } from '../../syntax/module-path.ts';
import { nearestVersions } from '../version-choice.ts';
import type { Facts } from '../facts.ts';
import { isInConflict, mergeConflicts } from '../merge-conflict.ts';
import type { MainModule, Project } from '../project.ts';
import { inFile, versionFix } from '../requirement-fixes.ts';
import { isExcluded, moduleOf } from '../requirements.ts';
import type { Finding, Fix, Rule } from '../rule.ts';
import { soundLines } from '../text-problems.ts';

/**
 * Reports a requirement on a version that the same go.mod excludes.
 *
 * Why it matters: the go command leaves the requirement out of account, so that the module may be missing or older than
 * the line says, and stops with `ignoring requirement on excluded version` and `updates to go.mod needed`.
 *
 * @example
 * require github.com/acme/log v1.4.1
 * exclude github.com/acme/log v1.4.1
 *
 * @fix
 * Requires the nearest version that is not excluded, or removes the exclusion, or the requirement.
 *
 * @see https://go.dev/ref/mod#go-mod-file-exclude
 */
export const excludedRequirement: Rule = {
  name: 'excluded-requirement',
  severity: 'error',
  summary: 'A requirement on a version that is excluded.',
  *check(project, facts) {
    for (const main of project.modules) {
      if (main.mod.parsed.exclude.length === 0) continue;
      const isSound = soundLines(main.mod);
      const conflicts = mergeConflicts(main.mod.text);
      for (const requirement of main.mod.parsed.require) {
        if (!isSound(requirement.line) || isInConflict(conflicts, requirement.line)) continue;
        const exclusion = exclusionOf(main, requirement);
        if (exclusion && isSound(exclusion.line)) yield finding(project, facts, main, requirement, exclusion);
      }
    }
  },
};

/** Only a version in full is the same version: another one is looked up first. */
function exclusionOf(main: MainModule, { path, version }: Requirement): Exclusion | undefined {
  if (canonicalVersion(version.value) !== version.value) return undefined;
  return main.mod.parsed.exclude.find((one) => one.path.value === path.value && one.version.value === version.value);
}

function finding(
  project: Project,
  facts: Facts,
  main: MainModule,
  requirement: Requirement,
  exclusion: Exclusion,
): Finding {
  const module = moduleOf(requirement);
  return {
    at: { file: main.mod.path, span: requirement.version },
    module,
    message:
      `${module.path} ${module.version} is excluded in this file, so that this requirement does not count. The go command says ` +
      `"ignoring requirement on excluded version ${module.path} ${module.version}" and "updates to go.mod needed".`,
    related: [{ at: { file: main.mod.path, span: exclusion.line }, message: 'The exclusion.' }],
    fixes: main.mod.editable ? fixes(project, facts, main, requirement) : [],
  };
}

function fixes(project: Project, facts: Facts, main: MainModule, requirement: Requirement): Fix[] {
  const { path, version } = moduleOf(requirement);
  const { mod } = main;
  const listed = facts.ask({ kind: 'versions', path });
  const versions = listed.state === 'known' ? listed.value.versions : [];
  const { lower, higher } = nearestVersions(versions.filter((one) => !isExcluded(main, { path, version: one })), version);
  const found: (Fix | undefined)[] = [];
  if (higher) found.push(versionFix(project, facts, main, requirement, higher, `Use ${higher}, the nearest version above`));
  if (lower) found.push(versionFix(project, facts, main, requirement, lower, `Use ${lower}, the nearest version below`));
  const exclusions = mod.parsed.exclude.filter((one) => one.path.value === path && one.version.value === version);
  if (exclusions.length === 1) {
    const edits = inFile(mod, dropExclude(mod.parsed, exclusions[0]!));
    found.push({ title: 'Remove the exclusion', safety: 'unsafe', edits });
  }
  const edits = inFile(mod, dropRequirement(mod.parsed, requirement));
  found.push({ title: `Remove the requirement on ${path}`, safety: 'unsafe', edits });
  return found.filter((fix) => fix !== undefined);
}
