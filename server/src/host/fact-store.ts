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
  /** The answer as long as it is not to be asked again; thousands are looked up in one round. */
  readonly fresh: HeldFact;
  /** When to ask again, in the clock's milliseconds; Infinity for what can't change. */
  readonly staleAt: number;
}

interface Fetch {
  readonly question: Question;
  readonly done: Promise<void>;
  readonly abort: AbortController;
  /** The rounds that wait for it; without any, it is soon cancelled. */
  wanted: number;
  /** Runs while nobody waits for it. */
  abandoned?: NodeJS.Timeout;
}

export interface FactStoreOptions {
  /** A clock, in milliseconds. */
  readonly now?: () => number;
  /** How long a fetch goes on that no round waits for, in milliseconds. */
  readonly grace?: number;
  /** Answers what needs no waiting, so that no round is spent on it. */
  readonly atOnce?: (question: Question) => AnyFact | undefined;
}

/** Time for the round after a keystroke to take up what the round before it has asked, in milliseconds. */
const GRACE_MILLISECONDS = 1000;

/**
 * Remembers the answers, and asks each question once however many rounds want it. A question belongs to the store, not
 * to the round that raised it, so typing does not start it anew.
 */
export class FactStore {
  readonly #source: FactSource;
  readonly #now: () => number;
  readonly #grace: number;
  readonly #atOnce: FactStoreOptions['atOnce'];
  readonly #entries = new Map<string, Entry>();
  readonly #fetches = new Map<string, Fetch>();

  constructor(source: FactSource, options: FactStoreOptions = {}) {
    this.#source = source;
    this.#now = options.now ?? Date.now;
    this.#grace = options.grace ?? GRACE_MILLISECONDS;
    this.#atOnce = options.atOnce;
  }

  /** What is known now under a question's key. */
  held(key: string): HeldFact | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    const isStale = entry.staleAt !== Infinity && entry.staleAt <= this.#now();
    return isStale ? { fact: entry.fact, refresh: true } : entry.fresh;
  }

  /** What is known now, or can be without waiting. */
  answer(key: string, question: Question): HeldFact | undefined {
    const known = this.held(key);
    const fact = known ? undefined : this.#atOnce?.(question);
    if (!fact) return known;
    this.#keep(key, question, fact);
    return { fact, refresh: false };
  }

  #keep(key: string, question: Question, fact: AnyFact): void {
    const staleAt = this.#now() + lifetime(question.kind, fact);
    this.#entries.set(key, { question, fact, fresh: { fact, refresh: false }, staleAt });
  }

  /** Resolves when the question has an answer, or when the round that wants it is over. */
  async fetch(question: Question, round: Ending): Promise<void> {
    if (round.signal.aborted) return;
    const key = questionKey(question);
    const fetch = this.#fetches.get(key) ?? this.#start(key, question);
    fetch.wanted++;
    clearTimeout(fetch.abandoned);
    await Promise.race([fetch.done, round.ended]);
    fetch.wanted--;
    if (fetch.wanted === 0 && this.#fetches.get(key) === fetch) {
      fetch.abandoned = setTimeout(() => this.#cancel(key, fetch), this.#grace).unref();
    }
  }

  /**
   * Forgets answers that may have changed, such as imports when a .go file was saved. One that is still on its way is
   * forgotten too, as it may tell of what was before.
   *
   * @returns what had an answer
   */
  forget(matches: (question: Question) => boolean): Question[] {
    const forgotten = [...this.#entries].filter(([, { question }]) => matches(question));
    for (const [key] of forgotten) this.#entries.delete(key);
    for (const [key, fetch] of this.#fetches) {
      if (matches(fetch.question)) this.#cancel(key, fetch);
    }
    return forgotten.map(([, { question }]) => question);
  }

  #start(key: string, question: Question): Fetch {
    const abort = new AbortController();
    const answered = this.#source(question, abort.signal).then((fact) => {
      if (abort.signal.aborted) return;
      clearTimeout(fetch.abandoned);
      this.#fetches.delete(key);
      this.#keep(key, question, fact);
    });
    const done = Promise.race([answered, endingOf(abort.signal).ended]);
    const fetch: Fetch = { question, done, abort, wanted: 0 };
    this.#fetches.set(key, fetch);
    return fetch;
  }

  /** Whoever still waits for it is let go, and asks anew. */
  #cancel(key: string, fetch: Fetch): void {
    clearTimeout(fetch.abandoned);
    this.#fetches.delete(key);
    fetch.abort.abort();
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
    case 'package-source':
    case 'mod':
      return Infinity;
    case 'versions':
    case 'query':
    case 'tags':
      return 5 * MINUTE;
    case 'cached':
    case 'package':
    case 'directory-mod':
    case 'committed-mod':
    case 'directory-source':
    case 'cached-checksums':
    case 'downloaded-checksums':
    case 'imports':
      return 30 * SECOND;
  }
}
