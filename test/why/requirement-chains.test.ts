import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ModuleGraph } from '../../server/src/engine/module-graph.ts';
import { moduleKey } from '../../server/src/engine/module-version.ts';
import type { ModuleVersion } from '../../server/src/engine/module-version.ts';
import { RequirementChains } from '../../server/src/engine/requirement-chains.ts';

const MAIN: ModuleVersion = { path: 'm', version: '' };
const NODES = ['a', 'b', 'c', 'd', 'e'].map((path) => ({ path, version: 'v1.0.0' }));

/** Any graph of six modules, cycles included. */
const graphs = fc
  .array(fc.tuple(fc.constantFrom(MAIN, ...NODES), fc.constantFrom(...NODES)), { maxLength: 18 })
  .map((edges): ModuleGraph => {
    const requirements = new Map<string, ModuleVersion[]>();
    for (const [from, to] of edges) requirements.set(moduleKey(from), [...(requirements.get(moduleKey(from)) ?? []), to]);
    return { state: 'known', mains: [MAIN], requirements, selected: new Map(NODES.map(({ path, version }) => [path, version])), dropped: new Set() };
  });

describe('chains of requirements', () => {
  it('are all that a search without any bound finds, the shortest first', () => {
    fc.assert(
      fc.property(graphs, fc.constantFrom(...NODES), (graph, target) => {
        const chains = new RequirementChains(graph);
        const found = chains.all(target, 10_000);
        assert.equal(found.more, false);
        assert.deepEqual(found.chains.map(text).sort(), everyChain(graph, [MAIN], target).map(text).sort());
        const lengths = found.chains.map(({ length }) => length);
        assert.deepEqual(lengths, lengths.toSorted((a, b) => a - b));
        assert.equal(chains.shortest(target)?.length, lengths[0]);
      }),
    );
  });

  it('are cut off at the limit, and only then are there more', () => {
    fc.assert(
      fc.property(graphs, fc.constantFrom(...NODES), fc.integer({ min: 1, max: 4 }), (graph, target, limit) => {
        const every = everyChain(graph, [MAIN], target).length;
        const { chains, more } = new RequirementChains(graph).all(target, limit);
        assert.equal(chains.length, Math.min(every, limit));
        assert.equal(more, every > limit);
      }),
    );
  });

  it('are found soon in a graph with more of them than can be counted', () => {
    const layer = (depth: number) => ['x', 'y', 'z'].map((side) => ({ path: `${side}${depth}`, version: 'v1.0.0' }));
    const requirements = new Map([[moduleKey(MAIN), layer(0)]]);
    for (let depth = 0; depth < 40; depth++) for (const from of layer(depth)) requirements.set(moduleKey(from), layer(depth + 1));
    const chains = new RequirementChains({ state: 'known', mains: [MAIN], requirements, selected: new Map(), dropped: new Set() });
    const found = chains.all({ path: 'x40', version: 'v1.0.0' }, 100);
    assert.equal(found.chains.length, 100);
    assert.equal(found.more, true);
  });
});

function everyChain(graph: ModuleGraph, chain: readonly ModuleVersion[], target: ModuleVersion): ModuleVersion[][] {
  const last = chain.at(-1)!;
  if (moduleKey(last) === moduleKey(target)) return [[...chain]];
  const next = new Map((graph.requirements.get(moduleKey(last)) ?? []).map((module) => [moduleKey(module), module]));
  return [...next.values()]
    .filter((module) => !chain.some((before) => moduleKey(before) === moduleKey(module)))
    .flatMap((module) => everyChain(graph, [...chain, module], target));
}

function text(chain: readonly ModuleVersion[]): string {
  return chain.map(moduleKey).join(' > ');
}
