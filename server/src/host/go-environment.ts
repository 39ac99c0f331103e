import { constants } from 'node:fs';
import { access, readFile, realpath, stat } from 'node:fs/promises';
import { posix, win32 } from 'node:path';
import type { PlatformPath } from 'node:path';
import type { GoEnvironment, ProxyEntry } from '../engine/environment.ts';
import { quote } from '../syntax/quote.ts';
import type { Result } from '../syntax/result.ts';
import { parseProxyList, redactUrl } from './proxy-list.ts';

/** The variables that are reported. */
export type GoVariableName =
  | 'GO111MODULE' | 'GOAUTH' | 'GOENV' | 'GOFLAGS' | 'GOINSECURE' | 'GOMODCACHE' | 'GONOPROXY' | 'GONOSUMDB' | 'GOPATH'
  | 'GOPRIVATE' | 'GOPROXY' | 'GOROOT' | 'GOSUMDB' | 'GOTOOLCHAIN' | 'GOVCS' | 'GOWORK';

/** One setting and where it comes from. */
export interface GoVariable {
  /** The value as `go env` prints it, except that addresses have lost their credentials and GOENV may be `off`. */
  readonly value: string;
  /**
   * `environment`, `default`, the path of the file that sets it (the one of `go env -w`, or GOROOT's go.env), or
   * the variable that it follows: GOPRIVATE for GONOPROXY and GONOSUMDB, GOPATH for GOMODCACHE.
   */
  readonly why: string;
}

/** A setting that makes the go command fail, in its words, without credentials. */
export interface EnvironmentProblem {
  readonly variable: GoVariableName;
  readonly message: string;
}

export interface GoEnvironmentReport {
  readonly environment: GoEnvironment;
  readonly variables: Readonly<Record<GoVariableName, GoVariable>>;
  /** Where GOPROXY has a problem, `environment.proxies` is empty: nothing may be asked. */
  readonly problems: readonly EnvironmentProblem[];
}

/** The process whose settings count: ours, or the one that an editor would start the go command from. */
export interface GoProcess {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
}

/** What is read of the disk. Nothing here throws; what can't be read is not there. */
export interface EnvironmentFiles {
  readFile(path: string): Promise<string | undefined>;
  isDirectory(path: string): Promise<boolean>;
  isExecutable(path: string): Promise<boolean>;
  /** The path with all links resolved. */
  realPath(path: string): Promise<string | undefined>;
}

/**
 * Finds the go command's settings without running it (cmd/go/internal/cfg/cfg.go:Getenv, EnvFile, findGOROOT).
 *
 * A variable has the process's value unless that is empty, else that of the `go env -w` file, else that of
 * GOROOT/go.env, else a default. Where no go.env is found, the defaults are those that Go is published with.
 */
export async function readGoEnvironment(
  goProcess: GoProcess,
  files: EnvironmentFiles = diskFiles,
): Promise<GoEnvironmentReport> {
  const sources = await readSources(goProcess, files);
  const variables = readVariables(sources);
  const problems = goPathProblems(variables.GOPATH, sources.path);
  const environment: GoEnvironment = {
    proxies: valueOr(proxies(variables, sources.path), [], 'GOPROXY', problems),
    noProxy: variables.GONOPROXY.value,
    noSumDb: variables.GONOSUMDB.value,
    private: variables.GOPRIVATE.value,
    insecure: variables.GOINSECURE.value,
    vcs: variables.GOVCS.value,
    sumDb: variables.GOSUMDB.value,
    moduleCache: valueOr(moduleCacheDirectory(variables, sources.path), undefined, 'GOMODCACHE', problems),
    goFlags: valueOr(parseGoFlags(variables.GOFLAGS.value), [], 'GOFLAGS', problems),
    work: valueOr(work(variables, sources.path), '', 'GOWORK', problems),
  };
  return { environment, variables: redacted(variables), problems };
}

