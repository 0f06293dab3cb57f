import { LedgerError } from '../error';
import { HASH_SIZE, hashLeaf, rootOfHashes, sameHash } from '../merkle/hash';
import type { TreeHead } from '../merkle/proof';
import { requireSize } from '../merkle/ranges';
import { TILE_WIDTH, entriesPath } from './path';
import { leavesOfTile, readEntries, readTile, type TileReader } from './reader';

/**
 * The right edge of a tree: its partial tiles. They alone give the root, and they are all that appending needs: at most
 * seven files, however large the tree is.
 */
export interface RightEdge {
  /** Number of leaves. */
  readonly size: number;
  /** The hashes of each level's partial tile, level 0 first; empty where a level has none. */
  readonly tiles: readonly Buffer[];
}

/** A right edge with the entries of the partial bundle: what `appendEntries` continues. */
export interface LedgerEdge extends RightEdge {
  /** The entries of the leaves in `tiles[0]`. */
  readonly entries: readonly Uint8Array[];
}

/** Where a new ledger begins. */
export const EMPTY_EDGE: LedgerEdge = { size: 0, tiles: [], entries: [] };

/** The root of the tree. Each level's hashes are perfect subtrees; what the levels below leave over is the last one. */
export function rootOfEdge({ tiles }: RightEdge): Buffer {
  const root = tiles.reduce<Buffer>(
    (below, tile) => (tile.length === 0 ? below : rootOfHashes(Buffer.concat([tile, below]))),
    Buffer.alloc(0),
  );
  return rootOfHashes(root);
}

/** How many hashes a tile level has in a tree: `floor(size / 256^level)`. */
export function hashesAtLevel(level: number, size: number): number {
  return Math.floor(size / TILE_WIDTH ** level);
}

/**
 * Reads the right edge of a tree and checks it against the root. What it returns is proven.
 *
 * @param head from a verified checkpoint
 * @throws LedgerError TILE_MISSING, TILE_MALFORMED, ROOT_MISMATCH, OUT_OF_RANGE
 */
export async function readRightEdge(reader: TileReader, { size, root }: TreeHead): Promise<RightEdge> {
  requireSize(size);
  const reads: Promise<Buffer>[] = [];
  for (let level = 0, count = size; count > 0; level++, count = hashesAtLevel(level, size)) {
    const width = count % TILE_WIDTH;
    reads.push(
      width === 0 ? Promise.resolve(Buffer.alloc(0)) : readTile(reader, level, Math.floor(count / TILE_WIDTH), width),
    );
  }
  const edge = { size, tiles: await Promise.all(reads) };
  if (!sameHash(rootOfEdge(edge), root)) {
    throw new LedgerError('ROOT_MISMATCH', `the tiles of the tree of ${size} leaves do not hash to its root`);
  }
  return edge;
}

/**
 * Reads what appending to a tree needs, and checks it against the root.
 *
 * @param head the tree to continue, e.g. from the sealer's own state
 * @throws LedgerError as `readRightEdge`, and ENTRIES_MISSING, ENTRIES_MALFORMED, ENTRIES_MISMATCH
 */
export async function readLedgerEdge(reader: TileReader, head: TreeHead): Promise<LedgerEdge> {
  const edge = await readRightEdge(reader, head);
  const width = edge.size % TILE_WIDTH;
  if (width === 0) return { ...edge, entries: [] };
  const index = Math.floor(edge.size / TILE_WIDTH);
  const entries = await readEntries(reader, index, width);
  requireEntriesOfTile(entries, edge.tiles[0]!, index);
  return { ...edge, entries };
}

/** @throws LedgerError ENTRIES_MISMATCH unless the entries of a bundle hash to its proven tile */
export function requireEntriesOfTile(entries: readonly Uint8Array[], tile: Buffer, index: number): void {
  entries.forEach((entry, i) => {
    if (sameHash(hashLeaf(entry), tile.subarray(i * HASH_SIZE, (i + 1) * HASH_SIZE))) return;
    const path = entriesPath(index, entries.length);
    const message = `${path}: entry ${i} (leaf ${index * TILE_WIDTH + i}) does not hash to its leaf in the tree`;
    throw new LedgerError('ENTRIES_MISMATCH', message, { path, leaves: leavesOfTile(0, index, entries.length) });
  });
}
