import type { ModuleVersion } from '../module-version.ts';
import { packageGraph } from '../package-graph.ts';
import type { PackageGraph } from '../package-graph.ts';
import type { MainModule } from '../project.ts';
import { readonlyModule, selectsSilently } from '../readonly-module.ts';
import { isExcluded, moduleOf } from '../requirements.ts';
import type { Rule } from '../rule.ts';

/**
 * Reports an imported package that two modules have.
 *
 * Why it matters: the go command does not choose between them. It stops with `ambiguous import`. Mostly a directory of a module
 * became a module of its own, and the one that it was taken from is required at a version that still has it.
 *
 * It is said of packages that the main module's own files import. What every build reads is an error, and what only tests or
 * builds under constraints read is a warning. It is judged where the source of both modules is at hand, in the module cache
 * or with `gomod-health check --deep`.
 *
 * @example
 * require github.com/acme/log v1.0.0      // has a directory slog
 * require github.com/acme/log/slog v0.1.0 // is that directory
 *
 * @see https://go.dev/ref/mod#resolve-pkg-mod
 */
export const ambiguousImport: Rule = {
  name: 'ambiguous-import',
  severity: 'error',
  summary: 'An imported package that two modules have.',
  later: true,
  *check(project, facts) {
    const main = readonlyModule(project) ?? (project.workspace || !selectsSilently(project) ? undefined : project.modules[0]);
    const packages = main && !main.vendored ? packageGraph(project, main, facts) : undefined;
    if (!main || packages?.state !== 'known') return;
    for (const [importPath, always] of importsOfMain(packages)) {
      const provider = packages.packages.get(importPath)?.provider;
      if (provider?.kind !== 'ambiguous') continue;
      // Other versions than go.mod has are those of the go.mod that tidy would write.
      if (!provider.modules.every((module) => module.version === '' || isRequired(main, module))) continue;
      const at = main.mod.parsed.require.findLast((requirement) => {
        return provider.modules.some((module) => isSame(module, moduleOf(requirement)));
      });
      if (!at) continue;
      const [shortest, other] = [...provider.modules].sort((a, b) => a.path.length - b.path.length);
      yield {
        at: { file: main.mod.path, span: { start: at.path.start, end: at.version.end } },
        severity: always ? 'error' : 'warning',
        module: moduleOf(at),
        message:
          `The imported package ${importPath} is in ${shown(shortest!)} and in ${shown(other!)}. Require a version of ` +
          `${shortest!.path} that no longer has it, or drop one of the two. The go command says ` +
          `"ambiguous import: found package ${importPath} in multiple modules".`,
      };
    }
  },
};

/** Whether every build reads the import, by its path. */
function importsOfMain({ packages, mainPackages }: PackageGraph): Map<string, boolean> {
  const found = new Map<string, boolean>();
  for (const loaded of mainPackages.map((path) => packages.get(path))) {
    for (const path of [...(loaded?.imports ?? []), ...(loaded?.testImports ?? [])]) {
      found.set(path, found.get(path) === true || loaded!.alwaysImported.includes(path));
    }
  }
  return found;
}

function isRequired(main: MainModule, module: ModuleVersion): boolean {
  return main.mod.parsed.require.some((requirement) => isSame(moduleOf(requirement), module)) && !isExcluded(main, module);
}

function isSame(a: ModuleVersion, b: ModuleVersion): boolean {
  return a.path === b.path && a.version === b.version;
}

function shown({ path, version }: ModuleVersion): string {
  return version === '' ? `this module, ${path}` : `${path} ${version}`;
}
