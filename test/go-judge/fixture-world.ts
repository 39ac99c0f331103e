import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { escapePath, escapeVersion } from '../../server/src/syntax/module-path.ts';
import { isValid } from '../../server/src/syntax/semver.ts';
import { goCommand } from '../live/go-command.ts';
import type { GoCommand, GoResult } from '../live/go-command.ts';
import { isStatus } from '../rules/fixture-network.ts';
import { parseVariables, publishedModules } from '../rules/fixture.ts';
import { readMarks } from '../rules/marks.ts';
import { parseTxtar } from '../txtar.ts';
import type { ArchiveFile } from '../txtar.ts';
import { makeGitOrigins } from '../world/git-origin.ts';
import type { OriginRepository } from '../world/git-origin.ts';
import { serveModuleProxy, writeModuleProxy } from '../world/module-proxy.ts';
import type { ModuleProxyServer, ModuleSums, PublishedModule } from '../world/module-proxy.ts';

/** What a fixture describes, made real for the go command: served proxies, git origins, a project without marks. */
export interface FixtureWorld {
  /** The project's directory. */
  readonly work: string;
  /** An empty directory outside any module. */
  readonly outside: string;
  /** The hashes of the modules that the proxy serves. */
  readonly sums: readonly ModuleSums[];
  /** Runs the go command below the project's directory, or outside of it. */
  go(args: readonly string[], directory: string, env?: Readonly<Record<string, string>>): Promise<GoResult>;
  close(): Promise<void>;
}

export interface FixtureWorldOptions {
  /** Modules that the proxy serves beside what the fixture says. */
  readonly modules?: readonly PublishedModule[];
  /** Called with each file of the project before it is written. */
  readonly rewrite?: (name: string, text: string, sums: readonly ModuleSums[]) => string;
  /** The modules of the fixture's module cache are served by the proxy, so that the cache can start empty. */
  readonly serveCached?: boolean;
}

const HOSTS = ['proxy', 'mirror'] as const;

export async function openFixtureWorld(text: string, options: FixtureWorldOptions = {}): Promise<FixtureWorld> {
  const { files } = parseTxtar(text);
  const base = mkdtempSync(join(tmpdir(), 'gomod-health-judge-'));
  const work = join(base, 'work');
  const outside = join(base, 'outside');
  mkdirSync(outside);
  const cached = publishedModules(files);
  const sums = await writeModuleProxy(join(base, 'proxy'), [...(options.modules ?? []), ...(options.serveCached ? cached : [])]);
  const servers = new Map<string, ModuleProxyServer>();
  for (const host of HOSTS) servers.set(host, await serveFixtureProxy(files, host, join(base, host)));
  for (const { name, data } of files) {
    if (OUTSIDE.test(name)) continue;
    const text = readMarks(data).text;
    write(join(work, name), options.rewrite?.(name, text, sums) ?? text);
  }
  const origins = await makeGitOrigins(join(base, 'origins'), repositories(files));
  const variables = parseVariables(files.find(({ name }) => name === 'env')?.data ?? '');
  const proxies = (variables['GOPROXY'] ?? 'https://proxy.example.com').replace(
    /https:\/\/(\w+)\.example\.com/g,
    (_, host: string) => servers.get(host)!.url,
  );
  const go = goCommand({
    GOPRIVATE: '',
    GONOPROXY: '',
    GONOSUMDB: '',
    ...variables,
    ...origins.environment,
    GOPROXY: proxies,
    GOSUMDB: 'off',
    GOFLAGS: '-modcacherw',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
  });
  if (!options.serveCached) await fillCache(go, cached, base);
  return {
    work,
    outside,
    sums,
    go: (args, directory, env = {}) => go.run(args, { directory, env, timeout: 60_000 }),
    async close() {
      for (const server of servers.values()) await server.close();
      go.dispose();
      rmSync(base, { recursive: true, force: true });
    },
  };
}