/**
 * Splits GOFLAGS as the go command does (cmd/internal/quoted.Split, cmd/go/internal/base/goflags.go): at blanks, a
 * word in single or double quotes being taken as it stands. Every word must be a flag.
 */
export function parseGoFlags(text: string): Result<readonly string[]> {
  const words: string[] = [];
  const pattern = /[ \t\r\n]*(?:"([^"]*)"|'([^']*)'|(["'])|([^ \t\r\n]+))/y;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const [, double, single, open, bare] = match;
    if (open !== undefined) return { ok: false, error: `parsing $GOFLAGS: unterminated ${open} string` };
    words.push(double ?? single ?? bare!);
  }
  const stranger = words.find((word) => !/^--?[^-=]/.test(word));
  if (stranger !== undefined) return { ok: false, error: `parsing $GOFLAGS: non-flag ${quote(stranger)}` };
  return { ok: true, value: words };
}

/** The disk, through Node. */
export const diskFiles: EnvironmentFiles = {
  readFile: (path) => readFile(path, 'utf8').catch(() => undefined),
  isDirectory: (path) => stat(path).then((found) => found.isDirectory(), () => false),
  isExecutable: async (path) => {
    const found = await stat(path).catch(() => undefined);
    return found?.isFile() === true && (await access(path, constants.X_OK).then(() => true, () => false));
  },
  realPath: (path) => realpath(path).catch(() => undefined),
};

/** Go's own domain, which serves the proxy and the checksum database that Go is published with. */
const goDomain = 'golang.org';

/** What go.env says as Go is published, for when it can't be read. */
const publishedGoEnv: Readonly<Record<string, string>> = {
  GOPROXY: `https://proxy.${goDomain},direct`,
  GOSUMDB: `sum.${goDomain}`,
  GOTOOLCHAIN: 'auto',
};

/** The places that a setting may come from. */
interface Sources {
  readonly env: (name: string) => string;
  /** The path of the `go env -w` file; `off` when there is to be none; empty when there is no place for it. */
  readonly userFile: string;
  readonly user: ReadonlyMap<string, string>;
  /** Empty when no Go was found. */
  readonly goRoot: string;
  readonly goRootFile: string;
  /** Undefined when there is no such file. */
  readonly installed: ReadonlyMap<string, string> | undefined;
  readonly platform: string;
  readonly path: PlatformPath;
}

type Variables = Readonly<Record<GoVariableName, GoVariable>>;

async function readSources(goProcess: GoProcess, files: EnvironmentFiles): Promise<Sources> {
  const { platform } = goProcess;
  const path = platform === 'win32' ? win32 : posix;
  const env = environmentReader(goProcess);
  const userFile = userFilePath(env, platform, path);
  const userText = userFile === '' || userFile === 'off' ? undefined : await files.readFile(userFile);
  const user = parseEnvFile(userText ?? '');
  const goRoot = await findGoRoot(user.get('GOROOT') || env('GOROOT'), env('PATH'), platform, path, files);
  const goRootFile = goRoot === '' ? '' : path.join(goRoot, 'go.env');
  const goRootText = goRootFile === '' ? undefined : await files.readFile(goRootFile);
  const installed = goRootText === undefined ? undefined : parseEnvFile(goRootText);
  return { env, userFile, user, goRoot, goRootFile, installed, platform, path };
}

/** Reads the process's environment; Windows does not tell the case of names. */
function environmentReader({ env, platform }: GoProcess): (name: string) => string {
  if (platform !== 'win32') return (name) => env[name] ?? '';
  const byName = new Map(Object.entries(env).map(([name, value]) => [name.toUpperCase(), value]));
  return (name) => byName.get(name.toUpperCase()) ?? '';
}

/** Where `go env -w` writes (cfg.go:EnvFile, os.UserConfigDir). */
function userFilePath(env: (name: string) => string, platform: string, path: PlatformPath): string {
  const file = env('GOENV');
  if (file !== '') return file;
  const directory = userConfigDirectory(env, platform, path);
  return directory === '' ? '' : path.join(directory, 'go/env');
}

