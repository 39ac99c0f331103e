import { addRequirement } from '../../syntax/mod-edit.ts';
import type { Facts } from '../facts.ts';
import { isBelow } from '../import-resolution.ts';
import { moduleToAdd } from '../module-to-add.ts';
import type { ModuleVersion } from '../module-version.ts';
import type { PackageGraph } from '../package-graph.ts';
import type { MainModule, Project } from '../project.ts';
import { readonlyModule } from '../readonly-module.ts';
import { Replacements } from '../replacements.ts';
import { inFile, withChecksums } from '../requirement-fixes.ts';
import { isExcluded, moduleOf } from '../requirements.ts';
import type { Finding, Fix, Place, Rule } from '../rule.ts';
import { tidyViews } from '../tidied-requirements.ts';

/**
 * Reports what go.mod lacks for the packages that are imported.
 *
 * Why it matters: where no module has the package, `go build` stops with `no required module provides package`. Where a
 * module has it that only dependencies require, the build goes on for now, by a version that others choose; `go mod tidy`
 * adds the requirement.
 *
 * An import that no module has is an error if every build reads it, on whatever platform, and a warning if it is a test's or
 * stands under build constraints. Nothing is said of such an import in a workspace, with a vendor directory or with -mod=mod,
 * where the package may come from elsewhere, nor of packages below the module's own path or a replaced one. What `go mod tidy`
 * adds for packages that are found is a warning anywhere: tidy looks at no workspace and no vendor directory.
 *
 * @example
 * import "github.com/acme/log" // go.mod requires no module with this package
 *
 * @fix
 * Adds the requirement, with its go.sum lines from the checksum database: at the version that is selected, or at one that
 * go.sum still knows and that has the package; `gomod-health check --deep` looks for the latest as well.
 *
 * @see https://go.dev/ref/mod#resolve-pkg-mod
 * @see https://go.dev/ref/mod#go-mod-tidy
 */
export const missingRequirement: Rule = {
  name: 'missing-requirement',
  severity: 'error',
  summary: 'An imported package whose module go.mod does not require.',
  inGopls: 'no required module provides package',
  later: true,
  *check(project, facts) {
    const readonly = readonlyModule(project);
    for (const { main, packages } of tidyViews(project, facts)) {
      if (main === readonly) yield* withoutModule(project, main, facts, packages);
      yield* withoutLine(project, main, facts, packages);
    }
  },
};

/** Imports of the main module that no selected module provides. */
function* withoutModule(project: Project, main: MainModule, facts: Facts, packages: PackageGraph): Iterable<Finding> {
  const at = placeOf(main);
  if (!at) return;
  for (const [importPath, { importer, always }] of missingImports(main, packages)) {
    const module = moduleToAdd(project, main, facts, importPath);
    const fix = module && additionFix(project, main, facts, module, false);
    yield {
      at,
      severity: always ? 'error' : 'warning',
      module: { path: importPath, version: '' },
      message:
        `${importer} imports ${importPath}, but no module that is required has it. The go command says ` +
        `"no required module provides package ${importPath}; to add it: go get ${importPath}".`,
      fixes: fix ? [fix] : [],
    };
  }
}

interface MissingImport {
  readonly importer: string;
  /** Every build reads it. */
  readonly always: boolean;
}

function missingImports(main: MainModule, { packages, mainPackages }: PackageGraph): Map<string, MissingImport> {
  const { module, require, replace } = main.mod.parsed;
  const others = [...(module ? [module.path.value] : []), ...replace.map(({ oldPath }) => oldPath.value)];
  // An excluded requirement has a rule of its own.
  others.push(...require.map(moduleOf).filter((own) => isExcluded(main, own)).map(({ path }) => path));
  const found = new Map<string, MissingImport>();
  for (const importer of mainPackages) {
    const loaded = packages.get(importer);
    for (const path of [...(loaded?.imports ?? []), ...(loaded?.testImports ?? [])]) {
      if (packages.get(path)?.provider.kind !== 'missing' || !path.split('/', 1)[0]!.includes('.')) continue;
      if (others.some((other) => isBelow(path, other))) continue;
      const always = loaded!.alwaysImported.includes(path);
      if (always || !found.has(path)) found.set(path, { importer, always });
    }
  }
  return found;
}

/** Requirements that `go mod tidy` adds for packages that selected modules provide. */
function* withoutLine(project: Project, main: MainModule, facts: Facts, { tidied }: PackageGraph): Iterable<Finding> {
  const at = placeOf(main);
  if (!at || !tidied) return;
  const written = new Set(main.mod.parsed.require.map(({ path }) => path.value));
  for (const module of tidied.roots) {
    const { path, version } = module;
    if (path === 'go' || path === 'toolchain' || written.has(path)) continue;
    const isDirect = tidied.direct.has(path);
    const what = isDirect ? 'of which this module imports a package' : 'which packages of dependencies come from';
    const comment = isDirect ? '' : ' // indirect';
    const fix = additionFix(project, main, facts, module, !isDirect);
    yield {
      at,
      severity: 'warning',
      module,
      inGopls: false,
      message: `go.mod does not require ${path}, ${what}. go mod tidy adds ${version}${comment}.`,
      fixes: fix ? [fix] : [],
    };
  }
}

function additionFix(
  project: Project,
  main: MainModule,
  facts: Facts,
  module: ModuleVersion,
  indirect: boolean,
): Fix | undefined {
  if (!main.mod.editable) return undefined;
  const draft = {
    title: `Require ${module.path} ${module.version}`,
    safety: 'unsafe' as const,
    edits: inFile(main.mod, addRequirement(main.mod.parsed, module.path, module.version, indirect)),
  };
  const source = Replacements.ofModule(main).source(module);
  return source.kind === 'directory' ? draft : withChecksums(project, facts, main, source, draft);
}

function placeOf({ mod }: MainModule): Place | undefined {
  return mod.parsed.module && { file: mod.path, span: mod.parsed.module.path };
}
