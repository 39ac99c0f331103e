import type { AbortSignal as Signal } from '../engine/network.ts';

/**
 * Work that several callers want at once is done once, and its result is kept for a while. A caller that is cancelled
 * stops waiting; the work itself is cancelled when nobody waits for it any more.
 */
export interface SharedWork<T> {
  /** The result, or undefined when the signal came first. */
  get(key: string, signal: Signal, work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined>;
}

interface Entry<T> {
  readonly controller: AbortController;
  readonly result: Promise<T>;
  waiting: number;
  /** When the result is too old, in milliseconds of `performance.now`; undefined while the work goes on. */
  until: number | undefined;
}

/** The most results that are kept. */
const MAX_ENTRIES = 2000;

/** @param keepFor for how long a result counts, in milliseconds */
export function createSharedWork<T>(keepFor: (result: T) => number): SharedWork<T> {
  const entries = new Map<string, Entry<T>>();

  function start(key: string, work: (signal: AbortSignal) => Promise<T>): Entry<T> {
    const controller = new AbortController();
    const entry: Entry<T> = { controller, result: work(controller.signal), waiting: 0, until: undefined };
    entries.set(key, entry);
    const forget = (): void => {
      if (entries.get(key) === entry) entries.delete(key);
    };
    entry.result.then((result) => {
      entry.until = performance.now() + keepFor(result);
      if (controller.signal.aborted) forget();
    }, forget);
    const oldest = entries.keys().next();
    if (entries.size > MAX_ENTRIES && !oldest.done) entries.delete(oldest.value);
    return entry;
  }

  return {
    async get(key, signal, work) {
      if (signal.aborted) return undefined;
      const known = entries.get(key);
      const usable = known && (known.until === undefined || performance.now() < known.until);
      const entry = usable ? known : start(key, work);
      entry.waiting += 1;
      try {
        return await unlessAborted(entry.result, signal);
      } finally {
        entry.waiting -= 1;
        if (entry.waiting === 0 && entry.until === undefined && signal.aborted) {
          entries.delete(key);
          entry.controller.abort();
        }
      }
    },
  };
}

function unlessAborted<T>(result: Promise<T>, signal: Signal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(undefined);
    signal.addEventListener('abort', stop, { once: true });
    result.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
