import type { Requirement } from '../../syntax/directives.ts';
import { checksumFix, hashedVersions } from '../checksum-fix.ts';
import type { Facts, ImportScan } from '../facts.ts';
import { isBelow } from '../import-resolution.ts';
import { moduleKey } from '../module-version.ts';
import type { ModuleVersion } from '../module-version.ts';
import type { MainModule, Project } from '../project.ts';
import { namesOtherFiles, readonlyModule } from '../readonly-module.ts';
import { Replacements } from '../replacements.ts';
import { isExcluded, isMember, isValidModule, moduleOf } from '../requirements.ts';
import type { Finding, Rule } from '../rule.ts';

/**
 * Reports a module that is imported, of which go.sum has the hash of the go.mod file alone.
 *
 * Why it matters: the two lines of a module in go.sum look alike, and a missing one is easily overlooked. The line that ends
 * in `/go.mod` is enough to load the module graph; to compile a package, the go command needs the other one, the hash of all
 * files. In a workspace and with -mod=mod it adds that itself, so that nothing fails until the module is built on its own.
 *
 * It is said only where the module is known to have the package. Where every build stops for it, missing-checksum says so
 * instead; this rule is left with tests, single platforms, workspaces and -mod=mod.
 *
 * @example
 * github.com/acme/log v1.4.2/go.mod h1:… // and no line github.com/acme/log v1.4.2 h1:…
 *
 * @fix
 * Adds the missing line, with the hash that the checksum database has signed, or, where it is not asked about the module,
 * with one made from the files in the module cache.
 *
 * @see https://go.dev/ref/mod#go-sum-files
 */
export const goModChecksumOnly: Rule = {
  name: 'go-mod-checksum-only',
  severity: 'info',
  summary: 'An imported module of which go.sum has only the hash of its go.mod file.',
  fixAllTitle: (count) => `Add all ${count} missing checksums to go.sum`,
  later: true,
  *check(project, facts) {
    if (namesOtherFiles(project.environment)) return;
    for (const main of project.modules) {
      if (main.vendored || !main.sum?.editable || main.sum.parsed.problems.length > 0) continue;
      yield* checkModule(project, main, facts);
    }
  },
};

function* checkModule(project: Project, main: MainModule, facts: Facts): Iterable<Finding> {
  const present = hashedVersions(main);
  const replacements = Replacements.ofModule(main);
  const scan = facts.ask({ kind: 'imports', directory: main.directory });
  if (scan.state !== 'known') return;
  const stops = readonlyModule(project) ? [...scan.value.sources.values()].flatMap(({ alwaysImported }) => alwaysImported) : [];
  for (const requirement of main.mod.parsed.require) {
    const module = moduleOf(requirement);
    if (!isValidModule(requirement) || isExcluded(main, module) || isMember(project, module.path)) continue;
    const source = replacements.source(module);
    if (source.kind !== 'module' || stops.some((importPath) => isBelow(importPath, module.path))) continue;
    if (!present.has(`${moduleKey(source)}/go.mod`) || present.has(moduleKey(source))) continue;
    const imported = importedFrom(scan.value, facts, requirement, source);
    if (imported !== undefined) yield finding(project, main, facts, requirement, source, imported);
  }
}

/** A package that the main module's files import, and that the module is known to have. */
function importedFrom(
  scan: ImportScan,
  facts: Facts,
  requirement: Requirement,
  source: ModuleVersion,
): string | undefined {
  const { path, version } = source;
  const asked = requirement.path.value;
  const imports = scan.imports.filter(({ ignored, importPath }) => !ignored && isBelow(importPath, asked));
  return [...new Set(imports.map(({ importPath }) => importPath))].sort().find((importPath) => {
    const fact = facts.ask({ kind: 'package', path, version, importPath: path + importPath.slice(asked.length) });
    return fact.state === 'known' && fact.value;
  });
}

function finding(
  project: Project,
  main: MainModule,
  facts: Facts,
  requirement: Requirement,
  source: ModuleVersion,
  importPath: string,
): Finding {
  const { path, version } = source;
  const fix = checksumFix(project, facts, main, hashedVersions(main), source, 'both');
  const stop = `"missing go.sum entry for module providing package ${importPath}"`;
  return {
    at: { file: main.mod.path, span: { start: requirement.path.start, end: requirement.version.end } },
    module: { path, version },
    message:
      `go.sum has the hash of the go.mod file of ${path} ${version} alone, and ${importPath} is imported from it. ` +
      (project.workspace
        ? `The go command keeps the other hash in go.work.sum; built without the workspace, the import stops with ${stop}.`
        : `Where it is built, the go command stops with ${stop}, unless -mod=mod lets it add the line.`),
    fixes: fix ? [fix] : [],
  };
}
