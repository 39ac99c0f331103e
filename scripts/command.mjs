// How the set-up scripts run other programs. Plain Node (20.18.1 or newer) without dependencies, because it runs before `npm ci`.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout that these scripts belong to. */
export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** A failure that is the user's to read: one sentence, shown without a stack. */
export class SetupError extends Error {}

/**
 * Runs a program to its end.
 * @param {string} program A name on PATH, or a path.
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, quiet?: boolean }} [options] With `quiet` the output is shown only on failure.
 * @returns {Promise<number>} The exit code; 1 when a signal ended it.
 * @throws {SetupError} When the program can't be started.
 */
export function run(program, args, options = {}) {
  const { cwd = root, env = process.env, quiet = false } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env,
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
      // npm is a .cmd file on Windows, which only a shell can start.
      shell: process.platform === 'win32',
    });
    /** @type {Buffer[]} */
    const output = [];
    child.stdout?.on('data', (chunk) => output.push(chunk));
    child.stderr?.on('data', (chunk) => output.push(chunk));
    child.once('error', (error) => reject(new SetupError(`${program} could not be started: ${error.message}.`)));
    child.once('close', (code) => {
      if (code !== 0) process.stderr.write(Buffer.concat(output));
      resolve(code ?? 1);
    });
  });
}

/**
 * The environment without this project's own Node 24 at the front of PATH. `npm ci` removes that Node while it runs, so
 * npm must be started by the machine's own.
 * @param {NodeJS.ProcessEnv} environment
 * @returns {NodeJS.ProcessEnv}
 */
export function machineEnvironment(environment) {
  const own = path.join(root, 'node_modules');
  const folders = (environment['PATH'] ?? '').split(path.delimiter);
  const kept = folders.filter((folder) => folder !== own && !folder.startsWith(own + path.sep));
  return { ...environment, PATH: kept.join(path.delimiter) };
}

/**
 * Prints a script's failure as one sentence and ends the process with 1.
 * @param {unknown} error
 * @returns {never}
 */
export function fail(error) {
  const text = error instanceof SetupError ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`\n${text}\n`);
  process.exit(1);
}
