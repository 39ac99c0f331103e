import { readdir, stat } from 'node:fs/promises';
import type { GoEnvironment } from '../engine/environment.ts';
import { joinPath, parentDirectory } from '../engine/file-path.ts';
import type { MainModule, NearbyModule, Project, SourceFile, Workspace } from '../engine/project.ts';
import type { SumFile } from '../syntax/directives.ts';
import { compareGoVersions } from '../syntax/go-version.ts';
import { parseMod } from '../syntax/mod-file.ts';
import { summarizeMod } from '../syntax/mod-summary.ts';
import { parseSum } from '../syntax/sum-file.ts';
import { parseVendorList } from '../syntax/vendor-list.ts';
import type { VendorList } from '../syntax/vendor-list.ts';
import { parseWork } from '../syntax/work-file.ts';
import type { SourceFiles } from './source-files.ts';

/** A snapshot, with what could not be read for it. */
export interface LoadedProject {
  readonly project: Project;
  /** One sentence for each file that is there but can't be read. */
  readonly failures: readonly string[];
}

export interface ProjectPlace {
  /** The go.mod, or the go.work with all its members. */
  readonly kind: 'module' | 'workspace';
  readonly directory: string;
}

/**
 * Where the project of a file or directory is: the workspace whose go.work names the nearest module upwards, else that
 * module; for a go.work itself, its workspace (cmd/go/internal/modload/init.go:FindGoWork, findModuleRoot).
 */
export async function findProject(
  path: string,
  environment: GoEnvironment,
  files: SourceFiles,
): Promise<ProjectPlace | undefined> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name === 'go.work' || name === 'go.work.sum') return { kind: 'workspace', directory: parentDirectory(path) };
  const start = name === 'go.mod' || name === 'go.sum' ? parentDirectory(path) : path;
  const directory = await findUpwards(start, 'go.mod', files);
  const workspace = await findWorkspace(directory ?? start, environment, files);
  if (workspace !== undefined && (directory === undefined || (await isMemberOf(workspace, directory, files)))) {
    return { kind: 'workspace', directory: workspace };
  }
  return directory === undefined ? undefined : { kind: 'module', directory };
}

/** What a project is made from. */
export interface ProjectInputs {
  readonly environment: GoEnvironment;
  readonly files: SourceFiles;
  readonly nearby: readonly NearbyModule[];
  /** Files that were parsed before; unchanged ones are taken from here. */
  readonly parsed?: ParsedFiles;
}

/** Parsed files by path, kept between snapshots so that a keystroke parses one file. */
export type ParsedFiles = Map<string, SourceFile<unknown>>;

/** Reads and parses everything that belongs to a project. */
export async function loadProject(place: ProjectPlace, inputs: ProjectInputs): Promise<LoadedProject> {
  const failures: string[] = [];
  const reader = new ProjectReader(inputs.files, failures, inputs.parsed ?? new Map());
  const workspace = place.kind === 'workspace' ? await reader.workspace(place.directory) : undefined;
  const directories = workspace
    ? [...new Set(workspace.work.parsed.use.map(({ path }) => joinPath(workspace.directory, path.value)))]
    : place.kind === 'module'
      ? [place.directory]
      : [];
  const modules: MainModule[] = [];
  for (const directory of directories) {
    const main = await reader.mainModule(directory);
    if (main) modules.push(main);
  }
  const { environment, nearby } = inputs;
  return { project: { environment, workspace, modules, nearby }, failures };
}

class ProjectReader {
  readonly #files: SourceFiles;
  readonly #failures: string[];
  readonly #parsed: ParsedFiles;

  constructor(files: SourceFiles, failures: string[], parsed: ParsedFiles) {
    this.#files = files;
    this.#failures = failures;
    this.#parsed = parsed;
  }

  async workspace(directory: string): Promise<Workspace | undefined> {
    const work = await this.#read(`${directory}/go.work`, parseWork);
    if (!work) return undefined;
    const sum = await this.#readSum(`${directory}/go.work.sum`);
    const vendor = await this.#vendor(directory, work.parsed.go?.version.value);
    return { directory, work, sum, ...(vendor?.workspace && { vendor }) };
  }

