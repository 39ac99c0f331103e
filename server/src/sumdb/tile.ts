import { nodeHash } from './merkle.ts';
import type { LogNode } from './merkle.ts';
import type { Cryptography } from './signed-note.ts';

/** The length of a hash in bytes. */
export const HASH_SIZE = 32;
/** How many hashes a complete tile has: it is a subtree of height 8. */
export const FULL_WIDTH = 256;

/** Consecutive hashes of one level of the log, the unit in which it is served (tlog.Tile, always of height 8). */
export interface Tile {
  /** The hashes are those of log level 8·level; -1 is the tile of the records themselves. */
  readonly level: number;
  /** The first hash is number 256·index of its log level. */
  readonly index: number;
  /** 1 to 256 hashes. */
  readonly width: number;
}

/** The tile's address on the server and in caches: `tile/8/L/NNN[.p/W]` (tlog.Tile.Path). */
export function tilePath(tile: Tile): string {
  const level = tile.level === DATA_LEVEL ? 'data' : String(tile.level);
  const partial = tile.width === FULL_WIDTH ? '' : `.p/${tile.width}`;
  return `tile/8/${level}/${digitGroups(tile.index)}${partial}`;
}

/** Reads such an address (tlog.ParseTilePath, for height 8 only). Undefined unless it is the one spelling of a tile. */
export function parseTilePath(path: string): Tile | undefined {
  const match = /^tile\/8\/(data|[0-9]{1,2})\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/.exec(path);
  if (match === null) return undefined;
  const tile = {
    level: match[1] === 'data' ? DATA_LEVEL : Number(match[1]),
    index: Number(match[2]!.replace(/[x/]/g, '')),
    width: match[3] === undefined ? FULL_WIDTH : Number(match[3]),
  };
  return tile.width >= 1 && tile.width <= FULL_WIDTH && tilePath(tile) === path ? tile : undefined;
}

/** The tile of a log of `size` records that holds a node, as wide as the log allows. */
export function tileOfNode(node: LogNode, size: number): Tile | undefined {
  const level = Math.floor(node.level / TILE_HEIGHT);
  return tileOfLog(level, Math.floor(firstLeaf(node) / FULL_WIDTH), size);
}

/** The tile at this place of a log of `size` records; undefined when the log does not reach so far. */
export function tileOfLog(level: number, index: number, size: number): Tile | undefined {
  const hashes = Math.floor(size / FULL_WIDTH ** level) - index * FULL_WIDTH;
  return hashes <= 0 ? undefined : { level, index, width: Math.min(FULL_WIDTH, hashes) };
}

/** A tile's hashes, one after another. */
export interface TileData {
  readonly tile: Tile;
  /** 32 · width bytes. */
  readonly bytes: Uint8Array;
}

/** The hash of a node out of the tile that `tileOfNode` names for it (tlog.HashFromTile). */
export function hashInTile(sha256: Cryptography['sha256'], data: TileData, node: LogNode): Uint8Array {
  const start = firstLeaf(node) - data.tile.index * FULL_WIDTH;
  return hashOfLeaves(sha256, data.bytes, start, 2 ** (node.level % TILE_HEIGHT));
}

/** The hash over a complete tile, which its parent tile has as one of its hashes. */
export function tileRoot(sha256: Cryptography['sha256'], data: TileData): Uint8Array {
  return hashOfLeaves(sha256, data.bytes, 0, FULL_WIDTH);
}

const TILE_HEIGHT = 8;
const DATA_LEVEL = -1;

/** The place, in its tile's log level, of the first hash below a node. */
function firstLeaf(node: LogNode): number {
  return node.index * 2 ** (node.level % TILE_HEIGHT);
}

/** The hash over a tile's hashes from `start` on; `count` is a power of two. */
function hashOfLeaves(sha256: Cryptography['sha256'], bytes: Uint8Array, start: number, count: number): Uint8Array {
  if (count === 1) return bytes.subarray(start * HASH_SIZE, (start + 1) * HASH_SIZE);
  const half = count / 2;
  const left = hashOfLeaves(sha256, bytes, start, half);
  return nodeHash(sha256, left, hashOfLeaves(sha256, bytes, start + half, half));
}

/** Three digits at a time, all groups but the last with an `x`: 1234067 is `x001/x234/067`. */
function digitGroups(index: number): string {
  const last = String(index % 1000).padStart(3, '0');
  return index < 1000 ? last : `${higherGroups(Math.floor(index / 1000))}/${last}`;
}

function higherGroups(index: number): string {
  const last = `x${String(index % 1000).padStart(3, '0')}`;
  return index < 1000 ? last : `${higherGroups(Math.floor(index / 1000))}/${last}`;
}
