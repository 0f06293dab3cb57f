import { LedgerError } from '../error';
import { sameHash } from '../merkle/hash';
import { TiledTree } from '../tiles/tiled-tree';
import type { TileReader } from '../tiles/reader';
import type { Checkpoint } from './checkpoint';

/**
 * Checks that a log only grew between two of its checkpoints: the older tree's root is computed again from the tiles of
 * the newer one, each proven up to the newer root.
 *
 * @param older verified earlier and saved
 * @param newer verified, and the one that the tiles belong to
 * @throws LedgerError ROLLED_BACK, FORKED, ORIGIN_MISMATCH, and as `TiledTree.tile`
 */
export async function checkAppendOnly(reader: TileReader, older: Checkpoint, newer: Checkpoint): Promise<void> {
  if (older.origin !== newer.origin) {
    throw new LedgerError('ORIGIN_MISMATCH', `the checkpoints are of ${older.origin} and of ${newer.origin}`);
  }
  if (newer.size < older.size) {
    throw new LedgerError('ROLLED_BACK', `the log had ${older.size} leaves and now has ${newer.size}`);
  }
  const tree = await TiledTree.open(reader, newer);
  if (sameHash(await tree.rootAt(older.size), older.root)) return;
  throw new LedgerError('FORKED', `the log's first ${older.size} leaves are no longer those it signed earlier`);
}