  async mainModule(directory: string): Promise<MainModule | undefined> {
    const mod = await this.#read(`${directory}/go.mod`, parseMod);
    if (!mod) return undefined;
    const sum = await this.#readSum(`${directory}/go.sum`);
    const vendor = await this.#vendor(directory, mod.parsed.go?.version.value);
    const vendored = vendor !== undefined && !vendor.workspace;
    return { directory, mod, sum, vendored, ...(vendored && { vendor }) };
  }

  /**
   * What a directory `vendor` holds, if there is one and the go line is one under which the go command builds from it
   * (cmd/go/internal/modload/init.go:setDefaultBuildMod).
   */
  async #vendor(directory: string, go: string | undefined): Promise<VendorList | undefined> {
    if (go === undefined || compareGoVersions(go, '1.14') < 0) return undefined;
    const modules = await this.#files.read(`${directory}/vendor/modules.txt`);
    if (modules.kind === 'text') return parseVendorList(modules.text);
    const found = modules.kind === 'absent' ? await stat(`${directory}/vendor`).catch(() => undefined) : undefined;
    return found?.isDirectory() ? parseVendorList('') : undefined;
  }

  /** One that is there but can't be read stays there, as a file that nothing may be written to. */
  async #readSum(path: string): Promise<SourceFile<SumFile> | undefined> {
    const failures = this.#failures.length;
    const sum = await this.#read(path, parseSum);
    if (this.#failures.length === failures) return sum;
    return { path, text: '', parsed: parseSum(''), editable: false };
  }

  async #read<T>(path: string, parse: (text: string) => T): Promise<SourceFile<T> | undefined> {
    const result = await this.#files.read(path);
    if (result.kind === 'failure') this.#failures.push(result.why);
    if (result.kind !== 'text') return undefined;
    const before = this.#parsed.get(path);
    const { text, editable, hiddenByteOrderMark } = result;
    const isSame = before?.text === text && before.editable === editable;
    if (isSame && before.hiddenByteOrderMark === hiddenByteOrderMark) return before as SourceFile<T>;
    const parsed = isSame ? (before as SourceFile<T>).parsed : parse(text);
    const file = { path, text, parsed, editable, ...(hiddenByteOrderMark && { hiddenByteOrderMark }) };
    this.#parsed.set(path, file);
    return file;
  }
}

async function findUpwards(start: string, name: string, files: SourceFiles): Promise<string | undefined> {
  for (let directory = start; ; directory = parentDirectory(directory)) {
    const found = await files.read(joinPath(directory, name));
    if (found.kind === 'text' || (found.kind === 'failure' && found.isFile)) return directory;
    if (parentDirectory(directory) === directory) return undefined;
  }
}

/** The directory of the go.work that is in force in a directory, whether or not it names a module there. */
export async function findWorkspace(start: string, environment: GoEnvironment, files: SourceFiles): Promise<string | undefined> {
  if (environment.work === 'off') return undefined;
  if (environment.work !== '') return parentDirectory(joinPath('/', environment.work));
  return findUpwards(start, 'go.work', files);
}

async function isMemberOf(workspace: string, directory: string, files: SourceFiles): Promise<boolean> {
  const work = await files.read(`${workspace}/go.work`);
  if (work.kind !== 'text') return false;
  return parseWork(work.text).use.some(({ path }) => joinPath(workspace, path.value) === directory);
}

/** How many directories are looked into for modules nearby. */
const MAX_NEARBY = 500;

/**
 * The modules that lie in the workspace folders, beside the project, or directly below either; for fixes that replace a
 * module by a local directory.
 */
export async function findNearbyModules(
  place: ProjectPlace,
  folders: readonly string[],
  files: SourceFiles,
): Promise<NearbyModule[]> {
  const parents = [...folders, place.directory, parentDirectory(place.directory)];
  const directories = new Set<string>();
  for (const parent of new Set(parents)) {
    directories.add(parent);
    const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (entry.isDirectory() && !entry.name.startsWith('.')) directories.add(joinPath(parent, entry.name));
    }
  }
  const found: NearbyModule[] = [];
  for (const directory of [...directories].slice(0, MAX_NEARBY)) {
    const mod = await files.read(joinPath(directory, 'go.mod'));
    const path = mod.kind === 'text' ? summarizeMod(mod.text).path : undefined;
    if (path !== undefined) found.push({ path, directory });
  }
  return found;
}
