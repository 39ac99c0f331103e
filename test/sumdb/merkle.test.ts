import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { nodeCryptography } from '../../server/src/net/checksum-database.ts';
import { nodeHash, proveTree, recordHash, subtrees } from '../../server/src/sumdb/merkle.ts';
import type { HashReader, LogNode } from '../../server/src/sumdb/merkle.ts';
import { isConsistent, treeHash } from './tree-proof.ts';

const { sha256 } = nodeCryptography;

/** The tree of RFC 6962, section 2.1, word for word. */
function naiveHash(records: readonly string[]): Buffer {
  if (records.length === 0) return digest();
  if (records.length === 1) return digest(Buffer.of(0), Buffer.from(records[0]!));
  const middle = split(records.length);
  return digest(Buffer.of(1), naiveHash(records.slice(0, middle)), naiveHash(records.slice(middle)));
}

/** SUBPROOF(m, D[n], b) of section 2.1.2. */
function naiveProof(records: readonly string[], older: number, isWhole: boolean): Buffer[] {
  if (older === records.length) return isWhole ? [] : [naiveHash(records)];
  const middle = split(records.length);
  const [left, right] = [records.slice(0, middle), records.slice(middle)];
  return older <= middle
    ? [...naiveProof(left, older, isWhole), naiveHash(right)]
    : [...naiveProof(right, older - middle, false), naiveHash(left)];
}

/** The largest power of two below a number. */
function split(length: number): number {
  let power = 1;
  while (2 * power < length) power *= 2;
  return power;
}

function digest(...parts: readonly Buffer[]): Buffer {
  return createHash('sha256').update(Buffer.concat(parts)).digest();
}

function reader(records: readonly string[]): HashReader {
  const hash = ({ level, index }: LogNode): Buffer => {
    const slice = records.slice(index * 2 ** level, (index + 1) * 2 ** level);
    assert.equal(slice.length, 2 ** level, 'a node that the log does not have in whole was read');
    return naiveHash(slice);
  };
  return (nodes) => Promise.resolve(nodes.map(hash));
}

function log(size: number): string[] {
  return Array.from({ length: size }, (_, at) => `record ${at}`);
}

const sizes = fc.integer({ min: 1, max: 70 });

describe('the hash tree', () => {
  it('hashes records and nodes as RFC 6962 says', () => {
    const ofNothing = '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d';
    assert.equal(Buffer.from(recordHash(sha256, Buffer.of())).toString('hex'), ofNothing);
    assert.deepEqual(Buffer.from(recordHash(sha256, Buffer.from('a'))), naiveHash(['a']));
    assert.deepEqual(Buffer.from(nodeHash(sha256, naiveHash(['a']), naiveHash(['b']))), naiveHash(['a', 'b']));
  });

  it('has the hash of the naive tree at every size up to 70', async () => {
    for (let size = 0; size <= 70; size++) {
      assert.deepEqual(Buffer.from(await treeHash(size, reader(log(size)))), naiveHash(log(size)), `${size}`);
    }
  });

  it('splits large logs exactly', () => {
    const size = 2 ** 52 + 2 ** 31 + 1;
    assert.deepEqual(subtrees(0, size), [
      { level: 52, index: 0 },
      { level: 31, index: 2 ** 21 },
      { level: 0, index: size - 1 },
    ]);
  });
});

describe('consistency proofs', () => {
  const olders = sizes.chain((size) => fc.tuple(fc.constant(size), fc.integer({ min: 1, max: size })));

  it('equal the naive ones and are accepted', async () => {
    await fc.assert(
      fc.asyncProperty(olders, async ([size, older]) => {
        const records = log(size);
        const proof = await proveTree(sha256, size, older, reader(records));
        assert.deepEqual(proof.map((hash) => Buffer.from(hash)), naiveProof(records, older, true));
        const newer = { size, hash: naiveHash(records) };
        assert.ok(isConsistent(proof, newer, { size: older, hash: naiveHash(records.slice(0, older)) }));
      }),
    );
  });

  it('are refused for another history', async () => {
    await fc.assert(
      fc.asyncProperty(olders, fc.nat(), async ([size, older], chance) => {
        const records = log(size);
        const newer = { size, hash: naiveHash(records) };
        const seen = { size: older, hash: naiveHash(records.slice(0, older)) };
        const rewritten = records.with(chance % older, 'rewritten');
        const proof = await proveTree(sha256, size, older, reader(records));
        const forged = await proveTree(sha256, size, older, reader(rewritten));
        const fork = { size, hash: naiveHash(rewritten) };
        assert.ok(!isConsistent(proof, fork, seen));
        assert.ok(!isConsistent(forged, fork, seen));
        assert.ok(!isConsistent([...proof, seen.hash], newer, seen));
        assert.ok(!isConsistent(proof, newer, { size: 0, hash: seen.hash }));
        assert.ok(!isConsistent(proof, newer, { size: size + 1, hash: seen.hash }));
        if (proof.length > 0) assert.ok(!isConsistent(proof.slice(1), newer, seen));
      }),
    );
  });
});
