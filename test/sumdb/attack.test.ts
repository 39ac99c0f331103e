import assert from 'node:assert/strict';
import fc from 'fast-check';
import { nodeCryptography } from '../../server/src/net/checksum-database.ts';
import type { ChecksumDatabase, Lookup } from '../../server/src/sumdb/checksum-database.ts';
import type { Attack } from '../../server/src/sumdb/failure.ts';
import { checkTree } from '../../server/src/sumdb/merkle.ts';
import { ChecksumLog, generateSigningKey } from '../world/checksum-database.ts';
import { memoryOperations } from './memory-operations.ts';
import type { MemoryOperations } from './memory-operations.ts';
import { answerUpTo, clientOf, linesOf, logOf, recordOf, withHead } from './sample-log.ts';

const SIZE = 600;
const VICTIM = 5;
const key = generateSigningKey();
const honest = logOf(SIZE, key);
const victim = recordOf(VICTIM);
const lookupPath = `lookup/example.com/!mod${VICTIM}@v1.2.3`;

/** Another history, signed with the same key: the record `changed` is not the honest one. */
function rewritten(size: number, changed: number): ChecksumLog {
  const log = new ChecksumLog(honest.name, [], key);
  for (let at = 0; at < size; at++) log.add(at === changed ? { ...recordOf(at), zip: 'h1:forged=' } : recordOf(at));
  return log;
}

function grown(log: ChecksumLog, from: number, to: number): ChecksumLog {
  for (let at = from; at < to; at++) log.add(recordOf(at));
  return log;
}

type Lie = MemoryOperations['interpose'];

function onLookup(change: (answer: Buffer) => Buffer): Lie {
  return (path) => (path === lookupPath ? change(honest.answer(`/${path}`).body) : undefined);
}

function onTile(tile: string, change: (bytes: Buffer) => Buffer): Lie {
  return (path) => (path === tile ? change(honest.answer(`/${path}`).body) : undefined);
}

function replaced(from: string | RegExp, to: string): (answer: Buffer) => Buffer {
  return (answer) => Buffer.from(answer.toString().replace(from, to));
}

function flipped(at: number): (bytes: Buffer) => Buffer {
  return (bytes) => Buffer.from(bytes.map((byte, place) => (place === at ? byte ^ 1 : byte)));
}

/** Everything comes from another log, the tree heads with it, unless an honest head is grafted on. */
function fromLog(log: ChecksumLog, head?: Buffer): Lie {
  return (path) => {
    const { status, body } = log.answer(`/${path}`);
    if (status !== 200) return { kind: 'absent', from: 'the database', said: `${status}` };
    return head !== undefined && path.startsWith('lookup/') ? withHead(body, head) : body;
  };
}

interface AttackCase {
  readonly name: string;
  readonly lie: Lie;
  readonly attack: Attack;
  readonly why: RegExp;
  /** The client knows the honest tree of so many records already: from before, or from an earlier run. */
  readonly knows?: { readonly size: number; readonly from: 'this run' | 'an earlier run' };
}

const stranger = logOf(SIZE);
const namesake = new ChecksumLog('evil.example.com', [], key);
const forged = rewritten(SIZE, VICTIM);
const otherTail = rewritten(SIZE, 590);

