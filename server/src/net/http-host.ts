import type { AbortSignal } from '../engine/network.ts';
import type { HttpFailure } from './http-failure.ts';
import { createLimit } from './limit.ts';

/**
 * What is known of one host: how many requests it gets at once, and whether it is worth asking at the moment.
 * A host that can't be reached fails the requests that wait for it, with the same reason, instead of one time-out each.
 */
export interface HttpHost {
  /** Waits for a place; the function returned gives it back. Undefined when the signal came first. */
  acquire(signal: AbortSignal): Promise<(() => void) | undefined>;
  /** The failure that a request would meet now, as far as it is known. */
  failing(): HttpFailure | undefined;
  /** Learns from how a request ended; undefined means that the host answered. */
  ended(failure: HttpFailure | undefined): void;
}

/** For how long a host that could not be reached is not asked again, in milliseconds. */
const REST = 5000;

/** So many requests in a row without an answer in time mean that the host is at fault, not one address of it. */
const TIMEOUTS = 4;

export function createHttpHost(places: number): HttpHost {
  const limit = createLimit(places);
  let timeouts = 0;
  let down: { readonly failure: HttpFailure; readonly until: number } | undefined;

  return {
    acquire: (signal) => limit.acquire(signal),
    failing() {
      return down && performance.now() < down.until ? down.failure : undefined;
    },
    ended(failure) {
      if (failure === undefined) {
        timeouts = 0;
        down = undefined;
        return;
      }
      if (failure.failure === 'timeout') timeouts += 1;
      const unreachable = failure.failure === 'dns' || failure.failure === 'connect';
      if (unreachable || timeouts >= TIMEOUTS) down = { failure, until: performance.now() + REST };
    },
  };
}
