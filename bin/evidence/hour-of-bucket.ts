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
import { findEvent, type FoundEvent } from './find-event';

/** Downloads at a time. */
const AT_ONCE = 8;

/**
 * Finds one event in a bucket, by looking at the objects of one hour and nothing else. They lie in a temporary folder
 * meanwhile that nobody else can read. Each version is looked at, also one that was hidden or replaced.
 *
 * @param name as `findEvent` takes it
 * @throws EvidenceUnavailable if there is none, or several; ServiceError, QueryError
 */
export async function findInHour(
  bucket: VersionedBucket,
  hour: Partition,
  name: string,
  screen: Screen,
): Promise<FoundEvent> {
  const folder = await realpath(await mkdtemp(path.join(os.tmpdir(), 'audit-proxy-')));
  try {
    const keys = await download(bucket, hour, folder);
    const trail = await openLocalTrail(folder);
    try {
      const { objects, ...event } = await findEvent(trail, name, screen);
      return { ...event, objects: [...new Set(objects.map((file) => keys.get(file)!))] };
    } finally {
      await trail.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
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
