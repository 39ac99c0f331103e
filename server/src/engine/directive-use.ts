import type { Replacement } from '../syntax/directives.ts';
import type { Facts } from './facts.ts';
import { importResolution, localImportResolution } from './import-resolution.ts';
import { moduleClosure } from './module-closure.ts';
import { maxFetchedFor, moduleGraph } from './module-graph.ts';
import type { ModuleVersion } from './module-version.ts';
import type { MainModule, Project } from './project.ts';
import { readonlyModule, selectsSilently } from './readonly-module.ts';
import { Replacements } from './replacements.ts';
import { mainOf } from './text-files.ts';
import type { DirectiveFile } from './text-files.ts';

/** What all that requirements lead to makes of a file's replacements and exclusions. */
export interface DirectiveUse {
  /** What the module graph selects, by path; empty for a main module. */
  readonly selected: ReadonlyMap<string, string>;
  /** The paths that something requires, at whatever depth. */
  readonly paths: ReadonlySet<string>;
  /** The replacements that some required version is taken from. */
  readonly replacements: ReadonlySet<Replacement>;
  /** Keys of the versions that something requires, and that an exclusion takes out. */
  readonly dropped: ReadonlySet<string>;
}

/**
 * The use that is made of a file's directives, certain not to grow while the requirements stay: those of a go.mod file are
 * looked for in the whole, unpruned closure of its module, since `go mod tidy` may need more of it than the module graph
 * has, and those that a workspace has in force in its graph as well. Every import of the user's own code has to be provided,
 * or a replacement may be what an import is waiting for. Undefined when any of this is not known.
 */
export function directiveUse(project: Project, file: DirectiveFile, facts: Facts): DirectiveUse | undefined {
  if (!readonlyModule(project) && !selectsSilently(project)) return undefined;
  if (project.workspace && project.workspace.work.parsed.problems.length > 0) return undefined;
  if (project.modules.some((main) => main.vendored || importResolution(main, facts).state !== 'resolved')) return undefined;
  const graph = moduleGraph(project, facts, maxFetchedFor(project));
  if (graph.state !== 'known') return undefined;
  const required = new RequiredModules(graph.dropped);
  if (project.workspace) {
    const modules = [...graph.requirements.values()].flat();
    if (!required.add(project.modules, Replacements.ofProject(project), modules, facts)) return undefined;
  }
  const main = mainOf(project, file);
  if (main) {
    const closure = moduleClosure(project, main, facts);
    if (closure.state !== 'known') return undefined;
    if (!required.add([main], Replacements.ofModule(main), closure.nodes.values(), facts, closure.dropped)) return undefined;
  }
  return { selected: graph.selected, ...required };
}

class RequiredModules {
  readonly paths = new Set<string>();
  readonly replacements = new Set<Replacement>();
  readonly dropped: Set<string>;

  constructor(dropped: ReadonlySet<string>) {
    this.dropped = new Set(dropped);
  }

  /** Adds what is required under some replacements; false where a local replacement has an import that nothing provides. */
  add(
    mains: readonly MainModule[],
    replacements: Replacements,
    modules: Iterable<ModuleVersion>,
    facts: Facts,
    dropped: Iterable<string> = [],
  ): boolean {
    const directories = new Set<string>();
    for (const module of modules) {
      this.paths.add(module.path);
      const replacement = replacements.find(module);
      if (replacement) this.replacements.add(replacement);
      const source = replacements.source(module);
      if (source.kind === 'directory') directories.add(source.directory);
    }
    for (const key of dropped) this.dropped.add(key);
    return mains.every((main) => localImportResolution(main, facts, directories).state === 'resolved');
  }
}
