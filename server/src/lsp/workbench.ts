import { stat } from 'node:fs/promises';
import { dirname } from 'node:path/posix';
import { analyze, recordFacts } from '../engine/analysis.ts';
import type { Analysis, ReportedFinding } from '../engine/analysis.ts';
import type { GoEnvironment } from '../engine/environment.ts';
import type { Facts, Question, QuestionKind } from '../engine/facts.ts';
import type { Network } from '../engine/network.ts';
import type { NearbyModule, Project } from '../engine/project.ts';
import { rules } from '../engine/rules/index.ts';
import { analyzeText } from '../engine/text-analysis.ts';
import { beginsWithByteOrderMark } from '../host/byte-order-mark.ts';
import { factSource } from '../host/fact-source.ts';
import { FactStore } from '../host/fact-store.ts';
import { moduleCache } from '../host/module-cache.ts';
import { discoverModules, isForeign } from '../host/module-discovery.ts';
import { findNearbyModules, findProject, loadProject } from '../host/project-loader.ts';
import type { LoadedProject, ParsedFiles, ProjectPlace } from '../host/project-loader.ts';
import type { Round } from '../host/settlement.ts';
import { settle } from '../host/settlement.ts';
import { editorText, sourceFiles } from '../host/source-files.ts';
import type { ReadResult, SourceFiles } from '../host/source-files.ts';
import { sourceScan } from '../host/source-scan.ts';
import { hashGoMod, hashZip } from '../net/dirhash.ts';
import { isModuleFile } from './places.ts';
import { editedFile, withFile } from './edited-project.ts';
import type { Settings } from './settings.ts';

export interface WorkbenchOptions {
  readonly environment: GoEnvironment;
  readonly network: Network;
  readonly settings: Settings;
  /** The texts that the editor holds, by path; kept up to date by its owner. */
  readonly overlays: ReadonlyMap<string, string>;
  readonly folders: readonly string[];
}

