import type { Requirement } from '../syntax/directives.ts';
import type { Facts } from './facts.ts';
import { packageGraph } from './package-graph.ts';
import type { PackageGraph } from './package-graph.ts';
import type { MainModule, Project } from './project.ts';
import { namesOtherFiles } from './readonly-module.ts';
import { isExcluded, moduleOf } from './requirements.ts';

/** A main module with its packages, and those of its requirements that are the matter of no other rule. */
export interface TidyView {
  readonly main: MainModule;
  readonly packages: PackageGraph;
  /** Each the only one of its path, and not excluded. */
  readonly requirements: readonly Requirement[];
}

/** The main modules of which it is known what `go mod tidy` thinks of their packages. */
export function* tidyViews(project: Project, facts: Facts): Iterable<TidyView> {
  if (namesOtherFiles(project.environment)) return;
  for (const main of project.modules) {
    if (main.mod.parsed.problems.length > 0 || !hasCode(main, facts)) continue;
    const packages = packageGraph(project, main, facts);
    if (packages.state !== 'known' || packages.mainPackages.length === 0) continue;
    const all = main.mod.parsed.require;
    const isOnly = ({ path }: Requirement) => all.filter((other) => other.path.value === path.value).length === 1;
    yield { main, packages, requirements: all.filter((own) => isOnly(own) && !isExcluded(main, moduleOf(own))) };
  }
}

/** Where there is no code yet, tidy would leave nothing; that is no news to one who begins. */
function hasCode(main: MainModule, facts: Facts): boolean {
  const scan = facts.ask({ kind: 'imports', directory: main.directory });
  return scan.state === 'known' && scan.value.packages.length > 0;
}
