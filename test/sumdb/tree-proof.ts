import { nodeCryptography } from '../../server/src/net/checksum-database.ts';
import { emptyTreeHash, equalBytes, joinSubtrees, nodeHash, subtrees } from '../../server/src/sumdb/merkle.ts';
import type { HashReader } from '../../server/src/sumdb/merkle.ts';

const { sha256 } = nodeCryptography;

interface Tree {
  readonly size: number;
  readonly hash: Uint8Array;
}

/** The hash over a log's first `size` records, of the subtrees that make them up. */
export async function treeHash(size: number, read: HashReader): Promise<Uint8Array> {
  return size === 0 ? emptyTreeHash(sha256) : joinSubtrees(sha256, await read(subtrees(0, size)));
}

/** Whether a proof shows that the newer tree continues the older one, step by step as in RFC 9162, section 2.1.4.2. */
export function isConsistent(proof: readonly Uint8Array[], newer: Tree, older: Tree): boolean {
  if (older.size < 1 || older.size > newer.size) return false;
  if (older.size === newer.size) return proof.length === 0 && equalBytes(older.hash, newer.hash);
  const path = isPowerOfTwo(older.size) ? [older.hash, ...proof] : [...proof];
  const [start, ...steps] = path;
  if (start === undefined) return false;
  let [fn, sn] = [older.size - 1, newer.size - 1];
  while (fn % 2 === 1) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  let [fr, sr] = [start, start];
  for (const step of steps) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      fr = nodeHash(sha256, step, fr);
      sr = nodeHash(sha256, step, sr);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
    } else {
      sr = nodeHash(sha256, sr, step);
    }
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  return sn === 0 && equalBytes(fr, older.hash) && equalBytes(sr, newer.hash);
}

function isPowerOfTwo(size: number): boolean {
  return Number.isInteger(Math.log2(size));
}
