import type { Problem, Replacement } from '../../syntax/directives.ts';
import { isDirectoryPath } from '../../syntax/directive-parser.ts';
import { autoQuote } from '../../syntax/quote.ts';
import { canonicalVersion, checkPath, checkPathMajor, splitPathVersion } from '../../syntax/module-path.ts';
import { isAbsolutePath, joinPath } from '../file-path.ts';
import type { Facts } from '../facts.ts';
import type { Project } from '../project.ts';
import { isRequiredUnder } from '../replacement-use.ts';
import { namesTag } from '../requirements.ts';
import { isOutsideProxies } from '../route.ts';
import type { Finding, Fix, Rule } from '../rule.ts';
import { directiveFiles, directoryOf } from '../text-files.ts';
import type { DirectiveFile } from '../text-files.ts';
import { problemsFor, soundLines } from '../text-problems.ts';
import { mistakenAddress } from '../text-url.ts';
import type { MistakenAddress } from '../text-url.ts';
import { latestVersion } from '../version-choice.ts';

/**
 * Reports a replace directive whose right side is neither a module path with a version nor a directory: an address for the web
 * or for git, a path without its version, a directory with one.
 *
 * Why it matters: the go command stops with `replacement module without version must be directory path (rooted or starting
 * with . or ..)`, which does not say what to write instead.
 *
 * A replacement names a module, never an address. Where the module is to be fetched from is a matter of settings. For a
 * private repository, tell Go that the module is private, so that neither a proxy nor the checksum database is asked for it:
 *
 *     go env -w GOPRIVATE=git.example.com/team
 *
 * and tell git to use ssh instead of https, so that your key is used:
 *
 *     git config --global url."git@git.example.com:".insteadOf "https://git.example.com/"
 *
 * Then the right side is the module path with a version. A branch is written by `go mod edit -replace=PATH=OTHER@BRANCH`
 * followed by `go mod tidy`.
 *
 * @example
 * replace github.com/acme/log => git@git.example.com:team/log.git
 * replace github.com/acme/log => https://git.example.com/team/log v1.4.3
 * replace github.com/acme/log => github.com/fork/log        // without a version
 * replace github.com/acme/log => ../log v1.4.3              // a directory has none
 *
 * @fix
 * Writes the module path that the address means, with the version that stands there, or the one that is required of the
 * module replaced; adds the missing version; takes the version of a directory away; or writes slashes for backslashes.
 *
 * @see https://go.dev/ref/mod#go-mod-file-replace
 * @see https://go.dev/ref/mod#private-modules
 */
export const invalidReplace: Rule = {
  name: 'invalid-replace',
  severity: 'error',
  summary: 'A replacement by what is neither a module with a version nor a directory.',
  *check(project, facts) {
    for (const file of directiveFiles(project)) {
      const problems = problemsFor('invalid-replace', file);
      const isSound = soundLines(file);
      for (const replacement of file.parsed.replace) {
        const problem = problems.find(({ reportedAt }) => reportedAt === replacement.line.start);
        const address = mistakenAddress(file.text, replacement.line, replacement.newPath);
        if (address && (problem || isSound(replacement.line))) {
          yield byAddress(project, facts, file, replacement, address, problem);
        } else if (problem) {
          yield byProblem(project, facts, file, replacement, problem);
        }
      }
    }
  },
};

function byAddress(
  project: Project,
  facts: Facts,
  file: DirectiveFile,
  replacement: Replacement,
  address: MistakenAddress,
  problem: Problem | undefined,
): Finding {
  // With a version behind it an scp address passes for a module path until the module is needed.
  const said = problem?.message ?? checkPath(replacement.newPath.value) ?? '';
  const [written = ''] = address.rest.split(/\s/, 1);
  const version = versionFor(project, facts, replacement, address.path, written);
  return {
    at: { file: file.path, span: { start: address.start, end: address.end } },
    severity: problem || isRequiredUnder(project, replacement) ? 'error' : 'warning',
    message:
      `${address.raw} is an address, but a replacement names a module: ${address.path} with a version. Where it is fetched ` +
      `from is set by GOPRIVATE and git's insteadOf. The go command says "${said}".`,
    fixes: present([targetFix(file, replacement, address.path, version, address)]),
  };
}

