import type { Replacement } from '../../syntax/directives.ts';
import { isDirectoryPath } from '../../syntax/directive-parser.ts';
import { addReplace, dropReplace } from '../../syntax/mod-edit.ts';
import { canonicalVersion } from '../../syntax/module-path.ts';
import { isAbsolutePath, joinPath, relativePath } from '../file-path.ts';
import { moduleKey } from '../module-version.ts';
import type { ModuleVersion } from '../module-version.ts';
import type { MainModule, Project, Workspace } from '../project.ts';
import { inFile } from '../requirement-fixes.ts';
import { isExcluded, isMember, moduleOf } from '../requirements.ts';
import type { Finding, Fix, Rule } from '../rule.ts';
import { soundLines } from '../text-problems.ts';

/**
 * Reports replacements that can't hold together in a workspace: two modules replace the same module by different targets, or
 * go.work replaces one of its own modules.
 *
 * Why it matters: each go.mod is right by itself, but no go command works in the workspace: `conflicting replacements for …`, or
 * `workspace module … is replaced at all versions in the go.work file`. A replacement in go.work goes before those of
 * the modules, and settles it. A replacement of one version contradicts one of all versions as soon as that version is
 * required.
 *
 * @example
 * replace github.com/acme/log => ../log-next // in api/go.mod
 * replace github.com/acme/log => ../log      // in worker/go.mod
 *
 * @fix
 * Adds a replace directive to go.work, with the target that you choose; or removes go.work's replacement of its own module.
 *
 * @see https://go.dev/ref/mod#go-work-file-replace
 */
export const workspaceReplaceConflict: Rule = {
  name: 'workspace-replace-conflict',
  severity: 'error',
  summary: 'Replacements of a workspace that contradict each other.',
  *check(project) {
    const { workspace } = project;
    if (!workspace) return;
    yield* replacedMembers(project, workspace);
    yield* contradictions(project, workspace);
    yield* partialContradictions(project, workspace);
  },
};

function* replacedMembers(project: Project, { work }: Workspace): Iterable<Finding> {
  const isSound = soundLines(work);
  for (const replacement of work.parsed.replace) {
    const { oldPath, oldVersion, line } = replacement;
    if (!isSound(line) || oldVersion || !isMember(project, oldPath.value)) continue;
    const edits = inFile(work, dropReplace(work.parsed, replacement));
    yield {
      at: { file: work.path, span: oldPath },
      message:
        `${oldPath.value} is a module of this workspace, so that it can't be replaced. The go command says ` +
        `"workspace module ${oldPath.value} is replaced at all versions in the go.work file".`,
      fixes: work.editable ? [{ title: `Remove the replacement of ${oldPath.value}`, safety: 'unsafe', edits }] : [],
    };
  }
}

interface Placed {
  readonly main: MainModule;
  readonly replacement: Replacement;
}

/** Of each module replaced, the first replacement that differs from one before it in another go.mod. */
function* contradictions({ modules }: Project, workspace: Workspace): Iterable<Finding> {
  const settled = new Set(workspace.work.parsed.replace.map(({ oldPath }) => oldPath.value));
  const first = new Map<string, Placed>();
  const reported = new Set<string>();
  for (const main of modules) {
    const isSound = soundLines(main.mod);
    for (const replacement of main.mod.parsed.replace) {
      if (settled.has(replacement.oldPath.value) || !isSound(replacement.line)) continue;
      const key = replaced(replacement);
      const placed = { main, replacement };
      const earlier = first.get(key);
      if (!earlier) first.set(key, placed);
      else if (earlier.main !== main && target(earlier) !== target(placed) && !reported.has(key)) {
        reported.add(key);
        yield finding(workspace, earlier, placed);
      }
    }
  }
}

/**
 * One go.mod replaces a version, and another all versions: the go command stops once it looks for that version, which it does
 * if a go.mod requires it (cmd/go/internal/modload/modfile.go:Replacement).
 */
