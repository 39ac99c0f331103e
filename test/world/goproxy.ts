import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { answering, freePort } from './git-server.ts';

const MODULE = 'github.com/goproxy/goproxy';
const VERSION = 'v0.18.0';

export type BuiltGoproxy = { readonly program: string } | { readonly why: string };

/**
 * The program of a GOPROXY server that people use, built from its module once and then kept in the user's cache
 * directory; or why it is not to be had.
 */
export async function buildGoproxy(): Promise<BuiltGoproxy> {
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'gomod-health-tests');
  const program = join(cache, `goproxy-${VERSION}-${process.platform}-${process.arch}`);
  if (await stat(program).catch(() => undefined)) return { program };
  if ((await run('go', ['version'], tmpdir())) !== undefined) return { why: 'the go command is not installed' };
  const directory = await mkdtemp(join(tmpdir(), 'gomod-goproxy-build-'));
  try {
    await mkdir(cache, { recursive: true });
    await writeFile(join(directory, 'go.mod'), 'module example.com/goproxy\n\ngo 1.23\n');
    const got = await run('go', ['get', `${MODULE}/cmd/goproxy@${VERSION}`], directory);
    if (got !== undefined) return { why: `${MODULE} ${VERSION} can't be fetched: ${got}` };
    const built = await run('go', ['build', '-o', `${program}.new`, `${MODULE}/cmd/goproxy`], directory);
    if (built !== undefined) return { why: `${MODULE} ${VERSION} can't be built: ${built}` };
    await rename(`${program}.new`, program);
    return { program };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

export interface RunningGoproxy {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the server. What it is asked it asks the go command, which runs in the given environment. */
export async function startGoproxy(
  program: string,
  directory: string,
  env: NodeJS.ProcessEnv,
  args: readonly string[] = [],
): Promise<RunningGoproxy> {
  const port = await freePort();
  await mkdir(directory, { recursive: true });
  const own = ['--address', `127.0.0.1:${port}`, '--cacher-dir', join(directory, 'caches'), '--temp-dir', directory, '--shutdown-timeout', '1s'];
  const child = spawn(program, ['server', ...own, ...args], { cwd: directory, env, stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await answering(port);
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      child.kill();
      return ended;
    },
  };
}

/** Undefined when it went well, or else the last line that it wrote. */
function run(program: string, args: readonly string[], cwd: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, [...args], { cwd, timeout: 280_000 }, (error, _stdout, stderr) => {
      resolve(error ? stderr.trim().split('\n').at(-1) || error.message : undefined);
    });
  });
}
