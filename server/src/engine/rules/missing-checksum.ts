import type { Requirement } from '../../syntax/directives.ts';
import { canonicalVersion, checkVersion } from '../../syntax/module-path.ts';
import { EMPTY_GO_MOD_HASH } from '../../syntax/sum-file.ts';
import type { NewSumLine } from '../../syntax/sum-file.ts';
import type { Facts } from '../facts.ts';
import { fetchBound } from '../module-closure.ts';
import { moduleGraph } from '../module-graph.ts';
import { moduleKey } from '../module-version.ts';
import type { ModuleVersion } from '../module-version.ts';
import type { MainModule, Project } from '../project.ts';
import { readonlyModule } from '../readonly-module.ts';
import { Replacements } from '../replacements.ts';
import { RequirementChains, chainInWords } from '../requirement-chains.ts';
import type { RequirementChain } from '../requirement-chains.ts';
import { checksumEdits } from '../requirement-fixes.ts';
import { isExcluded, isMember, moduleOf } from '../requirements.ts';
import { routeOf } from '../route.ts';
import type { Finding, Fix, Rule } from '../rule.ts';
import { isFoundByTag, versionExistence } from '../version-existence.ts';

/**
 * Reports a module whose go.mod file the go command must read and go.sum has no hash for.
 *
 * Why it matters: `go list -m all`, and every command that loads the module graph, stops with `missing go.sum entry for
 * go.mod file`. `go build` may go on without it until an import needs the module. Behind it is a go.mod edited by hand, a
 * merge that took one file and not the other, or a go.sum that was never committed.
 *
 * It is judged for each requirement by the text alone, and for what dependencies require once the whole module graph is
 * known. The hash wanted is that of the replacement where there is one. Nothing is said in a workspace, with a vendor
 * directory, or with -mod=mod, since the go command then does without the line or adds it; nor of a version that does not
 * exist.
 *
 * @example
 * require github.com/acme/log v1.4.2 // go.sum has no line github.com/acme/log v1.4.2/go.mod h1:…
 *
 * @fix
 * Adds the lines of that version to go.sum, with the hashes that the checksum database has signed, verified.
 *
 * @see https://go.dev/ref/mod#go-sum-files
 * @see https://go.dev/ref/mod#authenticating
 */
export const missingChecksum: Rule = {
  name: 'missing-checksum',
  severity: 'error',
  summary: 'A module whose go.mod file has no hash in go.sum.',
  later: true,
  fixAllTitle: (count) => `Add all ${count} missing checksums to go.sum`,
  *check(project, facts) {
    const main = readonlyModule(project);
    if (!main) return;
    const present = hashedVersions(main);
    const replacements = Replacements.ofModule(main);
    const lacksHash = (module: ModuleVersion) => {
      const source = replacements.source(module);
      return source.kind === 'module' && isModuleVersion(source) && !present.has(modKey(source)) ? source : undefined;
    };
    const reported = new Set<string>();
    for (const requirement of main.mod.parsed.require) {
      const module = moduleOf(requirement);
      const source = lacksHash(module);
      if (!source || reported.has(modKey(source)) || isExcluded(main, module) || isMember(project, module.path)) continue;
      reported.add(modKey(source));
      if (canBeLoaded(project, facts, replacements, module)) {
        yield finding(project, facts, { main, present, requirement, module, source, chain: undefined });
      }
    }
    yield* checkGraph(project, facts, main, present, (module) => {
      const source = lacksHash(module);
      if (!source || reported.has(modKey(source))) return undefined;
      reported.add(modKey(source));
      return source;
    });
  },
};

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
  main: MainModule,
  present: ReadonlySet<string>,
  claim: (module: ModuleVersion) => ModuleVersion | undefined,
): Iterable<Finding> {
  const graph = moduleGraph(project, facts, fetchBound(project));
  if (graph.state !== 'known') return;
  const chains = new RequirementChains(graph);
  for (const module of chains.modules()) {
    if (!graph.requirements.has(moduleKey(module)) || isPseudoModule(module)) continue;
    const source = claim(module);
    const chain = source && chains.shortest(module);
    const requirement = chain && main.mod.parsed.require.find((root) => isSame(moduleOf(root), chain[1]));
    if (source && requirement) yield finding(project, facts, { main, present, requirement, module, source, chain });
  }
}

interface Missing {
  readonly main: MainModule;
  /** The keys of go.sum's lines. */
  readonly present: ReadonlySet<string>;
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
  const { main, requirement, module, source, chain } = missing;
  const { path, version } = source;
  const replaced = isSame(source, module) ? '' : `, which replaces ${module.path} ${module.version}`;
  const because = chain ? ` The module graph has it because ${chainInWords(chain)}.` : '';
  const fix = checksumFix(project, facts, missing);
  return {
    at: { file: main.mod.path, span: { start: requirement.path.start, end: requirement.version.end } },
    module: { path, version: `${version}/go.mod` },
    message:
      `go.sum has no hash for the go.mod file of ${path} ${version}${replaced}.${because} Commands that load the module graph, ` +
      `such as go list -m all, stop with "missing go.sum entry for go.mod file; to add it: go mod download ${module.path}".`,
    fixes: fix ? [fix] : [],
  };
}

/** Of a requirement of the main module's own the files are wanted too; of another module mostly its go.mod alone. */
function checksumFix(project: Project, facts: Facts, { main, present, source, chain }: Missing): Fix | undefined {
  const { path, version } = source;
  if (routeOf(project.environment, path).sumDb === undefined) return undefined;
  const checksums = facts.ask({ kind: 'checksums', path, version });
  if (checksums.state !== 'known' || checksums.value.mod === undefined) return undefined;
  const { zip, mod, database } = checksums.value;
  const entries: NewSumLine[] = [];
  if (zip !== undefined && !chain && !present.has(`${path} ${version}`)) entries.push({ path, version, hash: zip });
  entries.push({ path, version: `${version}/go.mod`, hash: mod });
  return {
    title: `Add the checksums of ${path} ${version}, signed by ${database}`,
    safety: 'safe',
    edits: checksumEdits(main, entries),
  };
}

/** The keys of the lines that the go command takes for a hash (cmd/go/internal/modfetch/fetch.go:HaveSum, readGoSum). */
function hashedVersions(main: MainModule): Set<string> {
  const lines = main.sum?.parsed.lines ?? [];
  return new Set(
    lines
      .filter(({ hash }) => hash.value.startsWith('h1:') && hash.value !== EMPTY_GO_MOD_HASH)
      .map(({ path, version }) => `${path.value} ${version.value}`),
  );
}

function modKey({ path, version }: ModuleVersion): string {
  return `${path} ${version}/go.mod`;
}

function isModuleVersion({ path, version }: ModuleVersion): boolean {
  return canonicalVersion(version) === version && checkVersion(path, version) === undefined;
}

/** The main module and the versions of Go themselves have no go.mod that is fetched. */
function isPseudoModule({ path, version }: ModuleVersion): boolean {
  return version === '' || path === 'go' || path === 'toolchain';
}

function isSame(a: ModuleVersion, b: ModuleVersion | undefined): boolean {
  return b !== undefined && moduleKey(a) === moduleKey(b);
}
