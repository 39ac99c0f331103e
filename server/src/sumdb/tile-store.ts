import { DatabaseError, security, unavailable } from './failure.ts';
import type { Operations, RemoteAnswer } from './operations.ts';
import type { Cryptography } from './signed-note.ts';
import { FULL_WIDTH, HASH_SIZE, tilePath, tileRoot } from './tile.ts';
import type { Tile, TileData } from './tile.ts';

/** A tile of the right length. Whether its hashes are true is for VerifiedTree to say. */
export class StoredTile implements TileData {
  readonly tile: Tile;
  readonly bytes: Uint8Array;
  #root: Uint8Array | undefined;

  constructor(tile: Tile, bytes: Uint8Array) {
    this.tile = tile;
    this.bytes = bytes;
  }

  /** The hash over the complete tile, computed once. */
  root(sha256: Cryptography['sha256']): Uint8Array {
    this.#root ??= tileRoot(sha256, this);
    return this.#root;
  }
}

export interface TileReading {
  readonly stored: StoredTile;
  /** It came from the database just now, and not from memory or a cache, which may have been told something else. */
  readonly isFresh: boolean;
}

type TileOperations = Pick<Operations, 'readRemote' | 'readCache' | 'writeCache'>;

/** Where tiles come from: memory, then the cache, then the database. One reading serves all who wait. */
export class TileStore {
  readonly #operations: TileOperations;
  readonly #memory = new Map<string, StoredTile>();
  readonly #reading = new Map<string, Promise<TileReading>>();
  readonly #fetching = new Map<string, Promise<StoredTile>>();
  /** Tiles that the cache has. */
  readonly #cached = new WeakSet<StoredTile>();

  constructor(operations: TileOperations) {
    this.#operations = operations;
  }

  /** Throws a DatabaseError when the tile can't be had or has the wrong length. */
  async read(tile: Tile): Promise<TileReading> {
    const path = tilePath(tile);
    const known = this.#memory.get(path);
    if (known !== undefined) return { stored: known, isFresh: false };
    return once(this.#reading, path, () => this.#load(tile));
  }

  /** Asks the database, whatever memory and the cache have; they keep what they have until `keep`. */
  fetch(tile: Tile): Promise<StoredTile> {
    return once(this.#fetching, tilePath(tile), () => this.#readRemote(tile));
  }

  /** Keeps a tile of the one history, for this run and later ones. */
  keep(stored: StoredTile): void {
    this.#remember(stored);
    if (this.#cached.has(stored)) return;
    this.#cached.add(stored);
    this.#operations.writeCache(tilePath(stored.tile), stored.bytes);
  }

  /** Forgets a tile that proved wrong. */
  forget(stored: StoredTile): void {
    const path = tilePath(stored.tile);
    if (this.#memory.get(path) === stored) this.#memory.delete(path);
  }

  async #load(tile: Tile): Promise<TileReading> {
    const full = { ...tile, width: FULL_WIDTH };
    const known =
      this.#beginningOf(this.#memory.get(tilePath(full)), tile) ??
      (await this.#readCache(tile)) ??
      this.#beginningOf(tile.width < FULL_WIDTH ? await this.#readCache(full) : undefined, tile);
    const stored = known ?? (await this.fetch(tile));
    this.#remember(stored);
    return { stored, isFresh: known === undefined };
  }

  /** A partial tile out of the complete one. Nothing is gained by keeping it as well. */
  #beginningOf(full: StoredTile | undefined, tile: Tile): StoredTile | undefined {
    if (full === undefined) return undefined;
    const beginning = new StoredTile(tile, full.bytes.subarray(0, tile.width * HASH_SIZE));
    if (this.#cached.has(full)) this.#cached.add(beginning);
    return beginning;
  }

  async #readCache(tile: Tile): Promise<StoredTile | undefined> {
    const bytes = await this.#operations.readCache(tilePath(tile));
    if (bytes?.length !== tile.width * HASH_SIZE) return undefined;
    const stored = new StoredTile(tile, bytes);
    this.#cached.add(stored);
    return stored;
  }

  /** A database may drop a partial tile once the complete one is there, so that is asked for next. */
  async #readRemote(tile: Tile): Promise<StoredTile> {
    const answer = await this.#operations.readRemote(tilePath(tile));
    if (answer.kind === 'answer') return new StoredTile(tile, requireLength(tile, answer.body));
    if (tile.width < FULL_WIDTH) {
      const full = { ...tile, width: FULL_WIDTH };
      const whole = await this.#operations.readRemote(tilePath(full));
      if (whole.kind === 'answer') {
        return new StoredTile(tile, requireLength(full, whole.body).slice(0, tile.width * HASH_SIZE));
      }
    }
    throw tileUnavailable(tile, answer);
  }

  #remember(stored: StoredTile): void {
    this.#memory.set(tilePath(stored.tile), stored);
    if (this.#memory.size > MOST_TILES) this.#memory.delete(this.#memory.keys().next().value!);
  }
}

/** 32 MiB of complete tiles: enough for the go.sum of some thousand modules; more are read from the cache again. */
const MOST_TILES = 4096;

/** Joins the work that is under way for a key, or begins it. */
function once<T>(underWay: Map<string, Promise<T>>, key: string, begin: () => Promise<T>): Promise<T> {
  let work = underWay.get(key);
  if (work === undefined) {
    work = begin().finally(() => underWay.delete(key));
    underWay.set(key, work);
  }
  return work;
}

function requireLength(tile: Tile, bytes: Uint8Array): Uint8Array {
  const length = tile.width * HASH_SIZE;
  if (bytes.length === length) return bytes;
  const what = `downloaded ${bytes.length < length ? 'truncated' : 'oversized'} tile`;
  throw security('tile-truncated', `${what}: ${tilePath(tile)} has ${bytes.length} bytes, not ${length}`);
}

/** A tile below a signed head must be there, so its absence is no absence of the record. */
function tileUnavailable(tile: Tile, answer: Exclude<RemoteAnswer, { kind: 'answer' }>): DatabaseError {
  if (answer.kind === 'unavailable') return unavailable(answer.why);
  return unavailable(`${answer.from} lacks ${tilePath(tile)}, which its signed tree needs: ${answer.said}`);
}