function userConfigDirectory(env: (name: string) => string, platform: string, path: PlatformPath): string {
  const home = env('HOME');
  if (platform === 'win32') return env('AppData');
  if (platform === 'darwin') return home === '' ? '' : `${home}/Library/Application Support`;
  const configured = env('XDG_CONFIG_HOME');
  if (configured !== '') return path.isAbsolute(configured) ? configured : '';
  return home === '' ? '' : `${home}/.config`;
}

/** Reads the lines `KEY=VALUE` as they stand; the last of a key counts (cfg.go:readEnvFile). */
function parseEnvFile(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const equals = line.indexOf('=');
    if (equals > 0 && /^[A-Z]/.test(line)) values.set(line.slice(0, equals), line.slice(equals + 1));
  }
  return values;
}

/**
 * The directory of the Go installation: as set, else around the go command on PATH, links resolved. Strangely but
 * truly, the `go env -w` file comes before the process's environment here (cfg.go:findGOROOT).
 */
async function findGoRoot(
  set: string,
  searchPath: string,
  platform: string,
  path: PlatformPath,
  files: EnvironmentFiles,
): Promise<string> {
  if (set !== '') return cleanPath(set, path);
  for (const directory of searchPath.split(path.delimiter)) {
    if (!path.isAbsolute(directory)) continue;
    const command = path.join(directory, platform === 'win32' ? 'go.exe' : 'go');
    if (await files.isExecutable(command)) return goRootAround(command, path, files);
  }
  return '';
}

async function goRootAround(command: string, path: PlatformPath, files: EnvironmentFiles): Promise<string> {
  for (const place of [command, await files.realPath(command)]) {
    if (place === undefined) continue;
    // Go built for another platform lies in bin/GOOS_GOARCH.
    for (const root of [path.join(place, '../..'), path.join(place, '../../..')]) {
      if (await files.isDirectory(path.join(root, 'pkg', 'tool'))) return root;
    }
  }
  return '';
}

function readVariables(sources: Sources): Variables {
  const own = (name: GoVariableName, fallback = ''): GoVariable => variable(sources, name, fallback);
  const goPath = own('GOPATH', defaultGoPath(sources));
  const isPrivate = own('GOPRIVATE');
  const likePrivate: GoVariable = { value: isPrivate.value, why: isPrivate.value === '' ? 'default' : 'GOPRIVATE' };
  const inGoPath: GoVariable = {
    value: defaultModuleCache(goPath.value, sources.path),
    why: goPath.why === 'default' ? 'default' : 'GOPATH',
  };
  return {
    GO111MODULE: own('GO111MODULE'),
    GOAUTH: own('GOAUTH', 'netrc'),
    GOENV: { value: sources.userFile, why: sources.env('GOENV') === '' ? 'default' : 'environment' },
    GOFLAGS: own('GOFLAGS'),
    GOINSECURE: own('GOINSECURE'),
    GOMODCACHE: setOr(own('GOMODCACHE'), inGoPath),
    GONOPROXY: setOr(own('GONOPROXY'), likePrivate),
    GONOSUMDB: setOr(own('GONOSUMDB'), likePrivate),
    GOPATH: goPath,
    GOPRIVATE: isPrivate,
    GOPROXY: own('GOPROXY'),
    GOROOT: goRootVariable(sources),
    GOSUMDB: own('GOSUMDB'),
    GOTOOLCHAIN: own('GOTOOLCHAIN'),
    GOVCS: own('GOVCS'),
    GOWORK: own('GOWORK'),
  };
}

function variable({ env, user, userFile, installed, goRootFile }: Sources, name: string, fallback: string): GoVariable {
  const set = env(name);
  if (set !== '') return { value: set, why: 'environment' };
  const written = user.get(name);
  if (written) return { value: written, why: userFile };
  if (!installed) return { value: publishedGoEnv[name] ?? fallback, why: 'default' };
  // An empty value in the user's file hides the one of the installation.
  const shipped = written === undefined ? installed.get(name) : undefined;
  return shipped ? { value: shipped, why: goRootFile } : { value: fallback, why: 'default' };
}

