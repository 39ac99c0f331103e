import type { Requirement } from '../../syntax/directives.ts';
import { setRequirementPath } from '../../syntax/mod-edit.ts';
import { canonicalVersion, checkPathMajor, splitPathVersion } from '../../syntax/module-path.ts';
import { major } from '../../syntax/semver.ts';
import type { Span } from '../../syntax/span.ts';
import type { Facts } from '../facts.ts';
import { isBelow } from '../import-resolution.ts';
import { incompatibleRefusal, isThere, pathForVersion } from '../incompatible-version.ts';
import type { ModuleVersion } from '../module-version.ts';
import { offeredVersions } from '../offered-versions.ts';
import type { MainModule, Project } from '../project.ts';
import { Replacements } from '../replacements.ts';
import { isExcluded, isMember, moduleOf } from '../requirements.ts';
import { forVendoring, inFile, versionFix, withChecksums } from '../requirement-fixes.ts';
import type { FileEdit, Finding, Fix, Rule } from '../rule.ts';
import { directiveFiles } from '../text-files.ts';
import type { DirectiveFile } from '../text-files.ts';
import { problemsFor, soundLines } from '../text-problems.ts';
import { unusualRequirements } from '../unusual-requirements.ts';
import { latestVersion } from '../version-choice.ts';
import { versionExistence } from '../version-existence.ts';
import { versionWords } from '../version-words.ts';

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
    for (const file of directiveFiles(project)) yield* otherLines(file);
    for (const main of project.modules) {
      // Where the parser has found no disagreement there is none.
      const faults = main.mod.parsed.problems.filter(({ kind }) => kind === 'path-major');
      const suspects = new Set(faults.map(({ start }) => start));
      for (const requirement of unusualRequirements(main.mod.parsed)) {
        const isSuspect = suspects.has(requirement.version.start);
        const report =
          (isSuspect ? textFinding(project, facts, main, requirement, replacements) : undefined) ??
          incompatibleFinding(project, facts, main, requirement, replacements);
        if (report) yield report;
      }
    }
  },
};

/** Lines other than requirements, where the go command makes the same check but there is nothing to look up. */
function* otherLines(file: DirectiveFile): Iterable<Finding> {
  for (const problem of problemsFor('major-path-mismatch', file)) {
    if (isOnRequirement(file, problem)) continue;
    yield { at: { file: file.path, span: problem }, message: `The go command refuses this line: ${problem.message}.` };
  }
  const isSound = soundLines(file);
  for (const { directive, path, word, line } of versionWords(file)) {
    if (directive !== 'retract' || !isSound(line)) continue;
    const split = splitPathVersion(path);
    if (!split.ok || canonicalVersion(word.value) !== word.value) continue;
    const reason = checkPathMajor(word.value, split.pathMajor);
    if (reason === undefined) continue;
    const said = `retract ${path}: version ${JSON.stringify(word.value)} invalid: ${reason}`;
    yield { at: { file: file.path, span: word }, message: `The go command refuses this line: ${said}.` };
  }
}

function isOnRequirement({ parsed }: DirectiveFile, span: Span): boolean {
  return parsed.kind === 'mod' && parsed.require.some(({ line }) => line.start <= span.start && span.start < line.end);
}

