import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from './program.ts';

/** The texts of a module's go.mod and go.sum; undefined for a go.sum that is not there. */
export interface ModuleTexts {
  readonly mod: string;
  readonly sum: string | undefined;
}

export type TidyResult =
  | { readonly kind: 'tidied'; readonly texts: ModuleTexts }
  /** A go command ended with an error, or was stopped; what it wrote. */
  | { readonly kind: 'failed'; readonly command: string; readonly words: string }
  | { readonly kind: 'no-go' };

export interface TidyOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Told which step begins. */
  readonly onStep?: (command: string) => void;
}

/** The steps after tidy: the downloads are whole, and nothing is missing in what it has written. */
const CHECKS = [['mod', 'verify'], ['list', '-mod=readonly', '-m', 'all']] as const;

/** The most that is kept of what a go command writes, in characters. */
const MAX_WORDS = 100_000;

/**
 * Runs `go mod tidy` and checks its result, all on copies (`-modfile`): the module's own files are never touched, however it
 * ends.
 */
export async function goTidy(directory: string, texts: ModuleTexts, options: TidyOptions): Promise<TidyResult> {
  const go = await findProgram('go', options.env);
  if (go === undefined) return { kind: 'no-go' };
  const place = await mkdtemp(join(tmpdir(), 'gomod-health-tidy-'));
  const mod = join(place, 'go.mod');
  const sum = join(place, 'go.sum');
  try {
    await writeFile(mod, texts.mod);
    if (texts.sum !== undefined) await writeFile(sum, texts.sum);
    for (const [verb, ...rest] of [['mod', 'tidy'], ...CHECKS] as readonly (readonly string[])[]) {
      const isGroup = verb === 'mod';
      const args = [verb!, ...(isGroup ? rest.slice(0, 1) : []), `-modfile=${mod}`, ...(isGroup ? rest.slice(1) : rest)];
      const command = `go ${[verb, ...rest].join(' ')}`;
      options.onStep?.(command);
      const words = await run(go, args, directory, options);
      if (words !== undefined) return { kind: 'failed', command, words: words.replaceAll(place, directory).trim() };
    }
    const written = await readFile(sum, 'utf8').catch(() => undefined);
    return { kind: 'tidied', texts: { mod: await readFile(mod, 'utf8'), sum: written } };
  } catch (error) {
    return { kind: 'failed', command: 'go mod tidy', words: `no copy to work on: ${(error as Error).message}` };
  } finally {
    await rm(place, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}

/** What a command that failed wrote on stderr; undefined where it succeeded. */
function run(go: string, args: readonly string[], cwd: string, { env, signal }: TidyOptions): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(go, [...args], { cwd, env: { ...env, GOWORK: 'off' }, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true, signal });
    let words = '';
    const add = (chunk: Buffer): void => {
      if (words.length < MAX_WORDS) words += chunk.toString();
    };
    // go mod verify tells on stdout what was modified.
    child.stdout.on('data', add);
    child.stderr.on('data', add);
    child.once('error', (error) => resolve(signal.aborted ? 'it was interrupted' : error.message));
    child.once('close', (code, ended) => resolve(code === 0 ? undefined : words.trim() || `it was ended by ${ended ?? `status ${code}`}`));
  });
}
