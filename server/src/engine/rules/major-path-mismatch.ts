import type { Requirement } from '../../syntax/directives.ts';
import { setRequirementPath } from '../../syntax/mod-edit.ts';
import { canonicalVersion, checkPathMajor, splitPathVersion } from '../../syntax/module-path.ts';
import { isPseudoVersion } from '../../syntax/pseudo-version.ts';
import { major } from '../../syntax/semver.ts';
import type { Span } from '../../syntax/span.ts';
import type { Facts } from '../facts.ts';
import { isBelow } from '../import-resolution.ts';
import type { ModuleVersion } from '../module-version.ts';
import { tagOfVersion } from '../origin-version.ts';
import type { MainModule, Project } from '../project.ts';
import { Replacements } from '../replacements.ts';
import { isExcluded, isMember, moduleOf } from '../requirements.ts';
import { inFile, versionFix, withChecksums } from '../requirement-fixes.ts';
import type { FileEdit, Finding, Fix, Rule, Unchecked } from '../rule.ts';
import { latestVersion } from '../version-choice.ts';
import { versionExistence } from '../version-existence.ts';

/**
 * Reports a required version that can't belong to its module path: from v2 on, the major version is part of the path.
 *
 * Why it matters: the go command refuses the whole go.mod file with `version "v2.0.0" invalid: should be v0 or v1, not
 * v2`, and leaves open whether the path or the version is wrong. A version with `+incompatible` is refused only by its
 * source, when the commit has a go.mod file; a proxy that serves it makes it build, so then nothing is said.
 *
 * @example
 * require github.com/acme/queue v2.1.0    // v2 has the path github.com/acme/queue/v2
 * require github.com/acme/queue/v2 v1.5.0 // v1 has the path github.com/acme/queue
 *
 * @fix
 * Writes the path that exists for this version, and rewrites every import of the module in the .go files, tests and
 * build-tagged files too; or writes the highest version that fits the path; or adds `+incompatible` where that version
 * exists. The go.sum lines are added in the same edit.
 *
 * @see https://go.dev/ref/mod#major-version-suffixes
 * @see https://go.dev/ref/mod#incompatible-versions
 */
export const majorPathMismatch: Rule = {
  name: 'major-path-mismatch',
  severity: 'error',
  summary: "A required version does not fit the major version in its module's path.",
  *check(project, facts) {
    const replacements = Replacements.ofProject(project);
    for (const main of project.modules) {
      yield* otherLines(main);
      for (const requirement of main.mod.parsed.require) {
        const report =
          textFinding(project, facts, main, requirement) ??
          incompatibleFinding(project, facts, main, requirement, replacements);
        if (report) yield report;
      }
    }
  },
};

/** Lines other than requirements, where the go command makes the same check but there is nothing to look up. */
function* otherLines(main: MainModule): Iterable<Finding> {
  for (const problem of main.mod.parsed.problems) {
    if (problem.kind !== 'path-major' || isOnRequirement(main, problem)) continue;
    yield { at: { file: main.mod.path, span: problem }, message: `The go command refuses this line: ${problem.message}.` };
  }
}

function isOnRequirement(main: MainModule, span: Span): boolean {
  return main.mod.parsed.require.some(({ line }) => line.start <= span.start && span.start < line.end);
}

/** A disagreement that the text alone shows. */
function textFinding(
  project: Project,
  facts: Facts,
  main: MainModule,
  requirement: Requirement,
): Finding | undefined {
  const module = moduleOf(requirement);
  const split = splitPathVersion(module.path);
  if (!split.ok || canonicalVersion(module.version) !== module.version) return undefined;
  const reason = checkPathMajor(module.version, split.pathMajor);
  if (reason === undefined) return undefined;

  const path = pathForVersion(module);
  const target = path === undefined ? undefined : { path, version: module.version };
  const targetExists = target !== undefined && isListed(facts, target);
  const truth = targetExists ? ` ${major(module.version)} of this module has the path ${path}.` : '';
  return {
    at: { file: main.mod.path, span: requirement.version },
    module,
    message: `${module.path} can't have the version ${module.version}: ${reason}.${truth} The go command says \`version "${module.version}" invalid: ${reason}\`.`,
    fixes: main.mod.editable
      ? present([
          targetExists ? pathFix(project, facts, main, requirement, target) : undefined,
          fittingVersionFix(project, facts, main, requirement),
          incompatibleFix(project, facts, main, requirement),
        ])
      : [],
  };
}

