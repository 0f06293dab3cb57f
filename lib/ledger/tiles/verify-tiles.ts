import { LedgerError } from '../error';
import type { TreeHead } from '../merkle/proof';
import { TILE_WIDTH } from './path';
import type { TileReader } from './reader';
import { TiledTree } from './tiled-tree';

/** Options of `verifyTiles`. */
export interface VerifyTilesOptions {
  /**
   * The leaf to begin with: those before it were verified earlier (see `checkAppendOnly`).
   *
   * @default 0, all leaves
   */
  readonly from?: number;
  /**
   * How many bundles of 256 entries are read ahead. Memory is bounded by them.
   *
   * @default 8 bundles
   */
  readonly readAhead?: number;
  /**
   * Told of each file that is missing, malformed or does not match; the walk goes on behind the leaves it spoils.
   * A right edge that does not match the root is thrown in any case: nothing could be checked then.
   *
   * @default the first one is thrown
   */
  readonly onFinding?: (finding: LedgerError) => void;
}

/** Entries of consecutive leaves, proven to be in the tree. */
export interface EntryBatch {
  /** Index of the first entry's leaf. */
  readonly first: number;
  readonly entries: readonly Buffer[];
}

/**
 * Walks over a whole tree: every tile is checked against the one above it, up to the root, and every entry against its
 * leaf. Yields the entries in order, each batch only when it is proven. Memory stays the same however large the tree.
 *
 * @param head from a verified checkpoint
 * @throws LedgerError TILE_MISSING, TILE_MALFORMED, TILE_MISMATCH, ENTRIES_MISSING, ENTRIES_MALFORMED,
 * ENTRIES_MISMATCH, ROOT_MISMATCH, OUT_OF_RANGE
 */
export async function* verifyTiles(
  reader: TileReader,
  head: TreeHead,
  options: VerifyTilesOptions = {},
): AsyncGenerator<EntryBatch, void, undefined> {
  const { from = 0, readAhead = 8, onFinding } = options;
  if (!Number.isSafeInteger(from) || from < 0 || from > head.size) {
    throw new LedgerError('OUT_OF_RANGE', `cannot begin at leaf ${from} of ${head.size}`);
  }
  const tree = await TiledTree.open(reader, head);
  const end = Math.ceil(tree.size / TILE_WIDTH);
  const ahead: Promise<Buffer[]>[] = [];
  const told = new Set<string>();
  let next = Math.floor(from / TILE_WIDTH);
  for (let index = next; index < end; index++) {
    for (; next < end && next <= index + readAhead; next++) {
      const entries = tree.entries(next);
      entries.catch(() => undefined); // awaited in its turn
      ahead.push(entries);
    }
    const entries = await settled(ahead.shift()!);
    if (entries instanceof LedgerError) {
      if (onFinding === undefined) throw entries;
      // A bad tile above level 0 spoils many bundles, and is one finding.
      const path = entries.place?.path ?? '';
      if (!told.has(path)) onFinding(entries);
      told.add(path);
      continue;
    }
    const skip = Math.max(0, from - index * TILE_WIDTH);
    if (skip < entries.length) yield { first: index * TILE_WIDTH + skip, entries: entries.slice(skip) };
  }
}

/** What the ledger itself is to blame for becomes a value; anything else (a reader that fails) is thrown. */
async function settled(entries: Promise<Buffer[]>): Promise<Buffer[] | LedgerError> {
  try {
    return await entries;
  } catch (error) {
    if (error instanceof LedgerError) return error;
    throw error;
  }
}
