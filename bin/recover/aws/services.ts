/** What is asked of AWS, and nothing more; `clients.ts` asks AWS itself. */

/** Firehose's PutRecordBatch. */
export interface RecordBatches {
  /**
   * @returns for each record the error code with which it was not taken, undefined where it was
   * @throws ServiceError where it is not known of any record whether it was taken
   */
  putBatch(stream: string, records: readonly Uint8Array[]): Promise<readonly (string | undefined)[]>;
}

export interface LogRequest {
  readonly logGroup: string;
  /** Filter pattern of CloudWatch Logs. */
  readonly pattern: string;
  /** First and last instant, epoch milliseconds. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  /** The `next` of the page before. */
  readonly token?: string | undefined;
}

export interface LogPage {
  readonly messages: readonly { readonly message: string; readonly stream: string }[];
  readonly next?: string | undefined;
}

/** CloudWatch Logs' FilterLogEvents. */
export interface LogMessages {
  /** @throws ServiceError */
  page(request: LogRequest): Promise<LogPage>;
}

/** The trail's bucket. */
export interface TrailBucket {
  readonly name: string;
  /** Keys that begin like this. @throws ServiceError */
  keys(prefix: string): AsyncIterable<string>;
  /** @throws ServiceError */
  bytes(key: string): AsyncIterable<Uint8Array>;
  /**
   * Stores an object under a key that must be free.
   *
   * @returns false if the key was taken
   * @throws ServiceError
   */
  putNew(key: string, bytes: Uint8Array): Promise<boolean>;
  /**
   * The SHA-256 that S3 keeps of an object, in base64; undefined if it keeps none.
   *
   * @throws ServiceError
   */
  sha256(key: string): Promise<string | undefined>;
}
