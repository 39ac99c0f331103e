import { spawn } from 'node:child_process';
import type { Result } from '../syntax/result.ts';

export interface ProgramOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** What it reads. */
  readonly input: string;
  /** In milliseconds; then it is ended. */
  readonly timeout: number;
  /** The most that it may write, in bytes. */
  readonly maxBytes: number;
}

/**
 * Runs a program without a shell, and gives what it wrote. An error says how it ended, but nothing of what it wrote or
 * was given: both may be credentials.
 */
export function runProgram(
  program: string,
  args: readonly string[],
  { env, cwd, input, timeout, maxBytes }: ProgramOptions,
): Promise<Result<string>> {
  return new Promise((resolve) => {
    const child = spawn(program, [...args], { env, cwd, stdio: ['pipe', 'pipe', 'ignore'], windowsHide: true });
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    let fault: string | undefined;
    const end = (why: string): void => {
      fault ??= why;
      child.kill('SIGKILL');
      // A process that it has started may hold the pipe open for ever.
      child.stdout.destroy();
    };
    const timer = setTimeout(() => end(`it did not end within ${timeout / 1000} s`), timeout);
    child.stdout.on('data', (chunk: Uint8Array) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > maxBytes) end(`it wrote more than ${maxBytes} bytes`);
    });
    // A program need not read what it is given.
    child.stdin.on('error', () => undefined).end(input);
    child.on('error', ({ code }: NodeJS.ErrnoException) => {
      fault ??= code === 'ENOENT' ? 'executable file not found' : (code ?? 'unknown failure');
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code !== 0) fault ??= code === null ? `signal: ${signal}` : `exit status ${code}`;
      resolve(fault === undefined ? { ok: true, value: Buffer.concat(chunks).toString() } : { ok: false, error: fault });
    });
  });
}
