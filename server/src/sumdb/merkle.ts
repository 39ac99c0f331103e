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

/** The hash over a log's first `size` records (tlog.TreeHash). */
export async function treeHash(sha256: Sha256, size: number, read: HashReader): Promise<Uint8Array> {
  return size === 0 ? emptyTreeHash(sha256) : joinSubtrees(sha256, await read(subtrees(0, size)));
}

/** The hash of a log without records: that of the empty string. */
export function emptyTreeHash(sha256: Sha256): Uint8Array {
  return sha256(new Uint8Array(0));
}

/**
 * The audit path of record `id` in a log of `size` records, from the record's neighbour up to the root's child
 * (tlog.ProveRecord; RFC 6962, section 2.1.1). Needs 0 ≤ id < size.
 */
export async function proveRecord(sha256: Sha256, size: number, id: number, read: HashReader): Promise<Uint8Array[]> {
  return readProof(sha256, pathOf(0, size, id), read);
}

/** Whether a path proves that the record with this hash is number `id` of the tree (tlog.CheckRecord). */
export function checkRecord(
  sha256: Sha256,
  proof: readonly Uint8Array[],
  tree: { readonly size: number; readonly hash: Uint8Array },
  id: number,
  leaf: Uint8Array,
): boolean {
  if (!(id >= 0 && id < tree.size)) return false;
  const sides = pathOf(0, tree.size, id);
  if (sides.length !== proof.length) return false;
  const hash = sides.reduce((below, side, at) => joinSide(sha256, side.isLeft, proof[at]!, below), leaf);
  return equalBytes(hash, tree.hash);
}

/**
 * The proof that the first `older` records of a log of `newer` records are a log that was seen before
 * (tlog.ProveTree; RFC 6962, section 2.1.2). Needs 1 ≤ older ≤ newer.
 */
export async function proveTree(sha256: Sha256, newer: number, older: number, read: HashReader): Promise<Uint8Array[]> {
  return readProof(sha256, treeProofParts(0, newer, older), read);
}

/** Whether a proof shows that the newer tree continues the older one (tlog.CheckTree). */
export function checkTree(
  sha256: Sha256,
  proof: readonly Uint8Array[],
  newer: { readonly size: number; readonly hash: Uint8Array },
  older: { readonly size: number; readonly hash: Uint8Array },
): boolean {
  if (!(older.size >= 1 && older.size <= newer.size)) return false;
  const parts = treeProofParts(0, newer.size, older.size);
  if (parts.length !== proof.length) return false;
  const common = parts[0]?.isCommon === true ? 1 : 0;
  const start = common === 1 ? proof[0]! : older.hash;
  let oldHash = start;
  let newHash = start;
  for (const [at, part] of parts.entries()) {
    if (at < common) continue;
    if (part.isLeft) oldHash = nodeHash(sha256, proof[at]!, oldHash);
    newHash = joinSide(sha256, part.isLeft, proof[at]!, newHash);
  }
  return equalBytes(oldHash, older.hash) && equalBytes(newHash, newer.hash);
}

/** One hash of a proof: the records that it covers, and on which side of the hash below it stands. */
interface ProofPart {
  readonly low: number;
  readonly high: number;
  readonly isLeft: boolean;
  /** The subtree that both trees have in common, where a consistency proof starts. */
  readonly isCommon?: true;
}

function pathOf(low: number, high: number, id: number): ProofPart[] {
  if (low + 1 === high) return [];
  const middle = low + largestPowerBelow(high - low);
  return id < middle
    ? [...pathOf(low, middle, id), { low: middle, high, isLeft: false }]
    : [...pathOf(middle, high, id), { low, high: middle, isLeft: true }];
}

function treeProofParts(low: number, high: number, older: number): ProofPart[] {
  if (older === high) return low === 0 ? [] : [{ low, high, isLeft: false, isCommon: true }];
  const middle = low + largestPowerBelow(high - low);
  return older <= middle
    ? [...treeProofParts(low, middle, older), { low: middle, high, isLeft: false }]
    : [...treeProofParts(middle, high, older), { low, high: middle, isLeft: true }];
}

/** Reads all hashes that the parts are made of at once. */
async function readProof(sha256: Sha256, parts: readonly ProofPart[], read: HashReader): Promise<Uint8Array[]> {
  const nodes = parts.map((part) => subtrees(part.low, part.high));
  const hashes = [...(await read(nodes.flat()))];
  return nodes.map((list) => joinSubtrees(sha256, hashes.splice(0, list.length)));
}

function joinSide(sha256: Sha256, isLeft: boolean, part: Uint8Array, below: Uint8Array): Uint8Array {
  return isLeft ? nodeHash(sha256, part, below) : nodeHash(sha256, below, part);
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
