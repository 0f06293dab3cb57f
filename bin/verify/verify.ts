import { EDGE_PREFIX } from '../../lib/event/keys';
import { noteVerifier, type NoteVerifier } from '../../lib/ledger';
import { compareWithEdge } from './events/edge';
import { EVENT_STEPS, verifyEvents, type EventTotals } from './events/events';
import { contentOf } from './events/content';
import { Intake } from './events/intake';
import { makeTables } from './events/kept';
import type { Window } from './events/window';
import { checkedOf } from './checked';
import { noted, type Finding, type Notice } from './finding';
import { verifyLedger } from './ledger/ledger';
import { isLedgerSound } from './ledger/sound';
import type { LedgerTotals, SavedNote } from './ledger/tree';
import { checkNames } from './objects/check-names';
import { listVersions, type Listing } from './objects/listing';
import { ObjectTaker } from './objects/object-taker';
import type { Progress } from './progress';
import { Report } from './report';
import type { TrailStore } from './trail/trail-store';
import { WorkRoom } from './work/work-room';

export interface VerifyOptions {
  readonly store: TrailStore;
  /**
   * The key that signs the ledger, from a place that whoever can change the trail cannot change.
   *
   * @default the key beside the trail, with a notice
   */
  readonly key?: NoteVerifier;
  /** A checkpoint saved earlier: the signed note. */
  readonly saved?: SavedNote;
  /** Whether there has been no run before: then neither an earlier checkpoint nor any object has to be there. @default false */
  readonly isFirstRun?: boolean;
  /**
   * A checkpoint of an earlier run: only newer checkpoints, leaves and objects are read, and events are looked at only in
   * the hours that later objects touch and those before them.
   *
   * @default everything is checked
   */
  readonly from?: SavedNote;
  /** How old an object must be to have to be in the ledger, milliseconds. */
  readonly sealLagMs: number;
  /** How old a request must be to have to be in events and edge log both, milliseconds. */
  readonly edgeLagMs: number;
  /** Since when the trail has an edge log, epoch milliseconds. @default as long as there are events, if it has one */
  readonly edgeLogSince?: number;
  /** How long every object is locked, milliseconds. @default what the bucket has as its default */
  readonly retentionMs?: number;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly progress: Progress;
}

export interface Totals extends EventTotals, LedgerTotals {
  /** Requests that the edge log knows. */
  readonly requests: number;
}

export interface Verification {
  readonly totals: Totals;
  readonly findings: readonly Finding[];
  readonly notices: readonly Notice[];
  /** What was checked, for people, a few words each. */
  readonly checked: readonly string[];
  /** What was not checked, for people, one line each. */
  readonly notChecked: readonly string[];
  /** The key that the ledger was checked with. */
  readonly key: string | undefined;
  /** The signed checkpoint that was checked, if its signature and tree are sound: what the next run is to be checked against. */
  readonly checkpoint: Uint8Array | undefined;
}

/**
 * Checks a trail: its ledger, the objects that the ledger names and those that it does not, the events in them, and the
 * edge log beside them.
 *
 * Memory is bounded whatever the size of the trail, but for about 300 bytes an object; see `WorkRoom` for what it takes on
 * disk. Each object is read once.
 *
 * @throws Error if it could not be checked; what is wrong with the trail itself is a finding
 */
export async function verify(options: VerifyOptions): Promise<Verification> {
  const room = await WorkRoom.open();
  try {
    return await verifyIn(room, options);
  } finally {
    options.progress.end();
    await room.close();
  }
}

/** How the names of the local pipeline's ledgers begin. */
const LOCAL_LOGS = 'local-trail/';

/** How far ahead of the verifier's clock that of a writer may be. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

async function verifyIn(room: WorkRoom, options: VerifyOptions): Promise<Verification> {
  const { store, progress, now } = options;
  const report = new Report();
  await makeTables(room);
  const intake = new Intake(room);
  const taker = new ObjectTaker({ store, room, intake });
  const key = await keyOf(options, report);
  const { isFirstRun = false } = options;
  const needsEarlier = options.key !== undefined && !isFirstRun;
  const ledger = await verifyLedger({ ...options, key, report, taker, needsEarlier });
  const { window } = ledger;

  const listing = ledger.listing ?? (await listVersions(store));
  if (listing.versions.size === 0 && (ledger.totals.leaves ?? 0) === 0 && !isFirstRun) {
    report.find(noted('TRAIL_EMPTY', store.location));
  }
  report.find(...checkNames(listing));
  progress.phase('objects with events', listing.versions.size);
  await taker.takeRest(listing, window, (done) => progress.at(done));
  await intake.finish();

  progress.phase('events', EVENT_STEPS);
  const latest = now + CLOCK_TOLERANCE_MS;
  const verified = await verifyEvents({ room, intake, window, latest, progress: (done) => progress.at(done) });
  report.find(...verified.findings);
  report.notice(...verified.notices);

  progress.phase('edge log');
  // Only the local pipeline has such a gateway; the copy of another trail must not be excused by a file beside it.
  const undelivered = key?.name.startsWith(LOCAL_LOGS) === true ? await store.undeliveredRequests?.() : undefined;
  const edge = await compareWithEdge({
    room,
    window,
    settledBy: now - options.edgeLagMs,
    isOn: await hasEdgeLog(store, listing, window),
    ...(options.edgeLogSince !== undefined && { since: options.edgeLogSince }),
    ...(undelivered !== undefined && { undelivered }),
  });
  report.find(...edge.findings);
  report.notice(...edge.notices);

  const notChecked = [
    ...store.notChecked,
    ...ledger.notChecked,
    ...(edge.requests === 0 ? ['events against the edge log: the trail has none'] : []),
    ...(ledger.totals.leaves === null || options.saved !== undefined || options.from !== undefined
      ? []
      : ['that nothing was removed from the ledger: there is no earlier checkpoint']),
  ];
  const totals = { ...verified.totals, ...ledger.totals, requests: edge.requests };
  return {
    totals,
    findings: report.findings,
    notices: report.notices,
    checked: checkedOf(totals),
    notChecked,
    key: key?.vkey,
    checkpoint: isLedgerSound(report) ? ledger.checkpoint : undefined,
  };
}

/** An incremental run lists few days, and the edge log may have none of them. */
async function hasEdgeLog(store: TrailStore, listing: Listing, window: Window): Promise<boolean> {
  for (const { key } of listing.versions.values()) if (contentOf(key) === 'edge') return true;
  if (window.isWhole) return false;
  for await (const { key, isDeleteMarker, irregular } of store.versionsUnder(EDGE_PREFIX)) {
    if (!isDeleteMarker && irregular === undefined && contentOf(key) === 'edge') return true;
  }
  return false;
}

async function keyOf({ key, store }: VerifyOptions, report: Report): Promise<NoteVerifier | undefined> {
  if (key !== undefined) return key;
  const own = await store.ownKey();
  if (own === undefined) return undefined;
  report.notice(noted('KEY_NOT_PINNED', own));
  return noteVerifier(own);
}
