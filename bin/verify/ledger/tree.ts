import { EMPTY_ROOT, TiledTree, type Checkpoint, type NoteVerifier } from '../../../lib/ledger';
import { noted } from '../finding';
import { Window } from '../events/window';
import { listVersions, type Listing } from '../objects/listing';
import type { ObjectTaker } from '../objects/object-taker';
import type { Progress } from '../progress';
import type { Report } from '../report';
import type { TrailStore } from '../trail/trail-store';
import { continues, firstContradiction, type OlderCheckpoint } from './append-only';
import { ledgerFinding } from './checkpoint';
import { daysToList, matchEarlier, notCheckedBefore, type Start } from './incremental';
import { checkLeaves } from './leaves';
import { Retention } from './retention';
import { checkStrays } from './strays';

export interface LedgerTotals {
  /** Leaves of the ledger; null if there is none that could be read. */
  readonly leaves: number | null;
  /** Objects whose bytes were hashed and compared with their leaf. */
  readonly hashed_objects: number;
  readonly hashed_bytes: number;
  /** Objects that are too young to be in the ledger. */
  readonly unsealed_objects: number;
  /** Objects that were disposed of after their retention. */
  readonly expired_objects: number;
  /** Older checkpoints that the ledger was checked against. */
  readonly checkpoints: number;
}

/** A signed note in a file of the user's. */
export interface SavedNote {
  readonly note: Uint8Array;
  readonly file: string;
}

/** What the ledger must continue. */
export interface OlderCheckpoints {
  readonly stored: readonly OlderCheckpoint[];
  readonly saved: OlderCheckpoint | undefined;
}

export interface TreeCheck {
  readonly store: TrailStore;
  readonly key: NoteVerifier;
  /** Where an earlier run stopped. @default everything is checked */
  readonly start?: Start;
  readonly sealLagMs: number;
  readonly retentionMs?: number;
  readonly now: number;
  readonly progress: Progress;
  readonly report: Report;
  /** Takes in the events of what is hashed. @default objects are only compared with their leaves */
  readonly taker?: ObjectTaker;
}

export interface CheckedTree {
  readonly totals: LedgerTotals;
  /** What is there; undefined if there was no tree to compare it with. */
  readonly listing: Listing | undefined;
  /** Hours of which the events are to be looked at. */
  readonly window: Window;
  readonly notChecked: readonly string[];
}

/** Where no tree could be looked at. */
const NO_TREE: LedgerTotals = {
  leaves: null,
  hashed_objects: 0,
  hashed_bytes: 0,
  unsealed_objects: 0,
  expired_objects: 0,
  checkpoints: 0,
};

/** What is said where no tree could be looked at, and why. */
export function noTree(why: string): CheckedTree {
  return { totals: NO_TREE, listing: undefined, window: new Window(true), notChecked: [why] };
}

/** Before the first batch is sealed. */
export const EMPTY_TREE = { size: 0, root: EMPTY_ROOT };

/** Checks the tiles against the checkpoint, the checkpoint against older ones, and every object against its leaf. */
export async function checkTree(
  check: TreeCheck,
  checkpoint: Checkpoint,
  older: OlderCheckpoints,
): Promise<CheckedTree> {
  const { store, report, progress, now } = check;
  const tree = await TiledTree.open(store.ledger, checkpoint).catch((error: unknown) => {
    report.find(ledgerFinding(error));
    return undefined;
  });
  if (tree === undefined) return noTree('objects against the ledger: its tiles are damaged');
  report.find(...(await firstContradiction(tree, older.stored)));
  if (older.saved !== undefined) report.find(...(await continues(tree, older.saved)));
  const from = await firstLeaf(check, tree);

  progress.phase('objects', checkpoint.size);
  const retention = new Retention(check.retentionMs ?? (await store.retention()), now);
  const start = check.start === undefined || from === 0 ? undefined : check.start;
  const days = start && (await daysToList({ tree, store, start, now }));
  const listing = await listVersions(store, days);
  const window = new Window(from === 0, days);
  const leaves = await checkLeaves({
    store,
    listing,
    taker: check.taker,
    window,
    tree: checkpoint,
    from,
    report,
    retention,
    progress: (done) => progress.at(done),
  });
  if (start !== undefined) {
    const storedAt = store.hasTrustedTimes ? start.storedAt : undefined;
    const earlier = await matchEarlier({ ...check, tree, from, listing, days, window, retention, storedAt });
    leaves.expired += earlier.expired;
    leaves.unknown += earlier.unknown;
  }
  for (const { key, sealedAs, wasThere } of listing.versions.values()) {
    window.note(key);
    if (sealedAs === undefined && !wasThere) window.touch(key);
  }
  const strays = checkStrays(listing, now - check.sealLagMs, retention, report, leaves.unknown);
  const unsealed = strays.young;
  if (unsealed > 0) report.notice(noted('NOT_SEALED_YET', `objects: ${unsealed}`));
  if (leaves.expired > 0) report.notice(noted('EXPIRED_AS_PROMISED', `objects: ${leaves.expired}`));
  return {
    totals: {
      leaves: checkpoint.size,
      hashed_objects: leaves.hashed,
      hashed_bytes: leaves.hashedBytes,
      unsealed_objects: unsealed,
      expired_objects: leaves.expired,
      checkpoints: older.stored.length + (older.saved === undefined ? 0 : 1),
    },
    listing,
    window,
    notChecked: [
      ...(strays.inDoubt === 0 ? [] : [`${strays.inDoubt} objects by their leaves: the ledger’s entries are damaged`]),
      ...(start === undefined ? [] : notCheckedBefore(start, days, window)),
    ],
  };
}

/** The leaf to begin with. If the ledger does not continue what it is to start from, all of it is checked. */
async function firstLeaf({ start, report }: TreeCheck, tree: TiledTree): Promise<number> {
  if (start === undefined) return 0;
  const findings = await continues(tree, start.checkpoint);
  report.find(...findings);
  return findings.length > 0 ? 0 : start.checkpoint.size;
}
