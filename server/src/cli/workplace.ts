import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { GoEnvironment } from '../engine/environment.ts';
import { factSource } from '../host/fact-source.ts';
import { FactStore } from '../host/fact-store.ts';
import { readGoEnvironment } from '../host/go-environment.ts';
import { moduleCache } from '../host/module-cache.ts';
import { discoverModules } from '../host/module-discovery.ts';
import { findNearbyModules, findProject, loadProject } from '../host/project-loader.ts';
import type { ProjectPlace } from '../host/project-loader.ts';
import { sourceFiles } from '../host/source-files.ts';
import type { SourceFiles } from '../host/source-files.ts';
import { sourceScan } from '../host/source-scan.ts';
import type { Project } from '../engine/project.ts';
import { openNetwork } from '../lsp/network.ts';
import { CannotRun } from './cannot-run.ts';

/** What every command that looks at projects works with. */
export interface Workplace {
  readonly environment: GoEnvironment;
  readonly files: SourceFiles;
  readonly store: FactStore;
  requests(): number;
  close(): Promise<void>;
}

export interface WorkplaceOptions {
  readonly offline?: boolean;
  /** A file to write every request to. */
  readonly trace?: string;
}

/** Opens the world under the user's own Go settings. Faults of those settings are said on stderr. */
export async function openWorkplace(options: WorkplaceOptions): Promise<Workplace> {
  const report = await readGoEnvironment({ env: process.env, platform: process.platform });
  const { environment, problems } = report;
  for (const { message } of problems) process.stderr.write(`gomod-health: ${message}\n`);
  const files = sourceFiles();
  const trace = options.trace === undefined ? undefined : createWriteStream(options.trace);
  const network = openNetwork(report, trace && ((request) => void trace.write(`${JSON.stringify(request)}\n`)));
  const source = factSource({
    environment,
    reach: options.offline ? 'cacheOnly' : 'on',
    ...(options.offline && { reachReason: 'not asked: --offline' }),
    network,
    cache: environment.moduleCache === undefined ? undefined : moduleCache(environment.moduleCache),
    scan: sourceScan(),
    files,
  });
  return {
    environment,
    files,
    store: new FactStore(source),
    requests: () => network.requests,
    close: async () => {
      await network.close();
      trace?.end();
    },
  };
}

/** The projects at or above each path, and below each directory. */
export async function findPlaces(
  paths: readonly string[],
  environment: GoEnvironment,
  files: SourceFiles,
): Promise<ProjectPlace[]> {
  const places = new Map<string, ProjectPlace>();
  const add = (place: ProjectPlace | undefined) => {
    if (place) places.set(`${place.kind} ${place.directory}`, place);
  };
  for (const path of paths) {
    const absolute = resolve(path).replaceAll('\\', '/');
    const found = await stat(absolute).catch((error: NodeJS.ErrnoException) => error);
    if (found instanceof Error) {
      throw new CannotRun(`${path} can't be read: ${found.code === 'ENOENT' ? 'there is no such file' : found.code}`);
    }
    add(await findProject(absolute, environment, files));
    if (found.isDirectory()) {
      const { directories } = await discoverModules(absolute, environment.moduleCache, files);
      for (const directory of directories) {
        add(await findProject(directory, environment, files));
      }
    }
    if (places.size === 0) throw new CannotRun(`${path} is in no Go module: there is no go.mod at, above or below it`);
  }
  return [...places.values()];
}

/** Reads a project whole, or says which of its files can't be read. */
export async function openProject(place: ProjectPlace, { environment, files }: Workplace): Promise<Project> {
  const nearby = await findNearbyModules(place, [], files);
  const { project, failures } = await loadProject(place, { environment, files, nearby });
  if (failures.length > 0) throw new CannotRun(failures.join('; '));
  return project;
}
