import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { LEDGER_PREFIX, TRAIL_PREFIXES } from '../../../lib/event/keys';
import { CHECKPOINT_PATH } from '../../../lib/ledger';
import type { BucketObject, BucketVersion, VersionedBucket } from '../../aws/versioned-bucket';
import { dayOfFolder } from './day-of-folder';
import { readAhead } from './read-ahead';
import type { DaysListed, ObjectLock, ObjectVersion, StoredVersion, TrailStore } from './trail-store';

/** Versions of the checkpoint that are fetched at a time: there is one for each minute in which objects came. */
const CHECKPOINTS_AT_ONCE = 16;

const CHECKPOINT_KEY = LEDGER_PREFIX + CHECKPOINT_PATH;

export interface BucketStoreOptions {
  /** The vkey that the stack tells of. @default none: in the bucket itself there is no key */
  readonly ownKey?: string | undefined;
}

/** The trail in a bucket. */
export function bucketStore(bucket: VersionedBucket, { ownKey }: BucketStoreOptions = {}): TrailStore {
  return {
    location: `s3://${bucket.name}`,
    ledger: { read: async (file) => bytesOf(await bucket.get(LEDGER_PREFIX + file)) },
    versions: (days) => versionsIn(bucket, days),
    versionsUnder: (prefix) => versionsUnder(bucket, prefix),
    hasTrustedTimes: true,
    read: async (version) => {
      const object = await bucket.get(version.key, version.versionId);
      return object && { chunks: object.bytes, lock: await lockOf(bucket, version, object) };
    },
    checkpoints: async function* () {
      const found = readAhead(checkpointVersions(bucket), CHECKPOINTS_AT_ONCE, async ({ versionId, lastModified }) => {
        const note = await bytesOf(await bucket.get(CHECKPOINT_KEY, versionId));
        return note && { note, since: lastModified };
      });
      for await (const checkpoint of found) if (checkpoint !== undefined) yield checkpoint;
    },
    ownKey: () => Promise.resolve(ownKey),
    retention: () => bucket.defaultRetention(),
    notChecked: ['the locks of the files of the ledger: one that is missing or was changed is found all the same'],
  };
}

async function* versionsIn(bucket: VersionedBucket, days?: DaysListed): AsyncGenerator<StoredVersion> {
  const { folders, versions } = await bucket.level('');
  const names = new Set([...folders, ...versions.map(({ key }) => key)]);
  for (const name of [...names].sort()) {
    // Folder by folder, to leave out the ledger: it has as many versions as all else together.
    if (name === LEDGER_PREFIX) continue;
    const hasDays = days !== undefined && TRAIL_PREFIXES.some((prefix) => prefix === name);
    if (!name.endsWith('/')) yield* versions.filter(({ key }) => key === name).map(stored);
    else yield* hasDays ? versionsOfDays(bucket, name, days) : versionsUnder(bucket, name);
  }
}

/** Folders of days can lie below others: `errors/KIND/dt=…/`. */
async function* versionsOfDays(
  bucket: VersionedBucket,
  prefix: string,
  days: DaysListed,
): AsyncGenerator<StoredVersion> {
  const { folders, versions } = await bucket.level(prefix);
  yield* versions.map(stored);
  for (const folder of folders) {
    const day = dayOfFolder(folder);
    if (day === undefined) yield* versionsOfDays(bucket, folder, days);
    else if (days.has(day)) yield* versionsUnder(bucket, folder);
  }
}

async function* versionsUnder(bucket: VersionedBucket, prefix: string): AsyncGenerator<StoredVersion> {
  for await (const version of bucket.versions(prefix)) yield stored(version);
}

function stored({ lastModified, ...version }: BucketVersion): StoredVersion {
  return { ...version, since: lastModified };
}

/** Versions of the checkpoint, newest first. */
async function* checkpointVersions(bucket: VersionedBucket): AsyncGenerator<BucketVersion> {
  for await (const version of bucket.versions(CHECKPOINT_KEY)) {
    if (version.key !== CHECKPOINT_KEY) return; // Keys come in order.
    if (!version.isDeleteMarker) yield version;
  }
}

/** To a caller without the permission an answer shows no lock, and that is no finding: so it is asked for. */
async function lockOf(bucket: VersionedBucket, version: ObjectVersion, { lock }: BucketObject): Promise<ObjectLock> {
  return lock.mode === undefined ? bucket.lock(version.key, version.versionId) : lock;
}

async function bytesOf(object: BucketObject | undefined): Promise<Buffer | undefined> {
  return object && buffer(Readable.from(object.bytes));
}
