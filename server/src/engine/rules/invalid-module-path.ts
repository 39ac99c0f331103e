import { isDirectoryPath } from '../../syntax/directive-parser.ts';
import { checkImportPath, checkPath, splitPathVersion } from '../../syntax/module-path.ts';
import type { Span } from '../../syntax/span.ts';
import type { Word } from '../../syntax/tree.ts';
import { Replacements } from '../replacements.ts';
import { isRequiredUnder } from '../replacement-use.ts';
import type { MainModule, Project } from '../project.ts';
import { isExcluded, isMember, moduleOf } from '../requirements.ts';
import type { Finding, Fix, Rule, Severity } from '../rule.ts';
import { directiveFiles } from '../text-files.ts';
import type { DirectiveFile } from '../text-files.ts';
import { problemsFor, soundLines } from '../text-problems.ts';
import { mistakenAddress } from '../text-url.ts';
import { unusualRequirements } from '../unusual-requirements.ts';

/**
 * Reports a module path that can't be one: in the module line, a requirement, the target of a replacement, a tool; and a
 * go.mod without a module line.
 *
 * Why it matters: the go command says `malformed module path` and stops. The path of the user's own module may be of any
 * name, such as `service`; but with a major version suffix that does not exist, `/v1` or `/v0`, no other module
 * can ever require it, which is a warning.
 *
 * A requirement that is replaced by a directory may have any path and is not judged.
 *
 * @example
 * module https://github.com/acme/service
 * require github.com/acme/log/v1 v1.4.2 // v0 and v1 have no suffix
 *
 * @fix
 * Writes the path that was evidently meant: without the scheme, the suffix, or the slash at its end.
 *
 * @see https://go.dev/ref/mod#module-path
 * @see https://go.dev/ref/mod#major-version-suffixes
 */
export const invalidModulePath: Rule = {
  name: 'invalid-module-path',
  severity: 'error',
  summary: "A path that can't be a module's.",
  *check(project) {
    for (const file of directiveFiles(project)) {
      for (const problem of problemsFor('invalid-module-path', file)) {
        yield finding(file, problem, file.text.slice(problem.start, problem.end), 'error');
      }
      yield* targets(project, file);
    }
    for (const main of project.modules) {
      yield* moduleLine(main);
      yield* requirements(project, main);
      yield* tools(main);
    }
  },
};

function* moduleLine({ mod }: MainModule): Iterable<Finding> {
  const { module, problems } = mod.parsed;
  if (!module) {
    if (problems.length === 0) yield missing(mod);
    return;
  }
  if (!soundLines(mod)(module.line)) return;
  const { path } = module;
  const address = mistakenAddress(mod.text, module.line, path);
  if (address) {
    const message = `${address.raw} is an address; the module path is ${address.path}. ${goSays(path.value, checkImportPath(path.value))}`;
    yield { at: { file: mod.path, span: address }, message, fixes: fixes(mod, address, address.path) };
  } else if (checkImportPath(path.value) !== undefined) {
    yield finding(mod, path, path.value, 'error', checkImportPath(path.value));
  } else if (!splitPathVersion(path.value).ok) {
    yield finding(mod, path, path.value, mod.parsed.retract.length > 0 ? 'error' : 'warning');
  }
}

function missing(mod: MainModule['mod']): Finding {
  const first = mod.parsed.tree.statements[0];
  const span = first?.kind === 'block' ? first.words[0]! : (first ?? { start: 0, end: 0 });
  return {
    at: { file: mod.path, span },
    message: 'go.mod has no module line. Add one: module example.com/path. The go command says "missing module declaration".',
  };
}

function* requirements(project: Project, main: MainModule): Iterable<Finding> {
  const replacements = Replacements.ofProject(project);
  const isSound = soundLines(main.mod);
  for (const requirement of unusualRequirements(main.mod.parsed)) {
    const { path, line } = requirement;
    const reason = isSound(line) ? checkPath(path.value) : undefined;
    if (reason === undefined || isMember(project, path.value) || isExcluded(main, moduleOf(requirement))) continue;
    if (replacements.find(moduleOf(requirement))) continue;
    yield finding(main.mod, path, path.value, 'error', reason);
  }
}

/** An address as a target is a matter of `invalid-replace`. */
function* targets(project: Project, file: DirectiveFile): Iterable<Finding> {
  const isSound = soundLines(file);
  for (const replacement of file.parsed.replace) {
    const { newPath, line } = replacement;
    if (!isSound(line) || isDirectoryPath(newPath.value) || mistakenAddress(file.text, line, newPath)) continue;
    const reason = checkPath(newPath.value);
    if (reason === undefined) continue;
    yield finding(file, newPath, newPath.value, isRequiredUnder(project, replacement) ? 'error' : 'warning', reason);
  }
}

function* tools({ mod }: MainModule): Iterable<Finding> {
  const isSound = soundLines(mod);
  for (const { path, line } of mod.parsed.tool) {
    const reason = isSound(line) ? checkImportPath(path.value) : undefined;
    if (reason === undefined) continue;
    const said = reason.replace('malformed import path', 'malformed tool path');
    yield {
      at: { file: mod.path, span: path },
      message: `${path.value} can't be the path of a package, which a tool has. The go command says "${said}".`,
      fixes: fixes(mod, path, repaired(path.value, checkImportPath)),
    };
  }
}

function finding(file: DirectiveFile, at: Span | Word, path: string, severity: Severity, reason?: string): Finding {
  const said = severity === 'error' || reason !== undefined ? goSays(path, reason) : '';
  return {
    at: { file: file.path, span: { start: at.start, end: at.end } },
    severity,
    message: `${path} can't be a module path${explanation(path, severity)}. ${said}`.trim(),
    fixes: fixes(file, at, repaired(path, checkPath)),
  };
}

function explanation(path: string, severity: Severity): string {
  if (splitPathVersion(path).ok) return '';
  const unusable = severity === 'warning' ? ' that another module could require' : '';
  if (path.startsWith('gopkg.in/')) return `${unusable}: a path of gopkg.in ends in its major version, as in gopkg.in/yaml.v3`;
  if (/\/v[01]$/.test(path)) return `${unusable}: v0 and v1 have no suffix`;
  return `${unusable}: a major version suffix is /v2, /v3 and so on`;
}

function goSays(path: string, reason: string | undefined): string {
  const said = (reason ?? `malformed module path ${JSON.stringify(path)}`).replace('import path', 'module path');
  return `The go command says "${said}".`;
}

function fixes(file: DirectiveFile, { start, end }: Span, path: string | undefined): Fix[] {
  if (path === undefined || !file.editable) return [];
  return [{ title: `Write ${path}`, safety: 'unsafe', edits: [{ file: file.path, start, end, newText: path }] }];
}

/** The path without what was evidently not meant to be part of it; undefined when that is no valid path either. */
function repaired(path: string, check: (path: string) => string | undefined): string | undefined {
  const plain = path
    .replaceAll('\\', '/')
    .replace(/@v?[\w.+-]*$/, '')
    .replace(/^\/+|\/+$/g, '')
    .replace(/\/\/+/g, '/')
    .replace(/\/v[01]$/, '')
    .replace(/^[^/]+/, (host) => host.toLowerCase());
  return plain !== path && check(plain) === undefined ? plain : undefined;
}
