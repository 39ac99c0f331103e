import type { Fact } from '../engine/facts.ts';
import { moduleKey } from '../engine/module-version.ts';
import type { ModuleVersion } from '../engine/module-version.ts';
import { Gate } from './gate.ts';
import type { SourcePlace } from './module-cache.ts';
import { extractedTree, ModuleSource, SourceFault } from './module-source.ts';
import { zipTree } from './zip-tree.ts';

/** How many files are open at once. */
const MAX_OPEN = 32;

/** The module versions whose packages were read. What a version holds never changes, so each is looked for once. */
export class ModuleSources {
  readonly #gate = new Gate(MAX_OPEN);
  readonly #found = new Map<string, Promise<Fact<ModuleSource>>>();

  /** The source of a version, from where `find` says that it is; what is not found is looked for again the next time. */
  of(module: ModuleVersion, find: () => Promise<Fact<SourcePlace>>): Promise<Fact<ModuleSource>> {
    const key = moduleKey(module);
    const known = this.#found.get(key) ?? this.#open(module, find);
    this.#found.set(key, known);
    return known;
  }

  async #open(module: ModuleVersion, find: () => Promise<Fact<SourcePlace>>): Promise<Fact<ModuleSource>> {
    const source = await this.#source(module, find).catch((error: unknown): Fact<never> => {
      if (error instanceof SourceFault) return { state: 'unavailable', why: error.message };
      throw error;
    });
    if (source.state !== 'known') this.#found.delete(moduleKey(module));
    return source;
  }

  async #source({ path, version }: ModuleVersion, find: () => Promise<Fact<SourcePlace>>): Promise<Fact<ModuleSource>> {
    const place = await find();
    if (place.state !== 'known') return place;
    const tree =
      place.value.kind === 'directory'
        ? extractedTree(place.value.directory, this.#gate)
        : await zipTree(place.value.file, `${path}@${version}/`, this.#gate);
    return { state: 'known', value: new ModuleSource(tree) };
  }
}
