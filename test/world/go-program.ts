import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

export interface GoProgram {
  /** What it is kept as. */
  readonly name: string;
  readonly module: string;
  readonly version: string;
  /** The import path of its command. */
  readonly command: string;
}

export type BuiltProgram = { readonly program: string } | { readonly why: string };

/**
 * A program of Go's that people use, built from its module once and then kept in the user's cache directory; or why it is not
 * to be had.
 */
export async function buildGoProgram({ name, module, version, command }: GoProgram): Promise<BuiltProgram> {
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'gomod-health-tests');
  const program = join(cache, `${name}-${version}-${process.platform}-${process.arch}`);
  if (await stat(program).catch(() => undefined)) return { program };
  if ((await run('go', ['version'], tmpdir())) !== undefined) return { why: 'the go command is not installed' };
  const directory = await mkdtemp(join(tmpdir(), `gomod-${name}-build-`));
  try {
    await mkdir(cache, { recursive: true });
    await writeFile(join(directory, 'go.mod'), `module example.com/${name}\n\ngo 1.23\n`);
    const got = await run('go', ['get', `${command}@${version}`], directory);
    if (got !== undefined) return { why: `${module} ${version} can't be fetched: ${got}` };
    const built = await run('go', ['build', '-o', `${program}.new`, command], directory);
    if (built !== undefined) return { why: `${module} ${version} can't be built: ${built}` };
    await rename(`${program}.new`, program);
    return { program };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Undefined when it went well, or else the last line that it wrote. */
function run(program: string, args: readonly string[], cwd: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, [...args], { cwd, timeout: 280_000 }, (error, _stdout, stderr) => {
      resolve(error ? stderr.trim().split('\n').at(-1) || error.message : undefined);
    });
  });
}
