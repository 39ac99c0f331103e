import type { Replacement } from '../syntax/directives.ts';
import { canonicalVersion } from '../syntax/module-path.ts';
import type { VendorList, VendoredModule } from '../syntax/vendor-list.ts';
import { joinPath, parentDirectory, relativePath } from './file-path.ts';
import { moduleKey } from './module-version.ts';
import type { ModuleVersion } from './module-version.ts';
import type { Project } from './project.ts';
import { Replacements } from './replacements.ts';
import { moduleOf } from './requirements.ts';
import type { Place } from './rule.ts';
import { directiveFiles, mainOf } from './text-files.ts';
import type { DirectiveFile } from './text-files.ts';

/** One disagreement of a vendor directory with the files that it was made from. */
export interface VendorFault {
  readonly at: Place;
  readonly module: ModuleVersion;
  /** The go command's own words. */
  readonly said: string;
}

/**
 * What the go command finds when it holds vendor/modules.txt against go.mod, or against go.work and its members
 * (cmd/go/internal/modload/vendor.go:checkVendorConsistency, for go 1.14 and above). Where a line's meaning is not certain,
 * such as that of a version query, nothing is said of it.
 */
export function vendorFaults(project: Project, vendor: VendorList): VendorFault[] {
  return [
    ...requirementFaults(project, vendor),
    ...replacementFaults(project, vendor),
    ...explicitFaults(project, vendor),
    ...leftoverFaults(project, vendor),
  ];
}

function* requirementFaults(project: Project, vendor: VendorList): Iterable<VendorFault> {
  for (const { mod } of project.modules) {
    for (const requirement of mod.parsed.require) {
      const module = moduleOf(requirement);
      if (vendor.modules.get(moduleKey(module))?.explicit) continue;
      yield {
        at: { file: mod.path, span: { start: requirement.path.start, end: requirement.version.end } },
        module,
        said: `${named(module)}: is explicitly required in go.mod, but not marked as explicit in vendor/modules.txt`,
      };
    }
  }
}

function* replacementFaults(project: Project, vendor: VendorList): Iterable<VendorFault> {
  const replacements = Replacements.ofProject(project);
  const seen = new Set<string>();
  for (const file of directiveFiles(project)) {
    for (const replacement of file.parsed.replace) {
      const { oldPath, oldVersion, newPath, newVersion } = replacement;
      const module = { path: oldPath.value, version: oldVersion?.value ?? '' };
      const key = moduleKey(module);
      if (seen.has(key) || isOwn(project, module)) continue;
      seen.add(key);
      if (!isCertain(project, replacement) || replacements.find(module) !== replacement) continue;
      const target = targetOf(project, file, replacement);
      const marked = vendor.modules.get(key)?.replacement;
      if (marked?.path === target.path && marked.version === target.version) continue;
      const from = relativeName(project, file);
      yield {
        at: { file: file.path, span: { start: oldPath.start, end: (newVersion ?? newPath).end } },
        module,
        said: marked
          ? `${named(module)}: is replaced by ${named({ path: newPath.value, version: newVersion?.value ?? '' })} in ${from}, ` +
            `but marked as replaced by ${named(marked)} in vendor/modules.txt`
          : `${named(module)}: is replaced in ${from}, but not marked as replaced in vendor/modules.txt`,
      };
    }
  }
}

function* explicitFaults(project: Project, vendor: VendorList): Iterable<VendorFault> {
  const required = new Set(project.modules.flatMap(({ mod }) => mod.parsed.require.map((line) => moduleKey(moduleOf(line)))));
  for (const module of vendor.providers) {
    if (!module.explicit || required.has(moduleKey(module))) continue;
    const article = project.workspace ? 'a ' : '';
    yield leftover(project, module, `is marked as explicit in vendor/modules.txt, but not explicitly required in ${article}go.mod`);
  }
}

function* leftoverFaults(project: Project, vendor: VendorList): Iterable<VendorFault> {
  const replacements = Replacements.ofProject(project);
  const where = project.workspace ? 'the workspace' : 'go.mod';
  for (const module of new Set(vendor.replaced)) {
    if (!isOwn(project, module) && replacements.find(module)) continue;
    yield leftover(project, module, `is marked as replaced in vendor/modules.txt, but not replaced in ${where}`);
  }
}

/** What only modules.txt has is reported where go.mod speaks of the module, or else of itself. */
function leftover(project: Project, module: VendoredModule, said: string): VendorFault {
  return { at: placeOf(project, module.path), module: { path: module.path, version: module.version }, said: `${named(module)}: ${said}` };
}

function placeOf(project: Project, path: string): Place {
  for (const { mod } of project.modules) {
    const line = mod.parsed.require.find((requirement) => requirement.path.value === path);
    if (line) return { file: mod.path, span: { start: line.path.start, end: line.version.end } };
  }
  const { workspace, modules } = project;
  const use = workspace?.work.parsed.use[0];
  if (workspace && use) return { file: workspace.work.path, span: use.path };
  const { mod } = modules[0]!;
  return { file: mod.path, span: mod.parsed.module?.path ?? { start: 0, end: 0 } };
}

/** A replacement whose words need no look-up, and that no other line contradicts. */
function isCertain(project: Project, replacement: Replacement): boolean {
  const { oldPath, oldVersion, newPath, newVersion } = replacement;
  const versions = [oldVersion, newVersion].filter((version) => version !== undefined);
  if (versions.some(({ value }) => canonicalVersion(value) !== value) || newPath.value.includes('\\')) return false;
  return directiveFiles(project).every((file) =>
    file.parsed.replace.every((other) => {
      const isSame = other.oldPath.value === oldPath.value && other.oldVersion?.value === oldVersion?.value;
      const isEqual = other.newPath.value === newPath.value && other.newVersion?.value === newVersion?.value;
      return !isSame || isEqual || file.parsed.kind === 'work';
    }),
  );
}

/** As modules.txt has it: in a workspace a member's directories are given from go.work's. */
function targetOf(project: Project, file: DirectiveFile, { newPath, newVersion }: Replacement): ModuleVersion {
  const { workspace } = project;
  if (newVersion) return { path: newPath.value, version: newVersion.value };
  const main = mainOf(project, file);
  if (!workspace || !main || newPath.value.startsWith('/')) return { path: newPath.value, version: '' };
  const relative = relativePath(workspace.directory, joinPath(main.directory, newPath.value));
  return { path: relative ?? newPath.value, version: '' };
}

function isOwn(project: Project, { path, version }: ModuleVersion): boolean {
  return version === '' && project.modules.some(({ mod }) => mod.parsed.module?.path.value === path);
}

function relativeName(project: Project, file: DirectiveFile): string {
  const root = project.workspace?.directory ?? parentDirectory(file.path);
  return relativePath(root, file.path)?.replace(/^\.\//, '') ?? file.path;
}

function named({ path, version }: ModuleVersion): string {
  return version === '' ? path : `${path}@${version}`;
}
