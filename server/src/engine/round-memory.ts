import type { Facts } from './facts.ts';

/**
 * The same function, which derives once in a round what several rules ask for. Within a round the facts stay what they are,
 * so what comes out is the same with and without this memory; it goes with the round's facts.
 */
export function oncePerRound<S extends object, B extends string | number, T>(
  derive: (subject: S, facts: Facts, bound: B) => T,
): (subject: S, facts: Facts, bound: B) => T {
  const rounds = new WeakMap<Facts, WeakMap<S, Map<B, { readonly value: T }>>>();
  return (subject, facts, bound) => {
    const round = rounds.get(facts) ?? new WeakMap<S, Map<B, { readonly value: T }>>();
    rounds.set(facts, round);
    const ofSubject = round.get(subject) ?? new Map<B, { readonly value: T }>();
    round.set(subject, ofSubject);
    const known = ofSubject.get(bound) ?? { value: derive(subject, facts, bound) };
    ofSubject.set(bound, known);
    return known.value;
  };
}
