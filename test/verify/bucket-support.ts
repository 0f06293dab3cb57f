import type { S3Client } from '@aws-sdk/client-s3';
import { S3VersionedBucket } from '../../bin/aws/s3-versioned-bucket';
import { NO_PROGRESS } from '../../bin/verify/progress';
import { bucketStore } from '../../bin/verify/trail/bucket-store';
import { verify, type Verification } from '../../bin/verify/verify';
import type { NoteVerifier } from '../../lib/ledger';
import { later } from './support';

export interface Look {
  readonly key: NoteVerifier;
  /** Epoch milliseconds. @default late enough that everything must be sealed */
  readonly now?: number;
  /** A checkpoint that the verifier saved. */
  readonly saved?: Uint8Array | undefined;
}

/** Verifies a trail in a bucket, in this process. */
export async function verifyBucket(
  client: S3Client,
  name: string,
  { key, now = later(), saved }: Look,
): Promise<Verification> {
  return verify({
    store: bucketStore(new S3VersionedBucket(client, name)),
    key,
    sealLagMs: 120_000,
    edgeLagMs: 120_000,
    now,
    isFirstRun: saved === undefined,
    progress: NO_PROGRESS,
    ...(saved && { saved: { note: saved, file: 'saved' } }),
  });
}
