import type { Cryptography } from './signed-note.ts';

/** The hash over records index·2^level up to (index+1)·2^level, all of them in the log. Level 0 is the records. */
export interface LogNode {
  readonly level: number;
  readonly index: number;
}

/** The hashes of nodes, in their order. Proofs are made of whatever it gives, so it decides what is believed. */
export type HashReader = (nodes: readonly LogNode[]) => Promise<readonly Uint8Array[]>;

type Sha256 = Cryptography['sha256'];

/** The hash of a record: SHA-256 over 0x00 and its bytes (RFC 6962, section 2.1). */
export function recordHash(sha256: Sha256, data: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + data.length);
  input.set(data, 1);
  return sha256(input);
}

/** The hash of two subtrees: SHA-256 over 0x01 and both hashes (RFC 6962, section 2.1). */
export function nodeHash(sha256: Sha256, left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = new Uint8Array(65);
  input[0] = 1;
  input.set(left, 1);
  input.set(right, 33);
  return sha256(input);
}

/** Whether two hashes are equal. Both are public, so the time that this takes tells nobody anything. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** The largest complete subtrees that make up the records from `low` up to `high` (tlog.subTreeIndex). */
export function subtrees(low: number, high: number): LogNode[] {
  const nodes: LogNode[] = [];
  for (let at = low; at < high; ) {
    const level = floorLog2(high - at);
    nodes.push({ level, index: at / 2 ** level });
    at += 2 ** level;
  }
  return nodes;
}

/** The hash over the subtrees that `subtrees` names (tlog.subTreeHash). */
export function joinSubtrees(sha256: Sha256, hashes: readonly Uint8Array[]): Uint8Array {
  return hashes.reduceRight((right, left) => nodeHash(sha256, left, right));
}

/** The hash of a log without records: that of the empty string. */
export function emptyTreeHash(sha256: Sha256): Uint8Array {
  return sha256(new Uint8Array(0));
}

/**
 * The proof that the first `older` records of a log of `newer` records are a log that was seen before
 * (tlog.ProveTree; RFC 6962, section 2.1.2). Needs 1 ≤ older ≤ newer.
 */
export async function proveTree(sha256: Sha256, newer: number, older: number, read: HashReader): Promise<Uint8Array[]> {
  return readProof(sha256, treeProofParts(0, newer, older), read);
}

/** One hash of a proof: that of the records from `low` up to `high`. */
interface ProofPart {
  readonly low: number;
  readonly high: number;
}

function treeProofParts(low: number, high: number, older: number): ProofPart[] {
  if (older === high) return low === 0 ? [] : [{ low, high }];
  const middle = low + largestPowerBelow(high - low);
  return older <= middle
    ? [...treeProofParts(low, middle, older), { low: middle, high }]
    : [...treeProofParts(middle, high, older), { low, high: middle }];
}

/** Reads all hashes that the parts are made of at once. */
async function readProof(sha256: Sha256, parts: readonly ProofPart[], read: HashReader): Promise<Uint8Array[]> {
  const nodes = parts.map((part) => subtrees(part.low, part.high));
  const hashes = [...(await read(nodes.flat()))];
  return nodes.map((list) => joinSubtrees(sha256, hashes.splice(0, list.length)));
}

/** The exponent of the largest power of two ≤ n; exact, which Math.log2 is not for large numbers. */
function floorLog2(n: number): number {
  let level = 0;
  while (2 ** (level + 1) <= n) level++;
  return level;
}

/** The largest power of two < n, for n ≥ 2. */
function largestPowerBelow(n: number): number {
  return 2 ** floorLog2(n - 1);
}
