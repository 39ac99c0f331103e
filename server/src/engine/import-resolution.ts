import type { Facts, ImportScan } from './facts.ts';
import type { MainModule } from './project.ts';
import { Replacements } from './replacements.ts';
import { isExcluded, moduleOf } from './requirements.ts';

/** Whether every import of a main module is known to be provided by what its go.mod names. */
export type ImportResolution =
  | { readonly state: 'resolved' }
  | { readonly state: 'pending' }
  /** An import that is not known to be provided; `go mod tidy` may add a module for it. */
  | { readonly state: 'unresolved'; readonly why: string };

/**
 * Looks for each import among the main module, its requirements and their replacements, as the go command does first
 * (cmd/go/internal/modload/import.go:importFromModules). Proof is a directory with Go files in the module cache or in
 * the replacement's directory; that a module's path is a prefix of the import proves nothing.
 */
export function importResolution(main: MainModule, facts: Facts): ImportResolution {
  const scan = facts.ask({ kind: 'imports', directory: main.directory });
  if (scan.state === 'pending') return scan;
  if (scan.state !== 'known') {
    return { state: 'unresolved', why: scan.state === 'unavailable' ? scan.why : 'the Go files could not be read' };
  }
  const tidied = scan.value.imports.filter(({ ignored }) => !ignored);
  let pending = false;
  for (const importPath of new Set(tidied.map((declared) => declared.importPath))) {
    const provided = isProvided(main, facts, scan.value, importPath);
    if (provided === 'pending') pending = true;
    else if (!provided) return { state: 'unresolved', why: `no module is known to provide the import ${importPath}` };
  }
  return pending ? { state: 'pending' } : { state: 'resolved' };
}

/** The import path is the package path of the module, or lies below it. */
export function isBelow(importPath: string, modulePath: string): boolean {
  return importPath === modulePath || importPath.startsWith(`${modulePath}/`);
}

function isProvided(main: MainModule, facts: Facts, scan: ImportScan, importPath: string): boolean | 'pending' {
  const mainPath = main.mod.parsed.module?.path.value;
  if (mainPath !== undefined && isBelow(importPath, mainPath)) {
    if (scan.packages.includes(packageDirectory(importPath, mainPath))) return true;
  }
  const candidates = main.mod.parsed.require.filter(
    (requirement) => isBelow(importPath, requirement.path.value) && !isExcluded(main, moduleOf(requirement)),
  );
  if (candidates.length === 0) return isStandardLibrary(importPath);

  const replacements = Replacements.ofModule(main);
  let pending = false;
  for (const requirement of candidates) {
    const source = replacements.source(moduleOf(requirement));
    if (source.kind === 'module') {
      // Under a replacement the package keeps the path it is imported by; its directory is found below the target.
      const below = importPath.slice(requirement.path.value.length);
      const found = facts.ask({ kind: 'package', ...moduleVersion(source), importPath: source.path + below });
      if (found.state === 'known' && found.value) return true;
      pending ||= found.state === 'pending';
    } else {
      const target = facts.ask({ kind: 'imports', directory: source.directory });
      const directory = packageDirectory(importPath, requirement.path.value);
      if (target.state === 'known' && target.value.packages.includes(directory)) return true;
      pending ||= target.state === 'pending';
    }
  }
  return pending ? 'pending' : false;
}

function moduleVersion(source: { path: string; version: string }): { path: string; version: string } {
  return { path: source.path, version: source.version };
}

function packageDirectory(importPath: string, modulePath: string): string {
  return importPath === modulePath ? '.' : importPath.slice(modulePath.length + 1);
}

/** The first element of a path outside the standard library has a dot, or the go command would not find it either. */
function isStandardLibrary(importPath: string): boolean {
  return !importPath.split('/', 1)[0]!.includes('.');
}
