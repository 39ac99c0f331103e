import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** What can be asked of golang.org/x/mod itself; see oracle/main.go. Bytes are base64. */
export interface Question {
  readonly Keys?: readonly string[];
  readonly Key?: string;
  readonly Notes?: readonly string[];
  readonly Records?: readonly string[];
  readonly Trees?: readonly string[];
  readonly TilePaths?: readonly string[];
  readonly Proofs?: readonly (readonly [number, number])[];
  readonly Lookup?: {
    readonly Key: string;
    readonly URL: string;
    readonly Concurrency: number;
    readonly Head?: string;
    readonly Subjects: readonly (readonly [string, string])[];
  };
}

export interface Answer {
  readonly Keys: readonly string[];
  readonly Notes: readonly string[];
  readonly Records: readonly string[];
  readonly Trees: readonly string[];
  readonly TilePaths: readonly string[];
  readonly Proofs: readonly {
    readonly Hash: string;
    readonly Tree: readonly string[] | null;
  }[];
  readonly Lookup: {
    readonly Lines: readonly (readonly string[])[];
    readonly Errors: readonly string[];
    readonly Requests: number;
    readonly Milliseconds: number;
  };
}

export interface Oracle {
  ask(question: Question): Promise<Answer>;
  close(): Promise<void>;
}

/** Builds the program; a string says why that can't be done here. */
export async function buildOracle(): Promise<Oracle | string> {
  const directory = await mkdtemp(join(tmpdir(), 'oracle-'));
  const program = join(directory, process.platform === 'win32' ? 'oracle.exe' : 'oracle');
  const source = join(import.meta.dirname, 'oracle');
  const environment = { ...process.env, GOWORK: 'off', GOFLAGS: '-mod=readonly' };
  const built = spawnSync('go', ['build', '-o', program, '.'], { cwd: source, encoding: 'utf8', env: environment });
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true });
  if (built.error !== undefined || built.status !== 0) {
    await remove();
    return built.error === undefined ? `the tests' Go program can't be built: ${built.stderr}` : 'Go is not installed';
  }
  return {
    async ask(question) {
      const child = execFile(program, { maxBuffer: 1 << 28 });
      const output = text(child.stdout!);
      child.stdin!.end(JSON.stringify(question));
      const [code] = (await once(child, 'close')) as [number];
      if (code !== 0) throw new Error(`the tests' Go program failed with ${code}`);
      return JSON.parse(await output) as Answer;
    },
    close: remove,
  };
}
