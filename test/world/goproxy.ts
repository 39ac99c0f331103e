import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { answering, freePort } from './git-server.ts';
import { buildGoProgram } from './go-program.ts';
import type { BuiltProgram } from './go-program.ts';

/** A GOPROXY server that people use. */
export function buildGoproxy(): Promise<BuiltProgram> {
  const module = 'github.com/goproxy/goproxy';
  return buildGoProgram({ name: 'goproxy', module, version: 'v0.18.0', command: `${module}/cmd/goproxy` });
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
