import type { AbortSignal } from '../engine/network.ts';

/** Lets a bounded number of tasks run at once, in the order they came. */
export interface Limit {
  /** Waits for a place; the function returned gives it back. Undefined when the signal came first. */
  acquire(signal: AbortSignal): Promise<(() => void) | undefined>;
}

export function createLimit(places: number): Limit {
  const waiting: (() => void)[] = [];
  let free = places;

  function release(): void {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  }

  function once(): () => void {
    let held = true;
    return () => {
      if (held) release();
      held = false;
    };
  }

  return {
    acquire(signal) {
      if (signal.aborted) return Promise.resolve(undefined);
      if (free > 0) {
        free -= 1;
        return Promise.resolve(once());
      }
      return new Promise((resolve) => {
        const go = (): void => {
          signal.removeEventListener('abort', stop);
          resolve(once());
        };
        const stop = (): void => {
          waiting.splice(waiting.indexOf(go), 1);
          resolve(undefined);
        };
        waiting.push(go);
        signal.addEventListener('abort', stop, { once: true });
      });
    },
  };
}
