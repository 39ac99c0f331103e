import type { TracedRequest } from '../net/http.ts';
import { oneLine } from './one-line.ts';

/** One request as a line of a log: what for, what came, how long it took, how much it was, and from whom. */
export function requestLine({ purpose, url, status, why, milliseconds, bytes, cached }: TracedRequest): string {
  const answer = status === undefined ? `failed: ${why ?? 'no answer'}` : `${status}`;
  const cost = cached ? 'kept, nothing sent' : `${Math.round(milliseconds)} ms`;
  return oneLine(`${purpose} ${answer}, ${cost}, ${bytes} bytes, ${url}`);
}
