import type { Attack } from '../../server/src/sumdb/failure.ts';
import { ChecksumLog, generateSigningKey } from '../world/checksum-database.ts';
import type { MemoryOperations } from './memory-operations.ts';
import { logOf, recordOf, withHead } from './sample-log.ts';

/** The size of the honest log. */
export const SIZE = 600;
/** The number of the record that every attack is about. */
export const VICTIM = 5;
const key = generateSigningKey();
export const honest = logOf(SIZE, key);
export const victim = recordOf(VICTIM);
export const lookupPath = `lookup/example.com/!mod${VICTIM}@v1.2.3`;

/** Another history, signed with the same key: the record `changed` is not the honest one. */
export function rewritten(size: number, changed: number): ChecksumLog {
  const log = new ChecksumLog(honest.name, [], key);
  for (let at = 0; at < size; at++) log.add(at === changed ? { ...recordOf(at), zip: 'h1:forged=' } : recordOf(at));
  return log;
}

/** The log with further records, honest ones. */
export function grown(log: ChecksumLog, from: number, to: number): ChecksumLog {
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
export function fromLog(log: ChecksumLog, head?: Buffer): Lie {
  return (path) => {
    const { status, body } = log.answer(`/${path}`);
    if (status !== 200) return { kind: 'absent', from: 'the database', said: `${status}` };
    return head !== undefined && path.startsWith('lookup/') ? withHead(body, head) : body;
  };
}

/** What a tree head says, without its signature. */
function textOf(head: Buffer): string {
  return head.subarray(0, head.indexOf('\n\n') + 1).toString();
}

export interface AttackCase {
  readonly name: string;
  readonly lie: Lie;
  readonly attack: Attack;
  readonly why: RegExp;
  /** The client knows the honest tree of so many records already: from before, or from an earlier run. */
  readonly knows?: { readonly size: number; readonly from: 'this run' | 'an earlier run' };
}

const stranger = logOf(SIZE);
const namesake = new ChecksumLog('evil.example.com', [], key);
/** The history in which the victim's record is forged. */
export const forged = rewritten(SIZE, VICTIM);
const otherTail = rewritten(SIZE, 590);

export const ATTACKS: readonly AttackCase[] = [
  {
    name: 'a record is altered',
    lie: onLookup(replaced('h1:zip5=', 'h1:evil=')),
    attack: 'record-altered',
    why: /^cannot authenticate record data in .*: the signed tree of 600 records has another record as number 5$/,
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
    why: /^downloaded inconsistent tile: tile\/8\/1\/000\.p\/2, tile\/8\/0\/002\.p\/88 do not add up to the signed /,
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
    why: /^invalid signature for key checksums\.example\.com\+[0-9a-f]{8}: it does not fit the tree head/,
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
    why: /^note has no verifiable signatures: it is signed by checksums\.\S+, not by checksums\.\S+$/,
  },
  {
    name: 'the tree head is signed with the key, but under another name',
    lie: onLookup((answer) => withHead(answer, namesake.sign(textOf(honest.signedHead())))),
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
      why: /detected! it went back to a tree of 500 records, which is not how the tree of 600 records seen /,
      knows: { size: SIZE, from },
    },
    {
      name: `a rollback to a tree without records, with a hash, after that of ${from}`,
      lie: onLookup((answer) =>
        withHead(answer, honest.sign(textOf(honest.signedHead()).replace('\n600\n', '\n0\n')))),
      attack: 'rollback',
      why: /went back to a tree of 0 records/,
      knows: { size: SIZE, from },
    },
  ]),
];
