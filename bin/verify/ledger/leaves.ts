import { LEDGER_PREFIX, statedPayloadHash } from '../../../lib/event/keys';
import {
  LedgerError,
  decodeLeaf,
  entriesPath,
  TILE_WIDTH,
  verifyTiles,
  type ObjectLeaf,
  type TreeHead,
} from '../../../lib/ledger';
import { noted } from '../finding';
import type { Window } from '../events/window';
import { Concurrently } from '../objects/concurrently';
import { inspectObject } from '../objects/inspect-object';
import { AT_ONCE, BYTES_AT_ONCE, type ObjectTaker } from '../objects/object-taker';
import { versionName, type Listing } from '../objects/listing';
import type { Report } from '../report';
import type { TrailStore } from '../trail/trail-store';
import { ledgerFinding } from './checkpoint';
import { checkLock, type Retention } from './retention';

export interface LeafCheck {
  readonly store: TrailStore;
  readonly listing: Listing;
  readonly taker: ObjectTaker | undefined;
  /** Told of every object of a later leaf. */
  readonly window: Window;
  readonly tree: TreeHead;
  /** Objects of leaves before this one were hashed in an earlier run: that they are there, in full length, is enough. */
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

/** Walks over all leaves of the ledger, each proven, and looks at the object of each. */
export async function checkLeaves(check: LeafCheck): Promise<LeafTotals> {
  const { store, tree, report } = check;
  const totals = { hashed: 0, hashedBytes: 0, expired: 0, unknown: tree.size };
  const reading = new Concurrently(AT_ONCE, BYTES_AT_ONCE);
  const onFinding = (error: LedgerError) => report.find(ledgerFinding(error));
  for await (const { first, entries } of verifyTiles(store.ledger, tree, { onFinding })) {
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

function readLeaf(entry: Buffer, index: number, report: Report): ObjectLeaf | undefined {
  try {
    return decodeLeaf(entry);
  } catch (error) {
    // A later version of the format is no finding: this program is too old, and says so.
    if (error instanceof LedgerError && error.code === 'LEAF_VERSION_UNKNOWN') throw error;
    const finding = ledgerFinding(error, LEDGER_PREFIX + entriesPath(Math.floor(index / TILE_WIDTH)));
    report.find({ ...finding, detail: `leaf ${index}: ${finding.detail}` });
    return undefined;
  }
}

async function checkLeaf(
  { store, listing, taker, window, from, report, retention }: LeafCheck,
  leaf: ObjectLeaf,
  index: number,
  totals: LeafTotals,
  reading: Concurrently,
): Promise<void> {
  const expired = retention.isOver(leaf); // asked of every leaf, in order
  const there = listing.versions.get(versionName(leaf));
  const missing = () => {
    if (expired) {
      totals.expired += 1;
      window.dispose(leaf.key);
    } else report.find(noted('OBJECT_MISSING', `leaf ${index}, version ${leaf.versionId}`, leaf.key));
  };
  if (there === undefined) return missing();
  if (there.sealedAs !== undefined) {
    report.find(
      noted('LEAF_REPEATED', `leaf ${index} is of version ${leaf.versionId}, which was sealed before`, leaf.key),
    );
  }
  there.sealedAs = leaf.sha256;
  if (there.size !== leaf.size) {
    report.find(noted('OBJECT_CHANGED', `sealed with ${leaf.size} bytes, now ${there.size}`, leaf.key));
    return;
  }
  const stated = statedPayloadHash(leaf.key);
  if (stated !== undefined && stated !== leaf.sha256) {
    report.find(noted('OBJECT_CHANGED', `a payload by its key, sealed with SHA-256 ${leaf.sha256}`, leaf.key));
  }
  if (index < from) return;
  window.touch(leaf.key);
  await reading.start(leaf.size, async () => {
    const object = await store.read(leaf);
    if (object === undefined) return missing();
    const { bytes, findings } = await (taker === undefined
      ? inspectObject(leaf, object.chunks)
      : taker.take(there, object.chunks, (chunks) => inspectObject(leaf, chunks)));
    totals.hashed += 1;
    totals.hashedBytes += bytes;
    if (object.lock !== undefined) report.find(...checkLock(there, object.lock, retention));
    report.find(...findings);
  });
}
