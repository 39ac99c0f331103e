import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { lines } from './lines.ts';

const SOURCES = dirname(fileURLToPath(import.meta.url));
const DIRECTORY = join(SOURCES, '..', '..', '.build', 'oracle');
const PROGRAM = join(DIRECTORY, process.platform === 'win32' ? 'oracle.exe' : 'oracle');

/** A request to the oracle; it is told apart from others by its place in the order, so that it needs no `id`. */
export type Request = Readonly<Record<string, unknown>> & { readonly op: string };

/** golang.org/x/mod as a judge behind a pipe. */
export interface Oracle {
  ask(request: Request): Promise<Record<string, unknown>>;
  /** Asks all, with some on their way at a time, and gives the answers in the order of the requests. */
  askAll(requests: readonly Request[]): Promise<Record<string, unknown>[]>;
  close(): void;
}

/** Why there is no oracle, in words for a test's output. */
export interface NoOracle {
  readonly skipped: string;
}

/** Builds the oracle, if that has not been done since its sources changed, and starts it. */
export function startOracle(): Oracle | NoOracle {
  const reason = build();
  if (reason !== undefined) return { skipped: reason };
  return new Pipe(spawn(PROGRAM, [], { stdio: ['pipe', 'pipe', 'inherit'] }));
}

function build(): string | undefined {
  const sources = ['main.go', 'parse.go', 'call.go', 'edit.go', 'imports.go', 'go.mod', 'go.sum'];
  const newest = Math.max(...sources.map((name) => statSync(join(SOURCES, name)).mtimeMs));
  if (existsSync(PROGRAM) && statSync(PROGRAM).mtimeMs > newest) return undefined;
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' });
  } catch {
    return 'go is not installed, so golang.org/x/mod cannot judge';
  }
  mkdirSync(DIRECTORY, { recursive: true });
  try {
    const env = { ...process.env, GOWORK: 'off' };
    execFileSync('go', ['build', '-o', PROGRAM, '.'], { cwd: SOURCES, stdio: 'pipe', env });
    return undefined;
  } catch (cause) {
    const { stderr } = cause as { readonly stderr?: Buffer };
    return `the oracle cannot be built: ${String(stderr ?? cause).trim()}`;
  }
}

/** How many requests may be under way at once: enough to keep both sides busy, few enough for their buffers. */
const WINDOW = 64;

interface Waiting {
  readonly resolve: (answer: Record<string, unknown>) => void;
  readonly reject: (cause: Error) => void;
}

class Pipe implements Oracle {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting: Waiting[] = [];

  constructor(child: ChildProcessByStdio<Writable, Readable, null>) {
    this.#process = child;
    void this.#readAnswers();
    child.on('exit', (code) => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error(`the oracle ended with code ${code}`));
    });
  }

  async #readAnswers(): Promise<void> {
    for await (const line of lines(this.#process.stdout)) {
      this.#waiting.shift()?.resolve(JSON.parse(line) as Record<string, unknown>);
    }
  }

  ask(request: Request): Promise<Record<string, unknown>> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    });
  }

  async askAll(requests: readonly Request[]): Promise<Record<string, unknown>[]> {
    const answers: Record<string, unknown>[] = [];
    for (let at = 0; at < requests.length; at += WINDOW) {
      answers.push(...(await Promise.all(requests.slice(at, at + WINDOW).map((request) => this.ask(request)))));
    }
    return answers;
  }

  close(): void {
    this.#process.stdin.end();
  }
}
