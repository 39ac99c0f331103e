import type { Context } from 'mocha';
import { type Oracle, startOracle } from './oracle.ts';

/**
 * Starts the oracle before a suite's tests and ends it after them. Without Go the tests that need it are skipped, and
 * the reason is printed.
 */
export function judge(): { readonly oracle: (context: Context) => Oracle } {
  let started: ReturnType<typeof startOracle> | undefined;
  before(function () {
    this.timeout(120_000);
    started = startOracle();
    if ('skipped' in started) console.log(`skipped: ${started.skipped}`);
  });
  after(() => {
    if (started && !('skipped' in started)) started.close();
  });
  return {
    oracle(context) {
      if (!started || 'skipped' in started) context.skip();
      return started as Oracle;
    },
  };
}
