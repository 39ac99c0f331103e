import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a run of the go command gave. */
export interface GoResult {
  /** The exit code; -1 when it was stopped or could not be started. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface GoOptions {
  readonly directory: string;
  /** Added to the clean environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds until it is stopped; two minutes when not said. */
  readonly timeout?: number;
}

/** A go command with settings and a module cache of its own, so that the user's can neither help nor suffer. */
export interface GoCommand {
  readonly moduleCache: string;
  /** The environment it runs in. */
  readonly env: Readonly<Record<string, string>>;
  run(args: readonly string[], options: GoOptions): Promise<GoResult>;
  /** Deletes the module cache. */
  dispose(): void;
}

/** The version of the go command on PATH (`go1.26.8`), or undefined when there is none that starts. */
export function goInstalled(): Promise<string | undefined> {
  const env = { ...process.env, GOTOOLCHAIN: 'local' };
  installed ??= execute('go', ['env', 'GOVERSION'], { directory: tmpdir(), env })
    .then(({ code, stdout }) => (code === 0 ? stdout.trim() : undefined));
  return installed;
}

/**
 * A go command that keeps what the machine says of proxies, but no other setting of Go, nor files of the user's.
 * Its build cache is the user's, since that only holds what any run would make anew.
 */
export function goCommand(settings: Readonly<Record<string, string>> = {}): GoCommand {
  const base = mkdtempSync(join(tmpdir(), 'gomod-health-go-'));
  const moduleCache = join(base, 'mod');
  const env: Record<string, string> = {
    ...withoutGoSettings(process.env),
    GOENV: 'off',
    GOFLAGS: '-modcacherw',
    GOMODCACHE: moduleCache,
    GOPATH: join(base, 'gopath'),
    GOTOOLCHAIN: 'local',
    GOTELEMETRY: 'off',
    ...settings,
  };
  return {
    moduleCache,
    env,
    run: (args, options) => execute('go', args, { ...options, env: { ...env, ...options.env } }),
    dispose: () => rmSync(base, { recursive: true, force: true }),
  };
}

/** Settings that would change what a module means; the ways to proxies and the build cache are the machine's matter. */
function withoutGoSettings(env: NodeJS.ProcessEnv): Record<string, string> {
  const kept = new Set(['GOPROXY', 'GOSUMDB', 'GONOSUMDB', 'GONOPROXY', 'GOPRIVATE', 'GOCACHE', 'GOROOT']);
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => {
      const [name, value] = entry;
      return value !== undefined && (!name.startsWith('GO') || kept.has(name));
    }),
  );
}

let installed: Promise<string | undefined> | undefined;

interface Execution {
  readonly directory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeout?: number;
}

function execute(command: string, args: readonly string[], execution: Execution): Promise<GoResult> {
  const { directory, env, timeout = 120_000 } = execution;
  const options = { cwd: directory, env, timeout, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((resolve) => {
    execFile(command, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, stdout, stderr: code === -1 && stderr === '' ? String(error?.message) : stderr });
    });
  });
}
