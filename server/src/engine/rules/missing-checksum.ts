import type { Requirement } from '../../syntax/directives.ts';
import type { Facts } from '../facts.ts';
import { fetchBound } from '../module-closure.ts';
import { checksumFix, hashedVersions } from '../checksum-fix.ts';
import { missingSums } from '../missing-sums.ts';
import type { MissingSum } from '../missing-sums.ts';
import { moduleGraph } from '../module-graph.ts';
import type { ModuleGraph } from '../module-graph.ts';
import { isModuleVersion, moduleKey } from '../module-version.ts';
import type { ModuleVersion } from '../module-version.ts';
import type { MainModule, Project } from '../project.ts';
import { readonlyModule } from '../readonly-module.ts';
import { Replacements } from '../replacements.ts';
import { RequirementChains, chainInWords } from '../requirement-chains.ts';
import type { RequirementChain } from '../requirement-chains.ts';
import { isExcluded, isMember, moduleOf } from '../requirements.ts';
import type { Finding, Rule } from '../rule.ts';
import { isFoundByTag, versionExistence } from '../version-existence.ts';

/**
 * Reports a module that the go command must read and go.sum has no hash for.
 *
 * Why it matters: `go list -m all`, and every command that loads the module graph, stops with `missing go.sum entry for
 * go.mod file`. `go build` may go on without it until an import needs the module. Behind it is a go.mod edited by hand, a
 * merge that took one file and not the other, or a go.sum that was never committed. Where a package is imported and the hash
 * of a module is missing that may provide it, `go build` stops with `missing go.sum entry for module providing package`.
 *
 * It is judged for each requirement by the text alone, and for what dependencies require once the whole module graph is
 * known; for the imports of the module's own files, and of all that they import as far as sources are at hand, if they are in
 * every build. What only `go mod tidy` adds, for tests, tools or other platforms, is a hint, once all packages are known.
 * The hash wanted is that of the replacement where there is one. Nothing is said in a workspace, with a vendor
 * directory, or with -mod=mod, since the go command then does without the line or adds it; nor of a version that does not
 * exist.
 *
 * @example
 * require github.com/acme/log v1.4.2 // go.sum has no line github.com/acme/log v1.4.2/go.mod h1:…
 *
 * @fix
 * Adds the lines of that version to go.sum, with the hashes that the checksum database has signed, verified. Where it is not
 * asked about the module, as for private ones, they are made from the files in the module cache; where it does not answer,
 * they are too, but then it is for you to decide.
 *
 * @see https://go.dev/ref/mod#go-sum-files
 * @see https://go.dev/ref/mod#authenticating
 */
export const missingChecksum: Rule = {
  name: 'missing-checksum',
  severity: 'error',
  summary: 'A module that go.sum has no hash for.',
  later: true,
  fixAllTitle: (count) => `Add all ${count} missing checksums to go.sum`,
  *check(project, facts) {
    const main = readonlyModule(project);
    if (!main) return;
    const present = hashedVersions(main);
    const replacements = Replacements.ofModule(main);
    const lacksHash = (module: ModuleVersion) => {
      const source = replacements.source(module);
      return source.kind === 'module' && !present.has(modKey(source)) && isModuleVersion(source) ? source : undefined;
    };
    const reported = new Set<string>();
    const sums = missingSums(project, main, facts, present);
    const zips = new Set(sums.filter(({ mod }) => !mod).map(({ source }) => moduleKey(source)));
    for (const requirement of main.mod.parsed.require) {
      const module = moduleOf(requirement);
      const source = lacksHash(module);
      if (!source || reported.has(modKey(source)) || isExcluded(main, module) || isMember(project, module.path)) continue;
      reported.add(modKey(source));
      if (canBeLoaded(project, facts, replacements, module)) {
        yield finding(project, facts, { main, present, zips, requirement, module, source, chain: undefined });
      }
    }
    const isLacking = (module: ModuleVersion) => {
      const source = lacksHash(module);
      return source !== undefined && !reported.has(modKey(source));
    };
    yield* checkGraph(project, facts, { main, present, zips }, isLacking, (module) => {
      const source = lacksHash(module);
      if (!source || reported.has(modKey(source))) return undefined;
      reported.add(modKey(source));
      return source;
    });
    for (const missing of sums) {
      const { source, mod, module, requirement } = missing;
      if ((mod && reported.has(modKey(source))) || isMember(project, source.path)) continue;
      if (module && requirement && !canBeLoaded(project, facts, replacements, moduleOf(requirement))) continue;
      yield sumFinding(project, facts, main, present, missing);
    }
  },
};

