import {
  EDGE_ERRORS_PREFIX,
  EDGE_PREFIX,
  ERRORS_PREFIX,
  EVENTS_PREFIX,
  FALLBACK_PREFIX,
  PAYLOADS_PREFIX,
  partitionOf,
  partitionPath,
} from '../../lib/event/keys';
import type { Bucket, ListedVersion } from './aws/bucket';

const HOUR_MS = 3_600_000;

/**
 * Versions whose notice may have been lost, page by page: those in the partitions of the last hours, the present one
 * included, under every prefix that has such.
 *
 * @param now epoch milliseconds
 */
export async function* recentVersions(
  bucket: Pick<Bucket, 'folders' | 'versions'>,
  now: number,
  hours: number,
): AsyncGenerator<ListedVersion[]> {
  const prefixes = [EVENTS_PREFIX, FALLBACK_PREFIX, EDGE_PREFIX, PAYLOADS_PREFIX, ...(await errorPrefixes(bucket))];
  for (let ago = 0; ago <= hours; ago++) {
    const partition = partitionPath(partitionOf(now - ago * HOUR_MS));
    for (const prefix of prefixes) yield* bucket.versions(prefix + partition);
  }
}

/** Errors lie under one prefix for each kind of error; the edge log's one level deeper. */
async function errorPrefixes(bucket: Pick<Bucket, 'folders'>): Promise<string[]> {
  const kinds = await bucket.folders(ERRORS_PREFIX);
  if (!kinds.includes(EDGE_ERRORS_PREFIX)) return kinds;
  return [...kinds.filter((kind) => kind !== EDGE_ERRORS_PREFIX), ...(await bucket.folders(EDGE_ERRORS_PREFIX))];
}
