import { encodeBase64 } from './base64.ts';
import { security } from './failure.ts';
import type { DatabaseError } from './failure.ts';
import { equalBytes, joinSubtrees, subtrees } from './merkle.ts';
import type { LogNode } from './merkle.ts';
import type { Cryptography } from './signed-note.ts';
import type { StoredTile, TileReading, TileStore } from './tile-store.ts';
import { FULL_WIDTH, hashInTile, tileOfLog, tileOfNode, tilePath } from './tile.ts';
import type { Tile } from './tile.ts';
import type { Tree } from './tree.ts';

/**
 * One signed tree and the tiles that are proven to belong to it (tlog.TileHashReader). The tiles at the right edge
 * must add up to the tree's hash; every other tile must have the hash that its parent, verified before it, gives.
 *
 * Memory and the cache may have tiles of another tree: of another history, or spoiled on this machine. Tiles of theirs
 * that do not fit are asked of the database anew before it is accused.
 */
export class VerifiedTree {
  readonly tree: Tree;
  readonly #store: TileStore;
  readonly #sha256: Cryptography['sha256'];
  /** The subtrees that make up the tree, and the tiles that hold them: all partial tiles and no others. */
  readonly #edge: readonly LogNode[];
  readonly #edgeTiles: readonly Tile[];
  readonly #believed = new WeakSet<StoredTile>();
  /** What the database gave for tiles that memory and the cache had otherwise, by path. */
  readonly #fresh = new Map<string, Promise<StoredTile>>();
  /** The verified tiles, as long as the tree may turn out not to be of the one history. */
  #held: Set<StoredTile> | undefined = new Set();

  constructor(tree: Tree, store: TileStore, sha256: Cryptography['sha256']) {
    this.tree = tree;
    this.#store = store;
    this.#sha256 = sha256;
    this.#edge = subtrees(0, tree.size);
    this.#edgeTiles = planTiles([], this.#edge, tree.size);
  }

