import { LedgerError } from '../error';
import { HASH_SIZE, hashChildren, rootOfHashes, sameHash } from '../merkle/hash';
import type { TreeHead } from '../merkle/proof';
import { consistencyRanges, inclusionRanges, perfectSubtrees, requireSize, type LeafRange } from '../merkle/ranges';
import { hashesAtLevel, readRightEdge, requireEntriesOfTile, type RightEdge } from './edge';
import { TILE_WIDTH, tilePath } from './path';
import { leavesOfTile, readEntries, readTile, type TileReader } from './reader';

/** Options of `TiledTree.open`. */
export interface TiledTreeOptions {
  /**
   * How many full tiles (8 KiB each) are kept in memory.
   *
   * @default 128 tiles: 1 MiB
   */
  readonly cachedTiles?: number;
}

/**
 * A tree whose hashes are read from tiles as they are needed. Each tile is checked against the tile above it, up to the
 * root, before anything of it is used: what comes out is proven, or it is an error.
 */
export class TiledTree implements TreeHead {
  /** Full tiles by level and index, the least recently used first. Promises, so that a tile is read once. */
  private readonly cache = new Map<string, Promise<Buffer>>();

  private constructor(
    private readonly reader: TileReader,
    private readonly edge: RightEdge,
    /** 32 bytes. */
    readonly root: Uint8Array,
    private readonly cachedTiles: number,
  ) {}

  /**
   * Opens a tree by reading its right edge.
   *
   * @param head from a verified checkpoint
   * @throws LedgerError TILE_MISSING, TILE_MALFORMED, ROOT_MISMATCH, OUT_OF_RANGE
   */
  static async open(reader: TileReader, head: TreeHead, options: TiledTreeOptions = {}): Promise<TiledTree> {
    const edge = await readRightEdge(reader, head);
    return new TiledTree(reader, edge, head.root, options.cachedTiles ?? 128);
  }

  /** Number of leaves. */
  get size(): number {
    return this.edge.size;
  }

  /**
   * The hashes in a tile, as many as this tree fills of it.
   *
   * @throws LedgerError TILE_MISSING, TILE_MALFORMED, TILE_MISMATCH (of this tile or one above it), OUT_OF_RANGE
   */
  async tile(level: number, index: number): Promise<Buffer> {
    const count = hashesAtLevel(level, this.size);
    const full = Math.floor(count / TILE_WIDTH);
    if (index < full) return this.fullTile(level, index);
    if (index > full || count % TILE_WIDTH === 0) {
      throw new LedgerError('OUT_OF_RANGE', `${tilePath(level, index)} is not in a tree of ${this.size} leaves`);
    }
    return this.edge.tiles[level]!;
  }

  /**
   * The entries of a bundle, checked against the tree.
   *
   * @throws LedgerError as `tile`, and ENTRIES_MISSING, ENTRIES_MALFORMED, ENTRIES_MISMATCH
   */
  async entries(index: number): Promise<Buffer[]> {
    const tile = this.tile(0, index);
    tile.catch(() => undefined); // read at the same time; it is awaited below
    const width = Math.min(TILE_WIDTH, Math.max(0, this.size - index * TILE_WIDTH));
    if (width === 0) await tile;
    const entries = await readEntries(this.reader, index, width);
    requireEntriesOfTile(entries, await tile, index);
    return entries;
  }

  /** The entry of one leaf, checked against the tree. @throws LedgerError as `entries` */
  async entry(leaf: number): Promise<Buffer> {
    inclusionRanges(leaf, this.size); // refuses what is not in the tree
    const entries = await this.entries(Math.floor(leaf / TILE_WIDTH));
    return entries[leaf % TILE_WIDTH]!;
  }

  /** The proof that a leaf is in this tree (RFC 6962, 2.1.1). @throws LedgerError as `tile` */
  async inclusionProof(leaf: number): Promise<Buffer[]> {
    return Promise.all(inclusionRanges(leaf, this.size).map((range) => this.subtreeRoot(range)));
  }

  /** The proof that this tree begins with the first `older` leaves (RFC 6962, 2.1.2). @throws LedgerError as `tile` */
  async consistencyProof(older: number): Promise<Buffer[]> {
    if (older === 0) return [];
    return Promise.all(consistencyRanges(older, this.size).map((range) => this.subtreeRoot(range)));
  }

  /** The root that this tree had when it had `size` leaves. @throws LedgerError as `tile` */
  async rootAt(size: number): Promise<Buffer> {
    requireSize(size);
    if (size > this.size) throw new LedgerError('OUT_OF_RANGE', `the tree has ${this.size} leaves, not ${size}`);
    return this.subtreeRoot({ start: 0, end: size });
  }

  private async subtreeRoot(range: LeafRange): Promise<Buffer> {
    const roots = await Promise.all(perfectSubtrees(range).map((subtree) => this.perfectRoot(subtree)));
    const last = roots.pop();
    if (last === undefined) return rootOfHashes(Buffer.alloc(0));
    return roots.reduceRight((right, left) => hashChildren(left, right), last);
  }

  /** A perfect subtree lies within one tile: it is one of its hashes, or hashed from a run of them. */
  private async perfectRoot({ start, end }: LeafRange): Promise<Buffer> {
    let [level, leavesOfHash] = [0, 1];
    while (leavesOfHash * TILE_WIDTH <= end - start) {
      level += 1;
      leavesOfHash *= TILE_WIDTH;
    }
    const first = start / leavesOfHash;
    const count = (end - start) / leavesOfHash;
    const tile = await this.tile(level, Math.floor(first / TILE_WIDTH));
    const from = (first % TILE_WIDTH) * HASH_SIZE;
    return rootOfHashes(tile.subarray(from, from + count * HASH_SIZE));
  }

  private fullTile(level: number, index: number): Promise<Buffer> {
    const key = `${level}/${index}`;
    const cached = this.cache.get(key);
    const tile = cached ?? this.readFullTile(level, index);
    this.cache.delete(key);
    this.cache.set(key, tile);
    if (cached === undefined) {
      // What could not be read may be there the next time.
      tile.catch(() => this.cache.delete(key));
      if (this.cache.size > this.cachedTiles) this.cache.delete(this.cache.keys().next().value!);
    }
    return tile;
  }

  private async readFullTile(level: number, index: number): Promise<Buffer> {
    const above = await this.tile(level + 1, Math.floor(index / TILE_WIDTH));
    const tile = await readTile(this.reader, level, index, TILE_WIDTH);
    const from = (index % TILE_WIDTH) * HASH_SIZE;
    if (sameHash(rootOfHashes(tile), above.subarray(from, from + HASH_SIZE))) return tile;
    const path = tilePath(level, index);
    throw new LedgerError('TILE_MISMATCH', `${path} does not hash to what the tile above it holds`, {
      path,
      leaves: leavesOfTile(level, index, TILE_WIDTH),
    });
  }
}
