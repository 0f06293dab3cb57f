import type { ObjectLeaf, TileReader } from '../../../lib/ledger';

/** Names one version of one object, as a leaf does. */
export type ObjectVersion = Pick<ObjectLeaf, 'key' | 'versionId'>;

/** A version of an object of the trail, or a delete marker, as a listing tells of it. */
export interface StoredVersion extends ObjectVersion {
  /** Bytes; 0 of a delete marker. */
  readonly size: number;
  /** Since when it is there, epoch milliseconds. */
  readonly since: number;
  readonly isDeleteMarker: boolean;
  /** What it is instead of an object, e.g. `FIFO`: it is never opened. @default an object */
  readonly irregular?: string;
}

/** How a version is locked. */
export interface ObjectLock {
  /** `COMPLIANCE`, `GOVERNANCE`; undefined if there is no lock. */
  readonly mode: string | undefined;
  /** Epoch milliseconds. */
  readonly retainUntil: number | undefined;
}

/** A version that can be read. */
export interface StoredObject {
  /** Its bytes, to be read once. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Undefined where there are no locks. */
  readonly lock: ObjectLock | undefined;
}

/** A stored version of the checkpoint. */
export interface StoredCheckpoint {
  /** The signed note. */
  readonly note: Uint8Array;
  /** Since when it is there, epoch milliseconds. */
  readonly since: number;
}

/** Days (`2026-11-24`) whose folders (`dt=…/`) are listed. */
export interface DaysListed {
  has(day: string): boolean;
}

/** All that verifying asks of a trail: a folder, a bucket, or a test. Nothing here writes. */
export interface TrailStore {
  /** For people, and to tell trails apart: absolute path, or `s3://BUCKET`. */
  readonly location: string;
  /** The files under `ledger/`. */
  readonly ledger: TileReader;
  /**
   * Every version and delete marker outside `ledger/`, in any order.
   *
   * @param days leaves out folders of other days, without a request for each object in them. Default: all days
   */
  versions(days?: DaysListed): AsyncIterable<StoredVersion>;
  /** Every version and delete marker below a prefix, which ends in a slash. Read no further than is asked for. */
  versionsUnder(prefix: string): AsyncIterable<StoredVersion>;
  /** Whether nobody who writes to the trail can choose since when a version is there. */
  readonly hasTrustedTimes: boolean;
  /** Undefined if there is no such version. */
  read(version: ObjectVersion): Promise<StoredObject | undefined>;
  /**
   * Path of the file in which a version's bytes already are, if there is one.
   *
   * @default what is read is kept in a scratch file while it is looked into
   */
  fileOf?(version: ObjectVersion): string | undefined;
  /** Every stored version of the checkpoint, newest first. Read little further than is asked for. */
  checkpoints(): AsyncIterable<StoredCheckpoint>;
  /** The vkey that lies beside the trail. Whoever can change the trail can change it as well. */
  ownKey(): Promise<string | undefined>;
  /** How long new versions are locked by default, milliseconds; undefined where there are no locks. */
  retention(): Promise<number | undefined>;
  /** Ids of requests whose records the local gateway keeps and has not delivered. @default there is no such gateway */
  undeliveredRequests?(): Promise<ReadonlySet<string>>;
  /** What cannot be checked on such a trail, for people, one line each. */
  readonly notChecked: readonly string[];
}