const ATTACKS: readonly AttackCase[] = [
  {
    name: 'a record is altered',
    lie: onLookup(replaced('h1:zip5=', 'h1:evil=')),
    attack: 'record-altered',
    why: /^cannot authenticate record data in server response: the signed tree of 600 records has another record as number 5$/,
  },
  {
    name: 'a line is added to a record',
    lie: onLookup(replaced('\n\n', '\nexample.com/evil v1.0.0 h1:evil=\n\n')),
    attack: 'record-altered',
    why: /^cannot authenticate record data/,
  },
  {
    name: "a record's number is altered",
    lie: onLookup(replaced(/^5\n/, '400\n')),
    attack: 'record-altered',
    why: /has another record as number 400$/,
  },
  {
    name: 'a record has a number beyond the log',
    lie: onLookup(replaced(/^5\n/, '600\n')),
    attack: 'record-outside-tree',
    why: /^cannot validate record 600 in tree of size 600$/,
  },
  {
    name: 'a record is that of another module',
    lie: onLookup(() => honest.answer('/lookup/example.com/!mod6@v1.2.3').body),
    attack: 'other-record',
    why: /^checksum missing from sumdb response: record 6 is not about example\.com\/Mod5@v1\.2\.3$/,
  },
  {
    name: 'a complete tile is altered',
    lie: onTile('tile/8/0/000', flipped(33)),
    attack: 'tile-altered',
    why: /^downloaded inconsistent tile: tile\/8\/0\/000 has not the hash that tile\/8\/1\/000\.p\/2 gives$/,
  },
  {
    name: "the record's own hash in a tile is altered to fit an altered record",
    lie: (path) =>
      onLookup(() => withHead(forged.answer(`/${lookupPath}`).body, honest.signedHead()))(path) ??
      onTile('tile/8/0/000', () => forged.answer('/tile/8/0/000').body)(path),
    attack: 'tile-altered',
    why: /^downloaded inconsistent tile: tile\/8\/0\/000 has not the hash/,
  },
  {
    name: 'a partial tile is altered',
    lie: onTile('tile/8/1/000.p/2', flipped(0)),
    attack: 'tile-altered',
    why: /^downloaded inconsistent tile: tile\/8\/1\/000\.p\/2, tile\/8\/0\/002\.p\/88 do not add up to the signed one of 600 /,
  },
  {
    name: 'tiles are swapped',
    lie: onTile('tile/8/0/000', () => honest.answer('/tile/8/0/001').body),
    attack: 'tile-altered',
    why: /^downloaded inconsistent tile/,
  },
  {
    name: 'a tile is truncated by a hash',
    lie: onTile('tile/8/0/000', (bytes) => bytes.subarray(0, 255 * 32)),
    attack: 'tile-truncated',
    why: /^downloaded truncated tile: tile\/8\/0\/000 has 8160 bytes, not 8192$/,
  },
  {
    name: 'a tile is truncated to nothing',
    lie: onTile('tile/8/1/000.p/2', () => Buffer.alloc(0)),
    attack: 'tile-truncated',
    why: /^downloaded truncated tile: tile\/8\/1\/000\.p\/2 has 0 bytes, not 64$/,
  },
  {
    name: 'a tile is too long',
    lie: onTile('tile/8/0/000', (bytes) => Buffer.concat([bytes, bytes])),
    attack: 'tile-truncated',
    why: /^downloaded oversized tile: tile\/8\/0\/000 has 16384 bytes, not 8192$/,
  },
  {
    name: 'the proof of an altered record is that of another tree',
    lie: fromLog(forged, honest.signedHead()),
    attack: 'other-tree',
    why: /^proof of another tree: the tiles make the tree \S{44}, not the signed one of 600 records \(\S{44}\)$/,
  },
  {
    name: 'the proof of a true record is that of another tree',
    lie: fromLog(otherTail, honest.signedHead()),
    attack: 'other-tree',
    why: /^proof of another tree/,
  },
  {
    name: 'the size of a tree head is altered',
    lie: onLookup(replaced('tree\n600\n', 'tree\n601\n')),
    attack: 'signature-wrong',
    why: /^invalid signature for key checksums\.example\.com\+[0-9a-f]{8}: it does not fit the tree head that it is on$/,
  },
  {
    name: 'the hash of a tree head is replaced',
    lie: onLookup((answer) => {
      const hash = (log: ChecksumLog): string => log.treeHash().toString('base64');
      return Buffer.from(answer.toString().replace(hash(honest), hash(forged)));
    }),
    attack: 'signature-wrong',
    why: /^invalid signature for key/,
  },
  {
    name: 'the signature is that of another tree head',
    lie: onLookup((answer) => {
      const [head, other] = [honest.signedHead(), honest.signedHead(599)];
      const start = head.indexOf('— ');
      return withHead(answer, Buffer.concat([head.subarray(0, start), other.subarray(other.indexOf('— '))]));
    }),
    attack: 'signature-wrong',
    why: /^invalid signature for key/,
  },
  {
    name: 'the whole database is signed with another key of that name',
    lie: fromLog(stranger),
    attack: 'unknown-key',
    why: /^note has no verifiable signatures: it is signed by checksums\.example\.com\+\S+, not by checksums\.example\.com\+\S+$/,
  },
  {
    name: 'the tree head is signed with the key, but under another name',
    lie: onLookup((answer) =>
      withHead(answer, namesake.sign(honest.signedHead().toString().replace(/\n\n[^]*$/, '\n')))),
    attack: 'unknown-key',
    why: /^note has no verifiable signatures: it is signed by evil\.example\.com\+\S+, not by checksums/,
  },
  ...(['this run', 'an earlier run'] as const).flatMap((from): AttackCase[] => [
    {
      name: `a fork: a larger tree with another past than that of ${from}`,
      lie: fromLog(grown(rewritten(SIZE, VICTIM), SIZE, 700)),
      attack: 'fork',
      why: /misbehavior detected! its tree of 700 records does not continue the tree of 600 records seen before$/,
      knows: { size: SIZE, from },
    },
    {
      name: `a fork: a tree of the same size as that of ${from}`,
      lie: fromLog(forged),
      attack: 'fork',
      why: /misbehavior detected! its tree of 600 records does not continue the tree of 600 records seen before$/,
      knows: { size: SIZE, from },
    },
    {
      name: `a rollback to a smaller tree that is not the past of that of ${from}`,
      lie: fromLog(forged, rewritten(500, VICTIM).signedHead()),
      attack: 'rollback',
      why: /misbehavior detected! it went back to a tree of 500 records, which is not how the tree of 600 records seen before begins$/,
      knows: { size: SIZE, from },
    },
    {
      name: `a rollback to a tree without records, with a hash, after that of ${from}`,
      lie: onLookup((answer) =>
        withHead(answer, honest.sign(honest.signedHead().toString().replace('\n600\n', '\n0\n').replace(/\n\n[^]*$/, '\n')))),
      attack: 'rollback',
      why: /went back to a tree of 0 records/,
      knows: { size: SIZE, from },
    },
  ]),
];

