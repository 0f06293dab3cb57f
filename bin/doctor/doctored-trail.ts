import type { Partition } from '../../lib/event/keys';
import type { NoteVerifier } from '../../lib/ledger';
import type { EvidenceSource } from '../evidence/source';
import type { ObjectLock, ObjectVersion, StoredVersion } from '../verify/trail/trail-store';

/** What came of trying what nobody may do. */
export type Attempt = 'denied' | 'done';

/** What a bucket can be asked and a folder cannot. */
export interface Locks {
  /** How long new versions are locked by default, milliseconds; undefined if they are not. */
  defaultRetention(): Promise<number | undefined>;
  lock(version: ObjectVersion): Promise<ObjectLock>;
  /** Tries to delete a version for good. @throws an error that is no denial */
  tryDelete(version: ObjectVersion): Promise<Attempt>;
  /** Tries to have a lock end at a time, epoch milliseconds. @throws an error that is no denial */
  tryShorten(version: ObjectVersion, until: number): Promise<Attempt>;
}

/** How often the canary stands in a table. */
export interface Counted {
  readonly events: number;
  readonly edge: number;
}

/** All that the doctor asks of a trail. */
export interface DoctoredTrail {
  readonly location: string;
  /** Objects with audit events of an hour. */
  versions(hour: Partition): AsyncIterable<StoredVersion>;
  readonly source: EvidenceSource;
  /** Undefined of a folder. */
  readonly locks: Locks | undefined;
  /** The ledger's key; undefined where none is known. */
  readonly key: NoteVerifier | undefined;
  /** Counts the rows of a request in `audit_events` and `edge_requests`. */
  count(requestId: string, hour: Partition): Promise<Counted>;
}
