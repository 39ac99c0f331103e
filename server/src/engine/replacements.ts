import type { Replacement } from '../syntax/directives.ts';
import { joinPath } from './file-path.ts';
import type { ModuleVersion } from './module-version.ts';
import type { MainModule, Project } from './project.ts';

/** Where the go command takes a module version from. */
export type Source =
  | ({ readonly kind: 'module' } & ModuleVersion)
  /** A local directory: an absolute path with `/`. */
  | { readonly kind: 'directory'; readonly directory: string };

interface Entry {
  readonly replacement: Replacement;
  /** Directory of the file that says so; relative targets start there. */
  readonly base: string;
}

/**
 * The replace directives in force, asked as the go command does: go.work's before the members',
 * a versioned one before one for all versions, once and never chained
 * (cmd/go/internal/modload/modfile.go:replacementFrom, resolveReplacement).
 */
export class Replacements {
  readonly #files: readonly (ReadonlyMap<string, Entry>)[];

  private constructor(files: readonly (ReadonlyMap<string, Entry>)[]) {
    this.#files = files;
  }

  /** Those of one main module alone, as `go mod tidy` sees them. */
  static ofModule(main: MainModule): Replacements {
    return new Replacements([table(main.mod.parsed.replace, main.directory)]);
  }

  /** Those of the whole workspace, or of its single module. */
  static ofProject(project: Pick<Project, 'workspace' | 'modules'>): Replacements {
    const { workspace } = project;
    const files = project.modules.map((main) => table(main.mod.parsed.replace, main.directory));
    if (workspace) files.unshift(table(workspace.work.parsed.replace, workspace.directory));
    return new Replacements(files);
  }

  find(module: ModuleVersion): Replacement | undefined {
    return this.#entry(module)?.replacement;
  }

  source(module: ModuleVersion): Source {
    const entry = this.#entry(module);
    if (!entry) return { kind: 'module', path: module.path, version: module.version };
    const { newPath, newVersion } = entry.replacement;
    return newVersion
      ? { kind: 'module', path: newPath.value, version: newVersion.value }
      : { kind: 'directory', directory: joinPath(entry.base, newPath.value) };
  }

  #entry(module: ModuleVersion): Entry | undefined {
    for (const file of this.#files) {
      if (file.size === 0) continue;
      const entry = file.get(key(module.path, module.version)) ?? file.get(key(module.path, ''));
      if (entry) return entry;
    }
    return undefined;
  }
}

function table(replacements: readonly Replacement[], base: string): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const replacement of replacements) {
    entries.set(key(replacement.oldPath.value, replacement.oldVersion?.value ?? ''), { replacement, base });
  }
  return entries;
}

function key(path: string, version: string): string {
  return `${path} ${version}`;
}
