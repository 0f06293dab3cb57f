import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { EVENTS_PREFIX, FALLBACK_PREFIX, eventFormatOf, partitionPath, type Partition } from '../../lib/event/keys';
import type { BucketVersion, VersionedBucket } from '../aws/versioned-bucket';
import type { Screen } from '../commands/output/table';
import { openLocalTrail } from '../query/duckdb-queries';
import { Concurrently } from '../verify/objects/concurrently';
import { EvidenceUnavailable } from './error';
import { findNamed, type Found } from './find-event';

/** Downloads at a time. */
const AT_ONCE = 8;

/**
 * Finds events in a bucket, by looking at the objects of one hour, each once, and nothing else. They lie in a temporary
 * folder meanwhile that nobody else can read. Each version is looked at, also one that was hidden or replaced.
 *
 * @param names as `findNamed` takes them
 * @throws EvidenceUnavailable if the hour has no objects; ServiceError, QueryError
 */
export async function findInHour(
  bucket: VersionedBucket,
  hour: Partition,
  names: readonly string[],
  screen: Screen,
): Promise<Map<string, Found>> {
  const folder = await realpath(await mkdtemp(path.join(os.tmpdir(), 'audit-proxy-')));
  try {
    const keys = await download(bucket, hour, folder);
    const trail = await openLocalTrail(folder);
    try {
      const found = await findNamed(trail, names, screen);
      return new Map([...found].map(([name, events]) => [name, inBucket(events, keys)]));
    } finally {
      await trail.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function inBucket(found: Found, keys: ReadonlyMap<string, string>): Found {
  if (found instanceof EvidenceUnavailable) return found;
  return found.map((event) => ({ ...event, objects: [...new Set(event.objects.map((file) => keys.get(file)!))] }));
}

/** @returns what lies where in the folder: a file each version, named by a number, and its key */
async function download(bucket: VersionedBucket, hour: Partition, folder: string): Promise<Map<string, string>> {
  const keys = new Map<string, string>();
  const downloads = new Concurrently(AT_ONCE, Infinity);
  const partition = partitionPath(hour);
  for (const prefix of [EVENTS_PREFIX, FALLBACK_PREFIX]) {
    await mkdir(path.join(folder, prefix, partition), { recursive: true });
    for await (const version of bucket.versions(prefix + partition)) {
      const format = version.isDeleteMarker ? undefined : eventFormatOf(version.key);
      if (format === undefined) continue;
      const file = `${prefix}${partition}${keys.size}${format === 'parquet' ? '.parquet' : '.json'}`;
      keys.set(file, version.key);
      await downloads.start(version.size, () => save(bucket, version, path.join(folder, file)));
    }
  }
  await downloads.finish();
  if (keys.size > 0) return keys;
  const places = [EVENTS_PREFIX, FALLBACK_PREFIX].map((prefix) => `${prefix}${partition}`).join(' and ');
  throw new EvidenceUnavailable(`s3://${bucket.name} has no events in the hour ${hour.dt}T${hour.hour} (${places}): hours are those of requests, in UTC`); // prettier-ignore
}

async function save(bucket: VersionedBucket, { key, versionId }: BucketVersion, file: string): Promise<void> {
  const object = await bucket.get(key, versionId);
  if (object !== undefined) await pipeline(object.bytes, createWriteStream(file));
}
