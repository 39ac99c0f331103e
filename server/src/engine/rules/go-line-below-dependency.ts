import { DEFAULT_GO_MOD_VERSION, compareGoVersions } from '../../syntax/go-version.ts';
import { setGo } from '../../syntax/mod-edit.ts';
import { fetchBound } from '../module-closure.ts';
import { moduleGraph } from '../module-graph.ts';
import { moduleKey } from '../module-version.ts';
import type { MainModule } from '../project.ts';
import { readonlyModule } from '../readonly-module.ts';
import { RequirementChains, chainInWords } from '../requirement-chains.ts';
import type { RequirementChain } from '../requirement-chains.ts';
import { inFile } from '../requirement-fixes.ts';
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
 * an older one. Where the line was below 1.17, `go mod tidy` adds the requirements that graph pruning needs.
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
      fixes: raise(main, needed),
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
