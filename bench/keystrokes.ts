import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Editor, type Change } from './editor.ts';
import { quantile } from './statistics.ts';
import { goMod, goSum } from './texts.ts';

/** From a keystroke to the findings, in milliseconds. */
export interface KeystrokeTimes {
  readonly edits: number;
  readonly ours: { readonly p50: number; readonly p95: number };
  readonly baseline: { readonly p50: number; readonly p95: number };
}

export interface KeystrokeOptions {
  /** The bundles of both servers. */
  readonly server: string;
  readonly baseline: string;
  readonly network: 'off' | 'cacheOnly';
}

/** The requirements of a go.mod of 490 lines: the other lines are its frame and the faulty one. */
const REQUIREMENTS = 490 - 12;

/** The first edits warm both servers up; those after them count. */
const WARM_UP = 60;
const COUNTED = 300;

/** The pause between keystrokes, in milliseconds: both together as a fast typist makes it. */
const PAUSE = 50;

/**
 * Types into a go.mod of 490 lines, the same into both servers and in turn, so that a busy machine slows down both.
 * The file has a fault, so that there is always something to publish.
 */
export async function measureKeystrokes(options: KeystrokeOptions): Promise<KeystrokeTimes> {
  // What lies beside a module is looked at, too, so that the directory for temporary files must not be its parent.
  const base = await mkdtemp(join(tmpdir(), 'gomod-health-bench-'));
  const directory = join(base, 'module');
  const folder = pathToFileURL(directory).href;
  const text = `${goMod(REQUIREMENTS)}require example.com/faulty v2.0.0\n`;
  await mkdir(directory);
  await writeFile(join(directory, 'go.mod'), text);
  await writeFile(join(directory, 'go.sum'), goSum(REQUIREMENTS));
  await mkdir(join(base, 'modcache'));
  const env = {
    ...process.env,
    GOENV: 'off',
    GOFLAGS: '',
    GOWORK: 'off',
    GOPROXY: 'off',
    GOMODCACHE: join(base, 'modcache'),
    XDG_CACHE_HOME: join(base, 'cache'),
  };
  const ours = new Editor([options.server, 'lsp', '--stdio'], env);
  const baseline = new Editor([options.baseline, '--stdio'], env);
  try {
    const uri = `${folder}/go.mod`;
    for (const editor of [ours, baseline]) {
      await editor.initialize(folder, { network: options.network, trusted: true });
      await editor.open(uri, text);
    }
    await sleep(1000);
    const times: Record<'ours' | 'baseline', number[]> = { ours: [], baseline: [] };
    const edits = keystrokes(text, WARM_UP + COUNTED);
    for (const [at, edit] of edits.entries()) {
      const answer = await ours.change(uri, edit.change);
      await sleep(PAUSE);
      const other = await baseline.change(uri, edit.change);
      await sleep(PAUSE);
      if (answer.findings < edit.faults) {
        throw new Error(`edit ${at} was answered with ${answer.findings} findings, not with ${edit.faults} or more`);
      }
      if (at < WARM_UP) continue;
      times.ours.push(answer.milliseconds);
      times.baseline.push(other.milliseconds);
    }
    return { edits: COUNTED, ours: percentiles(times.ours), baseline: percentiles(times.baseline) };
  } finally {
    await Promise.all([ours.close(), baseline.close()]);
    await rm(base, { recursive: true, force: true });
  }
}

function percentiles(times: readonly number[]): { p50: number; p95: number } {
  return { p50: quantile(times, 0.5), p95: quantile(times, 0.95) };
}

/** What is typed at the end of a line and taken back, letter by letter, on one requirement's line after the other. */
const TYPED = ['\n\texample.com/new/module v1.2.3', ' // indirect', '-rc.1'];

interface Keystroke {
  readonly change: Change;
  /** How many faults the text surely has after it: the answer must tell of them, or it would not be one. */
  readonly faults: number;
}

/** Single keystrokes, all over the file. */
function keystrokes(text: string, count: number): Keystroke[] {
  const lines = text.split('\n');
  const requirements = lines.flatMap((line, at) => (line.startsWith('\t') && !line.includes('//') ? [at] : []));
  const changes: Keystroke[] = [];
  for (let turn = 0; changes.length < count; turn++) {
    const line = requirements[(turn * 37) % requirements.length]!;
    changes.push(...typedAndTakenBack(TYPED[turn % TYPED.length]!, { line, character: lines[line]!.length }));
  }
  return changes.slice(0, count);
}

function typedAndTakenBack(typed: string, start: { readonly line: number; readonly character: number }): Keystroke[] {
  const places = [start];
  for (const letter of typed) {
    const { line, character } = places.at(-1)!;
    places.push(letter === '\n' ? { line: line + 1, character: 0 } : { line, character: character + 1 });
  }
  const insertions = [...typed].map((text, at) => ({
    change: { range: { start: places[at]!, end: places[at]! }, text },
    faults: faultsOf(typed.slice(0, at + 1)),
  }));
  const deletions = [...typed].map((_, at) => ({
    change: { range: { start: places[at]!, end: places[at + 1]! }, text: '' },
    faults: faultsOf(typed.slice(0, at)),
  }));
  return [...insertions, ...deletions.reverse()];
}

/** The fault that is always there, and that of a new line that is not typed to its end. */
function faultsOf(typed: string): number {
  return /^\n\t\S/.test(typed) && !/ v\d+\.\d+\.\d+$/.test(typed) ? 2 : 1;
}
