import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { analyze, recordFacts } from '../server/src/engine/analysis.ts';
import type { GoEnvironment } from '../server/src/engine/environment.ts';
import type { Project } from '../server/src/engine/project.ts';
import { rules } from '../server/src/engine/rules/index.ts';
import { parseMod } from '../server/src/syntax/mod-file.ts';
import { parseSum } from '../server/src/syntax/sum-file.ts';
import { fittedExponent, median } from './statistics.ts';
import { goMod, goSum, hostileTexts } from './texts.ts';

/** How long each measurement of a speed runs, in milliseconds, and how many there are, in turn. */
const SPEED_MILLISECONDS = 200;
const SPEED_ROUNDS = 15;

/** Bytes per second, the medians. */
export interface ParsingSpeeds {
  readonly ours: number;
  /** Undefined, with the reason, when modfile.Parse could not be asked. */
  readonly modfile: number | undefined;
  readonly skipped?: string;
}

/** The speed of reading go.mod files of 490 lines that have no line in common, beside modfile.Parse, both in one thread. */
export async function measureParsingSpeed(buildDirectory: string): Promise<ParsingSpeeds> {
  const texts = newTexts();
  const ours: number[] = [];
  const theirs: number[] = [];
  const judge = startModfile(buildDirectory, goMod(REQUIREMENTS));
  try {
    parsingSpeed(texts);
    for (let round = 0; round < SPEED_ROUNDS; round++) {
      ours.push(parsingSpeed(texts));
      if (!('skipped' in judge)) theirs.push(await judge.speed());
    }
  } finally {
    if (!('skipped' in judge)) judge.close();
  }
  if ('skipped' in judge) return { ours: median(ours), modfile: undefined, skipped: judge.skipped };
  return { ours: median(ours), modfile: median(theirs) };
}

const REQUIREMENTS = 479;

/** What was read before is remembered, so that each text is another one. */
function* newTexts(): Generator<string, never> {
  for (let first = 0; ; first += REQUIREMENTS) yield goMod(REQUIREMENTS, first);
}

function parsingSpeed(texts: Generator<string, never>): number {
  let bytes = 0;
  let taken = 0;
  while (taken < SPEED_MILLISECONDS) {
    const text = texts.next().value;
    bytes += Buffer.byteLength(text);
    const start = performance.now();
    parseMod(text);
    taken += performance.now() - start;
  }
  return bytes / (taken / 1000);
}

interface Modfile {
  speed(): Promise<number>;
  close(): void;
}

