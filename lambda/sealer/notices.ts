import type { ObjectVersion } from '../../lib/ledger/seal';

/** A message of the queue, as Lambda gives it. */
export interface QueueMessage {
  readonly messageId: string;
  readonly body: string;
}

/** That an object was created. */
export interface Notice {
  readonly messageId: string;
  readonly version: ObjectVersion;
  /** When, epoch milliseconds. */
  readonly time: number;
}

/** What EventBridge says of a new object, as far as it is used. */
interface ObjectCreated {
  readonly 'detail-type': 'Object Created';
  readonly time: string;
  readonly detail: {
    readonly bucket: { readonly name: string };
    /** Other than in S3's own notifications, the key is not encoded. */
    readonly object: { readonly key: string; readonly 'version-id'?: string };
  };
}

/**
 * Reads a message of the queue.
 *
 * @returns undefined if it is no notice of this bucket
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 */
export function readNotice({ messageId, body }: QueueMessage, bucket: string): Notice | undefined {
  try {
    const { 'detail-type': type, time, detail } = JSON.parse(body) as ObjectCreated;
    const { key, 'version-id': versionId = 'null' } = detail.object;
    const at = Date.parse(time);
    const isNotice = type === 'Object Created' && detail.bucket.name === bucket && typeof key === 'string';
    return isNotice && !Number.isNaN(at) ? { messageId, version: { key, versionId }, time: at } : undefined;
  } catch {
    return undefined;
  }
}
