import assert from 'node:assert/strict';
import fc from 'fast-check';
import { nodeCryptography } from '../../server/src/net/checksum-database.ts';
import { subtrees } from '../../server/src/sumdb/merkle.ts';
import { TileStore } from '../../server/src/sumdb/tile-store.ts';
import { parseTilePath, tileOfLog, tileOfNode, tilePath } from '../../server/src/sumdb/tile.ts';
import { VerifiedTree } from '../../server/src/sumdb/verified-tree.ts';
import { ChecksumLog } from '../world/checksum-database.ts';
import { memoryOperations } from './memory-operations.ts';
import { TILE_PATHS } from './tile-cases.ts';

const { sha256 } = nodeCryptography;

describe('tile addresses', () => {
  for (const [path, tile] of TILE_PATHS) {
    it(`${path} is ${tile === undefined ? 'no tile' : JSON.stringify(tile)}`, () => {
      assert.deepEqual(parseTilePath(path), tile);
      if (tile !== undefined) assert.equal(tilePath(tile), path);
    });
  }

  it('are read as they are written', () => {
    const tiles = fc
      .tuple(fc.integer({ min: -1, max: 6 }), fc.maxSafeNat(), fc.integer({ min: 1, max: 256 }))
      .map(([level, index, width]) => ({ level, index, width }));
    fc.assert(fc.property(tiles, (tile) => assert.deepEqual(parseTilePath(tilePath(tile)), tile)));
  });
});

describe('tiles of a log', () => {
  it('are as wide as the log is long', () => {
    assert.deepEqual(tileOfLog(0, 0, 255), { level: 0, index: 0, width: 255 });
    assert.deepEqual(tileOfLog(0, 0, 256), { level: 0, index: 0, width: 256 });
    assert.equal(tileOfLog(0, 1, 256), undefined);
    assert.deepEqual(tileOfLog(0, 1, 257), { level: 0, index: 1, width: 1 });
    assert.deepEqual(tileOfLog(1, 0, 257), { level: 1, index: 0, width: 1 });
    assert.equal(tileOfLog(1, 0, 255), undefined);
    assert.deepEqual(tileOfLog(2, 0, 2 ** 40), { level: 2, index: 0, width: 256 });
  });

  it('hold every node of the log in the tile that is named for it', () => {
    assert.deepEqual(tileOfNode({ level: 7, index: 2 }, 600), { level: 0, index: 1, width: 256 });
    assert.deepEqual(tileOfNode({ level: 8, index: 1 }, 600), { level: 1, index: 0, width: 2 });
    assert.deepEqual(tileOfNode({ level: 3, index: 74 }, 600), { level: 0, index: 2, width: 88 });
  });

  it('give the hashes of a log of any size, verified', async () => {
    const whole = new ChecksumLog();
    for (let at = 0; at < 1100; at++) whole.addText(`m@v${at}`, `m v${at}\n`);
    const sizes = fc.integer({ min: 1, max: 1100 });
    const cases = sizes.chain((size) => fc.tuple(fc.constant(size), fc.integer({ min: 1, max: size })));
    await fc.assert(
      fc.asyncProperty(cases, async ([size, older]) => {
        const operations = memoryOperations(whole);
        const tree = { size, hash: whole.treeHash(size) };
        const verified = new VerifiedTree(tree, new TileStore(operations), sha256);
        const roots = await verified.hashes(subtrees(0, older));
        const hash = roots.reduceRight((right, left) => sha256(Buffer.concat([Buffer.of(1), left, right])));
        assert.deepEqual(Buffer.from(hash), whole.treeHash(older));
        assert.equal(new Set(operations.requests).size, operations.requests.length);
      }),
      { numRuns: 60, examples: [[[256, 256]], [[257, 1]], [[512, 511]], [[1024, 256]], [[1100, 1100]]] },
    );
  });
});
