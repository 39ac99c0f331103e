import type { DependencyMod, Fact, Facts } from './facts.ts';
import { moduleKey } from './module-version.ts';
import type { ModuleVersion } from './module-version.ts';
import type { MainModule } from './project.ts';
import { Replacements } from './replacements.ts';
import type { Source } from './replacements.ts';
import { isExcluded, moduleOf } from './requirements.ts';

/** Every module version that the requirements lead to, with replacements and exclusions applied. */
export type ModuleClosure =
  | {
      readonly state: 'known';
      /** Keys of the versions as required. */
      readonly nodes: ReadonlySet<string>;
      /** Keys of the versions that the go command would read for them. */
      readonly sources: ReadonlySet<string>;
    }
  | { readonly state: 'pending' }
  | { readonly state: 'unavailable'; readonly why: string };

/**
 * The unpruned closure of one main module: each requirement of each version, to the end. It holds at least what any
 * go command loads, whatever the pruning. One go.mod that can't be read may require anything, so then nothing is known.
 * The workspace plays no part, as it plays none in `go mod tidy`.
 */
export function moduleClosure(main: MainModule, facts: Facts): ModuleClosure {
  const replacements = Replacements.ofModule(main);
  const nodes = new Set<string>();
  const sources = new Set<string>();
  const queue: ModuleVersion[] = main.mod.parsed.require.map(moduleOf);
  let pending = false;
  let unavailable: string | undefined;

  for (let module = queue.pop(); module; module = queue.pop()) {
    const key = moduleKey(module);
    if (nodes.has(key) || isExcluded(main, module)) continue;
    nodes.add(key);
    const source = replacements.source(module);
    if (source.kind === 'module') sources.add(moduleKey(source));
    const mod = askMod(facts, source);
    if (mod.state === 'known') queue.push(...mod.value.requires);
    else if (mod.state === 'pending') pending = true;
    else unavailable ??= mod.state === 'unavailable' ? mod.why : `${key.replace(' ', '@')} is not to be had`;
  }
  if (unavailable !== undefined) return { state: 'unavailable', why: unavailable };
  return pending ? { state: 'pending' } : { state: 'known', nodes, sources };
}

function askMod(facts: Facts, source: Source): Fact<DependencyMod> {
  return source.kind === 'module'
    ? facts.ask({ kind: 'mod', path: source.path, version: source.version })
    : facts.ask({ kind: 'directory-mod', directory: source.directory });
}
