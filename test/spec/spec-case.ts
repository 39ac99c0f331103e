import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { escapePath, escapeVersion } from '../../server/src/syntax/module-path.ts';
import { parseTxtar } from '../txtar.ts';
import type { PublishedModule } from '../world/module-proxy.ts';
import { writeModuleProxy } from '../world/module-proxy.ts';

/** The folder of judged cases beside the project; undefined where it is not there. */
export const SPEC_CASES = existsSync(join(import.meta.dirname, '../../../shared/spec/cases'))
  ? join(import.meta.dirname, '../../../shared/spec/cases')
  : undefined;

/** One judged case of the specification: a comment with settings and expectations, then files. */
export interface SpecCase {
  readonly name: string;
  /** Settings that differ from the default, as written. */
  readonly settings: readonly string[];
  /** Without the leading `expect:`. */
  readonly expectations: readonly string[];
  readonly text: string;
  /** The case needs git repositories that its script makes. */
  readonly needsRepositories: boolean;
}

export function readSpecCases(): SpecCase[] {
  if (SPEC_CASES === undefined) return [];
  return readdirSync(SPEC_CASES).filter((file) => file.endsWith('.txtar')).sort().map((file) => {
    const text = readFileSync(join(SPEC_CASES, file), 'utf8');
    const { comment, files } = parseTxtar(text);
    const marked = (mark: string) => [...comment.matchAll(new RegExp(`^# ${mark}: (.*)$`, 'gm'))].map((match) => match[1]!);
    return {
      name: file.slice(0, -'.txtar'.length),
      settings: marked('env'),
      expectations: marked('expect'),
      text,
      needsRepositories: files.some(({ name }) => name === 'repos.sh'),
    };
  });
}

/** A case laid out on the disk, with the variables that lead Go's settings to it. */
export interface LaidOutCase {
  readonly work: string;
  readonly env: Record<string, string>;
  close(): Promise<void>;
}

/** Writes a case's files and a `file://` proxy with its modules below a directory. */
export async function layOutCase(spec: SpecCase, directory: string): Promise<LaidOutCase> {
  const work = join(directory, 'work');
  const proxy = join(directory, 'proxy');
  const modules = new Map<string, PublishedModule & { files: Record<string, string> }>();
  const raw = new Map<string, string>();
  await mkdir(work, { recursive: true });
  for (const { name, data } of parseTxtar(spec.text).files) {
    const module = /^modules\/([^@]+)@([^/]+)\/(.+)$/.exec(name);
    if (module) {
      const [, path, version, file] = module as unknown as [string, string, string, string];
      const special = file === '.info' || file === '.mod';
      const published = modules.get(`${path}@${version}`) ?? { path, version, files: {} };
      modules.set(`${path}@${version}`, published);
      if (special) raw.set(join(proxy, escaped(path), '@v', `${escapedVersion(version)}${file}`), data);
      else published.files[file] = data;
    } else if (name.startsWith('proxy/')) {
      raw.set(join(directory, name), data);
    } else {
      await write(join(work, name), data);
    }
  }
  await writeModuleProxy(proxy, [...modules.values()]);
  for (const [file, data] of raw) {
    if (file.endsWith('.absent')) await rm(file.slice(0, -'.absent'.length), { force: true });
    else await write(file, data);
  }
  const origins = spec.needsRepositories ? await makeRepositories(work, directory) : {};
  const url = pathToFileURL(proxy).href;
  const settings = spec.settings.map((setting) => {
    const at = setting.indexOf('=');
    return [setting.slice(0, at), setting.slice(at + 1).replaceAll('$PROXY', proxy)] as const;
  });
  return {
    work,
    env: {
      GOENV: 'off',
      GOSUMDB: 'off',
      GOTOOLCHAIN: 'local',
      GOFLAGS: '-modcacherw',
      GOPROXY: url,
      GOMODCACHE: join(directory, 'modcache'),
      XDG_CACHE_HOME: join(directory, 'cache'),
      ...origins,
      ...Object.fromEntries(settings),
    },
    close: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Runs a case's script, and lets git find what it makes under https://example.com/. */
async function makeRepositories(work: string, directory: string): Promise<Record<string, string>> {
  const place = join(directory, 'origins');
  await mkdir(place);
  const config = join(directory, 'gitconfig');
  await writeFile(config, `[url "file://${place}/repos/"]\n\tinsteadOf = https://example.com/\n`);
  await promisify(execFile)('bash', [join(work, 'repos.sh')], { cwd: place, env: { PATH: process.env['PATH'], HOME: directory } });
  return { GIT_CONFIG_GLOBAL: config, GIT_CONFIG_NOSYSTEM: '1', GIT_ALLOW_PROTOCOL: 'file:https' };
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

function escaped(path: string): string {
  const result = escapePath(path);
  return result.ok ? result.value : path;
}

function escapedVersion(version: string): string {
  const result = escapeVersion(version);
  return result.ok ? result.value : version;
}
