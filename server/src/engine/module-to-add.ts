import { checkPath } from '../syntax/module-path.ts';
import { compareModuleVersions } from '../syntax/go-version.ts';
import { sumLineKey } from '../syntax/sum-file.ts';
import type { Facts } from './facts.ts';
import { isBelow } from './import-resolution.ts';
import { isModuleVersion } from './module-version.ts';
import type { ModuleVersion } from './module-version.ts';
import type { MainModule, Project } from './project.ts';
import { queryVersion } from './version-query.ts';

/**
 * A module version that is known to have a package which no requirement provides: one that go.sum still has, or where the
 * user has asked for every answer the latest of the module with the longest path, as `go get` takes it
 * (cmd/go/internal/modload/query.go:queryPrefixModules). Nothing is fetched for an import that may be half typed.
 */
export function moduleToAdd(project: Project, main: MainModule, facts: Facts, importPath: string): ModuleVersion | undefined {
  const remembered = knownVersions(main, importPath).find((module) => hasPackage(facts, module, importPath) === true);
  return remembered ?? (project.thorough ? latestProvider(project, facts, importPath) : undefined);
}

/** The versions whose zip files go.sum has a hash of, those of the longest path first, and of each the newest. */
function knownVersions(main: MainModule, importPath: string): ModuleVersion[] {
  return (main.sum?.parsed.lines ?? [])
    .map(sumLineKey)
    .filter(({ path, version, mod }) => !mod && isBelow(importPath, path) && isModuleVersion({ path, version }))
    .map(({ path, version }) => ({ path, version }))
    .sort((a, b) => b.path.length - a.path.length || compareModuleVersions(a.path, b.version, a.version));
}

function latestProvider(project: Project, facts: Facts, importPath: string): ModuleVersion | undefined {
  for (let path = importPath; path.includes('/'); path = path.slice(0, path.lastIndexOf('/'))) {
    if (checkPath(path) !== undefined) continue;
    const latest = queryVersion(project, facts, { path, query: 'latest' });
    if (latest.state === 'pending' || latest.state === 'unavailable') return undefined;
    if (latest.state !== 'known' || latest.version === '') continue;
    const module = { path, version: latest.version };
    const has = hasPackage(facts, module, importPath);
    if (has !== false) return has ? module : undefined;
  }
  return undefined;
}

/** Undefined where the module's source is not at hand. */
function hasPackage(facts: Facts, { path, version }: ModuleVersion, importPath: string): boolean | undefined {
  const found = facts.ask({ kind: 'package-source', path, version, importedAs: path, importPath });
  return found.state === 'known' ? (found.value.get(importPath)?.hasGoFiles ?? false) : undefined;
}
