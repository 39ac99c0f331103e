import { constants } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { GoEnvironment } from '../engine/environment.ts';
import { answerAtOnce, factSource } from '../host/fact-source.ts';
import { FactStore } from '../host/fact-store.ts';
import { readGoEnvironment } from '../host/go-environment.ts';
import type { GoEnvironmentReport } from '../host/go-environment.ts';
import { moduleCache } from '../host/module-cache.ts';
import { discoverModules, isInModuleCache } from '../host/module-discovery.ts';
import { findNearbyModules, findProject, loadProject } from '../host/project-loader.ts';
import type { LoadedProject, ProjectPlace } from '../host/project-loader.ts';
import { sourceFiles } from '../host/source-files.ts';
import type { SourceFiles } from '../host/source-files.ts';
import { sourceScan } from '../host/source-scan.ts';
import type { Project } from '../engine/project.ts';
import { systemReason } from '../host/system-reason.ts';
import type { Trace } from '../net/http.ts';
import { CannotRun } from './cannot-run.ts';
import { lateNetwork } from './late-network.ts';
import { oneLine } from '../lsp/one-line.ts';

/** What every command that looks at projects works with. */
export interface Workplace {
  readonly environment: GoEnvironment;
  readonly report: GoEnvironmentReport;
  /** Writes a request to the file that was asked for. */
  readonly trace: Trace | undefined;
  readonly files: SourceFiles;
  readonly store: FactStore;
  /** Projects are looked at whatever has to be fetched for it. */
  readonly thorough: boolean;
  requests(): number;
  /** Tells the user something beside the result: one line on stderr, once. */
  say(message: string): void;
  close(): Promise<void>;
}

export interface WorkplaceOptions {
  readonly offline?: boolean;
  /** Fetches whatever the answers need: zip files of modules, and every go.mod of the module graph. */
  readonly deep?: boolean;
  /** A file to write every request to. */
  readonly trace?: string;
  /** How long one request may take, in seconds. */
  readonly timeout?: number;
}

/** Opens the world under the user's own Go settings. Faults of those settings are said on stderr. */
export async function openWorkplace(options: WorkplaceOptions): Promise<Workplace> {
  const report = await readGoEnvironment({ env: process.env, platform: process.platform });
  const { environment, problems } = report;
  const say = sayer();
  for (const { message } of problems) say(message);
  const files = sourceFiles();
  const written = options.trace === undefined ? undefined : await openTrace(options.trace);
  const trace: Trace | undefined = written && ((request) => void written.write(`${JSON.stringify(request)}\n`));
  const offline = options.offline ?? false;
  const network = lateNetwork(offline, async () => {
    const { openNetwork } = await import('../lsp/network.ts');
    return openNetwork(report, trace, offline, options.timeout);
  });
  const cache = environment.moduleCache === undefined ? undefined : moduleCache(environment.moduleCache);
  const source = factSource({
    environment,
    reach: offline ? 'cacheOnly' : 'on',
    ...(offline && { reachReason: 'not asked: --offline' }),
    network,
    hashes: async () => {
      const { hashZip, hashGoMod } = await import('../net/dirhash.ts');
      return { zip: hashZip, mod: hashGoMod };
    },
    ...(options.deep && { fetchZips: true }),
    cache,
    scan: sourceScan(),
    files,
    env: process.env,
  });
  return {
    environment,
    report,
    trace,
    files,
    store: new FactStore(source, { atOnce: answerAtOnce(cache) }),
    thorough: options.deep ?? false,
    requests: () => network.requests,
    say,
    close: async () => {
      await network.close();
      written?.end();
    },
  };
}

function sayer(): (message: string) => void {
  const said = new Set<string>();
  return (message) => {
    if (!said.has(message)) process.stderr.write(`gomod-health: ${oneLine(message)}\n`);
    said.add(message);
  };
}

