import { DEFAULT_GO_MOD_VERSION, compareGoVersions, compareModuleVersions } from '../../syntax/go-version.ts';
import { setGo } from '../../syntax/mod-edit.ts';
import { prerelease } from '../../syntax/semver.ts';
import type { Facts } from '../facts.ts';
import { fetchBound } from '../module-closure.ts';
import { graphOfRoots, moduleGraph, pruningOf, rootsOf } from '../module-graph.ts';
import { moduleKey } from '../module-version.ts';
import type { ModuleVersion } from '../module-version.ts';
import { modOf, offeredVersions } from '../offered-versions.ts';
import type { MainModule, Project } from '../project.ts';
import { readonlyModule } from '../readonly-module.ts';
import { RequirementChains, chainInWords } from '../requirement-chains.ts';
import type { RequirementChain } from '../requirement-chains.ts';
import { inFile, versionFix } from '../requirement-fixes.ts';
import { moduleOf } from '../requirements.ts';
import type { Fix, Place, Rule } from '../rule.ts';

/**
 * Reports a go line below that of a module in the graph.
 *
 * Why it matters: from go 1.21 on a go line is a requirement like any other, so that the main module's must be at least as
 * high. `go list -m all`, and every command that loads the module graph, stops with `updates to go.mod needed`, and names
 * neither the go line nor the module that asks for more.
 *
 * It needs the go.mod file of every module in the graph, from the module cache or a proxy. In a workspace it is the go line
 * of go.work that counts, and with -mod=mod the go command raises the line itself.
 *
 * @example
 * go 1.21
 * require github.com/acme/log v1.5.0 // its go.mod has go 1.23.0
 *
 * @fix
 * Raises the go line. Unsafe: the whole module is then compiled as that version of Go has it, and nobody can build it with
 * an older one. Where the line was below 1.17, `go mod tidy` adds the requirements that graph pruning needs. Or requires the
 * newest version of the dependency that fits the go line, where go.mod names it and nothing else requires more.
 *
 * @see https://go.dev/ref/mod#go-mod-file-go
 * @see https://go.dev/doc/toolchain
 */
export const goLineBelowDependency: Rule = {
  name: 'go-line-below-dependency',
  severity: 'error',
  summary: 'A go line below the one that a dependency has.',
  later: true,
  *check(project, facts) {
    const main = readonlyModule(project);
    const graph = main && moduleGraph(project, facts, fetchBound(project));
    if (!main || graph?.state !== 'known') return;
    const declared = main.mod.parsed.go?.version.value;
    const needed = graph.selected.get('go') ?? '';
    if (compareGoVersions(needed, declared ?? DEFAULT_GO_MOD_VERSION) <= 0) return;
    const chain = new RequirementChains(graph).shortest({ path: 'go', version: needed });
    const at = chain && placeOf(main, chain);
    if (!at) return;
    yield {
      at,
      message:
        `${declared === undefined ? `Without a go line, go ${DEFAULT_GO_MOD_VERSION}` : `go ${declared}`} is in force, but ` +
        `${chainInWords(chain)}. Commands that load the module graph, such as go list -m all, stop with "updates to go.mod needed".`,
      fixes: [...raise(main, needed), ...lower(project, facts, main, chain, declared ?? DEFAULT_GO_MOD_VERSION)],
    };
  },
};

/** The go line; where there is none, the requirement that leads to the newer one. */
function placeOf({ mod }: MainModule, chain: RequirementChain): Place | undefined {
  const root = chain[1];
  const line = mod.parsed.go ?? mod.parsed.require.find((own) => root && moduleKey(moduleOf(own)) === moduleKey(root));
  return line && { file: mod.path, span: line.version };
}

function raise(main: MainModule, version: string): Fix[] {
  if (!main.mod.editable) return [];
  const before = main.mod.parsed.go?.version.value ?? DEFAULT_GO_MOD_VERSION;
  const afterwards = compareGoVersions(before, '1.17') < 0 ? ' (run go mod tidy afterwards)' : '';
  return [
    {
      title: `Use go ${version}${afterwards}`,
      safety: 'unsafe',
      edits: inFile(main.mod, setGo(main.mod.parsed, version)),
    },
  ];
}

/** How many lower versions are looked at. */
const LOOKED_AT = 10;

/** The newest version of the required module that is content with the go line, if that brings the graph in order. */
function lower(project: Project, facts: Facts, main: MainModule, chain: RequirementChain, go: string): Fix[] {
  const [, root, end] = chain;
  const requirement = main.mod.parsed.require.find((own) => root && moduleKey(moduleOf(own)) === moduleKey(root));
  if (!root || end?.path !== 'go' || !requirement || !main.mod.editable) return [];
  const version = fittingVersion(facts, main, root, go);
  if (version === undefined || !isInOrder(project, facts, main, { path: root.path, version }, go)) return [];
  const title = `Use ${root.path} ${version}, the newest that go ${go} is enough for`;
  const fix = versionFix(project, facts, main, requirement, version, title);
  return fix ? [fix] : [];
}

function fittingVersion(facts: Facts, main: MainModule, { path, version }: ModuleVersion, go: string): string | undefined {
  const listed = facts.ask({ kind: 'versions', path });
  const offered = offeredVersions(facts, main, path, listed.state === 'known' ? listed.value : undefined);
  const below = offered.versions.filter((other) => prerelease(other) === '' && compareModuleVersions(path, other, version) < 0);
  for (const other of below.sort((a, b) => compareModuleVersions(path, b, a)).slice(0, LOOKED_AT)) {
    const mod = modOf(facts, path, other);
    if (!mod) return undefined;
    if (compareGoVersions(mod.go ?? DEFAULT_GO_MOD_VERSION, go) <= 0) return other;
  }
  return undefined;
}

function isInOrder(project: Project, facts: Facts, main: MainModule, { path, version }: ModuleVersion, go: string): boolean {
  const others = main.mod.parsed.require.map(moduleOf).filter((own) => own.path !== path);
  const roots = rootsOf(main, [...others, { path, version }]);
  const graph = graphOfRoots(project, main, facts, roots, pruningOf(go), fetchBound(project));
  if (graph.state !== 'known' || graph.selected.get(path) !== version) return false;
  return compareGoVersions(graph.selected.get('go') ?? '', go) <= 0;
}