/** A client on the honest log, which may know its tree already. */
async function prepare(knows: AttackCase['knows']): Promise<{ client: ChecksumDatabase; operations: MemoryOperations }> {
  const operations = memoryOperations(honest);
  if (knows?.from === 'an earlier run') operations.head = honest.signedHead(knows.size);
  const client = clientOf(operations);
  if (knows?.from === 'this run') {
    const { path, version } = recordOf(550);
    operations.interpose = (asked) => (asked.startsWith('lookup/') ? answerUpTo(honest, asked, knows.size) : undefined);
    assert.equal((await client.lookup(path, version)).kind, 'found');
  }
  return { client, operations };
}

const TRUTH: Lookup = { kind: 'found', lines: linesOf(victim) };

describe('an attack on the checksum database', () => {
  for (const { name, lie, attack, why, knows } of ATTACKS) {
    it(`is refused: ${name}`, async () => {
      const { client, operations } = await prepare(knows);
      const before = { head: operations.head, cache: new Map(operations.cache) };
      operations.interpose = lie;
      const answer = await client.lookup(victim.path, victim.version);
      assert.ok(answer.kind === 'security', JSON.stringify(answer));
      assert.equal(answer.attack, attack, answer.why);
      assert.match(answer.why, why);
      assert.equal(answer.evidence !== undefined, attack === 'fork' || attack === 'rollback');

      if (knows !== undefined) assert.deepEqual(operations.head, before.head, 'the tree head was replaced');
      assert.equal(operations.cache.get(lookupPath), undefined, 'the record was kept');
      operations.interpose = () => undefined;
      if (attack !== 'unknown-key') assert.deepEqual(await client.lookup(victim.path, victim.version), TRUTH);
      assert.deepEqual(await clientOf(operations).lookup(victim.path, victim.version), TRUTH);
    });
  }

  it('has a message of its own for each kind', async () => {
    const told = new Map<string, Attack>();
    for (const { lie, attack, knows } of ATTACKS) {
      const { client, operations } = await prepare(knows);
      operations.interpose = lie;
      const answer = await client.lookup(victim.path, victim.version);
      assert.ok(answer.kind === 'security');
      const words = answer.why.replace(/[0-9]+|\S{44}|\S+\+\S+|truncated|oversized/g, '#').slice(0, 70);
      assert.equal(told.get(words) ?? attack, attack, `${attack} and ${told.get(words)} both say: ${words}`);
      told.set(words, attack);
    }
    assert.equal(new Set(told.values()).size, 10);
  });

  it('is no attack when an older tree head is part of the history', async () => {
    const { client, operations } = await prepare({ size: SIZE, from: 'this run' });
    for (const size of [6, 256, 300, 512, 599]) {
      operations.cache.clear();
      operations.interpose = (path) => (path === lookupPath ? answerUpTo(honest, path, size) : undefined);
      assert.deepEqual(await clientOf(operations).lookup(victim.path, victim.version), TRUTH);
    }
    assert.deepEqual(await client.lookup(victim.path, victim.version), TRUTH);
    assert.deepEqual(Buffer.from(operations.head), honest.signedHead());
  });

  it('is proven by its evidence: both heads and a proof that leads from the one tree to another past', async () => {
    const fork = grown(rewritten(SIZE, VICTIM), SIZE, 700);
    const { client, operations } = await prepare({ size: SIZE, from: 'this run' });
    operations.interpose = fromLog(fork);
    const answer = await client.lookup(victim.path, victim.version);
    assert.ok(answer.kind === 'security' && answer.evidence !== undefined);
    const indented = (head: Buffer): string => head.toString().trimEnd().replaceAll('\n', '\n\t');
    assert.ok(answer.evidence.includes(`old database:\n\t${indented(honest.signedHead())}\n`));
    assert.ok(answer.evidence.includes(`new database:\n\t${indented(fork.signedHead())}\n`));
    const [past, ...proof] = answer.evidence
      .split('proof of misbehavior:\n')[1]!
      .split('\n')
      .map((line) => Buffer.from(line.trim(), 'base64'));
    assert.notDeepEqual(past, honest.treeHash(SIZE));
    const newer = { size: 700, hash: fork.treeHash() };
    assert.ok(checkTree(nodeCryptography.sha256, proof, newer, { size: SIZE, hash: past! }));
  });

  it('is refused without an accusation when the database went back so far that it lacks the tiles to prove it', async () => {
    const { client, operations } = await prepare({ size: SIZE, from: 'an earlier run' });
    operations.interpose = fromLog(rewritten(500, VICTIM));
    const answer = await client.lookup(victim.path, victim.version);
    assert.ok(answer.kind === 'unavailable');
    assert.match(answer.why, /^the database lacks tile\/8\/\S+, which its signed tree needs: 404$/);
  });

  it('by two processes that were shown two histories is noticed by the second that stores its tree head', async () => {
    const { client, operations } = await prepare({ size: 500, from: 'an earlier run' });
    const fork = grown(rewritten(SIZE, 590), SIZE, 700);
    const write = operations.writeTreeHead;
    operations.interpose = (path) => fromLog(honest.answer(`/${path}`).status === 200 ? honest : fork)(path);
    operations.writeTreeHead = (old, head) => {
      operations.head = fork.signedHead();
      return write(old, head);
    };
    const answer = await client.lookup(victim.path, victim.version);
    assert.ok(answer.kind === 'security');
    assert.equal(answer.attack, 'rollback');
    assert.deepEqual(operations.head, fork.signedHead());
  });

  it('with any byte changed or any answer cut gives the truth or a failure', async () => {
    const paths = [lookupPath, 'tile/8/0/000', 'tile/8/0/002.p/88', 'tile/8/1/000.p/2'];
    const change = fc.record({
      path: fc.constantFrom(...paths),
      at: fc.nat({ max: 9000 }),
      mask: fc.integer({ min: 1, max: 255 }),
      isCut: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ path, at, mask, isCut }) => {
        const operations = memoryOperations(honest);
        const body = Buffer.from(honest.answer(`/${path}`).body);
        const place = at % body.length;
        body[place]! ^= mask;
        operations.interpose = (asked) => (asked === path ? (isCut ? body.subarray(0, place) : body) : undefined);
        const answer = await clientOf(operations).lookup(victim.path, victim.version);
        assert.notEqual(answer.kind, 'found', `byte ${place} of ${path}`);
        assert.notEqual(answer.kind, 'absent');
      }),
      { numRuns: 300 },
    );
  });
});