/** A `+incompatible` version that its source refuses. */
function incompatibleFinding(
  project: Project,
  facts: Facts,
  main: MainModule,
  requirement: Requirement,
  replacements: Replacements,
): Finding | Unchecked | undefined {
  const module = moduleOf(requirement);
  if (!module.version.endsWith('+incompatible') || canonicalVersion(module.version) !== module.version) return undefined;
  if (isExcluded(main, module) || isMember(project, module.path) || replacements.find(module)) return undefined;
  const existence = versionExistence(project, facts, module);
  if (existence.state !== 'missing' || !existence.tags) return undefined;

  const plain = { path: module.path, version: module.version.slice(0, -'+incompatible'.length) };
  const { root, tags, subdirectory } = existence.tags;
  if (tagOfVersion(plain.path, root, plain.version, tags, subdirectory) === undefined) return undefined;

  const split = splitPathVersion(module.path);
  const fits = split.ok && checkPathMajor(plain.version, split.pathMajor) === undefined;
  const path = fits ? module.path : pathForVersion(plain);
  const target = path === undefined ? undefined : { path, version: plain.version };
  const reason = fits
    ? `+incompatible suffix not allowed: major version ${major(plain.version)} is compatible`
    : `module contains a go.mod file, so module path must match major version ("${path}")`;
  return {
    at: { file: main.mod.path, span: requirement.version },
    module,
    message: `${module.path} has no version ${module.version}: ${reason}.`,
    fixes:
      main.mod.editable && target && isListed(facts, target)
        ? present([pathFix(project, facts, main, requirement, target)])
        : [],
  };
}

/** The path under which a version of this major would be required; undefined where there can be none. */
function pathForVersion(module: ModuleVersion): string | undefined {
  const split = splitPathVersion(module.path);
  if (!split.ok) return undefined;
  const wanted = major(module.version);
  if (module.path.startsWith('gopkg.in/')) return `${split.prefix}.${wanted}`;
  return wanted === 'v0' || wanted === 'v1' ? split.prefix : `${split.prefix}/${wanted}`;
}

function isListed(facts: Facts, module: ModuleVersion): boolean {
  const listed = facts.ask({ kind: 'versions', path: module.path });
  return listed.state === 'known' && listed.value.versions.includes(module.version);
}

/** Moves the requirement, and every import of the module, to the path that has the version. */
function pathFix(
  project: Project,
  facts: Facts,
  main: MainModule,
  requirement: Requirement,
  target: ModuleVersion,
): Fix | undefined {
  if (main.mod.parsed.require.some(({ path }) => path.value === target.path && path !== requirement.path)) {
    return undefined;
  }
  const imports = target.path === requirement.path.value ? [] : importEdits(main, facts, requirement, target.path);
  if (imports === undefined) return undefined;
  const files = new Set(imports.map(({ file }) => file)).size;
  const rewritten = files > 0 ? ` and rewrite its imports in ${files} ${files === 1 ? 'file' : 'files'}` : '';
  return withChecksums(project, facts, main, target, {
    title: `Require ${target.path} ${target.version}${rewritten}`,
    safety: 'unsafe',
    preview: files > 0,
    edits: [
      ...inFile(main.mod, setRequirementPath(main.mod.parsed, requirement, target.path, target.version)),
      ...imports,
    ],
  });
}

/** Undefined where not every import can be rewritten: a path changed without them would break the build elsewhere. */
function importEdits(
  main: MainModule,
  facts: Facts,
  requirement: Requirement,
  newPath: string,
): FileEdit[] | undefined {
  const scan = facts.ask({ kind: 'imports', directory: main.directory });
  if (scan.state !== 'known') return undefined;
  const oldPath = requirement.path.value;
  const affected = scan.value.imports.filter(
    ({ importPath }) => isBelow(importPath, oldPath) && providerOf(main, importPath) === oldPath,
  );
  if (affected.some(({ uneditable }) => uneditable)) return undefined;
  return affected.map(({ importPath, file, span }) => ({
      file,
      start: span.start,
      end: span.end,
      newText: newPath + importPath.slice(oldPath.length),
    }));
}

/** The requirement with the longest path that the import lies below. */
function providerOf(main: MainModule, importPath: string): string | undefined {
  const own = main.mod.parsed.module?.path.value;
  return [...main.mod.parsed.require.map(({ path }) => path.value), ...(own === undefined ? [] : [own])]
    .filter((path) => isBelow(importPath, path))
    .sort((a, b) => b.length - a.length)[0];
}

function fittingVersionFix(
  project: Project,
  facts: Facts,
  main: MainModule,
  requirement: Requirement,
): Fix | undefined {
  const path = requirement.path.value;
  const listed = facts.ask({ kind: 'versions', path });
  const split = splitPathVersion(path);
  if (listed.state !== 'known' || !split.ok) return undefined;
  const fitting = listed.value.versions.filter(
    (version) =>
      !version.endsWith('+incompatible') &&
      !isPseudoVersion(version) &&
      checkPathMajor(version, split.pathMajor) === undefined &&
      !isExcluded(main, { path, version }),
  );
  const version = latestVersion(fitting);
  if (version === undefined) return undefined;
  return versionFix(project, facts, main, requirement, version, `Use ${version}, the highest version of ${path}`);
}

function incompatibleFix(
  project: Project,
  facts: Facts,
  main: MainModule,
  requirement: Requirement,
): Fix | undefined {
  const version = `${requirement.version.value}+incompatible`;
  if (!isListed(facts, { path: requirement.path.value, version })) return undefined;
  return versionFix(project, facts, main, requirement, version, `Use ${version}`);
}

function present<T>(values: readonly (T | undefined)[]): T[] {
  return values.filter((value) => value !== undefined);
}
