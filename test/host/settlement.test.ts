import assert from 'node:assert/strict';
import type { Facts, Question } from '../../server/src/engine/facts.ts';
import { FactStore } from '../../server/src/host/fact-store.ts';
import type { AnyFact, FactSource } from '../../server/src/host/fact-store.ts';
import { settle } from '../../server/src/host/settlement.ts';

const NEVER = new AbortController().signal;

const release = (version: string): Question => ({ kind: 'release', path: 'example.com/a', version });

const known = (version: string): AnyFact => ({ state: 'known', value: { version, from: 'p' } });

/** What is known of some versions, as `v1 known, v2 pending`. */
function states(facts: Facts, versions: readonly string[]): string {
  return versions.map((version) => `${version} ${facts.ask(release(version)).state}`).join(', ');
}

describe('settle', () => {
  it('ends at once where nothing is asked', async () => {
    const rounds: number[] = [];
    const store = new FactStore(() => assert.fail('nothing was asked'));
    const value = await settle(() => 42, store, { signal: NEVER, onRound: ({ open }) => rounds.push(open) });
    assert.deepEqual([value, rounds], [42, [0]]);
  });

  it('shows what is known before anything is asked, and ends when all is', async () => {
    const rounds: string[] = [];
    const asked: string[] = [];
    const source: FactSource = async (question) => {
      asked.push(`${rounds.length}`);
      return known((question as { version: string }).version);
    };
    const look = (facts: Facts) => states(facts, ['v1', 'v2']);
    const value = await settle(look, new FactStore(source), {
      signal: NEVER,
      onRound: ({ value: seen, open }) => rounds.push(`${seen}; ${open} open`),
    });
    assert.equal(value, 'v1 known, v2 known');
    assert.deepEqual(rounds, ['v1 pending, v2 pending; 2 open', 'v1 known, v2 known; 0 open']);
    assert.deepEqual(asked, ['1', '1'], 'after the first round');
  });

  it('asks what an answer raises, round by round', async () => {
    const asked: string[] = [];
    const source: FactSource = async (question) => {
      asked.push((question as { version: string }).version);
      return known('');
    };
    const look = (facts: Facts): number => {
      let depth = 0;
      while (depth < 5 && facts.ask(release(`v${depth}`)).state === 'known') depth++;
      return depth;
    };
    assert.equal(await settle(look, new FactStore(source), { signal: NEVER }), 5);
    assert.deepEqual(asked, ['v0', 'v1', 'v2', 'v3', 'v4']);
  });

  it('shows quick answers while slow ones are awaited', async () => {
    const rounds: string[] = [];
    const source: FactSource = async (question) => {
      const { version } = question as { version: string };
      await wait(version === 'slow' ? 400 : 0);
      return known(version);
    };
    await settle((facts) => states(facts, ['quick', 'slow']), new FactStore(source), {
      signal: NEVER,
      onRound: ({ value }) => rounds.push(value),
    });
    assert.deepEqual([...new Set(rounds)], ['quick pending, slow pending', 'quick known, slow pending', 'quick known, slow known']);
  });

  it('asks a fact that is always old but once', async () => {
    let asked = 0;
    let now = 0;
    const store = new FactStore(
      async () => {
        asked++;
        return { state: 'unavailable', why: 'no' };
      },
      // Every look at the clock is an hour later.
      { now: () => (now += 3_600_000) },
    );
    assert.equal(await settle((facts) => facts.ask(release('v1')).state, store, { signal: NEVER }), 'unavailable');
    assert.equal(asked, 1);
    assert.equal(await settle((facts) => facts.ask(release('v1')).state, store, { signal: NEVER }), 'unavailable');
    assert.equal(asked, 2, 'the next one asks again');
  });

  it('ends with what it has when it is told to', async () => {
    const stop = new AbortController();
    const store = new FactStore(
      async (question, signal) => {
        if ((question as { version: string }).version === 'v1') return known('v1');
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        return { state: 'unavailable', why: 'cancelled' };
      },
      { grace: 0 },
    );
    setTimeout(() => stop.abort(), 150);
    const started = performance.now();
    const value = await settle((facts) => states(facts, ['v1', 'v2']), store, { signal: stop.signal });
    assert.equal(value, 'v1 known, v2 pending');
    assert.ok(performance.now() - started < 2000);
  });

  it('does not start when it is over already', async () => {
    const store = new FactStore(() => assert.fail('nothing may be asked'));
    const signal = AbortSignal.abort();
    assert.equal(await settle((facts) => facts.ask(release('v1')).state, store, { signal }), 'pending');
  });

  it('asks anew what is forgotten meanwhile', async () => {
    let asked = 0;
    const store: FactStore = new FactStore(async () => {
      asked++;
      if (asked === 1) await new Promise((resolve) => setTimeout(resolve, 20));
      if (asked === 1) store.forget(() => true);
      return known(`answer ${asked}`);
    });
    const value = await settle((facts) => facts.ask({ kind: 'release', path: 'a', version: 'v1' }), store, { signal: NEVER });
    assert.deepEqual(value, known('answer 2'));
  });
});

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
