import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bucket } from '../../lambda/sealer/aws/bucket';
import { bucketStore } from '../../lambda/sealer/aws/bucket-store';
import { newSigner } from '../ledger/evidence/support';
import { put, sealBucket } from '../support/sealed-bucket';
import { verifyBucket } from '../verify/bucket-support';
import { connect, makeLockedBucket, namingChecksum, newBucketName } from './bucket';

const client = namingChecksum(connect());
const name = newBucketName();
const bucket = new Bucket(client, name);
const store = bucketStore(bucket);
const bytes = (text: string) => Buffer.from(text);

beforeAll(() => makeLockedBucket(client, name));
afterAll(() => client.destroy());

describe('the sealer’s writes', () => {
  it('where nothing may be (If-None-Match) leave what is there', async () => {
    expect(await store.putIfAbsent('once', bytes('first'))).toBe(true);
    expect(await store.putIfAbsent('once', bytes('second'))).toBe(false);
    expect(String((await store.get('once'))!.bytes)).toBe('first');
  });

  it('in place of a state that was read (If-Match) are taken from one only', async () => {
    expect(await store.putIfAbsent('swapped', bytes('0'))).toBe(true);
    const { etag } = (await store.get('swapped'))!;
    expect(await store.putIfMatch('swapped', bytes('1'), etag)).toBe(true);
    expect(await store.putIfMatch('swapped', bytes('2'), etag)).toBe(false);
    expect(String((await store.get('swapped'))!.bytes)).toBe('1');
  });

  it('in place of nothing at all are refused', async () => {
    expect(await store.putIfMatch('nothing', bytes('1'), '"0123456789abcdef0123456789abcdef"')).toBe(false);
    expect(await store.get('nothing')).toBeUndefined();
  });
});

it('two sealers at once leave one ledger, with each version once', async () => {
  const signer = newSigner('audit.example.com/orders');
  const keys = Array.from({ length: 12 }, (_, i) => `errors/${i}`);
  for (const key of keys) await put(client, name, key, bytes(key));
  await Promise.all([sealBucket(client, name, signer), sealBucket(client, name, signer)]);
  await put(client, name, 'errors/later', bytes('later'));
  await sealBucket(client, name, signer);

  const { findings, totals } = await verifyBucket(client, name, { key: signer.verifier });
  expect(findings).toEqual([]);
  expect(totals.leaves).toBe(keys.length + 1);
});

it('a version is read by its id, in parts, and after a later one', async () => {
  const first = await put(client, name, 'errors/a b=é', bytes('the first'));
  await put(client, name, 'errors/a b=é', bytes('another'));
  const part = await bucket.get('errors/a b=é', first, [4, 8]);
  expect(String(await buffer(part!.bytes))).toBe('first');
  const listed: string[] = [];
  for await (const page of bucket.versions('errors/a b')) listed.push(...page.map(({ key }) => key));
  expect(listed).toEqual(['errors/a b=é', 'errors/a b=é']);
});
