import { workerData } from 'node:worker_threads';

/** What is to be hashed; paths are absolute. */
export type HashJob =
  | { readonly kind: 'zip'; readonly file: string }
  | { readonly kind: 'directory'; readonly directory: string; readonly prefix: string };

/** What a thread that hashes is started with, by which the program knows that it is one. */
export const HASH_WORKER = 'gomod-health: hash modules';

/** Whether this thread was started to hash. */
export function isHashWorker(): boolean {
  return workerData === HASH_WORKER;
}
