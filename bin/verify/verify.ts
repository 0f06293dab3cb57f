import { noteVerifier, type NoteVerifier } from '../../lib/ledger';
import type { LocalTrail } from '../query/duckdb-queries';
import { compareWithEdge } from './events/edge';
import { verifyEvents, type EventTotals } from './events/events';
import { noted, type Finding, type Notice } from './finding';
import { verifyLedger } from './ledger/ledger';
import type { LedgerTotals, SavedNote } from './ledger/tree';
import type { Progress } from './progress';
import { Report } from './report';
import type { TrailStore } from './trail/trail-store';

export interface VerifyOptions {
  readonly store: TrailStore;
  /** The events of the trail, for SQL. */
  readonly events: LocalTrail;
  /**
   * The key that signs the ledger, from a place that whoever can change the trail cannot change.
   *
   * @default the key beside the trail, with a notice
   */
  readonly key?: NoteVerifier;
  /** A checkpoint saved earlier: the signed note. */
  readonly saved?: SavedNote;
  /** A checkpoint of an earlier run: the objects of its leaves are not hashed again. */
  readonly from?: SavedNote;
  /** How old an object must be to have to be in the ledger, milliseconds. */
  readonly sealLagMs: number;
  /** How old a request must be to have to be in events and edge log both, milliseconds. */
  readonly edgeLagMs: number;
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
  /** What was not checked, for people, one line each. */
  readonly notChecked: readonly string[];
  /** The key that the ledger was checked with. */
  readonly key: string | undefined;
  /** The signed checkpoint that was checked; undefined if there is none. */
  readonly checkpoint: Uint8Array | undefined;
}

/**
 * Checks a trail: its ledger, the objects that the ledger names and those that it does not, the events in them, and the
 * edge log beside them.
 *
 * @throws Error if it could not be checked; what is wrong with the trail itself is a finding
 */
export async function verify(options: VerifyOptions): Promise<Verification> {
  const { store, events, progress, now } = options;
  const report = new Report();
  const key = await keyOf(options, report);
  const ledger = await verifyLedger({ ...options, key, report });

  progress.phase('events');
  const verified = await verifyEvents(events);
  report.find(...verified.findings);
  report.notice(...verified.notices);

  progress.phase('edge log');
  const edge = await compareWithEdge(events, now - options.edgeLagMs);
  report.find(...edge.findings);
  report.notice(...edge.notices);
  progress.end();

  const notChecked = [
    ...store.notChecked,
    ...ledger.notChecked,
    ...(edge.requests === 0 ? ['events against the edge log: the trail has none'] : []),
  ];
  return {
    totals: { ...verified.totals, ...ledger.totals, requests: edge.requests },
    findings: report.findings,
    notices: report.notices,
    notChecked,
    key: key?.vkey,
    checkpoint: ledger.checkpoint,
  };
}

async function keyOf({ key, store }: VerifyOptions, report: Report): Promise<NoteVerifier | undefined> {
  if (key !== undefined) return key;
  const own = await store.ownKey();
  if (own === undefined) return undefined;
  report.notice(noted('KEY_NOT_PINNED', own));
  return noteVerifier(own);
}
