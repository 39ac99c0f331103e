import { parentPort } from 'node:worker_threads';
import { runHashJob } from './hash-job.ts';
import type { HashJob } from './hash-job.ts';

// A thread's own program: it hashes one job after the other, as they come from the thread that started this one.
parentPort?.on('message', (job: HashJob) => {
  void runHashJob(job).then((result) => parentPort!.postMessage(result));
});