/** A snapshot with the findings that its text shows. */
export interface Glance {
  readonly project: Project;
  readonly findings: readonly ReportedFinding[];
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
  /** The kinds of answers that a changed file has made doubtful. */
  readonly #outdated = new Set<QuestionKind>();
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
        hashes: () => Promise.resolve({ zip: hashZip, mod: hashGoMod }),
        cache: environment.moduleCache === undefined ? undefined : moduleCache(environment.moduleCache),
        scan: sourceScan({ overlays }),
        files: this.#files,
        env: process.env,
      }),
    );
  }

  get environment(): GoEnvironment {
    return this.#options.environment;
  }

  get settings(): Settings {
    return this.#options.settings;
  }

  /** Where Go's settings are looked at: the workspace's folders, or that of an open file where there is none. */
  directories(): string[] {
    const { folders, overlays } = this.#options;
    const open = [...overlays.keys()].find(isModuleFile);
    return folders.length === 0 && open !== undefined ? [dirname(open)] : [...folders];
  }

  /** The project of a file; undefined for a file that is not the user's own work. */
  async placeOf(path: string): Promise<ProjectPlace | undefined> {
    const { environment, folders } = this.#options;
    if (await isForeign(path, folders, environment.moduleCache, this.#files)) return undefined;
    return findProject(path, environment, this.#files);
  }

  /** Every project in the workspace folders, and those of open files elsewhere. */
  async places(): Promise<ProjectPlace[]> {
    const { environment, folders, overlays } = this.#options;
    const places = new Map<string, ProjectPlace>();
    for (const folder of folders) {
      const { directories } = await discoverModules(folder, environment.moduleCache, this.#files);
      for (const directory of directories) {
        const place = await findProject(directory, environment, this.#files);
        if (place) places.set(`${place.kind} ${place.directory}`, place);
      }
    }
    for (const path of overlays.keys()) {
      const place = isModuleFile(path) ? await this.placeOf(path) : undefined;
      if (place) places.set(`${place.kind} ${place.directory}`, place);
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

  /**
   * The snapshot with the editor's text of one of its files, and what it shows by itself: nothing else is read, and the
   * file is parsed once. Undefined where a text may tell which files there are, such as that of a go.work.
   */
  glance(project: Project, path: string): Glance | undefined {
    const text = this.#options.overlays.get(path);
    const file = text === undefined ? undefined : editedFile(project, path, text);
    if (!file) return undefined;
    this.#parsed.set(path, file);
    const edited = withFile(project, file);
    return { project: edited, findings: this.textFindings(edited) };
  }

  /** What the text alone shows. */
  textFindings(project: Project): readonly ReportedFinding[] {
    return analyzeText(project, rules, this.#options.settings.rules);
  }

  /** The findings, round by round; the first round is what the text alone shows. */
  async inspect(project: Project, signal: AbortSignal, onRound?: (round: Round<Analysis>) => void): Promise<Analysis> {
    return this.settle((facts) => analyze(project, facts, rules, this.#options.settings.rules), signal, onRound);
  }

  async settle<T>(look: (facts: Facts) => T, signal: AbortSignal, onRound?: (round: Round<T>) => void): Promise<T> {
    // A scan of changed files is asked for by every look, and a look without it would be in vain.
    const expected = this.#forgetOutdated().filter(({ kind }) => kind === 'imports');
    return settle(look, this.#store, { signal, expected, ...(onRound && { onRound }) });
  }

  /** Looks at what is known already; nobody is asked, and nothing is read. */
  peek<T>(look: (facts: Facts) => T): T {
    return look(
      recordFacts((key) => {
        const held = this.#store.held(key);
        return held && { fact: held.fact, refresh: false };
      }, this.#store),
    );
  }

  async text(path: string): Promise<string | undefined> {
    const result = await this.#files.read(path);
    return result.kind === 'text' ? result.text : undefined;
  }

  /** A file changed in the editor. */
  edited(path: string): void {
    if (path.endsWith('.go')) this.#outdated.add('imports').add('directory-source');
    if (path.endsWith('/go.mod')) this.#outdated.add('directory-mod').add('directory-source');
  }

  /** A file changed on the disk. */
  changed(path: string): void {
    this.edited(path);
    // Git notes there whatever makes another commit the current one.
    if (path.endsWith('/.git/logs/HEAD')) this.#outdated.add('committed-mod');
    if (path.endsWith('/go.mod')) this.#nearby.clear();
  }

  /** Goes through all answers, so that it is not done while a keystroke waits for its own. */
  #forgetOutdated(): Question[] {
    if (this.#outdated.size === 0) return [];
    const outdated = new Set(this.#outdated);
    this.#outdated.clear();
    return this.#store.forget(({ kind }) => outdated.has(kind));
  }

  async #nearbyOf(place: ProjectPlace): Promise<NearbyModule[]> {
    const known = this.#nearby.get(place.directory);
    if (known && Date.now() - known.at < NEARBY_MILLISECONDS) return known.found;
    const found = findNearbyModules(place, this.#options.folders, this.#files);
    this.#nearby.set(place.directory, { found, at: Date.now() });
    return found;
  }
}

/** Reads a file of the disk anew only when it has changed since. */
class CachedFiles implements SourceFiles {
  readonly #overlays: ReadonlyMap<string, string>;
  readonly #disk = sourceFiles();
  readonly #read = new Map<string, { readonly state: string; readonly result: Promise<ReadResult> }>();

  constructor(overlays: ReadonlyMap<string, string>) {
    this.#overlays = overlays;
  }

  async read(path: string): Promise<ReadResult> {
    const overlay = this.#overlays.get(path);
    if (overlay !== undefined) {
      const isHidden = !overlay.startsWith('\ufeff') && (await beginsWithByteOrderMark(path));
      return { kind: 'text', ...editorText(overlay), ...(isHidden && { hiddenByteOrderMark: true }) };
    }
    const state = await stateOf(path);
    const known = this.#read.get(path);
    if (known?.state === state) return known.result;
    const result = this.#disk.read(path);
    this.#read.set(path, { state, result });
    return result;
  }
}

/** What tells two states of a file apart; a file that is not there has one too. */
async function stateOf(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch((error: NodeJS.ErrnoException) => error);
  return found instanceof Error ? String(found.code) : `${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}`;
}
