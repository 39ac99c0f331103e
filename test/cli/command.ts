import { execFile } from 'node:child_process';
import { join } from 'node:path';

const main = join(import.meta.dirname, '../../server/src/cli/main.ts');

/** What a run of `gomod-health` gave. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly directory: string;
  /** The whole environment, but for PATH. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Runs the command from its sources, in an environment of its own; a run that hangs is ended after a minute. */
export function gomodHealth(args: readonly string[], { directory, env }: CommandOptions): Promise<CommandResult> {
  const options = {
    cwd: directory,
    env: { PATH: process.env['PATH'], NO_COLOR: '1', ...env },
    timeout: 60_000,
    maxBuffer: 64 << 20,
  };
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
  });
}
