import { encodeBase64 } from './base64.ts';
import { DatabaseError, malformed, security } from './failure.ts';
import type { Failure } from './failure.ts';
import { emptyTreeHash, equalBytes, joinSubtrees, proveTree, subtrees } from './merkle.ts';
import type { LogNode } from './merkle.ts';
import type { Operations } from './operations.ts';
import { keyId, openNote } from './signed-note.ts';
import type { VerifierKey } from './signed-note.ts';
import { TileStore } from './tile-store.ts';
import { parseTree } from './tree.ts';
import type { Tree } from './tree.ts';
import { decodeUtf8 } from './utf8.ts';
import { VerifiedTree } from './verified-tree.ts';

/**
 * The one history that a database may have. It knows the largest tree seen, by this run or an earlier one, and lets
 * a signed tree head pass only if its tree is the beginning or a continuation of that one
 * (golang.org/x/mod/sumdb.Client.mergeLatest).
 */
export class Timeline {
  readonly #key: VerifierKey;
  readonly #operations: Operations;
  readonly #tiles: TileStore;
  #latest: Moment;
  /** What the stored tree head was when last seen, signed or not. */
  #stored: Uint8Array = new Uint8Array(0);
  #starting: Promise<void> | undefined;
  readonly #joined = new Map<string, Promise<void>>();
  readonly #waiting: Waiting[] = [];
  #isMerging = false;

  constructor(key: VerifierKey, operations: Operations) {
    this.#key = key;
    this.#operations = operations;
    this.#tiles = new TileStore(operations);
    const empty = { size: 0, hash: emptyTreeHash(operations.sha256) };
    this.#latest = this.#moment({ tree: empty, note: new Uint8Array(0) });
  }

  /** The largest tree seen. After `join` it has all records of the head that joined. */
  get latest(): VerifiedTree {
    return this.#latest.verified;
  }

