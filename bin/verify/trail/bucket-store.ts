import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { LEDGER_PREFIX } from '../../../lib/event/keys';
import { CHECKPOINT_PATH } from '../../../lib/ledger';
import type { BucketObject, VersionedBucket } from '../../aws/versioned-bucket';
import { readAhead } from './read-ahead';
import type { ObjectLock, ObjectVersion, TrailStore } from './trail-store';

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
    versions: async function* () {
      for (const folder of await bucket.folders()) {
        // Folder by folder, to leave out the ledger: it has as many versions as all else together.
        if (folder === LEDGER_PREFIX) continue;
        for await (const { lastModified, ...version } of bucket.versions(folder)) {
          const isOfFolder = folder.endsWith('/') || version.key === folder;
          if (isOfFolder) yield { ...version, since: lastModified };
        }
      }
    },
    read: async (version) => {
      const object = await bucket.get(version.key, version.versionId);
      return object && { chunks: object.bytes, lock: await lockOf(bucket, version, object) };
    },
    checkpoints: async function* () {
      const found = readAhead(await checkpointIds(bucket), CHECKPOINTS_AT_ONCE, async (id) =>
        bytesOf(await bucket.get(CHECKPOINT_KEY, id)),
      );
      for await (const bytes of found) if (bytes !== undefined) yield bytes;
    },
    ownKey: () => Promise.resolve(ownKey),
    retention: () => bucket.defaultRetention(),
    notChecked: ['the locks of the files of the ledger: one that is missing or was changed is found all the same'],
  };
}

/** Ids of the versions of the checkpoint, oldest first. */
async function checkpointIds(bucket: VersionedBucket): Promise<string[]> {
  const ids: string[] = [];
  for await (const { key, versionId, isDeleteMarker } of bucket.versions(CHECKPOINT_KEY)) {
    if (key === CHECKPOINT_KEY && !isDeleteMarker) ids.push(versionId);
  }
  return ids.reverse();
}

/** To a caller without the permission an answer shows no lock, and that is no finding: so it is asked for. */
async function lockOf(bucket: VersionedBucket, version: ObjectVersion, { lock }: BucketObject): Promise<ObjectLock> {
  return lock.mode === undefined ? bucket.lock(version.key, version.versionId) : lock;
}

async function bytesOf(object: BucketObject | undefined): Promise<Buffer | undefined> {
  return object && buffer(Readable.from(object.bytes));
}
