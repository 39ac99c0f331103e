import { DatabaseError, malformed, security, unavailable } from './failure.ts';
import type { Failure } from './failure.ts';
import { equalBytes, recordHash } from './merkle.ts';
import type { Operations } from './operations.ts';
import type { VerifierKey } from './signed-note.ts';
import { Timeline } from './timeline.ts';
import { parseRecord } from './tree.ts';

/** What the database has signed about one version, or why that can't be said. */
export type Lookup =
  /** The record's go.sum lines for the version's zip and its go.mod file, without newlines; at least one. */
  | { readonly kind: 'found'; readonly lines: readonly string[] }
  | Failure;

/**
 * A client of one checksum database (golang.org/x/mod/sumdb.Client). It believes a record once its tree head is signed
 * by the key, the head's tree and the largest tree ever seen are one history, and the record is in that tree.
 * Lookups may overlap: they share tree heads and tiles, and nothing is asked twice.
 */
export class ChecksumDatabase {
  readonly #key: VerifierKey;
  readonly #operations: Operations;
  readonly #timeline: Timeline;
  readonly #records = new Map<string, Promise<readonly string[]>>();

  constructor(key: VerifierKey, operations: Operations) {
    this.#key = key;
    this.#operations = operations;
    this.#timeline = new Timeline(key, operations);
  }

  /** The database's name, such as `sum.golang.org`. */
  get name(): string {
    return this.#key.name;
  }

  /** Looks up a version by its unescaped module path; the version has no `/go.mod` at its end. */
  async lookup(path: string, version: string): Promise<Lookup> {
    try {
      return { kind: 'found', lines: await this.#lines({ path, version }) };
    } catch (error) {
      if (error instanceof DatabaseError) return error.failure;
      throw error;
    }
  }

  /** One request for all who wait. What was found is kept, a failure is not. */
  #lines(subject: Subject): Promise<readonly string[]> {
    const key = `${subject.path}@${subject.version}`;
    let lines = this.#records.get(key);
    if (lines === undefined) {
      lines = this.#readLines(subject);
      this.#records.set(key, lines);
      lines.catch(() => this.#records.delete(key));
    }
    return lines;
  }

  async #readLines(subject: Subject): Promise<readonly string[]> {
    const address = lookupAddress(subject);
    const cached = await this.#readCachedLines(address, subject);
    if (cached !== undefined) return cached;
    const answer = await this.#operations.readRemote(address);
    if (answer.kind !== 'answer') throw new DatabaseError(answer);
    const lines = await this.#verify(answer.body, subject);
    this.#operations.writeCache(address, answer.body);
    return lines;
  }

  /** The lines out of a cache. For an entry that does not verify the disk may be to blame: the database is asked. */
  async #readCachedLines(address: string, subject: Subject): Promise<readonly string[] | undefined> {
    const bytes = await this.#operations.readCache(address);
    if (bytes === undefined) return undefined;
    try {
      return await this.#verify(bytes, subject);
    } catch (error) {
      if (error instanceof DatabaseError && error.blamesAnswer) return undefined;
      throw error;
    }
  }

  /** The subject's lines out of a lookup's answer, once its record is proven to be in the log. */
  async #verify(answer: Uint8Array, subject: Subject): Promise<readonly string[]> {
    const record = parseRecord(answer);
    if (record === undefined) throw malformed('malformed record data');
    await this.#timeline.join(record.rest);
    await this.#requireInclusion(record.id, recordHash(this.#operations.sha256, record.data));
    const lines = linesOf(record.text, subject);
    if (lines.length > 0) return lines;
    const why = `checksum missing from sumdb response: record ${record.id} is not about`;
    throw security('other-record', `${why} ${subject.path}@${subject.version}`, true);
  }

  async #requireInclusion(id: number, hash: Uint8Array): Promise<void> {
    const { latest } = this.#timeline;
    const { size } = latest.tree;
    if (id >= size) {
      throw security('record-outside-tree', `cannot validate record ${id} in tree of size ${size}`, true);
    }
    const isRecord = (leaf: Uint8Array | undefined): boolean => leaf !== undefined && equalBytes(leaf, hash);
    const [leaf] = await latest.hashes([{ level: 0, index: id }], ([claimed]) => isRecord(claimed));
    if (isRecord(leaf)) return;
    const why = `cannot authenticate record data in server response: the signed tree of ${size} records`;
    throw security('record-altered', `${why} has another record as number ${id}`, true);
  }
}

interface Subject {
  readonly path: string;
  readonly version: string;
}

/** The go.sum lines of a version and of its go.mod file. */
function linesOf(text: string, { path, version }: Subject): readonly string[] {
  const starts = [`${path} ${version} `, `${path} ${version}/go.mod `];
  return text.split('\n').filter((line) => starts.some((start) => line.startsWith(start)));
}

/** Where the database answers for a version: case is escaped as module.EscapePath does, `A` as `!a`. */
function lookupAddress({ path, version }: Subject): string {
  if (!MODULE_PATH.test(path)) throw unavailable(`malformed module path ${JSON.stringify(path)}`);
  if (!VERSION.test(version)) throw unavailable(`version ${JSON.stringify(version)} invalid`);
  return `lookup/${escapeCase(path)}@${escapeCase(version)}`;
}

function escapeCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`);
}

/**
 * No more than keeps an address an address and a cache's file inside its folder: elements of the characters that Go
 * allows, none beginning or ending with a dot. Whether Go accepts the path is for those to say who know the rules.
 */
const MODULE_PATH = /^(?!.*(?:^|\/)\.)(?!.*\.(?:\/|$))[A-Za-z0-9._~-]+(?:\/[A-Za-z0-9._~-]+)*$/;
const VERSION = /^v[0-9A-Za-z.+-]*[0-9A-Za-z]$/;