/** Builds the program with golang.org/x/mod, and starts it. */
function startModfile(buildDirectory: string, text: string): Modfile | { readonly skipped: string } {
  const program = join(buildDirectory, process.platform === 'win32' ? 'modfile.exe' : 'modfile');
  mkdirSync(buildDirectory, { recursive: true });
  try {
    const options = { cwd: join(import.meta.dirname, 'modfile'), env: { ...process.env, GOWORK: 'off' } };
    execFileSync('go', ['build', '-o', program, '.'], { ...options, stdio: 'pipe' });
  } catch (cause) {
    return { skipped: `modfile.Parse could not be built: ${(cause as Error).message.split('\n')[0]!}` };
  }
  const directory = mkdtempSync(join(tmpdir(), 'gomod-health-bench-'));
  const file = join(directory, 'go.mod');
  writeFileSync(file, text);
  const child = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async speed() {
      child.stdin.write(`${file} ${SPEED_MILLISECONDS}\n`);
      const { value } = await lines.next();
      return Number(value);
    },
    close() {
      child.stdin.end();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export interface Growth {
  readonly points: readonly { readonly size: number; readonly time: number }[];
  readonly exponent: number;
}

const SIZES = [10, 30, 100, 300, 1000, 3000, 10_000];

/** The time to read a go.mod, in milliseconds, by its number of requirements. */
export function measureParsingGrowth(): Growth {
  return growth((size) => {
    const text = goMod(size);
    return () => parseMod(text);
  });
}

/** The time to find what a go.mod and its go.sum show by themselves, reading included, in milliseconds. */
export function measureCheckingGrowth(): Growth {
  return growth((size) => {
    const mod = goMod(size);
    const sum = goSum(size);
    return () => analyze(projectOf(mod, sum), recordFacts(() => undefined), rules);
  });
}

function growth(workOfSize: (size: number) => () => unknown): Growth {
  const points = SIZES.map((size) => ({ size, time: timeOf(workOfSize(size)) }));
  return { points, exponent: fittedExponent(points) };
}

/** The median time of a piece of work that is done often enough to be warm, in milliseconds. */
function timeOf(work: () => unknown): number {
  return median(timesOf(work));
}

/** Each time is that of as many runs as make it long enough to be measured. */
function timesOf(work: () => unknown): number[] {
  let single = processorTime(work, 1);
  for (let spent = single; spent < WARM_UP_MILLISECONDS; spent += single) single = processorTime(work, 1);
  const runs = Math.max(1, Math.ceil(SAMPLE_MILLISECONDS / single));
  processorTime(work, runs);
  return Array.from({ length: SAMPLES }, () => processorTime(work, runs) / runs);
}

const WARM_UP_MILLISECONDS = 300;
const SAMPLES = 9;
const SAMPLE_MILLISECONDS = 20;

/** What a piece of work takes of the processor, in milliseconds: what else the machine does meanwhile is not counted. */
function processorTime(work: () => unknown, runs: number): number {
  const start = process.cpuUsage();
  for (let run = 0; run < runs; run++) work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

function projectOf(mod: string, sum: string): Project {
  const directory = '/bench';
  return {
    environment: ENVIRONMENT,
    workspace: undefined,
    modules: [
      {
        directory,
        mod: { path: `${directory}/go.mod`, text: mod, parsed: parseMod(mod), editable: true },
        sum: { path: `${directory}/go.sum`, text: sum, parsed: parseSum(sum), editable: true },
        vendored: false,
      },
    ],
    nearby: [],
  };
}

const ENVIRONMENT: GoEnvironment = {
  proxies: [{ kind: 'direct' }],
  noProxy: '',
  noSumDb: '',
  private: '',
  insecure: '',
  vcs: '',
  sumDb: 'off',
  moduleCache: undefined,
  goFlags: [],
  work: '',
};

/** How many times longer a longer text takes, for the kind of text that grows the most. */
export interface HostileGrowth {
  readonly kinds: number;
  readonly worst: string;
  readonly ratio: number;
  /** The longest time for a longer text of any kind, in milliseconds. */
  readonly longest: number;
}

/**
 * How a longer hostile text fares beside a shorter one, by their lengths in characters. Both are read in turn three times, and
 * the median counts: what the collector of garbage has to do falls on whichever text is read just then.
 */
export function measureHostileGrowth(shorter: number, longer: number): HostileGrowth {
  const [short, long] = [hostileTexts(shorter), hostileTexts(longer)];
  const growths = [...long].map(([kind, text]) => {
    const pairs = Array.from({ length: 3 }, () => [hostileTime(short.get(kind)!), hostileTime(text)] as const);
    return { kind, ratio: median(pairs.map(([a, b]) => b / a)), time: median(pairs.map(([, b]) => b)) };
  });
  const worst = growths.reduce((most, one) => (one.ratio > most.ratio ? one : most));
  return { kinds: growths.length, worst: worst.kind, ratio: worst.ratio, longest: Math.max(...growths.map(({ time }) => time)) };
}

/**
 * Milliseconds of the processor: the mean over runs that read the same amount of text for any length, so that memory is cleared
 * up as often for short texts as for long ones.
 */
function hostileTime(text: string): number {
  const runs = Math.ceil(HOSTILE_AMOUNT / text.length);
  parseMod(text);
  return processorTime(() => parseMod(text), runs) / runs;
}

/** How much text of each kind and length is read, in characters. */
const HOSTILE_AMOUNT = 3_000_000;
