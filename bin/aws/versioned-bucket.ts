/** A version of an object, or a delete marker, as a listing tells of it. */
export interface BucketVersion {
  readonly key: string;
  /** `null` where the bucket had no versions when it was written. */
  readonly versionId: string;
  /** Bytes; 0 of a delete marker. */
  readonly size: number;
  /** Epoch milliseconds. */
  readonly lastModified: number;
  readonly isDeleteMarker: boolean;
}

/** Retention of a version by Object Lock. */
export interface VersionLock {
  /** `COMPLIANCE`, `GOVERNANCE`; undefined if there is no lock. */
  readonly mode: string | undefined;
  /** Epoch milliseconds. */
  readonly retainUntil: number | undefined;
}

/** An object as it is read. */
export interface BucketObject {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** What the answer says; S3 says nothing of it to a caller without `s3:GetObjectRetention`. */
  readonly lock: VersionLock;
}

/** What lies directly below a prefix. */
export interface BucketLevel {
  /** Prefixes one slash further, slash included; with those of which only old versions or delete markers are left. */
  readonly folders: readonly string[];
  /** Versions and delete markers of keys without a further slash. */
  readonly versions: readonly BucketVersion[];
}

/** A bucket with versions and locks, to read. `S3VersionedBucket` asks S3 itself. */
export interface VersionedBucket {
  readonly name: string;
  /** @param prefix empty, or with a slash at its end @throws ServiceError */
  level(prefix: string): Promise<BucketLevel>;
  /**
   * Every version and delete marker of every key that begins so; the versions of a key the newest first. A page is asked for
   * when the one before it has been read. @throws ServiceError
   */
  versions(prefix: string): AsyncIterable<BucketVersion>;
  /**
   * @param versionId default: the current version
   * @returns undefined if there is no such object or version, or it is a delete marker
   * @throws ServiceError
   */
  get(key: string, versionId?: string): Promise<BucketObject | undefined>;
  /** The lock of a version, asked for itself. @throws ServiceError where the caller may not ask */
  lock(key: string, versionId: string): Promise<VersionLock>;
  /** How long new versions are locked by default, milliseconds; undefined if they are not. @throws ServiceError */
  defaultRetention(): Promise<number | undefined>;
}
