import type { Result } from '../syntax/result.ts';
import { hashModuleDirectory, hashModuleZip } from './module-hash.ts';

/** What is to be hashed; paths are absolute. */
export type HashJob =
  | { readonly kind: 'zip'; readonly file: string }
  | { readonly kind: 'directory'; readonly directory: string; readonly prefix: string };

/** The hash, `h1:…`, made in this thread, which does nothing else meanwhile. */
export function runHashJob(job: HashJob): Promise<Result<string>> {
  if (job.kind === 'zip') return hashModuleZip(job.file);
  return Promise.resolve(hashModuleDirectory(job.directory, job.prefix));
}
