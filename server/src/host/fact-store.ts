import type { HeldFact } from '../engine/analysis.ts';
import type { Answers, Fact, Question, QuestionKind } from '../engine/facts.ts';
import { questionKey } from '../engine/facts.ts';

export type AnyFact = Fact<Answers[QuestionKind]>;

/** Finds the answer to one question. It does not throw; what goes wrong is `unavailable`. */
export type FactSource = (question: Question, signal: AbortSignal) => Promise<AnyFact>;

/** A signal with the promise that it is over: one listener, however many questions wait for it. */
export interface Ending {
  readonly signal: AbortSignal;
  readonly ended: Promise<void>;
}

export function endingOf(signal: AbortSignal): Ending {
  const ended = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  return { signal, ended };
}

interface Entry {
  readonly question: Question;
  readonly fact: AnyFact;
  /** When to ask again, in the clock's milliseconds; Infinity for what can't change. */
  readonly staleAt: number;
}

interface Fetch {
  readonly done: Promise<void>;
  readonly abort: AbortController;
  /** The rounds that wait for it; without any, it is cancelled. */
  wanted: number;
}

/**
 * Remembers the answers, and asks each question once however many rounds want it. A question belongs to the store, not
 * to the round that raised it, so typing does not start it anew.
 */
export class FactStore {
  readonly #source: FactSource;
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();
  readonly #fetches = new Map<string, Fetch>();

  constructor(source: FactSource, now: () => number = Date.now) {
    this.#source = source;
    this.#now = now;
  }

  /** What is known now under a question's key. */
  held(key: string): HeldFact | undefined {
    const entry = this.#entries.get(key);
    return entry && { fact: entry.fact, refresh: entry.staleAt <= this.#now() };
  }

  /** Resolves when the question has an answer, or when the round that wants it is over. */
  async fetch(question: Question, round: Ending): Promise<void> {
    if (round.signal.aborted) return;
    const key = questionKey(question);
    const fetch = this.#fetches.get(key) ?? this.#start(key, question);
    fetch.wanted++;
    await Promise.race([fetch.done, round.ended]);
    fetch.wanted--;
    if (fetch.wanted === 0 && round.signal.aborted) fetch.abort.abort();
  }

  /** Forgets answers that may have changed, such as imports when a .go file was saved. */
  forget(matches: (question: Question) => boolean): void {
    for (const [key, { question }] of this.#entries) {
      if (matches(question)) this.#entries.delete(key);
    }
  }

  #start(key: string, question: Question): Fetch {
    const abort = new AbortController();
    const done = this.#source(question, abort.signal).then((fact) => {
      this.#fetches.delete(key);
      if (!abort.signal.aborted) {
        this.#entries.set(key, { question, fact, staleAt: this.#now() + lifetime(question.kind, fact) });
      }
    });
    const fetch: Fetch = { done, abort, wanted: 0 };
    this.#fetches.set(key, fetch);
    return fetch;
  }
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** How long an answer is used before it is asked for again, in milliseconds. */
function lifetime(kind: QuestionKind, fact: AnyFact): number {
  if (fact.state === 'unavailable') return 30 * SECOND;
  if (fact.state === 'absent') return MINUTE;
  switch (kind) {
    case 'release':
    case 'remote-mod':
    case 'checksums':
      return Infinity;
    case 'versions':
    case 'tags':
      return 5 * MINUTE;
    case 'cached':
    case 'mod':
    case 'package':
    case 'directory-mod':
    case 'imports':
      return 30 * SECOND;
  }
}
