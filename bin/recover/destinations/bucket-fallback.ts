import { createHash } from 'node:crypto';
import type { SealedEvent } from '../../../lib/event/chain';
import { fallbackKey } from '../../../lib/event/keys';
import type { TrailBucket } from '../aws/services';
import type { Replayed } from '../recovery';

/**
 * Puts an event into the bucket directly, as an object of its own under `fallback/`.
 *
 * @param data the event's line with its end
 * @throws ServiceError
 */
export async function putFallback(
  bucket: Pick<TrailBucket, 'name' | 'putNew' | 'sha256'>,
  { event, uid, fingerprint }: SealedEvent,
  data: Uint8Array,
): Promise<Replayed> {
  const key = fallbackKey(event.time, uid);
  if (await bucket.putNew(key, data)) return 'recovered';

  const stored = await bucket.sha256(key);
  if (stored === createHash('sha256').update(data).digest('base64')) return 'already in the trail';
  const detail =
    stored === undefined
      ? `s3://${bucket.name}/${key} is there, and S3 keeps no checksum of it to compare`
      : `s3://${bucket.name}/${key} holds another event with this uid: at least one is forged`;
  return { problem: 'refused', uid, fingerprint, detail };
}
