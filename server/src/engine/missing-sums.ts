import type { Requirement } from '../syntax/directives.ts';
import type { Facts, PackageSource } from './facts.ts';
import { fetchBound } from './module-closure.ts';
import { moduleGraph, pruningOf } from './module-graph.ts';
import type { ModuleGraph } from './module-graph.ts';
import { isModuleVersion, moduleKey } from './module-version.ts';
import type { ModuleVersion } from './module-version.ts';
import { packageGraph } from './package-graph.ts';
import type { PackageGraph } from './package-graph.ts';
import { candidatePaths } from './package-sources.ts';
import type { MainModule, Project } from './project.ts';
import { Replacements } from './replacements.ts';
import { isExcluded, moduleOf } from './requirements.ts';

/** A line that go.sum lacks, and that a go command needs for packages. */
export interface MissingSum {
  /** As the go command reads it: the replacement, where there is one. */
  readonly source: ModuleVersion;
  /** The line of the go.mod file, in place of that of the zip file. */
  readonly mod: boolean;
  /** As selected, before replacement; only told with `stopsAt`. */
  readonly module?: ModuleVersion;
  /** The requirement of this version in go.mod. */
  readonly requirement: Requirement | undefined;
  /** The import that `go build ./...` stops at, whatever the platform; without it, the line is what `go mod tidy` adds. */
  readonly stopsAt?: { readonly importPath: string; readonly isOnlyCandidate: boolean };
}

/**
 * The lines of zip files, and of go.mod files, that packages need and go.sum lacks (spec 2.4, M3 and M4): those that
 * `go build ./...` stops for, and, where all packages are known, the others that `go mod tidy` adds.
 *
 * @param present the keys of the lines that the go command takes for a hash
 */
export function missingSums(project: Project, main: MainModule, facts: Facts, present: ReadonlySet<string>): MissingSum[] {
  const result = packageGraph(project, main, facts);
  const packages = result.state === 'known' ? result : undefined;
  const found = new Map<string, MissingSum>();
  const candidates = candidatesOf(project, main, facts);
  if (candidates) {
    for (const importPath of alwaysBuilt(main, facts, packages)) {
      for (const missing of missingFor(importPath, candidates(importPath), main, present)) {
        const key = moduleKey(missing.source);
        if (!found.has(key)) found.set(key, missing);
      }
    }
  }
  for (const key of packages?.tidied?.sums ?? []) {
    if (present.has(key) || found.has(key) || /^(?:go|toolchain) /.test(key)) continue;
    const mod = key.endsWith('/go.mod');
    const space = key.indexOf(' ');
    const version = key.slice(space + 1, mod ? -'/go.mod'.length : undefined);
    const source = { path: key.slice(0, space), version };
    found.set(key, { source, mod, requirement: requirementOf(main, source) });
  }
  return [...found.values()];
}

type Candidates = (importPath: string) => readonly ModuleVersion[];

/** The modules that the go command looks for a package in first; undefined while the graph is not known. */
function candidatesOf(project: Project, main: MainModule, facts: Facts): Candidates | undefined {
  if (pruningOf(main.mod.parsed.go?.version.value) === 'pruned') {
    const required = main.mod.parsed.require.map(moduleOf).filter((module) => !isExcluded(main, module));
    return amongVersions(new Map(required.map(({ path, version }) => [path, version])));
  }
  const graph: ModuleGraph | { readonly state: 'pending' | 'unavailable' } = moduleGraph(project, facts, fetchBound(project));
  return graph.state === 'known' ? amongVersions(graph.selected) : undefined;
}

function amongVersions(versions: ReadonlyMap<string, string>): Candidates {
  return (importPath) =>
    candidatePaths(importPath).flatMap((path) => {
      const version = versions.get(path);
      return version === undefined ? [] : [{ path, version }];
    });
}

/** What `go build ./...` imports for every platform and under all tags, as far as the packages are known. */
function alwaysBuilt(main: MainModule, facts: Facts, packages: PackageGraph | undefined): Iterable<string> {
  const scan = facts.ask({ kind: 'imports', directory: main.directory });
  const mainPath = main.mod.parsed.module?.path.value;
  if (scan.state !== 'known' || mainPath === undefined) return [];
  const imports = (source: PackageSource | undefined): readonly string[] => source?.alwaysImported ?? [];
  const built = new Set([...scan.value.sources.values()].filter(({ isPackage }) => isPackage).flatMap(imports));
  // The set grows while it is walked.
  for (const path of built) for (const imported of packages?.packages.get(path)?.alwaysImported ?? []) built.add(imported);
  return built;
}

function missingFor(
  importPath: string,
  candidates: readonly ModuleVersion[],
  main: MainModule,
  present: ReadonlySet<string>,
): MissingSum[] {
  const replacements = Replacements.ofModule(main);
  return candidates.flatMap((module) => {
    const source = module.version === '' ? undefined : replacements.source(module);
    if (source?.kind !== 'module' || present.has(moduleKey(source)) || !isModuleVersion(source)) return [];
    const { path, version } = source;
    const stopsAt = { importPath, isOnlyCandidate: candidates.length === 1 };
    return [{ source: { path, version }, mod: false, module, requirement: requirementOf(main, source), stopsAt }];
  });
}

function requirementOf(main: MainModule, source: ModuleVersion): Requirement | undefined {
  const replacements = Replacements.ofModule(main);
  return main.mod.parsed.require.find((requirement) => {
    const required = replacements.source(moduleOf(requirement));
    return required.kind === 'module' && moduleKey(required) === moduleKey(source) && !isExcluded(main, moduleOf(requirement));
  });
}
