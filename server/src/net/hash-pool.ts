import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Result } from '../syntax/result.ts';
import { runHashJob } from './hash-job.ts';
import type { HashJob } from './hash-job.ts';

/** Hashes in threads of their own. */
export interface HashPool {
  /** The hash, `h1:…`. It does not throw: a thread that ends unexpectedly makes its job an error. */
  hash(job: HashJob): Promise<Result<string>>;
  close(): Promise<void>;
}

interface Waiting {
  readonly job: HashJob;
  readonly done: (result: Result<string>) => void;
}

/** Packed bytes that are hashed sooner than a thread has started to. */
const LITTLE = 3 << 20;

/** How many threads are worth it: none for little, else as many as the machine runs at once. */
export function threadsFor(packedBytes: number): number {
  return packedBytes < LITTLE ? 0 : availableParallelism();
}

/**
 * Starts the threads at once, so that they are ready when the first job comes.
 *
 * @param program the absolute path of hash-worker.ts or its bundle, which each thread runs
 * @param threads 0 hashes in the calling thread
 */
export function createHashPool(program: string, threads: number): HashPool {
  if (threads === 0) return { hash: runHashJob, close: () => Promise.resolve() };
  const waiting: Waiting[] = [];
  const workers = new Set<Worker>();
  const idle: Worker[] = [];
  const underWay = new Map<Worker, Waiting>();

  function start(): Worker {
    const worker = new Worker(program);
    workers.add(worker);
    worker.on('message', (result: Result<string>) => {
      finish(worker, result);
      give(worker);
    });
    worker.on('error', (error) => lose(worker, error.message));
    worker.on('exit', () => lose(worker, 'its thread ended'));
    return worker;
  }

  function give(worker: Worker): void {
    const next = waiting.shift();
    if (!next) {
      idle.push(worker);
      return;
    }
    underWay.set(worker, next);
    worker.postMessage(next.job);
  }

  function finish(worker: Worker, result: Result<string>): void {
    underWay.get(worker)?.done(result);
    underWay.delete(worker);
  }

  function lose(worker: Worker, why: string): void {
    if (!workers.delete(worker)) return;
    if (idle.includes(worker)) idle.splice(idle.indexOf(worker), 1);
    finish(worker, { ok: false, error: `it could not be hashed: ${why}` });
    if (waiting.length > 0) give(start());
  }

  for (let thread = 0; thread < threads; thread++) idle.push(start());

  return {
    hash(job) {
      return new Promise((done) => {
        waiting.push({ job, done });
        const worker = idle.pop() ?? (workers.size < threads ? start() : undefined);
        if (worker) give(worker);
      });
    },
    async close() {
      const all = [...workers];
      workers.clear();
      await Promise.all(all.map((worker) => worker.terminate()));
    },
  };
}