function* partialContradictions(project: Project, workspace: Workspace): Iterable<Finding> {
  const settled = new Set(workspace.work.parsed.replace.map(({ oldPath }) => oldPath.value));
  const sound = project.modules.flatMap((main) => {
    const isSound = soundLines(main.mod);
    return main.mod.parsed.replace.filter(({ line }) => isSound(line)).map((replacement) => ({ main, replacement }));
  });
  const reported = new Set<string>();
  for (const later of sound) {
    const { oldPath, oldVersion } = later.replacement;
    const name = replaced(later.replacement);
    if (!oldVersion || reported.has(name) || settled.has(oldPath.value) || isMember(project, oldPath.value)) continue;
    if (!isRequired(project, { path: oldPath.value, version: oldVersion.value })) continue;
    const general = sound.find(({ main, replacement }) => {
      const isGeneral = replacement.oldPath.value === oldPath.value && !replacement.oldVersion;
      const hasBoth = sound.some((other) => other.main === main && replaced(other.replacement) === name);
      return main !== later.main && isGeneral && !hasBoth;
    });
    if (!general || target(general) === target(later)) continue;
    reported.add(name);
    yield finding(workspace, general, later);
  }
}

function isRequired({ modules }: Project, module: ModuleVersion): boolean {
  const required = modules.flatMap(({ mod }) => mod.parsed.require.map((requirement) => moduleKey(moduleOf(requirement))));
  return required.includes(moduleKey(module)) && !modules.some((main) => isExcluded(main, module));
}

function replaced({ oldPath, oldVersion }: Replacement): string {
  return oldVersion ? `${oldPath.value}@${canonicalVersion(oldVersion.value)}` : oldPath.value;
}

/** The target as the go command compares it: directories by where they are. */
function target({ main, replacement: { newPath, newVersion } }: Placed): string {
  if (newVersion) return `${newPath.value}@${canonicalVersion(newVersion.value)}`;
  return joinPath(main.directory, newPath.value);
}

function finding(workspace: Workspace, earlier: Placed, later: Placed): Finding {
  const { newPath, newVersion } = later.replacement;
  const what = replaced(later.replacement);
  const name = relativePath(workspace.directory, earlier.main.directory) ?? earlier.main.directory;
  const isPartial = !earlier.replacement.oldVersion && later.replacement.oldVersion;
  const fixes = [settle(workspace, earlier), settle(workspace, later)].filter((fix) => fix !== undefined);
  return {
    at: { file: later.main.mod.path, span: { start: newPath.start, end: (newVersion ?? newPath).end } },
    message:
      `${name} replaces ${replaced(earlier.replacement)} too, but by ${shown(earlier.replacement)}. A replacement in go.work ` +
      `decides between them. The go command says "conflicting replacements${isPartial ? ' found' : ''} for ${what}".`,
    related: [{ at: { file: earlier.main.mod.path, span: earlier.replacement.line }, message: 'The other replacement.' }],
    fixes: workspace.work.editable ? fixes : [],
  };
}

function shown({ newPath, newVersion }: Replacement): string {
  return newVersion ? `${newPath.value} ${newVersion.value}` : newPath.value;
}

function settle({ directory, work }: Workspace, { main, replacement }: Placed): Fix | undefined {
  const { oldPath, oldVersion, newPath, newVersion } = replacement;
  const path = isDirectoryPath(newPath.value) ? fromWorkspace(directory, main, newPath.value) : newPath.value;
  if (path === undefined) return undefined;
  const added = {
    oldPath: oldPath.value,
    newPath: path,
    ...(oldVersion && { oldVersion: canonicalVersion(oldVersion.value) }),
    ...(newVersion && { newVersion: canonicalVersion(newVersion.value) }),
  };
  return {
    title: `Replace by ${newVersion ? `${path} ${added.newVersion}` : path} in go.work`,
    safety: 'unsafe',
    edits: inFile(work, addReplace(work.parsed, added)),
  };
}

function fromWorkspace(directory: string, main: MainModule, path: string): string | undefined {
  return isAbsolutePath(path.replaceAll('\\', '/')) ? path : relativePath(directory, joinPath(main.directory, path));
}
