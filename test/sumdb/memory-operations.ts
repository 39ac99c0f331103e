import { nodeCryptography } from '../../server/src/net/checksum-database.ts';
import type { Operations, RemoteAnswer } from '../../server/src/sumdb/operations.ts';
import type { ChecksumLog } from '../world/checksum-database.ts';

/** Operations on a log without network and disk, which count what is asked and can be made to lie. */
export interface MemoryOperations extends Operations {
  /** The paths asked of the database, in their order. */
  readonly requests: string[];
  readonly cache: Map<string, Uint8Array>;
  /** The stored tree head; empty when there is none. */
  head: Uint8Array;
  /** Answers in place of the log where it gives something. */
  interpose: (path: string) => Buffer | RemoteAnswer | undefined;
  /** The log that answers. */
  log: ChecksumLog;
}

export function memoryOperations(log: ChecksumLog): MemoryOperations {
  const operations: MemoryOperations = {
    ...nodeCryptography,
    requests: [],
    cache: new Map(),
    head: new Uint8Array(0),
    interpose: () => undefined,
    log,
    async readRemote(path) {
      operations.requests.push(path);
      // Answers come at different times, as from a network.
      for (let turn = operations.requests.length % 3; turn >= 0; turn--) await new Promise(setImmediate);
      const lie = operations.interpose(path);
      if (lie !== undefined) return 'kind' in lie ? lie : { kind: 'answer', body: lie };
      const { status, body } = operations.log.answer(`/${path}`);
      if (status === 200) return { kind: 'answer', body };
      return { kind: 'absent', from: 'the database', said: `${status}` };
    },
    readCache: (path) => Promise.resolve(operations.cache.get(path)),
    writeCache: (path, bytes) => void operations.cache.set(path, Uint8Array.from(bytes)),
    readTreeHead: () => Promise.resolve(operations.head),
    writeTreeHead(old, head) {
      const isCurrent = operations.head.length === 0 || Buffer.from(old).equals(operations.head);
      if (isCurrent) operations.head = head;
      return Promise.resolve(isCurrent);
    },
  };
  return operations;
}
