import {
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutBucketVersioningCommand,
  PutObjectRetentionCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keysUnder, makeRealTrail, type RealTrail } from '../attacks/real-trail';
import { newSigner } from '../ledger/evidence/support';
import { put, sealBucket, upload } from '../support/sealed-bucket';
import { verifyBucket } from '../verify/bucket-support';
import { codesOf } from '../verify/support';
import { connect, makeLockedBucket, newBucketName, refusalOf, withoutConditions } from './bucket';

const DAY_MS = 86_400_000;

const client = connect();
const sealing = withoutConditions(connect());
const Bucket = newBucketName();
const signer = newSigner('audit.example.com/orders');

/** A trail of the pipeline, in a bucket whose default retention is COMPLIANCE, sealed there in two steps. */
let trail: RealTrail;
let key: string;
let version: string;
let firstCheckpoint: Buffer;
beforeAll(async () => {
  trail = await makeRealTrail();
  await makeLockedBucket(client, Bucket);
  await upload(client, Bucket, trail.dir, trail.objects.slice(0, 2));
  await sealBucket(sealing, Bucket, signer);
  firstCheckpoint = Buffer.from(await currentBytes('ledger/checkpoint'));
  await upload(client, Bucket, trail.dir, [...trail.objects.slice(2), ...(await keysUnder(trail.dir, 'edge/'))]);
  await sealBucket(sealing, Bucket, signer);
  key = trail.objects[1]!;
  version = (await client.send(new GetObjectCommand({ Bucket, Key: key }))).VersionId!;
}, 180_000);
afterAll(async () => {
  client.destroy();
  sealing.destroy();
  await trail.remove();
});

async function currentBytes(Key: string): Promise<Uint8Array> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
  return Body!.transformToByteArray();
}

const look = () => verifyBucket(client, Bucket, { key: signer.verifier });

async function expectIntact(): Promise<void> {
  const { findings, totals } = await look();
  expect(findings).toEqual([]);
  expect(totals.hashed_objects).toBe(totals.leaves);
  expect(totals.leaves).toBeGreaterThanOrEqual(trail.objects.length);
}

it('verifies a trail under a real lock', expectIntact);

describe('the lock lets nobody', () => {
  const retention = (mode: 'COMPLIANCE' | 'GOVERNANCE', days: number) => ({
    Mode: mode,
    RetainUntilDate: new Date(Date.now() + days * DAY_MS),
  });

  it.each([
    ['delete a version', () => new DeleteObjectCommand({ Bucket, Key: key, VersionId: version })],
    ['delete a version past governance', () => new DeleteObjectCommand({ Bucket, Key: key, VersionId: version, BypassGovernanceRetention: true })],
    ['shorten a retention', () => new PutObjectRetentionCommand({ Bucket, Key: key, VersionId: version, Retention: retention('COMPLIANCE', 0.1) })],
    ['turn it into governance', () => new PutObjectRetentionCommand({ Bucket, Key: key, VersionId: version, Retention: retention('GOVERNANCE', 2), BypassGovernanceRetention: true })],
    ['delete a version of the checkpoint', async () => new DeleteObjectCommand({ Bucket, Key: 'ledger/checkpoint', VersionId: (await client.send(new GetObjectCommand({ Bucket, Key: 'ledger/checkpoint' }))).VersionId })],
    ['suspend versioning', () => new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Suspended' } })],
    ['delete the bucket', () => new DeleteBucketCommand({ Bucket })],
  ] as const)('%s', async (_, command) => {
    expect(await refusalOf(client.send((await command()) as DeleteObjectCommand))).toMatch(/AccessDenied|InvalidBucketState|BucketNotEmpty|InvalidRequest|NotImplemented/);
  }); // prettier-ignore

  it('change what was sealed by any of that', expectIntact);
});

describe('what no lock hinders, verify finds', () => {
  it('a delete marker: OBJECT_HIDDEN, and gone with the marker', async () => {
    const { VersionId, DeleteMarker } = await client.send(new DeleteObjectCommand({ Bucket, Key: key }));
    expect(DeleteMarker).toBe(true);
    const { findings } = await look();
    expect(findings).toEqual([expect.objectContaining({ code: 'OBJECT_HIDDEN', object: key })]);
    await client.send(new DeleteObjectCommand({ Bucket, Key: key, VersionId }));
    await expectIntact();
  });

  // These cannot be taken back: each finding stays for the next one.
  it('a new version: OBJECT_REPLACED, and UNSEALED_OBJECT', async () => {
    await put(client, Bucket, key, Buffer.from('other'));
    expect(codesOf(await look())).toEqual(expect.arrayContaining(['OBJECT_REPLACED', 'UNSEALED_OBJECT']));
  });

  it('an older checkpoint over the last one: ROLLED_BACK', async () => {
    await put(client, Bucket, 'ledger/checkpoint', firstCheckpoint);
    expect(codesOf(await look())).toContain('ROLLED_BACK');
  });
});
