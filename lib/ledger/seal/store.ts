/** A file as it is now. */
export interface StoredFile {
  readonly bytes: Uint8Array;
  /** Names this state of the file; another content never gets the same one. */
  readonly etag: string;
}

/**
 * Where the ledger lies: the bucket's `ledger/`, a folder, or a test. What is written is durable, and is seen by every
 * later read and list, as in S3. Paths are relative to the ledger's prefix, e.g. `tile/0/000`.
 *
 * Errors other than the answers below may pass: the sealer tries again. A write that threw may have been persisted or
 * not.
 */
export interface SealStore {
  /** The file as it is now; undefined if there is none. */
  get(path: string): Promise<StoredFile | undefined>;
  /** Writes a file that must not be there (S3: `If-None-Match: *`). @returns false if one is there, of whatever bytes */
  putIfAbsent(path: string, bytes: Uint8Array): Promise<boolean>;
  /** Replaces the file in this very state (S3: `If-Match`). @returns false if it is in another one */
  putIfMatch(path: string, bytes: Uint8Array, etag: string): Promise<boolean>;
  /** The paths of all files whose path begins so, in any order. @param prefix ends with a slash */
  list(prefix: string): Promise<string[]>;
  /**
   * Whether anything was ever written under a path and is still kept: a file, an older state of one, or a delete marker
   * that hides one.
   *
   * @param prefix a path, or the beginning of some
   */
  hasHistory(prefix: string): Promise<boolean>;
}
