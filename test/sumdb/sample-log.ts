import assert from 'node:assert/strict';
import { nodeCryptography } from '../../server/src/net/checksum-database.ts';
import { ChecksumDatabase } from '../../server/src/sumdb/checksum-database.ts';
import { parseVerifierKey } from '../../server/src/sumdb/signed-note.ts';
import { ChecksumLog } from '../world/checksum-database.ts';
import type { ChecksumRecord, SigningKey } from '../world/checksum-database.ts';
import type { MemoryOperations } from './memory-operations.ts';

/** A log of so many records, `recordOf(0)` and so on. */
export function logOf(size: number, key?: SigningKey): ChecksumLog {
  return new ChecksumLog('checksums.example.com', Array.from({ length: size }, (_, at) => recordOf(at)), key);
}

export function recordOf(at: number): ChecksumRecord {
  return { path: `example.com/Mod${at}`, version: 'v1.2.3', zip: `h1:zip${at}=`, mod: `h1:mod${at}=` };
}

export function linesOf({ path, version, zip, mod }: ChecksumRecord): string[] {
  return [`${path} ${version} ${zip}`, `${path} ${version}/go.mod ${mod}`];
}

/** A client that trusts the key of the log that the operations are on. */
export function clientOf(operations: MemoryOperations): ChecksumDatabase {
  const parsed = parseVerifierKey(operations.log.verifierKey, nodeCryptography.sha256);
  assert.ok('key' in parsed);
  return new ChecksumDatabase(parsed.key, operations);
}

/** A lookup's answer with the head of the tree of the log's first `size` records. */
export function answerUpTo(log: ChecksumLog, path: string, size: number): Buffer {
  return withHead(log.answer(`/${path}`).body, log.signedHead(size));
}

/** A lookup's answer with another tree head. */
export function withHead(answer: Buffer, head: Buffer): Buffer {
  return Buffer.concat([answer.subarray(0, answer.indexOf('\n\n') + 2), head]);
}