/** A disagreement that the text alone shows. */
function textFinding(
  project: Project,
  facts: Facts,
  main: MainModule,
  requirement: Requirement,
  replacements: Replacements,
): Finding | undefined {
  const module = moduleOf(requirement);
  const split = splitPathVersion(module.path);
  if (!split.ok || canonicalVersion(module.version) !== module.version) return undefined;
  const reason = checkPathMajor(module.version, split.pathMajor);
  if (reason === undefined) return undefined;

  const invalid = `version "${module.version}" invalid: ${reason}`;
  const at = { file: main.mod.path, span: requirement.version };
  const say = (truth: string) =>
    `${module.path} can't have the version ${module.version}: ${reason}.${truth} The go command says \`${invalid}\`.`;
  // What the go command takes from a directory or from elsewhere is not looked up under this name.
  if (isMember(project, module.path) || replacements.find(module)) return { at, module, message: say('') };

  const path = pathForVersion(module);
  const target = path === undefined ? undefined : { path, version: module.version };
  const targetExists = target !== undefined && isThere(facts, target) === true;
  return {
    at,
    module,
    message: say(targetExists ? ` ${major(module.version)} of this module has the path ${path}.` : ''),
    fixes: main.mod.editable
      ? offer(main, [
          targetExists ? pathFix(project, facts, main, requirement, target) : undefined,
          incompatibleFix(project, facts, main, requirement),
          fittingVersionFix(project, facts, main, requirement),
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
): Finding | undefined {
  const module = moduleOf(requirement);
  if (!module.version.endsWith('+incompatible') || canonicalVersion(module.version) !== module.version) return undefined;
  if (isExcluded(main, module) || isMember(project, module.path) || replacements.find(module)) return undefined;
  const existence = versionExistence(project, facts, module);
  const refusal = existence.state === 'missing' ? incompatibleRefusal(facts, module, existence) : undefined;
  if (existence.state !== 'missing' || !refusal || refusal === 'pending') return undefined;

  const target = refusal.targetExists ? refusal.target : undefined;
  const answers = existence.evidence.map(({ from, said }) => `${from} answers "${said}"`).join(', ');
  const samePath = target?.path === module.path;
  const truth = samePath ? ` ${target.version} is there.` : target ? ` ${target.version} of it has the path ${target.path}.` : '';
  return {
    at: { file: main.mod.path, span: requirement.version },
    module,
    message: `${module.path} has no version ${module.version}: ${refusal.reason ?? answers}.${truth}`,
    fixes: main.mod.editable
      ? offer(main, [
          target && (samePath
            ? versionFix(project, facts, main, requirement, target.version, `Use ${target.version}`)
            : pathFix(project, facts, main, requirement, target)),
          fittingVersionFix(project, facts, main, requirement, samePath ? target.version : undefined),
        ])
      : [],
  };
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
  // Code that already has the new path needs no change, and `/v2` no second time.
  const isDone = (importPath: string) => isBelow(newPath, oldPath) && isBelow(importPath, newPath);
  const affected = scan.value.imports.filter(
    ({ importPath }) => isBelow(importPath, oldPath) && providerOf(main, importPath) === oldPath && !isDone(importPath),
  );
  if (affected.some(({ uneditable }) => uneditable)) return undefined;
  return affected.map(({ importPath, file, span }) => ({
      file,
      start: span.start,
      end: span.end,
      newText: newPath + importPath.slice(oldPath.length),
      expects: importPath,
    }));
}

/** The longest path of a required, a replaced or the main module that the import lies below. */
function providerOf(main: MainModule, importPath: string): string | undefined {
  const { module, require, replace } = main.mod.parsed;
  const required = require.map(({ path }) => path.value);
  const replaced = replace.map(({ oldPath }) => oldPath.value);
  return [...required, ...replaced, ...(module ? [module.path.value] : [])]
    .filter((path) => isBelow(importPath, path))
    .sort((a, b) => b.length - a.length)[0];
}

function fittingVersionFix(
  project: Project,
  facts: Facts,
  main: MainModule,
  requirement: Requirement,
  offered?: string,
): Fix | undefined {
  const path = requirement.path.value;
  const listed = facts.ask({ kind: 'versions', path });
  const split = splitPathVersion(path);
  if (listed.state !== 'known' || !split.ok) return undefined;
  const { versions } = offeredVersions(facts, main, path, listed.value);
  const fitting = versions.filter(
    (version) => !version.endsWith('+incompatible') && checkPathMajor(version, split.pathMajor) === undefined,
  );
  const version = latestVersion(fitting);
  if (version === undefined || version === offered) return undefined;
  return versionFix(project, facts, main, requirement, version, `Use ${version}, the highest version of ${path}`);
}

function incompatibleFix(
  project: Project,
  facts: Facts,
  main: MainModule,
  requirement: Requirement,
): Fix | undefined {
  const version = `${requirement.version.value}+incompatible`;
  if (isThere(facts, { path: requirement.path.value, version }) !== true) return undefined;
  return versionFix(project, facts, main, requirement, version, `Use ${version}`);
}

function offer(main: MainModule, fixes: readonly (Fix | undefined)[]): readonly Fix[] {
  return forVendoring(main, fixes.filter((fix) => fix !== undefined));
}