function setOr(set: GoVariable, otherwise: GoVariable): GoVariable {
  return set.value === '' ? otherwise : set;
}

/** go.env cannot move the directory that it lies in. */
function goRootVariable({ env, user, userFile, goRoot }: Sources): GoVariable {
  const set = env('GOROOT');
  if (set !== '') return { value: set, why: 'environment' };
  return { value: goRoot, why: user.get('GOROOT') ? userFile : 'default' };
}

/** `go` in the home directory, unless that is where Go itself is said to be (go/build/build.go:defaultGOPATH). */
function defaultGoPath({ env, platform, path }: Sources): string {
  const home = env(platform === 'win32' ? 'USERPROFILE' : 'HOME');
  if (home === '') return '';
  const directory = path.join(home, 'go');
  const goRoot = env('GOROOT');
  return goRoot !== '' && cleanPath(goRoot, path) === directory ? '' : directory;
}

function defaultModuleCache(goPath: string, path: PlatformPath): string {
  const first = goPath.split(path.delimiter)[0]!;
  return first === '' ? '' : path.join(first, 'pkg/mod');
}

function proxies(variables: Variables, path: PlatformPath): Result<readonly ProxyEntry[]> {
  return parseProxyList(variables.GOPROXY.value, path.isAbsolute);
}

/** The module cache's directory (cmd/go/internal/modfetch/cache.go:checkCacheDir). */
function moduleCacheDirectory(variables: Variables, path: PlatformPath): Result<string> {
  const { value } = variables.GOMODCACHE;
  if (value === '') return { ok: false, error: 'module cache not found: neither GOMODCACHE nor GOPATH is set' };
  if (path.isAbsolute(value)) return { ok: true, value: cleanPath(value, path) };
  return { ok: false, error: `GOMODCACHE entry is relative; must be absolute path: ${quote(value)}.` };
}

/** Why the go command would not start (cmd/go/main.go:main). */
function goPathProblems({ value, why }: GoVariable, path: PlatformPath): EnvironmentProblem[] {
  if (why === 'default') return [];
  const entries = value.split(path.delimiter).filter((entry) => entry !== '');
  const bad = entries.find((entry) => entry.startsWith('~') || !path.isAbsolute(entry));
  if (bad === undefined) return [];
  const fault = bad.startsWith('~')
    ? `GOPATH entry cannot start with shell metacharacter '~': ${quote(bad)}`
    : `GOPATH entry is relative; must be absolute path: ${quote(bad)}.`;
  return [{ variable: 'GOPATH', message: fault }];
}

/** GOWORK as cmd/go/internal/modload/init.go:FindGoWork understands it. */
function work(variables: Variables, path: PlatformPath): Result<string> {
  const { value } = variables.GOWORK;
  if (value === 'auto') return { ok: true, value: '' };
  if (value === '' || value === 'off' || path.isAbsolute(value)) return { ok: true, value };
  return { ok: false, error: 'invalid GOWORK: not an absolute path' };
}

function valueOr<T, U>(
  result: Result<T>,
  otherwise: U,
  variable: GoVariableName,
  problems: EnvironmentProblem[],
): T | U {
  if (result.ok) return result.value;
  problems.push({ variable, message: result.error });
  return otherwise;
}

function redacted(variables: Variables): Variables {
  const shown = ({ value, why }: GoVariable): GoVariable => ({ value: redactUrl(value), why });
  return { ...variables, GOPROXY: shown(variables.GOPROXY), GOSUMDB: shown(variables.GOSUMDB) };
}

function cleanPath(path: string, { normalize, parse, sep }: PlatformPath): string {
  const clean = normalize(path);
  return clean.endsWith(sep) && clean !== parse(clean).root ? clean.slice(0, -1) : clean;
}
