import assert from 'node:assert/strict';
import { nodeCryptography } from '../../server/src/net/checksum-database.ts';
import { encodeBase64 } from '../../server/src/sumdb/base64.ts';
import { joinSubtrees, proveTree } from '../../server/src/sumdb/merkle.ts';
import type { HashReader } from '../../server/src/sumdb/merkle.ts';
import { keyId, openNote, parseVerifierKey } from '../../server/src/sumdb/signed-note.ts';
import type { OpenedNote, VerifierKey } from '../../server/src/sumdb/signed-note.ts';
import { parseTilePath, tilePath } from '../../server/src/sumdb/tile.ts';
import { parseRecord, parseTree } from '../../server/src/sumdb/tree.ts';
import { ChecksumLog } from '../world/checksum-database.ts';
import { malformedKeys, manglings } from './note-cases.ts';
import { buildOracle } from './oracle.ts';
import type { Oracle } from './oracle.ts';
import { TILE_PATHS } from './tile-cases.ts';
import { RECORDS, TREES } from './tree-cases.ts';
import { treeHash } from './tree-proof.ts';

const { sha256, verifyEd25519 } = nodeCryptography;

describe("golang.org/x/mod's own packages agree", function () {
  this.timeout(300_000);
  let oracle: Oracle;

  before(async function () {
    const built = await buildOracle();
    if (typeof built === 'string') {
      console.log(`skipped: ${built}`);
      this.skip();
    }
    oracle = built;
  });

  after(() => (oracle as Oracle | undefined)?.close());

  it('on verifier keys', async () => {
    const cases = malformedKeys();
    const { Keys } = await oracle.ask({ Keys: [...cases.map(({ key }) => key), new ChecksumLog().verifierKey] });
    assert.deepEqual(Keys, [...cases.map(({ why }) => why), '']);
  });

  it('on signed notes', async () => {
    const log = new ChecksumLog('checksums.example.com');
    const parsed = parseVerifierKey(log.verifierKey, sha256);
    assert.ok('key' in parsed);
    const note = log.sign('some text\n\nof two parts\n');
    const notes = manglings().map(({ mangle }) => mangle(note, log));
    const encoded = notes.map((message) => message.toString('base64'));
    const { Notes } = await oracle.ask({ Key: log.verifierKey, Notes: encoded });
    const own = notes.map((message) => inGoWords(openNote(message, parsed.key, verifyEd25519), parsed.key));
    assert.deepEqual(own, Notes);
  });

  it('on records', async () => {
    const messages = RECORDS.map(([message]) => message);
    const { Records } = await oracle.ask({ Records: messages.map((message) => message.toString('base64')) });
    const own = messages.map((message) => {
      const record = parseRecord(message);
      return record === undefined ? 'malformed' : `${record.id}\n${hex(record.data)}\n${hex(record.rest)}`;
    });
    assert.deepEqual(own, Records);
  });

  it('on tree heads', async () => {
    const texts = TREES.map(([text]) => text);
    const { Trees } = await oracle.ask({ Trees: texts });
    const own = texts.map((text) => {
      const tree = parseTree(text);
      return tree === undefined ? 'malformed' : `${tree.size} ${encodeBase64(tree.hash)}`;
    });
    assert.deepEqual(own, Trees);
  });

  it('on tile addresses', async () => {
    const paths = TILE_PATHS.map(([path]) => path);
    const { TilePaths } = await oracle.ask({ TilePaths: paths });
    const own = paths.map((path) => {
      const tile = parseTilePath(path);
      return tile === undefined ? 'malformed' : `${tile.level} ${tile.index} ${tile.width} ${tilePath(tile)}`;
    });
    assert.deepEqual(own, TilePaths);
  });

  it('on hashes and proofs of logs of many sizes', async () => {
    const pairs: [number, number][] = [];
    for (let size = 1; size <= 40; size++) {
      for (let smaller = 0; smaller <= size; smaller++) pairs.push([size, smaller]);
    }
    for (const size of [255, 256, 257, 511, 512, 513, 1000, 5000]) {
      pairs.push(...[1, 2, 100, size - 1, size].map((smaller): [number, number] => [size, Math.min(smaller, size)]));
    }
    const log = new ChecksumLog();
    for (let at = 0; at < 5000; at++) log.addText(`${at}`, `${at}`);
    const { Proofs } = await oracle.ask({ Proofs: pairs });
    for (const [at, [size, smaller]] of pairs.entries()) {
      const read = readerOf(log);
      assert.equal(encodeBase64(await treeHash(size, read)), Proofs[at]!.Hash);
      assert.equal(log.treeHash(size).toString('base64'), Proofs[at]!.Hash);
      const tree = smaller > 0 ? (await proveTree(sha256, size, smaller, read)).map(encodeBase64) : null;
      assert.deepEqual(tree, Proofs[at]!.Tree, `tree ${smaller} of ${size}`);
    }
  });
});

function inGoWords(opened: OpenedNote, key: VerifierKey): string {
  switch (opened.kind) {
    case 'signed':
      return `signed\n${opened.text}`;
    case 'malformed':
      return 'malformed note';
    case 'unknown-key':
      return 'note has no verifiable signatures';
    case 'forged':
      return `invalid signature for key ${keyId(key)}`;
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** Reads the log's nodes through its tiles. */
function readerOf(log: ChecksumLog): HashReader {
  return (nodes) =>
    Promise.resolve(
      nodes.map(({ level, index }) => {
        const [tileLevel, within] = [Math.floor(level / 8), level % 8];
        const leaves = Array.from({ length: 2 ** within }, (_, at) => leafOf(log, tileLevel, index * 2 ** within + at));
        return complete(leaves);
      }),
    );
}

function leafOf(log: ChecksumLog, level: number, index: number): Uint8Array {
  const width = (index % 256) + 1;
  const path = tilePath({ level, index: Math.floor(index / 256), width });
  const { status, body } = log.answer(`/${path}`);
  assert.equal(status, 200, path);
  return body.subarray(-32);
}

/** The hash over a power of two of hashes. */
function complete(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 1) return hashes[0]!;
  const half = hashes.length / 2;
  return joinSubtrees(sha256, [complete(hashes.slice(0, half)), complete(hashes.slice(half))]);
}
