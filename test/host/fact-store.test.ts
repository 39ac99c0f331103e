import assert from 'node:assert/strict';
import type { Question } from '../../server/src/engine/facts.ts';
import { questionKey } from '../../server/src/engine/facts.ts';
import { FactStore, endingOf } from '../../server/src/host/fact-store.ts';
import type { AnyFact } from '../../server/src/host/fact-store.ts';

const VERSIONS: Question = { kind: 'versions', path: 'example.com/a' };
const RELEASE: Question = { kind: 'release', path: 'example.com/a', version: 'v1.0.0' };
const IMPORTS: Question = { kind: 'imports', directory: '/m' };

const SECOND = 1000;
const MINUTE = 60 * SECOND;

function listed(...versions: string[]): AnyFact {
  return { state: 'known', value: { versions, from: 'https://proxy.example.com' } };
}

/** A source that answers when it is told to. */
class Oracle {
  readonly asked: { readonly question: Question; readonly signal: AbortSignal; answer(fact: AnyFact): Promise<void> }[] = [];

  readonly source = (question: Question, signal: AbortSignal): Promise<AnyFact> =>
    new Promise((resolve) => {
      this.asked.push({
        question,
        signal,
        answer: async (fact) => {
          resolve(fact);
          await turn();
        },
      });
    });
}

