import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Bucket } from '../../lambda/sealer/aws/bucket';
import { bucketObjects } from '../../lambda/sealer/aws/bucket-objects';
import { bucketStore } from '../../lambda/sealer/aws/bucket-store';
import { Inspector } from '../../lambda/sealer/inspect/inspector';
import { timing } from '../../lambda/sealer/timing';
import type { NoteSigner } from '../../lib/ledger';
import { isSealedKey, Sealer } from '../../lib/ledger/seal';

/** Puts objects of a folder into a bucket, under the same keys, and with a checksum as a locked bucket asks for. */
export async function upload(client: S3Client, name: string, dir: string, keys: readonly string[]): Promise<void> {
  for (const key of keys) await put(client, name, key, await readFile(path.join(dir, key)));
}

/** @returns the id of the version */
export async function put(client: S3Client, name: string, key: string, bytes: Uint8Array): Promise<string> {
  const ChecksumSHA256 = createHash('sha256').update(bytes).digest('base64');
  const command = new PutObjectCommand({ Bucket: name, Key: key, Body: bytes, ChecksumSHA256 });
  return (await client.send(command)).VersionId!;
}

/** Seals every version in a bucket that is not sealed yet, as the deployed sealer does, but with a key that is given. */
export async function sealBucket(client: S3Client, name: string, signer: NoteSigner): Promise<void> {
  const bucket = new Bucket(client, name);
  const sealer = new Sealer({
    store: bucketStore(bucket),
    inspector: new Inspector(bucketObjects(bucket)),
    signer,
    timing,
  });
  for await (const page of bucket.versions('')) {
    const { failed } = await sealer.seal(page.filter(({ key }) => isSealedKey(key)));
    if (failed.length > 0) throw new Error(`not sealed: ${failed.map(({ error }) => String(error)).join('; ')}`);
  }
}
