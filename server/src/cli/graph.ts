import { buildList, consistentGraph, graphEdges, moduleGraph } from '../engine/module-graph.ts';
import type { ModuleGraph } from '../engine/module-graph.ts';
import type { ModuleVersion } from '../engine/module-version.ts';
import { printable } from '../engine/printable.ts';
import { settle } from '../host/settlement.ts';
import { remembered } from '../syntax/memory.ts';
import { CannotRun } from './cannot-run.ts';
import { findPlaceAbove, openProject, openWorkplace } from './workplace.ts';
import type { WorkplaceOptions } from './workplace.ts';

export interface GraphOptions extends WorkplaceOptions {
  readonly format: 'text' | 'json' | 'dot' | 'mermaid';
}

/** Runs `gomod-health graph`: the module graph as `go mod graph` has it, and what is selected from it. */
export async function graph(path: string, options: GraphOptions): Promise<number> {
  const workplace = await openWorkplace(options);
  try {
    const project = await openProject(await findPlaceAbove(path, workplace), workplace);
    const { signal } = new AbortController();
    const { asWritten, consistent } = await settle(
      (facts) => {
        const loaded = moduleGraph(project, facts);
        return { asWritten: loaded, consistent: loaded.state === 'known' ? consistentGraph(project, facts) : loaded };
      },
      workplace.store,
      { signal },
    );
    if (asWritten.state !== 'known') throw new CannotRun(reason(asWritten));
    if (consistent.state !== 'known') throw new CannotRun(reason(consistent));
    process.stdout.write(WRITERS[options.format](asWritten, consistent));
    return 0;
  } finally {
    await workplace.close();
  }
}

function reason(result: { readonly state: string; readonly why?: string }): string {
  return `the module graph can't be loaded: ${printable(result.why ?? 'it was cancelled')}`;
}

type Writer = (asWritten: ModuleGraph, consistent: ModuleGraph) => string;

const WRITERS: Record<GraphOptions['format'], Writer> = {
  text: (asWritten) => graphEdges(asWritten).map(({ from, to }) => `${name(from)} ${name(to)}\n`).join(''),
  json: (asWritten, consistent) =>
    `${JSON.stringify(
      {
        buildList: buildList(consistent),
        requirements: graphEdges(asWritten).map(({ from, to }) => ({ from: name(from), to: name(to) })),
      },
      undefined,
      2,
    )}\n`,
  dot: (asWritten) => {
    const edges = graphEdges(asWritten).map(({ from, to }) => `  ${JSON.stringify(name(from))} -> ${JSON.stringify(name(to))};\n`);
    return `digraph modules {\n${edges.join('')}}\n`;
  },
  mermaid: (asWritten) => {
    const ids = new Map<string, string>();
    const node = (module: ModuleVersion) => {
      const id = ids.get(name(module)) ?? `m${ids.size}`;
      ids.set(name(module), id);
      return `${id}["${name(module)}"]`;
    };
    return `graph LR\n${graphEdges(asWritten).map(({ from, to }) => `  ${node(from)} --> ${node(to)}\n`).join('')}`;
  },
};

/** `path@version`, or just the path for a main module, as `go mod graph` writes it. */
function name({ path, version }: ModuleVersion): string {
  return shown(version === '' ? path : `${path}@${version}`);
}

/** A graph names the same modules again and again. */
const shown = remembered(printable);
