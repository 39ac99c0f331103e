import { recordFacts } from '../engine/analysis.ts';
import type { Facts, Question } from '../engine/facts.ts';
import { endingOf } from './fact-store.ts';
import type { FactStore } from './fact-store.ts';

/** The state after one round. */
export interface Round<T> {
  readonly value: T;
  /** Questions that were asked in this round and are not answered yet; 0 in the last round. */
  readonly open: number;
}

export interface SettlementOptions<T> {
  readonly signal: AbortSignal;
  /** Questions that the first round is certain to ask; it waits for their answers a little while. */
  readonly expected?: readonly Question[];
  /** Called after every round; the first one is before any question leaves. */
  readonly onRound?: (round: Round<T>) => void;
}

/** How long a round waits for more answers before it shows those that it has, in milliseconds. */
const ROUND_MILLISECONDS = 100;

/**
 * Looks at what is known, fetches what was asked and is not, and looks again until nothing is missing.
 * Returns the last value; when the signal ends it early, the value of the round before.
 */
export async function settle<T>(
  look: (facts: Facts) => T,
  store: FactStore,
  options: SettlementOptions<T>,
): Promise<T> {
  const { signal, expected = [], onRound } = options;
  const ending = endingOf(signal);
  // A fact that comes back stale is asked again only once in a settlement, or it would never end.
  const asked = new Set<string>();
  if (expected.length > 0) await withinRound(Promise.all(expected.map((question) => store.fetch(question, ending))));
  for (;;) {
    const facts = recordFacts((key, question) => {
      const held = store.answer(key, question);
      return held?.refresh && asked.has(key) ? { fact: held.fact, refresh: false } : held;
    }, store);
    const value = look(facts);
    const open = facts.wanted.size;
    onRound?.({ value, open });
    if (open === 0 || signal.aborted) return value;
    for (const key of facts.wanted.keys()) asked.add(key);
    await someAnswers([...facts.wanted.values()].map((question) => store.fetch(question, ending)));
  }
}

/** Resolves when all are there, or when some are and the round's time is over. */
async function someAnswers(fetches: readonly Promise<void>[]): Promise<void> {
  await withinRound(Promise.all(fetches), Promise.race(fetches));
}

/** Resolves with `whole`, or when the round's time is over and `least` has resolved. */
async function withinRound(whole: Promise<unknown>, least: Promise<unknown> = Promise.resolve()): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const time = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ROUND_MILLISECONDS);
  });
  await Promise.race([whole, Promise.all([time, least])]);
  clearTimeout(timer);
}
