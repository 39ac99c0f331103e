import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ChecksumDatabase, Lookup } from '../../server/src/sumdb/checksum-database.ts';
import type { Attack } from '../../server/src/sumdb/failure.ts';
import { ATTACKS, SIZE, VICTIM, fromLog, grown, honest, lookupPath, rewritten, victim } from './attack-cases.ts';
import type { AttackCase } from './attack-cases.ts';
import { isConsistent } from './tree-proof.ts';
import { memoryOperations } from './memory-operations.ts';
import type { MemoryOperations } from './memory-operations.ts';
import { answerUpTo, clientOf, linesOf, recordOf } from './sample-log.ts';

interface Prepared {
  readonly client: ChecksumDatabase;
  readonly operations: MemoryOperations;
}

/** A client on the honest log, which may know its tree already. */
async function prepare(knows: AttackCase['knows']): Promise<Prepared> {
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
    assert.ok(isConsistent(proof, newer, { size: SIZE, hash: past! }));
  });

  it('is refused without an accusation when the database lacks the tiles that would prove it', async () => {
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
