import { chmod, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { startChecksumDatabase } from '../world/checksum-database.ts';
import type { RunningChecksumDatabase } from '../world/checksum-database.ts';
import { makeGitOrigins } from '../world/git-origin.ts';
import type { OriginRepository } from '../world/git-origin.ts';
import { writeModuleCache } from '../world/module-cache.ts';
import { serveModuleProxy, sumLines, writeModuleProxy } from '../world/module-proxy.ts';
import type { ModuleProxyServer, ModuleSums, PublishedModule } from '../world/module-proxy.ts';
import { runCommand } from './bundle.ts';
import type { CommandOptions, CommandResult } from './bundle.ts';

export interface SandboxOptions {
  /** What the module proxy and the checksum database have. */
  readonly modules?: readonly PublishedModule[];
  readonly repositories?: readonly OriginRepository[];
  /** What the module cache has too. */
  readonly cached?: readonly PublishedModule[];
}

/** A directory for projects, with a proxy, a checksum database and origins of its own that remember what they are asked. */
export class Sandbox {
  /** Absolute, links resolved. */
  readonly directory: string;
  /** Below the directory; files are named from here. */
  readonly project: string;
  readonly proxy: ModuleProxyServer;
  readonly database: RunningChecksumDatabase;
  readonly sums: readonly ModuleSums[];
  /** Leads every question into the sandbox. */
  readonly env: Readonly<Record<string, string>>;
  readonly #gitLog: string;

  private constructor(parts: Pick<Sandbox, 'directory' | 'project' | 'proxy' | 'database' | 'sums' | 'env'>, gitLog: string) {
    this.directory = parts.directory;
    this.project = parts.project;
    this.proxy = parts.proxy;
    this.database = parts.database;
    this.sums = parts.sums;
    this.env = parts.env;
    this.#gitLog = gitLog;
  }

  static async open({ modules = [], repositories = [], cached = [] }: SandboxOptions = {}): Promise<Sandbox> {
    const directory = await realpath(await mkdtemp(join(tmpdir(), 'gomod-health-sandbox-')));
    await chmod(directory, 0o755);
    const tree = join(directory, 'proxy');
    const project = join(directory, 'project');
    await mkdir(tree);
    await mkdir(project);
    const sums = await writeModuleProxy(tree, modules);
    const moduleCache = join(directory, 'modcache');
    await mkdir(moduleCache);
    await writeModuleCache(moduleCache, cached, sums);
    const proxy = await serveModuleProxy(tree);
    const database = await startChecksumDatabase({ name: 'sum.example.com', records: sums });
    const origins = await makeGitOrigins(join(directory, 'origins'), repositories);
    const gitLog = join(directory, 'git.log');
    const env = {
      ...origins.environment,
      PATH: `${await gitThatRemembers(directory, gitLog)}${delimiter}${process.env['PATH'] ?? ''}`,
      HOME: directory,
      XDG_CACHE_HOME: join(directory, 'cache'),
      GOENV: 'off',
      GOWORK: '',
      GOFLAGS: '',
      GOPROXY: proxy.url,
      GOSUMDB: database.goSumDb,
      GOMODCACHE: moduleCache,
    };
    return new Sandbox({ directory, project, proxy, database, sums, env }, gitLog);
  }

  path(name: string): string {
    return join(this.project, name);
  }

  async write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(this.path(name)), { recursive: true });
      await writeFile(this.path(name), content);
    }
  }

  read(name: string): Promise<string> {
    return readFile(this.path(name), 'utf8');
  }

  /** The go.sum lines of a published version. */
  lines(path: string, version: string): string {
    const found = this.sums.find((sum) => sum.path === path && sum.version === version);
    if (!found) throw new Error(`${path} ${version} is not published`);
    return sumLines(found);
  }

  run(args: readonly string[], options: Partial<CommandOptions> = {}): Promise<CommandResult> {
    return runCommand(args, { cwd: this.project, ...options, env: { ...this.env, ...options.env } });
  }

  /** What the proxy and the database were asked, and the arguments that git was started with. */
  async asked(): Promise<{ readonly proxy: string[]; readonly database: string[]; readonly git: string[] }> {
    const git = await readFile(this.#gitLog, 'utf8').catch(() => '');
    return {
      proxy: this.proxy.requests.map(({ path }) => path),
      database: [...this.database.requests],
      git: git.split('\n').filter(Boolean),
    };
  }

  async close(): Promise<void> {
    await this.proxy.close();
    await this.database.close();
    // The go command may leave a process behind that still writes its telemetry.
    await rm(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A directory with a git that writes down how it was called, and then is the real one. */
async function gitThatRemembers(directory: string, log: string): Promise<string> {
  const bin = join(directory, 'bin');
  await mkdir(bin);
  const script = `#!/bin/sh\nprintf '%s\\n' "$*" >> '${log}'\nPATH="\${PATH#*:}"\nexport PATH\nexec git "$@"\n`;
  await writeFile(join(bin, 'git'), script, { mode: 0o755 });
  return bin;
}

/** A module of one package. */
export function library(path: string, version: string, files: Readonly<Record<string, string>> = {}): PublishedModule {
  const name = path.replace(/\/v\d+$/, '').split('/').at(-1)!;
  return {
    path,
    version,
    files: { 'go.mod': `module ${path}\n\ngo 1.21\n`, [`${name}.go`]: `package ${name}\n\nconst Version = "${version}"\n`, ...files },
  };
}