/** What a fixture has beside the project's own files. */
const OUTSIDE = /^(?:(?:proxy|mirror|origin|sumdb|modules|modcache|fix)\/|(?:env|unchecked|asked)$)/;

async function serveFixtureProxy(files: readonly ArchiveFile[], host: string, directory: string): Promise<ModuleProxyServer> {
  mkdirSync(directory, { recursive: true });
  const server = await serveModuleProxy(directory);
  for (const { name, data } of files) {
    const parts = name.startsWith(`${host}/`) ? /^[^/]+\/(.+)\/@v\/(.+?)(\.info|\.mod)?$/.exec(name) : null;
    if (!parts) continue;
    const [, path = '', version = '', suffix = ''] = parts;
    const folder = `${escaped(escapePath(path))}/@v`;
    const file = `${folder}/${suffix === '' ? version : escaped(escapeVersion(version))}${suffix}`;
    if (isStatus(data)) server.faults.set(file, { kind: 'status', status: Number(data) });
    else write(join(directory, file), suffix === '.info' ? infoOf(isValid(data.trim()) ? data.trim() : version) : data);
    if (version !== 'list') continue;
    // What a proxy lists, it also has.
    for (const listed of data.split('\n').filter((line) => line !== '' && !isStatus(line))) {
      const info = `${folder}/${escaped(escapeVersion(listed))}.info`;
      if (!server.faults.has(info)) write(join(directory, info), infoOf(listed));
      const mod = `${folder}/${escaped(escapeVersion(listed))}.mod`;
      if (!existsSync(join(directory, mod))) write(join(directory, mod), `module ${path}\n`);
    }
  }
  return server;
}

function infoOf(version: string): string {
  return `${JSON.stringify({ Version: version, Time: '2024-01-02T03:04:05Z' })}\n`;
}

/** Repositories with the tags that a fixture names, each at a commit with the go.mod that makes the tag valid or refused. */
function repositories(files: readonly ArchiveFile[]): OriginRepository[] {
  return files
    .filter(({ name, data }) => name.startsWith('origin/') && data.trim() !== 'unreachable')
    .map(({ name, data }) => {
      const root = name.slice('origin/'.length);
      const commits = data.split('\n').filter((line) => line.trim() !== '').map((line) => {
        const [tag = '', refusal] = line.split(' refused: ');
        return { files: { 'README.md': `${tag}\n`, ...goModOf(root, tag, refusal) }, tags: [tag] };
      });
      return { url: `https://${root.replace(/\.git$/, '')}`, commits };
    });
}

function goModOf(root: string, tag: string, refusal: string | undefined): Record<string, string> {
  const slash = tag.lastIndexOf('/');
  const directory = slash < 0 ? '' : tag.slice(0, slash + 1);
  const major = /^v(\d+)\./.exec(tag.slice(slash + 1))?.[1] ?? '1';
  const suffix = Number(major) > 1 && !root.startsWith('gopkg.in/') ? `/v${major}` : '';
  if (refusal?.startsWith('missing ')) return {};
  if (refusal?.startsWith('go.mod has non-') || refusal?.startsWith('module contains ')) return { 'go.mod': `module ${root}\n` };
  return { [`${directory}go.mod`]: `module ${root}${directory === '' ? '' : `/${directory.slice(0, -1)}`}${suffix}\n` };
}

/** Lets the go command itself put the versions into its cache, from a proxy that is gone afterwards. */
async function fillCache(go: GoCommand, modules: readonly PublishedModule[], base: string): Promise<void> {
  if (modules.length === 0) return;
  const directory = join(base, 'filling');
  await writeModuleProxy(directory, modules);
  const env = { GOPROXY: `file://${directory}`, GOFLAGS: '-modcacherw -mod=mod' };
  for (const { path, version } of modules) {
    const { code, stderr } = await go.run(['mod', 'download', `${path}@${version}`], { directory, env });
    if (code !== 0) throw new Error(stderr);
  }
}

function escaped(result: ReturnType<typeof escapePath>): string {
  if (!result.ok) throw new Error(result.error);
  return result.value;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
