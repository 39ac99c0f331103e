import type { Replacement, SumLine } from '../syntax/directives.ts';
import { canonicalVersion, checkPathMajor, splitPathVersion } from '../syntax/module-path.ts';
import { EMPTY_GO_MOD_HASH, sumLineKey } from '../syntax/sum-file.ts';
import type { SumLineKey } from '../syntax/sum-file.ts';
import type { Facts } from './facts.ts';
import { importResolution, localImportResolution } from './import-resolution.ts';
import { moduleClosure } from './module-closure.ts';
import { moduleKey } from './module-version.ts';
import { packageGraph } from './package-graph.ts';
import type { TidiedModule } from './package-graph.ts';
import type { MainModule, Project } from './project.ts';
import { namesOtherFiles } from './readonly-module.ts';
import { Replacements } from './replacements.ts';
import { oncePerRound } from './round-memory.ts';
import { isExcluded, moduleOf } from './requirements.ts';

/**
 * What a go.sum line is for.
 * - `stale`: `go mod tidy` removes it, and outside a workspace no go command reads it. In a workspace another member may
 *   need what this one does not, unless the text alone tells that nobody can.
 * - `read`: some go command compares its hash.
 * - `unknown`: neither is proven with what is at hand.
 */
export type LineUse =
  | {
      readonly state: 'stale';
      readonly because: string;
      readonly byText: boolean;
      /** The go command reads it all the same until go.mod is tidy too: go.mod still requires this version. */
      readonly stillRead?: true;
    }
  | { readonly state: 'read' }
  | { readonly state: 'unknown'; readonly why: string }
  | { readonly state: 'pending' };

/** Tells each line of a main module's go.sum apart. Its verdicts presuppose that `go mod tidy` succeeds. */
export function checksumLineUse(project: Project, main: MainModule, facts: Facts): (line: SumLine) => LineUse {
  return lineUses(project, facts, project.modules.indexOf(main));
}

const lineUses = oncePerRound((project: Project, facts, at: number) => {
  const useOf = judgeOfLines(project, project.modules[at]!, facts);
  const known = new Map<SumLine, LineUse>();
  return (line: SumLine): LineUse => {
    const use = known.get(line) ?? useOf(line);
    known.set(line, use);
    return use;
  };
});

function judgeOfLines(project: Project, main: MainModule, facts: Facts): (line: SumLine) => LineUse {
  // With -modfile=other.mod the go command reads and tidies other.sum.
  if (namesOtherFiles(project.environment)) return () => ({ state: 'unknown', why: 'GOFLAGS names another go.mod' });
  const replacements = Replacements.ofModule(main);
  const readKeys = keysReadForRequirements(main, replacements);
  const isTarget = replacementTargets(main);
  let packages: KeyUse | undefined;
  let graph: KeyUse | undefined;
  return (line) => {
    const key = sumLineKey(line);
    if (line.hash.value === EMPTY_GO_MOD_HASH) return { state: 'unknown', why: 'the go command takes no notice of it' };
    if (key.mod && main.mod.parsed.go && (key.path === 'go' || key.path === 'toolchain')) {
      packages ??= packageUse(project, main, facts);
      const use = packages(key);
      return use.state === 'read' ? { state: 'unknown', why: 'no go command reads it' } : use;
    }
    if (isPseudoModule(main, key)) return { state: 'unknown', why: 'the line belongs to no ordinary module' };
    if (isTarget(key)) return readKeys.has(key.module) ? { state: 'read' } : { state: 'unknown', why: 'a replace names it' };
    const because = uselessByText(main, replacements, key);
    if (because !== undefined) return { state: 'stale', because, byText: true };
    packages ??= packageUse(project, main, facts);
    const use = packages(key);
    if (!readKeys.has(key.module)) {
      if (use.state !== 'unknown') return use;
      graph ??= graphUse(project, main, facts);
      return graph(key);
    }
    if (use.state !== 'stale') return { state: 'read' };
    return { ...use, because: 'a tidy go.mod does not require this version', stillRead: true };
  };
}

/**
 * The lines whose hash the go command compares: the first `h1:` of each key. A right hash before it ends the comparison,
 * a wrong one the command (cmd/go/internal/modfetch/fetch.go:haveModSumLocked).
 */
export function comparedLines(lines: readonly SumLine[]): SumLine[] {
  const first = new Map<string, SumLine>();
  for (const line of lines) {
    const { text } = sumLineKey(line);
    if (hasComparableHash(line) && !first.has(text)) first.set(text, line);
  }
  return [...first.values()];
}

/** The hash is of the one kind that the go command knows, and not the one that it takes for no line at all. */
export function hasComparableHash({ hash }: SumLine): boolean {
  return hash.value.startsWith('h1:') && hash.value !== EMPTY_GO_MOD_HASH;
}

type KeyUse = (key: SumLineKey) => LineUse;

