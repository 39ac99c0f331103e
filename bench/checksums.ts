import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordOf } from '../test/sumdb/sample-log.ts';
import { buildOracle } from '../test/sumdb/oracle.ts';
import { bundleProgram } from './bundle.ts';
import { median } from './statistics.ts';

/** How the lines of a go.sum were verified against a loopback checksum database; undefined where Go's client can't be built. */
export interface ChecksumTimes {
  readonly lines: number;
  /** Requests of a run that knows nothing, of the same run asking again, and of a new process that has the disk. */
  readonly cold: number;
  readonly again: number;
  readonly warm: number;
  /**
   * Medians in milliseconds of runs that know nothing: in a process that has done the same before, as a language server has,
   * and in a new one.
   */
  readonly ours: { readonly running: number; readonly started: number };
  /** In a new process, whose start does not count. */
  readonly go: { readonly requests: number; readonly milliseconds: number } | undefined;
  /** Why there is nothing to compare with. */
  readonly skipped: string | undefined;
}

const RECORDS = 3000;
const SUBJECTS = 500;
const CONCURRENCY = 16;
const RUNS = 7;
/** How often each of our processes begins anew, and how many of these times it is warming up. */
const TIMES = 9;
const WARM_UP = 4;

/** Verifies 1,000 lines beside golang.org/x/mod's own client, in turn. */
export async function measureChecksums(buildDirectory: string): Promise<ChecksumTimes> {
  const client = join(buildDirectory, 'checksum-client.cjs');
  const oracle = await buildOracle();
  const directory = await mkdtemp(join(tmpdir(), 'gomod-health-bench-checksums-'));
  const server = fork(join(import.meta.dirname, 'checksum-server.ts'), [`${RECORDS}`]);
  try {
    await bundleProgram('checksum-client.ts', client);
    const [{ url, verifierKey, goSumDb }] = (await once(server, 'message')) as [Place];
    const subjects = Array.from({ length: SUBJECTS }, (_, at) => recordOf((at * 7919) % RECORDS));
    const names = subjects.map(({ path, version }) => `${path}@${version}`);
    const run = (at: string, rounds: number, times = 1): Promise<number[]> =>
      timesOf(client, [goSumDb, at, `${CONCURRENCY}`, `${rounds}`, `${times}`, ...names]);
    const requestsOf = async (work: () => Promise<unknown>): Promise<number> => {
      const before = await count();
      await work();
      return (await count()) - before;
    };
    const count = async (): Promise<number> => {
      const answered = once(server, 'message');
      server.send('count');
      return ((await answered) as [number])[0];
    };
    const cold = await requestsOf(() => run(directory, 1));
    const warm = await requestsOf(() => run(directory, 1));
    const again = (await requestsOf(() => run('', 2))) - cold;
    const started: number[] = [];
    const running: number[] = [];
    const go: { requests: number; milliseconds: number }[] = [];
    for (let at = 0; at < RUNS; at++) {
      const times = await run('', 1, TIMES);
      started.push(times[0]!);
      running.push(...times.slice(WARM_UP));
      if (typeof oracle === 'string') continue;
      const Subjects = subjects.map(({ path, version }) => [path, version] as const);
      const { Lookup } = await oracle.ask({ Lookup: { Key: verifierKey, URL: url, Concurrency: CONCURRENCY, Subjects } });
      if (Lookup.Errors.some((error) => error !== '')) throw new Error(Lookup.Errors.find((error) => error !== ''));
      go.push({ requests: Lookup.Requests, milliseconds: Lookup.Milliseconds });
    }
    return {
      lines: 2 * SUBJECTS,
      cold,
      again,
      warm,
      ours: { running: median(running), started: median(started) },
      go: go[0] && { requests: go[0].requests, milliseconds: median(go.map(({ milliseconds }) => milliseconds)) },
      skipped: typeof oracle === 'string' ? oracle : undefined,
    };
  } finally {
    server.disconnect();
    if (typeof oracle !== 'string') await oracle.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Where the server is, and whose signatures it has. */
interface Place {
  readonly url: string;
  readonly verifierKey: string;
  readonly goSumDb: string;
}

function timesOf(client: string, args: readonly string[]): Promise<number[]> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [client, ...args], { timeout: 60_000 }, (error, stdout) => {
      if (error) reject(error);
      else resolve(stdout.trim().split('\n').map(Number));
    });
  });
}
