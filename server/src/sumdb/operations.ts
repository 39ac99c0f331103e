import type { Cryptography } from './signed-note.ts';

/** What the server of a database, or a proxy for it, said. */
export type RemoteAnswer =
  | { readonly kind: 'answer'; readonly body: Uint8Array }
  /** A definite "not there": 404, 410, no such file. */
  | { readonly kind: 'absent'; readonly from: string; readonly said: string }
  | { readonly kind: 'unavailable'; readonly why: string };

/**
 * The outside world of one database (golang.org/x/mod/sumdb.ClientOps). Nothing that it gives is believed before it is
 * verified, the caches' content included. No operation may throw.
 */
export interface Operations extends Cryptography {
  /** Asks the database for a path like `lookup/P@V` or `tile/8/0/000`, escaped already. */
  readRemote(path: string): Promise<RemoteAnswer>;
  /** What a cache on this machine has for such a path. */
  readCache(path: string): Promise<Uint8Array | undefined>;
  /** Keeps a verified answer, in place of what the cache has; may go on in the background and may fail. */
  writeCache(path: string, bytes: Uint8Array): void;
  /** The signed tree head of the largest tree seen so far, also by earlier runs; empty when there is none. */
  readTreeHead(): Promise<Uint8Array>;
  /**
   * Replaces the stored tree head `old` by `head`, atomically; an absent one may be replaced always. False when
   * another one is stored by now, which must be looked at first.
   */
  writeTreeHead(old: Uint8Array, head: Uint8Array): Promise<boolean>;
}