describe('FactStore', () => {
  let oracle: Oracle;
  let now: number;
  let store: FactStore;

  const round = (): { end(): void; fetch(question: Question): Promise<void> } => {
    const controller = new AbortController();
    const ending = endingOf(controller.signal);
    return { end: () => controller.abort(), fetch: (question) => store.fetch(question, ending) };
  };
  const held = (question: Question) => store.held(questionKey(question));

  beforeEach(() => {
    oracle = new Oracle();
    now = 0;
    store = new FactStore(oracle.source, { now: () => now, grace: 30 });
  });

  it('knows nothing of what was not asked', () => assert.equal(held(VERSIONS), undefined));

  it('asks once for all who want to know, and tells them all', async () => {
    const fetches = [round().fetch(VERSIONS), round().fetch(VERSIONS), round().fetch({ ...VERSIONS })];
    assert.equal(oracle.asked.length, 1);
    assert.equal(held(VERSIONS), undefined, 'nothing is known before the answer');
    await oracle.asked[0]!.answer(listed('v1.0.0'));
    await Promise.all(fetches);
    assert.deepEqual(held(VERSIONS), { fact: listed('v1.0.0'), refresh: false });
  });

  it('asks different questions apart', async () => {
    const all = [round().fetch(VERSIONS), round().fetch({ ...VERSIONS, path: 'example.com/b' }), round().fetch(RELEASE)];
    assert.deepEqual(oracle.asked.map(({ question }) => question.kind), ['versions', 'versions', 'release']);
    await Promise.all(oracle.asked.map(({ answer }) => answer(listed())));
    await Promise.all(all);
  });

  it('shows the old answer until the new one is there', async () => {
    const first = round().fetch(VERSIONS);
    await oracle.asked[0]!.answer(listed('v1.0.0'));
    await first;
    now = 5 * MINUTE;
    assert.deepEqual(held(VERSIONS), { fact: listed('v1.0.0'), refresh: true });
    const second = round().fetch(VERSIONS);
    assert.deepEqual(held(VERSIONS)?.fact, listed('v1.0.0'), 'while it is asked anew');
    await oracle.asked[1]!.answer(listed('v1.0.0', 'v1.1.0'));
    await second;
    assert.deepEqual(held(VERSIONS), { fact: listed('v1.0.0', 'v1.1.0'), refresh: false });
  });

  const lifetimes: readonly (readonly [name: string, question: Question, fact: AnyFact, milliseconds: number])[] = [
    ['a list', VERSIONS, listed(), 5 * MINUTE],
    ['a release, which never changes', RELEASE, { state: 'known', value: { version: 'v1.0.0', from: 'p' } }, Infinity],
    ['an absence', RELEASE, { state: 'absent', evidence: [] }, MINUTE],
    ['a failure', RELEASE, { state: 'unavailable', why: 'no' }, 30 * SECOND],
    ['the imports', IMPORTS, { state: 'known', value: { imports: [], packages: [], sources: new Map() } }, 30 * SECOND],
  ];
  for (const [name, question, fact, milliseconds] of lifetimes) {
    it(`believes ${name} for ${milliseconds === Infinity ? 'ever' : `${milliseconds / SECOND} s`}`, async () => {
      const fetch = round().fetch(question);
      await oracle.asked[0]!.answer(fact);
      await fetch;
      now = Math.min(milliseconds, 1e12) - 1;
      assert.equal(held(question)?.refresh, false);
      now = milliseconds === Infinity ? 1e15 : milliseconds;
      assert.equal(held(question)?.refresh, milliseconds !== Infinity);
    });
  }

  it('cancels what nobody waits for any more, and forgets it', async () => {
    const one = round();
    const fetch = one.fetch(VERSIONS);
    one.end();
    await fetch;
    assert.equal(oracle.asked[0]!.signal.aborted, false, 'not at once');
    await wait(60);
    assert.equal(oracle.asked[0]!.signal.aborted, true);
    await oracle.asked[0]!.answer({ state: 'unavailable', why: 'cancelled' });
    assert.equal(held(VERSIONS), undefined);
  });

  it('goes on with what another waits for', async () => {
    const [one, two] = [round(), round()];
    const fetches = [one.fetch(VERSIONS), two.fetch(VERSIONS)];
    one.end();
    await wait(60);
    assert.equal(oracle.asked[0]!.signal.aborted, false);
    await oracle.asked[0]!.answer(listed('v1.0.0'));
    await Promise.all(fetches);
    assert.deepEqual(held(VERSIONS)?.fact, listed('v1.0.0'));
  });

  it('lets the next round take up what the one before has asked, so that typing asks nothing anew', async () => {
    store = new FactStore(oracle.source, { now: () => now, grace: 5 * SECOND });
    for (let keystroke = 0; keystroke < 20; keystroke++) {
      const typing = round();
      const fetch = typing.fetch(VERSIONS);
      typing.end();
      await fetch;
      await wait(5);
    }
    assert.equal(oracle.asked.length, 1);
    assert.equal(oracle.asked[0]!.signal.aborted, false);
    const last = round().fetch(VERSIONS);
    await oracle.asked[0]!.answer(listed('v1.0.0'));
    await last;
    assert.deepEqual(held(VERSIONS)?.fact, listed('v1.0.0'));
  });

  it('keeps an answer that comes within the grace, though nobody waits', async () => {
    const one = round();
    const fetch = one.fetch(VERSIONS);
    one.end();
    await fetch;
    await oracle.asked[0]!.answer(listed('v1.0.0'));
    await wait(60);
    assert.deepEqual(held(VERSIONS)?.fact, listed('v1.0.0'));
    assert.equal(oracle.asked[0]!.signal.aborted, false);
  });

  it('asks nothing for a round that is over', async () => {
    const over = round();
    over.end();
    await over.fetch(VERSIONS);
    assert.equal(oracle.asked.length, 0);
  });

  it('forgets what it is told to, and nothing else', async () => {
    const fetches = [round().fetch(VERSIONS), round().fetch(IMPORTS)];
    for (const { answer } of oracle.asked) await answer(listed());
    await Promise.all(fetches);
    store.forget(({ kind }) => kind === 'imports');
    assert.equal(held(IMPORTS), undefined);
    assert.notEqual(held(VERSIONS), undefined);
  });

  it('forgets an answer that is still on its way, and lets those who wait ask anew', async () => {
    const one = round();
    const before = one.fetch(IMPORTS);
    store.forget(({ kind }) => kind === 'imports');
    await before;
    assert.equal(oracle.asked[0]!.signal.aborted, true);
    const after = one.fetch(IMPORTS);
    assert.equal(oracle.asked.length, 2);
    await oracle.asked[0]!.answer(listed('old'));
    assert.equal(held(IMPORTS), undefined, 'the old answer counts no more');
    await oracle.asked[1]!.answer(listed('new'));
    await after;
    assert.deepEqual(held(IMPORTS)?.fact, listed('new'));
  });
});

/** Until everything that is due now has run. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
