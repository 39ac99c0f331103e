import { analyze } from '../engine/analysis.ts';
import type { Analysis } from '../engine/analysis.ts';
import type { GoEnvironment } from '../engine/environment.ts';
import type { Facts } from '../engine/facts.ts';
import type { Network } from '../engine/network.ts';
import type { NearbyModule, Project } from '../engine/project.ts';
import { rules } from '../engine/rules/index.ts';
import { factSource } from '../host/fact-source.ts';
import { FactStore } from '../host/fact-store.ts';
import { moduleCache } from '../host/module-cache.ts';
import { discoverModules, isForeign } from '../host/module-discovery.ts';
import { findNearbyModules, findProject, loadProject } from '../host/project-loader.ts';
import type { LoadedProject, ParsedFiles, ProjectPlace } from '../host/project-loader.ts';
import type { Round } from '../host/settlement.ts';
import { settle } from '../host/settlement.ts';
import { sourceFiles } from '../host/source-files.ts';
import type { ReadResult, SourceFiles } from '../host/source-files.ts';
import { sourceScan } from '../host/source-scan.ts';
import type { Settings } from './settings.ts';

export interface WorkbenchOptions {
  readonly environment: GoEnvironment;
  readonly network: Network;
  readonly settings: Settings;
  /** The texts that the editor holds, by path; kept up to date by its owner. */
  readonly overlays: ReadonlyMap<string, string>;
  readonly folders: readonly string[];
}

/** How long the modules nearby are taken as they were found, in milliseconds. */
const NEARBY_MILLISECONDS = 30_000;

/**
 * Everything that the language server knows under one set of settings: snapshots of projects and the answers that were
 * fetched for them.
 */
export class Workbench {
  readonly #options: WorkbenchOptions;
  readonly #store: FactStore;
  readonly #files: CachedFiles;
  readonly #parsed: ParsedFiles = new Map();
  readonly #nearby = new Map<string, { readonly found: Promise<NearbyModule[]>; readonly at: number }>();

  constructor(options: WorkbenchOptions) {
    const { environment, network, settings, overlays } = options;
    this.#options = options;
    this.#files = new CachedFiles(overlays);
    this.#store = new FactStore(
      factSource({
        environment,
        reach: settings.reach,
        reachReason: settings.reachReason,
        network,
        cache: environment.moduleCache === undefined ? undefined : moduleCache(environment.moduleCache),
        scan: sourceScan({ overlays }),
        files: this.#files,
      }),
    );
  }

  get environment(): GoEnvironment {
    return this.#options.environment;
  }

  /** The project of a file; undefined for a file that is not the user's own work. */
  async placeOf(path: string): Promise<ProjectPlace | undefined> {
    const { environment, folders } = this.#options;
    const folder = folders.find((candidate) => path.startsWith(`${candidate}/`));
    if (isForeign(path, folder, environment.moduleCache)) return undefined;
    return findProject(path, environment, this.#files);
  }

  /** Every project in the workspace folders. */
  async places(): Promise<ProjectPlace[]> {
    const { environment, folders } = this.#options;
    const places = new Map<string, ProjectPlace>();
    for (const folder of folders) {
      for (const directory of await discoverModules(folder, environment.moduleCache, this.#files)) {
        const place = await findProject(directory, environment, this.#files);
        if (place) places.set(`${place.kind} ${place.directory}`, place);
      }
    }
    return [...places.values()];
  }

  async load(place: ProjectPlace): Promise<LoadedProject> {
    const { environment } = this.#options;
    return loadProject(place, {
      environment,
      files: this.#files,
      nearby: await this.#nearbyOf(place),
      parsed: this.#parsed,
    });
  }

  /** The findings, round by round; the first round is what the text alone shows. */
  async inspect(project: Project, signal: AbortSignal, onRound?: (round: Round<Analysis>) => void): Promise<Analysis> {
    return this.settle((facts) => analyze(project, facts, rules, this.#options.settings.rules), signal, onRound);
  }

  async settle<T>(look: (facts: Facts) => T, signal: AbortSignal, onRound?: (round: Round<T>) => void): Promise<T> {
    return settle(look, this.#store, { signal, ...(onRound && { onRound }) });
  }

  async text(path: string): Promise<string | undefined> {
    const result = await this.#files.read(path);
    return result.kind === 'text' ? result.text : undefined;
  }

  /** A file changed on the disk or in the editor. */
  changed(path: string): void {
    this.#files.forget(path);
    if (path.endsWith('.go')) this.#store.forget(({ kind }) => kind === 'imports');
    if (path.endsWith('/go.mod')) {
      this.#store.forget(({ kind }) => kind === 'directory-mod');
      this.#nearby.clear();
    }
  }

  async #nearbyOf(place: ProjectPlace): Promise<NearbyModule[]> {
    const known = this.#nearby.get(place.directory);
    if (known && Date.now() - known.at < NEARBY_MILLISECONDS) return known.found;
    const found = findNearbyModules(place, this.#options.folders, this.#files);
    this.#nearby.set(place.directory, { found, at: Date.now() });
    return found;
  }
}

/** Reads each file of the disk once, until it is said to have changed. */
class CachedFiles implements SourceFiles {
  readonly #overlays: ReadonlyMap<string, string>;
  readonly #disk = sourceFiles();
  readonly #read = new Map<string, Promise<ReadResult>>();

  constructor(overlays: ReadonlyMap<string, string>) {
    this.#overlays = overlays;
  }

  async read(path: string): Promise<ReadResult> {
    const overlay = this.#overlays.get(path);
    if (overlay !== undefined) return { kind: 'text', text: overlay, editable: true };
    const known = this.#read.get(path);
    if (known) return known;
    const result = this.#disk.read(path);
    this.#read.set(path, result);
    return result;
  }

  forget(path: string): void {
    this.#read.delete(path);
  }
}