async function openTrace(path: string): Promise<ReturnType<FileHandle['createWriteStream']>> {
  const handle = await open(path, 'w').catch((error: unknown) => {
    throw new CannotRun(`${path} can't be written: ${systemReason(error)}`);
  });
  // A disk that gets full takes the trace, but not the check.
  return handle.createWriteStream().on('error', () => undefined);
}

/** The projects at or above each path, and below each directory; each path must lead to one at least. */
export async function findPlaces(paths: readonly string[], workplace: Workplace): Promise<ProjectPlace[]> {
  const places = new Map<string, ProjectPlace>();
  for (const path of paths) {
    const found = await findPlacesOf(path, workplace);
    for (const place of found) places.set(`${place.kind} ${place.directory}`, place);
  }
  return [...places.values()];
}

async function findPlacesOf(path: string, { environment, files, say }: Workplace): Promise<ProjectPlace[]> {
  const absolute = slashed(resolve(path));
  const isDirectory = await readable(path);
  refuseModuleCache(path, absolute, environment);
  const { directories, failures } = isDirectory
    ? await discoverModules(absolute, environment.moduleCache, files)
    : { directories: [], failures: [] };
  for (const failure of failures) say(`${failure}; what is below is not checked`);
  const found: ProjectPlace[] = [];
  for (const start of [absolute, ...directories]) {
    const place = await findProject(start, environment, files);
    if (place) found.push(place);
  }
  if (found.length > 0) return found;
  const mod = isDirectory ? await files.read(`${absolute}/go.mod`) : undefined;
  const why = mod?.kind === 'failure' ? mod.why : `there is no go.mod at${isDirectory ? ', above or below' : ' or above'} it`;
  throw new CannotRun(`${path} is in no Go module: ${why}`);
}

/** The project at or above one path, without a look at what is below it. */
export async function findPlaceAbove(path: string, workplace: Workplace): Promise<ProjectPlace> {
  const place = await findPlaceIfAny(path, workplace);
  if (place) return place;
  const mod = (await readable(path)) ? await workplace.files.read(`${slashed(resolve(path))}/go.mod`) : undefined;
  const why = mod?.kind === 'failure' ? mod.why : 'there is no go.mod at or above it';
  throw new CannotRun(`${path} is in no Go module: ${why}`);
}

/** The same; undefined where there is none. */
export async function findPlaceIfAny(path: string, { environment, files }: Workplace): Promise<ProjectPlace | undefined> {
  const absolute = slashed(resolve(path));
  await readable(path);
  refuseModuleCache(path, absolute, environment);
  return findProject(absolute, environment, files);
}

function refuseModuleCache(path: string, absolute: string, { moduleCache: cache }: GoEnvironment): void {
  if (!isInModuleCache(absolute, cache)) return;
  throw new CannotRun(`${path} is in the module cache, whose files are the go command's and not checked`);
}

/** Whether a path is a directory; it must be there and readable. */
async function readable(path: string): Promise<boolean> {
  try {
    const isDirectory = (await stat(path)).isDirectory();
    await access(path, isDirectory ? constants.R_OK | constants.X_OK : constants.R_OK);
    return isDirectory;
  } catch (error) {
    throw new CannotRun(`${path} can't be read: ${systemReason(error)}`);
  }
}

function slashed(path: string): string {
  return process.platform === 'win32' ? path.replaceAll('\\', '/') : path;
}

/** Reads a project, with a sentence for each of its files that can't be read. */
export async function readProject(place: ProjectPlace, workplace: Workplace): Promise<LoadedProject> {
  const { environment, files, thorough } = workplace;
  const nearby = await findNearbyModules(place, [], files);
  const { project, failures } = await loadProject(place, { environment, files, nearby });
  return { project: thorough ? { ...project, thorough } : project, failures };
}

/** Reads a project whole, or says which of its files can't be read. */
export async function openProject(place: ProjectPlace, workplace: Workplace): Promise<Project> {
  const { project, failures } = await readProject(place, workplace);
  if (failures.length > 0) throw new CannotRun(failures.join('; '));
  return project;
}