/** Reasons that need nothing but go.mod (spec 2.3, level A). */
function uselessByText(main: MainModule, replacements: Replacements, key: SumLineKey): string | undefined {
  const replacement = replacements.find(key);
  if (replacement) return sayReplaced(replacement);
  if (isExcluded(main, key)) return `${key.path} ${key.version} is excluded`;
  if (!key.mod && key.path === main.mod.parsed.module?.path.value) return 'it is the main module itself';
  const canonical = canonicalVersion(key.version);
  if (canonical !== key.version) return `${key.version} is not a canonical version`;
  const split = splitPathVersion(key.path);
  const reason = split.ok ? checkPathMajor(key.version, split.pathMajor) : undefined;
  return reason && `${key.version} can't be a version of ${key.path}: ${reason}`;
}

function sayReplaced({ oldPath, oldVersion, newPath, newVersion }: Replacement): string {
  const replaced = oldVersion ? `${oldPath.value} ${oldVersion.value}` : oldPath.value;
  const target = newVersion ? `${newPath.value} ${newVersion.value}` : newPath.value;
  return `${replaced} is replaced by ${target}`;
}

/** What the packages tell where they are all known (spec 2.3, level C). */
function packageUse(project: Project, main: MainModule, facts: Facts): KeyUse {
  if (main.mod.parsed.problems.length > 0) return () => ({ state: 'unknown', why: 'go.mod has errors' });
  const packages = packageGraph(project, main, facts);
  if (packages.state === 'pending') return () => packages;
  if (packages.state === 'unavailable') return () => ({ state: 'unknown', why: packages.why });
  const { tidied } = packages;
  return tidied ? afterTidy(tidied) : () => ({ state: 'unknown', why: packages.gap ?? 'not all packages are known' });
}

function afterTidy({ sums, required }: TidiedModule): KeyUse {
  let all: ReadonlySet<string> | undefined;
  return (key) => {
    if (sums.has(key.text)) return { state: 'read' };
    all ??= required();
    const unused = key.mod ? 'its go.mod file is out of sight behind a pruned module' : 'no package is taken from this version';
    return { state: 'stale', because: all.has(key.module) ? unused : NOT_REQUIRED, byText: false };
  };
}

const NOT_REQUIRED = 'no requirement leads to this version';

/** A module that nothing requires in any version is never loaded (spec 2.3, B1), if tidy adds no module. */
function graphUse(project: Project, main: MainModule, facts: Facts): KeyUse {
  if (main.mod.parsed.problems.length > 0) return () => ({ state: 'unknown', why: 'go.mod has errors' });
  const packages = packageGraph(project, main, facts);
  if (packages.state === 'known' && packages.missing.length > 0) {
    return () => ({ state: 'unknown', why: `no module is known to provide the import ${packages.missing[0]!}` });
  }
  const resolution = importResolution(main, facts);
  if (resolution.state === 'pending') return () => resolution;
  if (resolution.state === 'unresolved') return () => ({ state: 'unknown', why: resolution.why });
  const closure = moduleClosure(project, main, facts);
  if (closure.state === 'pending') return () => closure;
  if (closure.state === 'unavailable') return () => ({ state: 'unknown', why: closure.why });
  const local = localImportResolution(main, facts, closure.directories);
  if (local.state === 'pending') return () => local;
  if (local.state === 'unresolved') return () => ({ state: 'unknown', why: local.why });
  return (key) =>
    closure.sources.has(key.module)
      ? { state: 'unknown', why: 'whether it is needed depends on packages' }
      : { state: 'stale', because: NOT_REQUIRED, byText: false };
}

/** `go mod download` reads both lines of every requirement that has a version. */
function keysReadForRequirements(main: MainModule, replacements: Replacements): Set<string> {
  const keys = new Set<string>();
  for (const requirement of main.mod.parsed.require) {
    const module = moduleOf(requirement);
    if (isExcluded(main, module)) continue;
    const source = replacements.source(module);
    if (source.kind === 'module') keys.add(moduleKey(source));
  }
  return keys;
}

/**
 * Versions that a replace names are never called stale: tidy keeps the replacement's lines. Where it names a branch or
 * the like, any version may be meant.
 */
function replacementTargets(main: MainModule): (key: SumLineKey) => boolean {
  const targets = new Set<string>();
  const paths = new Set<string>();
  for (const { newPath, newVersion } of main.mod.parsed.replace) {
    if (!newVersion) continue;
    if (canonicalVersion(newVersion.value) === newVersion.value) {
      targets.add(moduleKey({ path: newPath.value, version: newVersion.value }));
    } else paths.add(newPath.value);
  }
  return (key) => targets.has(key.module) || paths.has(key.path);
}

/** `go`, `toolchain`, the main module and replacement directories have mod lines that tidy may keep. */
function isPseudoModule(main: MainModule, key: SumLineKey): boolean {
  if (!key.mod) return false;
  if (key.path === 'go' || key.path === 'toolchain') return true;
  if (key.path === main.mod.parsed.module?.path.value && key.version === '') return true;
  return main.mod.parsed.replace.some(({ newPath, newVersion }) => !newVersion && newPath.value === key.path);
}