/** A line that packages need, on the requirement, or, where go.mod has none, on its module line. */
function sumFinding(
  project: Project,
  facts: Facts,
  main: MainModule,
  present: ReadonlySet<string>,
  missing: MissingSum,
): Finding {
  const { source, mod, module, requirement, stopsAt } = missing;
  const { path, version } = source;
  const place = requirement ? { start: requirement.path.start, end: requirement.version.end } : main.mod.parsed.module!.path;
  const fix = checksumFix(project, facts, main, present, source, mod ? 'mod' : 'both');
  return {
    at: { file: main.mod.path, span: { start: place.start, end: place.end } },
    module: { path, version: mod ? `${version}/go.mod` : version },
    severity: stopsAt ? 'error' : 'hint',
    message: stopsAt
      ? `go.sum has no hash for ${path} ${version}${replacing(source, module)}, where the go command looks for the package ` +
        `${stopsAt.importPath}. go build ./... stops with ${stopWords(stopsAt)}; to add it: go mod download ${module!.path}.`
      : `go.sum has no hash for ${mod ? 'the go.mod file of ' : ''}${path} ${version}. go mod tidy adds it; ` +
        'a build may do without it, but not every test, tool or platform.',
    fixes: fix ? [fix] : [],
  };
}

/** Go's own words, as far as they are certain. */
function stopWords({ importPath, isOnlyCandidate }: NonNullable<MissingSum['stopsAt']>): string {
  return isOnlyCandidate ? `"missing go.sum entry for module providing package ${importPath}"` : '"missing go.sum entry"';
}

function replacing(source: ModuleVersion, module: ModuleVersion | undefined): string {
  return !module || isSame(source, module) ? '' : `, which replaces ${module.path} ${module.version}`;
}

/** A version that is nowhere is the matter of missing-tag; one that can't be looked up needs its hash all the same. */
function canBeLoaded(project: Project, facts: Facts, replacements: Replacements, module: ModuleVersion): boolean {
  if (!isFoundByTag(project, replacements, module)) return true;
  const { state } = versionExistence(project, facts, module);
  return state === 'exists' || state === 'unchecked';
}

/** What requirements of dependencies lead to, reported on the requirement from which the shortest way goes. */
function* checkGraph(
  project: Project,
  facts: Facts,
  at: Pick<Missing, 'main' | 'present' | 'zips'>,
  isLacking: (module: ModuleVersion) => boolean,
  claim: (module: ModuleVersion) => ModuleVersion | undefined,
): Iterable<Finding> {
  const graph = moduleGraph(project, facts, fetchBound(project));
  // Chains are only looked for where something is missing.
  if (graph.state !== 'known' || !loadedModules(graph).some(isLacking)) return;
  const chains = new RequirementChains(graph);
  for (const module of chains.modules()) {
    if (!graph.requirements.has(moduleKey(module)) || isPseudoModule(module)) continue;
    const source = claim(module);
    const chain = source && chains.shortest(module);
    const requirement = chain && at.main.mod.parsed.require.find((root) => isSame(moduleOf(root), chain[1]));
    if (source && requirement) yield finding(project, facts, { ...at, requirement, module, source, chain });
  }
}

/** The versions whose go.mod files are loaded, but for the main module's and the versions of Go. */
function loadedModules({ requirements }: ModuleGraph): ModuleVersion[] {
  return [...requirements.keys()]
    .map((key) => ({ path: key.slice(0, key.lastIndexOf(' ')), version: key.slice(key.lastIndexOf(' ') + 1) }))
    .filter((module) => !isPseudoModule(module));
}

interface Missing {
  readonly main: MainModule;
  /** The keys of go.sum's lines. */
  readonly present: ReadonlySet<string>;
  /** The versions of which the line of the zip file is missing, too, and reported with its own fix. */
  readonly zips: ReadonlySet<string>;
  /** Where it is reported. */
  readonly requirement: Requirement;
  /** As required. */
  readonly module: ModuleVersion;
  /** As the go command reads it: the replacement, where there is one. */
  readonly source: ModuleVersion;
  /** The way to it, where it is no requirement of the main module's own. */
  readonly chain: RequirementChain | undefined;
}

function finding(project: Project, facts: Facts, missing: Missing): Finding {
  const { main, present, zips, requirement, module, source, chain } = missing;
  const { path, version } = source;
  const because = chain ? ` The module graph has it because ${chainInWords(chain)}.` : '';
  // Of a requirement of the main module's own the files are wanted too; of another module mostly its go.mod alone.
  const wanted = chain || zips.has(moduleKey(source)) ? 'mod' : 'both';
  const fix = checksumFix(project, facts, main, present, source, wanted);
  return {
    at: { file: main.mod.path, span: { start: requirement.path.start, end: requirement.version.end } },
    module: { path, version: `${version}/go.mod` },
    message:
      `go.sum has no hash for the go.mod file of ${path} ${version}${replacing(source, module)}.${because} Commands that load the module graph, ` +
      `such as go list -m all, stop with "missing go.sum entry for go.mod file; to add it: go mod download ${module.path}".`,
    fixes: fix ? [fix] : [],
  };
}

function modKey({ path, version }: ModuleVersion): string {
  return `${path} ${version}/go.mod`;
}

/** The main module and the versions of Go themselves have no go.mod that is fetched. */
function isPseudoModule({ path, version }: ModuleVersion): boolean {
  return version === '' || path === 'go' || path === 'toolchain';
}

function isSame(a: ModuleVersion, b: ModuleVersion | undefined): boolean {
  return b !== undefined && moduleKey(a) === moduleKey(b);
}
