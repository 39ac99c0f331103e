/** In which way an answer of the database contradicts what its key has signed. */
export type Attack =
  /** The record is not the one that the log has at its place. */
  | 'record-altered'
  /** The record's number is beyond the end of the signed log. */
  | 'record-outside-tree'
  /** A true record of the log, but of another module or version. */
  | 'other-record'
  /** A tile's hashes do not lead to the signed hash. */
  | 'tile-altered'
  /** A tile has fewer, or more, bytes than its address says. */
  | 'tile-truncated'
  /** The tiles prove the record, but in a tree that nobody signed. */
  | 'other-tree'
  /** The key's signature does not fit the tree head. */
  | 'signature-wrong'
  /** The tree head is signed, but not by the key. */
  | 'unknown-key'
  /** A signed tree that does not continue the one that was seen before. */
  | 'fork'
  /** A signed, smaller tree that the one seen before does not continue. */
  | 'rollback';

/** The database contradicts itself, so that nothing it says can be believed. */
export interface SecurityFailure {
  readonly kind: 'security';
  readonly attack: Attack;
  /** What disagrees with what, in one line that begins with the go command's words for it where it has some. */
  readonly why: string;
  /** For a fork and a rollback: both signed heads and the proof that they do not fit together, in many lines. */
  readonly evidence?: string;
}

/** Why a lookup has no checksums. */
export type Failure =
  /** The database definitely does not know the version. */
  | { readonly kind: 'absent'; readonly from: string; readonly said: string }
  /** It could not be asked, or what came is no answer of a checksum database. */
  | { readonly kind: 'unavailable'; readonly why: string }
  | SecurityFailure;

/** Carries a failure through the steps of a lookup; it does not leave this room. */
export class DatabaseError extends Error {
  readonly failure: Failure;
  /** Whether the answer at hand is to blame, so that a fresh one may do when this one came from a cache. */
  readonly blamesAnswer: boolean;

  constructor(failure: Failure, blamesAnswer = false) {
    super(failure.kind === 'absent' ? failure.said : failure.why);
    this.failure = failure;
    this.blamesAnswer = blamesAnswer;
  }
}

export function unavailable(why: string): DatabaseError {
  return new DatabaseError({ kind: 'unavailable', why });
}

/** A contradiction; `blamesAnswer` as in DatabaseError. */
export function security(attack: Attack, why: string, blamesAnswer = false): DatabaseError {
  return new DatabaseError({ kind: 'security', attack, why }, blamesAnswer);
}

/** Bytes that are nothing a checksum database says, such as a web page. */
export function malformed(why: string): DatabaseError {
  return new DatabaseError({ kind: 'unavailable', why }, true);
}
