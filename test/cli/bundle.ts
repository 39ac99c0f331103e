import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The bundle that is shipped, both as command and as language server. */
export const PROGRAM = join(import.meta.dirname, '..', '..', 'dist', 'gomod-health.cjs');

export interface CommandOptions {
  readonly cwd: string;
  /** Added to `cleanEnvironment`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Run as this user and group. */
  readonly uid?: number;
  /** The reader of its output goes away after the first bytes. */
  readonly cutOff?: boolean;
}

export interface CommandResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

/** No test waits longer for a command, in milliseconds. */
const LONGEST = 25_000;

/** Runs the real command as a child process. */
export function runCommand(args: readonly string[], { cwd, env, uid, cutOff }: CommandOptions): Promise<CommandResult> {
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is not there; npm run build makes it`);
  const started = performance.now();
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd,
    env: { ...cleanEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid !== undefined && { uid, gid: uid }),
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout.push(chunk);
    if (cutOff) child.stdout.destroy();
  });
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => {
      clearTimeout(timer);
      resolve({
        status,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
        milliseconds: performance.now() - started,
      });
    });
  });
}

/** This process's environment without settings of Go and of proxies, which are the tests' matter. */
export function cleanEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !/^(GO[A-Z]+|(HTTPS?|NO|ALL)_PROXY|NO_COLOR|FORCE_COLOR)$/i.test(entry[0]),
  );
  return Object.fromEntries(entries);
}
