import { HASH_SIZE, hashLeaf, rootOfHashes } from '../merkle/hash';
import { encodeEntries } from './bundle';
import { hashesAtLevel, rootOfEdge, type LedgerEdge } from './edge';
import { TILE_WIDTH, entriesPath, tilePath } from './path';

/** A file of the ledger. Written once: the same path never gets other bytes. */
export interface LedgerFile {
  /** Relative to the ledger's prefix. */
  readonly path: string;
  readonly body: Buffer;
}

/** A tree with more leaves than before. */
export interface AppendedTree {
  readonly size: number;
  readonly root: Buffer;
  /**
   * Every file that the new tree has and the old one had not: entry bundles, then tiles from level 0 up. All of them
   * must stand before a checkpoint of this tree is published.
   */
  readonly files: readonly LedgerFile[];
  /** Where the next `appendEntries` goes on, without reading anything. */
  readonly edge: LedgerEdge;
}

/**
 * Appends entries to a tree. Needs the right edge only, and writes only what changes: bytes per entry do not grow with
 * the tree. The same edge and entries always give the same files, so that work that was cut off can be done again.
 *
 * @param edge from `readLedgerEdge`, from the last `appendEntries`, or `EMPTY_EDGE`
 * @param entries may be none: then there are no files
 * @throws LedgerError ENTRY_TOO_LARGE
 */
export function appendEntries(edge: LedgerEdge, entries: readonly Uint8Array[]): AppendedTree {
  const bundles = appendBundles(edge, entries);
  const levels = appendTiles(edge, Buffer.concat(entries.map(hashLeaf)));
  const next = { size: edge.size + entries.length, tiles: levels.tiles, entries: bundles.rest };
  return { size: next.size, root: rootOfEdge(next), files: [...bundles.files, ...levels.files], edge: next };
}

function appendBundles(edge: LedgerEdge, entries: readonly Uint8Array[]) {
  const files: LedgerFile[] = [];
  if (entries.length === 0) return { files, rest: edge.entries };
  const all = [...edge.entries, ...entries];
  let index = Math.floor(edge.size / TILE_WIDTH);
  let at = 0;
  for (; at + TILE_WIDTH <= all.length; at += TILE_WIDTH, index++) {
    files.push({ path: entriesPath(index), body: encodeEntries(all.slice(at, at + TILE_WIDTH)) });
  }
  const rest = all.slice(at);
  if (rest.length > 0) files.push({ path: entriesPath(index, rest.length), body: encodeEntries(rest) });
  return { files, rest };
}

/** Fills each level's tile; a full one is hashed into one hash of the level above, a partial one is not. */
function appendTiles(edge: LedgerEdge, leafHashes: Buffer) {
  const files: LedgerFile[] = [];
  const tiles = [...edge.tiles];
  const tileSize = TILE_WIDTH * HASH_SIZE;
  for (let level = 0, added = leafHashes; added.length > 0; level++) {
    const hashes = Buffer.concat([tiles[level] ?? Buffer.alloc(0), added]);
    const above: Buffer[] = [];
    let index = Math.floor(hashesAtLevel(level, edge.size) / TILE_WIDTH);
    let at = 0;
    for (; at + tileSize <= hashes.length; at += tileSize, index++) {
      const body = hashes.subarray(at, at + tileSize);
      files.push({ path: tilePath(level, index), body });
      above.push(rootOfHashes(body));
    }
    const partial = hashes.subarray(at);
    if (partial.length > 0) files.push({ path: tilePath(level, index, partial.length / HASH_SIZE), body: partial });
    // A copy: the edge may be kept for long, and would hold the whole batch in memory.
    tiles[level] = Buffer.from(partial);
    added = Buffer.concat(above);
  }
  return { files, tiles };
}