  /** Says that the tree is of the one history: its tiles, from now on and so far, may be kept for others. */
  accept(): void {
    for (const stored of this.#held ?? []) this.#keep(stored);
    this.#held = undefined;
  }

  /**
   * The hashes of nodes of this tree. `proves` tells whether hashes would prove what the caller wants proven; it is
   * asked only about tiles of a wrong tree, to name the attack. Throws a DatabaseError when tiles can't be had or are
   * not this tree's.
   */
  async hashes(
    nodes: readonly LogNode[],
    proves: (hashes: readonly Uint8Array[]) => boolean = () => false,
  ): Promise<readonly Uint8Array[]> {
    const plan = planTiles(this.#edgeTiles, nodes, this.tree.size);
    for (;;) {
      const read = await Promise.all(plan.map((tile) => this.#read(tile)));
      const tiles = new Map(read.map(({ stored }) => [tilePath(stored.tile), stored]));
      const wrong = this.#verifyEdge(tiles) ?? this.#verifyChildren(tiles);
      if (wrong === undefined) {
        for (const stored of tiles.values()) this.#believe(stored);
        return nodes.map((node) => this.#hash(tiles, node));
      }
      const old = read.filter(({ stored, isFresh }) => !isFresh && wrong.suspects.includes(stored));
      if (old.length === 0) throw this.#accusation(wrong, nodes, tiles, proves);
      for (const { stored } of old) this.#renew(stored.tile);
    }
  }

  async #read(tile: Tile): Promise<TileReading> {
    const fresh = this.#fresh.get(tilePath(tile));
    return fresh === undefined ? this.#store.read(tile) : { stored: await fresh, isFresh: true };
  }

  /** Has a tile asked anew, once for all who read this tree. */
  #renew(tile: Tile): void {
    const path = tilePath(tile);
    if (this.#fresh.has(path)) return;
    const fetching = this.#store.fetch(tile);
    this.#fresh.set(path, fetching);
    fetching.catch(() => this.#fresh.delete(path));
  }

  #believe(stored: StoredTile): void {
    if (this.#believed.has(stored)) return;
    this.#believed.add(stored);
    if (this.#held === undefined) this.#keep(stored);
    else this.#held.add(stored);
  }

  #keep(stored: StoredTile): void {
    this.#store.keep(stored);
    this.#fresh.delete(tilePath(stored.tile));
  }

  /** The tiles that hold the right edge, when they do not add up to the signed hash. */
  #verifyEdge(tiles: Tiles): WrongTiles | undefined {
    const suspects = this.#edgeTiles.map((tile) => tiles.get(tilePath(tile))!);
    if (suspects.every((stored) => this.#believed.has(stored))) return undefined;
    const hash = joinSubtrees(this.#sha256, this.#edge.map((node) => this.#hash(tiles, node)));
    return equalBytes(hash, this.tree.hash) ? undefined : { suspects, hash };
  }

  /** The first tile beside the edge, parents before children, that does not have the hash that its parent gives. */
  #verifyChildren(tiles: Tiles): WrongTiles | undefined {
    for (const stored of [...tiles.values()].slice(this.#edgeTiles.length)) {
      if (this.#believed.has(stored)) continue;
      const root = { level: 8 * (stored.tile.level + 1), index: stored.tile.index };
      const parent = this.#holder(tiles, root);
      if (!equalBytes(stored.root(this.#sha256), this.#hash(tiles, root))) return { suspects: [stored], parent };
    }
    return undefined;
  }

  #accusation(
    wrong: WrongTiles,
    nodes: readonly LogNode[],
    tiles: Tiles,
    proves: (hashes: readonly Uint8Array[]) => boolean,
  ): DatabaseError {
    for (const stored of wrong.suspects) {
      this.#store.forget(stored);
      this.#fresh.delete(tilePath(stored.tile));
    }
    const names = wrong.suspects.map((stored) => tilePath(stored.tile)).join(', ');
    if (wrong.parent !== undefined) {
      const parent = tilePath(wrong.parent.tile);
      return security('tile-altered', `downloaded inconsistent tile: ${names} has not the hash that ${parent} gives`);
    }
    const signed = `the signed one of ${this.tree.size} records (${encodeBase64(this.tree.hash)})`;
    const agree = this.#verifyChildren(tiles) === undefined;
    if (agree && proves(nodes.map((node) => this.#hash(tiles, node)))) {
      const found = encodeBase64(wrong.hash!);
      return security('other-tree', `proof of another tree: the tiles make the tree ${found}, not ${signed}`);
    }
    return security('tile-altered', `downloaded inconsistent tile: ${names} do not add up to ${signed}`);
  }

  #hash(tiles: Tiles, node: LogNode): Uint8Array {
    return hashInTile(this.#sha256, this.#holder(tiles, node), node);
  }

  /** The plan has a tile for every node that is asked about. */
  #holder(tiles: Tiles, node: LogNode): StoredTile {
    return tiles.get(tilePath(tileOfNode(node, this.tree.size)!))!;
  }
}

/** By path; those of the edge first, and every other one after its parent. */
type Tiles = ReadonlyMap<string, StoredTile>;

/** Tiles that contradict the tree: those of the edge, with the hash that they make, or one child of a parent. */
interface WrongTiles {
  readonly suspects: readonly StoredTile[];
  readonly hash?: Uint8Array;
  readonly parent?: StoredTile;
}

/** The tiles of the edge, then those of the nodes, every one after its parent. All nodes must be in the tree. */
function planTiles(edge: readonly Tile[], nodes: readonly LogNode[], size: number): readonly Tile[] {
  const planned = new Map(edge.map((tile) => [tilePath(tile), tile]));
  for (const node of nodes) {
    const ancestry: Tile[] = [];
    let tile = tileOfNode(node, size);
    while (tile !== undefined && !planned.has(tilePath(tile))) {
      ancestry.unshift(tile);
      tile = tileOfLog(tile.level + 1, Math.floor(tile.index / FULL_WIDTH), size);
    }
    for (const missing of ancestry) planned.set(tilePath(missing), missing);
  }
  return [...planned.values()];
}
