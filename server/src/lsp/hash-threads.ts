import { realpathSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { createHashPool } from '../net/hash-pool.ts';
import type { HashPool } from '../net/hash-pool.ts';

/** Threads that hash. Their program lies beside the bundle that runs (scripts/build.mjs), or among the sources. */
export function openHashPool(threads: number): HashPool {
  const program = realpathSync(process.argv[1]!);
  const worker = extname(program) === '.ts' ? '../net/hash-worker.ts' : 'hash-worker.cjs';
  return createHashPool(join(dirname(program), worker), threads);
}