function byProblem(
  project: Project,
  facts: Facts,
  file: DirectiveFile,
  replacement: Replacement,
  problem: Problem,
): Finding {
  const { message, fixes } = explain(project, facts, file, replacement);
  return {
    at: { file: file.path, span: { start: problem.start, end: problem.end } },
    message: `${message} The go command says "${problem.message}".`,
    fixes: present(fixes),
  };
}

interface Explanation {
  readonly message: string;
  readonly fixes: readonly (Fix | undefined)[];
}

function explain(project: Project, facts: Facts, file: DirectiveFile, replacement: Replacement): Explanation {
  const { newPath, newVersion } = replacement;
  const path = newPath.value;
  if (isDirectoryPath(path) && newVersion) {
    const edit = { start: newPath.end, end: newVersion.end, newText: '' };
    return { message: `${path} is a directory, which has no version.`, fixes: [fix(file, 'Remove the version', edit)] };
  }
  if (isDirectoryPath(path)) {
    const slashed = path.replaceAll('\\', '/');
    const edit = { start: newPath.start, end: newPath.end, newText: autoQuote(slashed) };
    return {
      message: `${path} is written for Windows alone; a path with slashes is read everywhere.`,
      fixes: isAbsolutePath(slashed) && !slashed.startsWith('/') ? [] : [fix(file, `Write ${slashed}`, edit)],
    };
  }
  const at = path.indexOf('@');
  if (at >= 0) {
    const [module, version] = [path.slice(0, at), path.slice(at + 1)];
    return {
      message: `The version stands behind the path with a blank between: ${module} ${version}.`,
      fixes: [targetFix(file, replacement, module, canonicalVersion(version) || latestOf(facts, module), newPath)],
    };
  }
  return {
    message: `${path} has no version. A module is replaced by a module with a version, or by a directory such as ./${path}.`,
    fixes: [
      targetFix(file, replacement, path, latestOf(facts, path), newPath),
      directoryFix(project, file, replacement),
    ],
  };
}

function targetFix(
  file: DirectiveFile,
  { newVersion }: Replacement,
  path: string,
  version: string | undefined,
  { start, end }: { readonly start: number; readonly end: number },
): Fix | undefined {
  const split = splitPathVersion(path);
  if (version === undefined || checkPath(path) !== undefined) return undefined;
  if (!split.ok || checkPathMajor(version, split.pathMajor) !== undefined) return undefined;
  // What the go command takes for a comment may hold the version.
  const rest = /^[ \t]+(v\d\S*)/.exec(file.text.slice(end));
  const until = newVersion?.end ?? (rest?.[1] === version ? end + rest[0].length : end);
  return fix(file, `Write ${path} ${version}`, { start, end: until, newText: `${path} ${version}` });
}

/**
 * The version behind an address, or else the one that is required of the module replaced. A server is asked only where
 * the module is known to be private, or an address that was meant for git alone would be told to a proxy.
 */
function versionFor(
  project: Project,
  facts: Facts,
  { oldPath }: Replacement,
  path: string,
  written: string,
): string | undefined {
  if (written !== '' && canonicalVersion(written) === written) return written;
  const latest = isOutsideProxies(project.environment, path) ? latestOf(facts, path) : undefined;
  if (latest !== undefined) return latest;
  const required = project.modules
    .flatMap(({ mod }) => mod.parsed.require)
    .find((requirement) => requirement.path.value === oldPath.value)?.version.value;
  return required !== undefined && namesTag(required) ? required : undefined;
}

function latestOf(facts: Facts, path: string): string | undefined {
  if (checkPath(path) !== undefined) return undefined;
  const listed = facts.ask({ kind: 'versions', path });
  return listed.state === 'known' ? latestVersion(listed.value.versions) : undefined;
}

/** The path is one of a directory that lacks its `./`. */
function directoryFix(project: Project, file: DirectiveFile, { newPath }: Replacement): Fix | undefined {
  const directory = joinPath(directoryOf(file), newPath.value);
  if (!project.nearby.some((nearby) => nearby.directory === directory)) return undefined;
  const path = `./${newPath.value}`;
  return fix(file, `Write ${path}`, { start: newPath.start, end: newPath.end, newText: path });
}

function fix(
  file: DirectiveFile,
  title: string,
  edit: { readonly start: number; readonly end: number; readonly newText: string },
): Fix | undefined {
  return file.editable ? { title, safety: 'unsafe', edits: [{ file: file.path, ...edit }] } : undefined;
}

function present<T>(values: readonly (T | undefined)[]): T[] {
  return values.filter((value) => value !== undefined);
}
