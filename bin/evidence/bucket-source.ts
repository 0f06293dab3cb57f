import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { LEDGER_PREFIX } from '../../lib/event/keys';
import type { BucketObject, VersionedBucket } from '../aws/versioned-bucket';
import type { EvidenceSource } from './source';

/** A trail in a bucket: of it, only what the evidence is made of is read. */
export function bucketSource(bucket: VersionedBucket): EvidenceSource {
  return {
    ledger: {
      read: async (file) => bytesOf(await bucket.get(LEDGER_PREFIX + file)),
      list: async (folder) => {
        const files = new Set<string>();
        for await (const { key } of bucket.versions(LEDGER_PREFIX + folder)) files.add(key.slice(LEDGER_PREFIX.length));
        return [...files].sort();
      },
    },
    read: async ({ key, versionId }) => bytesOf(await bucket.get(key, versionId)),
    walks: false,
  };
}

async function bytesOf(object: BucketObject | undefined): Promise<Buffer | undefined> {
  return object && buffer(Readable.from(object.bytes));
}