  /** Lets a signed tree head join the history, or throws a DatabaseError. Equal heads are verified once. */
  join(note: Uint8Array): Promise<void> {
    const text = decodeUtf8(note);
    if (text === undefined) return Promise.reject(malformed('malformed note'));
    let joining = this.#joined.get(text);
    if (joining === undefined) {
      joining = this.#join(note);
      this.#joined.set(text, joining);
      joining.catch(() => this.#joined.delete(text));
    }
    return joining;
  }

  async #join(note: Uint8Array): Promise<void> {
    const head = this.#open(note);
    this.#starting ??= this.#adoptStored();
    await this.#starting;
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ head, resolve, reject });
      if (!this.#isMerging) void this.#merge();
    });
  }

  /**
   * Places all heads that wait, the largest first: the others are then the past of one tree and share its tiles, where
   * one by one every head would need tiles of its own.
   */
  async #merge(): Promise<void> {
    this.#isMerging = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0).sort((a, b) => b.head.tree.size - a.head.tree.size);
      const past: Waiting[] = [];
      for (const one of batch) {
        if (one.head.tree.size > this.latest.tree.size) await settle(one, this.#advance(one.head));
        else past.push(one);
      }
      await Promise.all(past.map((one) => settle(one, this.#requirePast(one.head))));
    }
    this.#isMerging = false;
  }

  /** Makes a larger tree the latest one, in memory only after the stored head agrees. */
  async #advance(head: SignedHead): Promise<void> {
    while (head.tree.size > this.latest.tree.size) {
      const next = this.#moment(head);
      await this.#requireContinuation(this.#latest.head, next, 'fork');
      if (await this.#operations.writeTreeHead(this.#stored, head.note)) {
        this.#accept(next);
        this.#stored = head.note;
        return;
      }
      await this.#adoptStored();
    }
    await this.#requirePast(head);
  }

  /** Takes up the head that an earlier run or another process has stored; an unreadable one counts as none. */
  async #adoptStored(): Promise<void> {
    const bytes = await this.#operations.readTreeHead();
    const head = this.#openStored(bytes);
    if (head !== undefined && head.tree.size > this.latest.tree.size) {
      const stored = this.#moment(head);
      await this.#requireContinuation(this.#latest.head, stored, 'fork');
      this.#accept(stored);
    } else if (head !== undefined) {
      await this.#requireContinuation(head, this.#latest, 'fork');
    }
    this.#stored = bytes;
  }

  #accept(moment: Moment): void {
    this.#latest = moment;
    moment.verified.accept();
  }

  /** Lets a head of the latest size or less pass if the latest tree begins with its tree. */
  #requirePast(head: SignedHead): Promise<void> {
    const attack = head.tree.size < this.latest.tree.size ? 'rollback' : 'fork';
    return this.#requireContinuation(head, this.#latest, attack);
  }

  /** Throws unless the newer tree begins with the older one, as the newer one's verified tiles show. */
  async #requireContinuation(older: SignedHead, newer: Moment, attack: 'fork' | 'rollback'): Promise<void> {
    const begins = await this.#beginningOf(newer, older.tree);
    if (begins !== undefined && equalBytes(begins, older.tree.hash)) return;
    throw accusation(older, newer.head, attack, begins && [begins, ...(await this.#proof(older, newer))]);
  }

  /**
   * The hash over as many records of the newer tree as the older one has. Undefined when the newer tree is the one
   * already known and the database, in place of its tiles, gives those of another tree that begins as the older one.
   */
  async #beginningOf(newer: Moment, older: Tree): Promise<Uint8Array | undefined> {
    const { sha256 } = this.#operations;
    if (older.size === 0) return emptyTreeHash(sha256);
    if (older.size === newer.head.tree.size) return newer.head.tree.hash;
    const join = (hashes: readonly Uint8Array[]): Uint8Array => joinSubtrees(sha256, hashes);
    const isOlder = (hashes: readonly Uint8Array[]): boolean => equalBytes(join(hashes), older.hash);
    try {
      return join(await newer.verified.hashes(subtrees(0, older.size), isOlder));
    } catch (error) {
      if (newer === this.#latest && error instanceof DatabaseError && isOtherTree(error.failure)) return undefined;
      throw error;
    }
  }

  /** That the newer tree begins with another tree than the older one; two trees of one size speak for themselves. */
  async #proof(older: SignedHead, newer: Moment): Promise<readonly Uint8Array[]> {
    const { sha256 } = this.#operations;
    const read = (nodes: readonly LogNode[]): Promise<readonly Uint8Array[]> => newer.verified.hashes(nodes);
    if (older.tree.size === 0 || older.tree.size === newer.head.tree.size) return [];
    // Tiles that can't be had any more must not turn the accusation into a network error.
    return proveTree(sha256, newer.head.tree.size, older.tree.size, read).catch(() => []);
  }

  #moment(head: SignedHead): Moment {
    return { head, verified: new VerifiedTree(head.tree, this.#tiles, this.#operations.sha256) };
  }

  /** Throws a DatabaseError unless the note is a tree head with the key's signature. */
  #open(note: Uint8Array): SignedHead {
    const opened = openNote(note, this.#key, this.#operations.verifyEd25519);
    switch (opened.kind) {
      case 'malformed':
        throw malformed('malformed note');
      case 'unknown-key': {
        const why = `note has no verifiable signatures: it is signed by ${opened.signers.join(', ')}`;
        throw security('unknown-key', `${why}, not by ${keyId(this.#key)}`, true);
      }
      case 'forged': {
        const why = `invalid signature for key ${keyId(this.#key)}: it does not fit the tree head that it is on`;
        throw security('signature-wrong', why, true);
      }
      case 'signed': {
        const tree = parseTree(opened.text);
        if (tree === undefined) throw malformed('malformed tree note');
        return { tree, note };
      }
    }
  }

  #openStored(bytes: Uint8Array): SignedHead | undefined {
    try {
      return this.#open(bytes);
    } catch (error) {
      if (error instanceof DatabaseError) return undefined;
      throw error;
    }
  }
}

/** A tree with the note that signs it; the empty tree that every history begins with needs none. */
interface SignedHead {
  readonly tree: Tree;
  readonly note: Uint8Array;
}

interface Moment {
  readonly head: SignedHead;
  readonly verified: VerifiedTree;
}

interface Waiting {
  readonly head: SignedHead;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Names both heads and the proof, so that the database's misbehaviour can be shown without asking it again. */
function accusation(
  older: SignedHead,
  newer: SignedHead,
  attack: 'fork' | 'rollback',
  proof: readonly Uint8Array[] | undefined,
): DatabaseError {
  const what =
    attack === 'fork'
      ? `its tree of ${newer.tree.size} records does not continue the tree of ${older.tree.size} records seen before`
      : `it went back to a tree of ${older.tree.size} records, which is not how ` +
        `the tree of ${newer.tree.size} records seen before begins`;
  const heads = `old database:${indented(older.note)}\nnew database:${indented(newer.note)}`;
  const shown = proof === undefined ? '' : `\nproof of misbehavior:\n\t${proof.map(encodeBase64).join('\n\t')}`;
  const why = `go.sum database server misbehavior detected! ${what}`;
  return new DatabaseError({ kind: 'security', attack, why, evidence: heads + shown });
}

function isOtherTree(failure: Failure): boolean {
  return failure.kind === 'security' && failure.attack === 'other-tree';
}

async function settle(waiting: Waiting, placing: Promise<void>): Promise<void> {
  await placing.then(waiting.resolve, waiting.reject);
}

function indented(note: Uint8Array): string {
  return `\n${decodeUtf8(note) ?? ''}`.trimEnd().replaceAll('\n', '\n\t');
}
