import { parentPort } from 'node:worker_threads';
import type { Result } from '../syntax/result.ts';
import type { HashJob } from './hash-job.ts';
import { hashModuleDirectory, hashModuleZip } from './module-hash.ts';

/** Hashes one job after the other, as they come from the thread that started this one. */
export function runHashWorker(): void {
  parentPort!.on('message', (job: HashJob) => {
    void hashOf(job).then((result) => parentPort!.postMessage(result));
  });
}

function hashOf(job: HashJob): Promise<Result<string>> {
  if (job.kind === 'zip') return hashModuleZip(job.file);
  return Promise.resolve(hashModuleDirectory(job.directory, job.prefix));
}
