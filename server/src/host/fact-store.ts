import type { HeldFact } from '../engine/analysis.ts';
import type { Answers, Fact, Question, QuestionKind } from '../engine/facts.ts';
import { questionKey } from '../engine/facts.ts';

export type AnyFact = Fact<Answers[QuestionKind]>;

/** Finds the answer to one question. It does not throw; what goes wrong is `unavailable`. */
export type FactSource = (question: Question, signal: AbortSignal) => Promise<AnyFact>;

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

  /** Resolves when all the questions have an answer, or when the round that wants them is over. */
  async fetch(questions: Iterable<Question>, signal: AbortSignal): Promise<void> {
    await Promise.all([...questions].map((question) => this.#fetchOne(question, signal)));
  }

  /** Forgets answers that may have changed, such as imports when a .go file was saved. */
  forget(matches: (question: Question) => boolean): void {
    for (const [key, { question }] of this.#entries) {
      if (matches(question)) this.#entries.delete(key);
    }
  }

  async #fetchOne(question: Question, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const key = questionKey(question);
    const fetch = this.#fetches.get(key) ?? this.#start(key, question);
    fetch.wanted++;
    const given = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    await Promise.race([fetch.done, given]);
    fetch.wanted--;
    if (fetch.wanted === 0 && signal.aborted) fetch.abort.abort();
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
    case 'mod':
    case 'checksums':
      return Infinity;
    case 'versions':
    case 'tags':
      return 5 * MINUTE;
    case 'cached':
    case 'package':
    case 'directory-mod':
    case 'imports':
      return 30 * SECOND;
  }
}
