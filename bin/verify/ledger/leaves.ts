import { verifyTiles, type LedgerError, type ObjectLeaf, type TreeHead } from '../../../lib/ledger';
import type { Window } from '../events/window';
import { Concurrently } from '../objects/concurrently';
import { inspectObject } from '../objects/inspect-object';
import { AT_ONCE, BYTES_AT_ONCE, type ObjectTaker } from '../objects/object-taker';
import type { Listing } from '../objects/listing';
import type { Report } from '../report';
import type { TrailStore } from '../trail/trail-store';
import { ledgerFinding } from './checkpoint';
import { compareWithListing, missing, readLeaf } from './leaf';
import { checkLock, type Retention } from './retention';

export interface LeafCheck {
  readonly store: TrailStore;
  readonly listing: Listing;
  readonly taker: ObjectTaker | undefined;
  /** Told of every object. */
  readonly window: Window;
  readonly tree: TreeHead;
  /** The leaf to begin with. */
  readonly from: number;
  readonly report: Report;
  readonly retention: Retention;
  /** Told of each leaf that is done. */
  progress(done: number): void;
}

export interface LeafTotals {
  /** Objects whose bytes were read and hashed. */
  hashed: number;
  hashedBytes: number;
  /** Objects that were disposed of by rule. */
  expired: number;
  /** Leaves whose entries are damaged: which objects they name is not known. */
  unknown: number;
}

/** Walks over the leaves of the ledger, each proven, and looks at the object of each. */
export async function checkLeaves(check: LeafCheck): Promise<LeafTotals> {
  const { store, tree, from, report } = check;
  const totals = { hashed: 0, hashedBytes: 0, expired: 0, unknown: tree.size - from };
  const reading = new Concurrently(AT_ONCE, BYTES_AT_ONCE);
  const onFinding = (error: LedgerError) => report.find(ledgerFinding(error));
  for await (const { first, entries } of verifyTiles(store.ledger, tree, { from, onFinding })) {
    for (const [i, entry] of entries.entries()) {
      const leaf = readLeaf(entry, first + i, report);
      if (leaf === undefined) continue;
      totals.unknown -= 1;
      await checkLeaf(check, leaf, first + i, totals, reading);
    }
    check.progress(first + entries.length);
  }
  await reading.finish();
  return totals;
}

async function checkLeaf(
  check: LeafCheck,
  leaf: ObjectLeaf,
  index: number,
  totals: LeafTotals,
  reading: Concurrently,
): Promise<void> {
  const { store, taker, window, report, retention } = check;
  const onMissing = (isExpired: boolean) => missing(check, leaf, index, isExpired, totals);
  const expired = retention.isOver(leaf); // asked of every leaf, in order
  const there = compareWithListing(check, leaf, index);
  if (there === 'missing') return onMissing(expired);
  if (there === undefined) return;
  window.touch(leaf.key);
  await reading.start(leaf.size, async () => {
    const object = await store.read(leaf);
    if (object === undefined) return onMissing(expired);
    const { bytes, findings } = await (taker === undefined
      ? inspectObject(leaf, object.chunks)
      : taker.take(there, object.chunks, (chunks) => inspectObject(leaf, chunks)));
    totals.hashed += 1;
    totals.hashedBytes += bytes;
    if (object.lock !== undefined) report.find(...checkLock(there, object.lock, retention));
    report.find(...findings);
  });
}
