import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { FirehoseClient } from '@aws-sdk/client-firehose';
import { S3Client } from '@aws-sdk/client-s3';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { ServiceError } from '../../../bin/aws/service-error';
import { startDeliveryStream } from '../../../bin/local/delivery/delivery-stream';
import { TRAIL_BUCKET } from '../../../bin/local/trail-bucket';
import { FilteredLogs, FirehoseBatches, S3TrailBucket } from '../../../bin/recover/aws/clients';
import { event, temporaryFolder, uidsIn } from '../../local/delivery/support';
import { clientOptions, standIn } from './stand-in';

/** What a promise rejects with. */
async function errorOf(promise: Promise<unknown>): Promise<ServiceError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!ServiceError.is(error)) throw new Error(`no ServiceError: ${String(error)}`);
  return error;
}

const json = (body: object, status = 200) => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: JSON.stringify(body),
});
const record = (uid: string) => Buffer.from(`${JSON.stringify(event(uid))}\n`);

/** The local pipeline’s stand-in for Firehose and S3. */
async function localAws(folder: string) {
  const server = await startDeliveryStream({ data: folder, port: 0, streams: ['audit-events'], bufferMs: 20 });
  let stopped: Promise<boolean> | undefined;
  const stop = () => (stopped ??= server.stop());
  onTestFinished(async () => void (await stop()));
  return { url: `http://127.0.0.1:${server.port}`, stop };
}

describe('PutRecordBatch', () => {
  it('puts records that a stream delivers', async () => {
    const folder = temporaryFolder();
    const { url, stop } = await localAws(folder);
    const batches = new FirehoseBatches(new FirehoseClient(clientOptions(url)));
    expect(await batches.putBatch('audit-events', [record('a'), record('b')])).toEqual([undefined, undefined]);
    expect(await errorOf(batches.putBatch('other', [record('c')]))).toMatchObject({
      code: 'ResourceNotFoundException',
      passing: false,
      message: expect.stringMatching(/^delivery stream other: ResourceNotFoundException: /) as string,
    });
    expect(await stop()).toBe(true);
    expect(await uidsIn(folder)).toEqual(['a', 'b']);
  });

  it('tells which records were not taken', async () => {
    const answers = [{ RecordId: '1' }, { ErrorCode: 'ServiceUnavailableException', ErrorMessage: 'Slow down.' }, {}];
    const { url } = await standIn(() => json({ FailedPutCount: 1, RequestResponses: answers }));
    const batches = new FirehoseBatches(new FirehoseClient(clientOptions(url)));
    const records = ['a', 'b', 'c', 'd'].map(record);
    const code = 'no record id';
    expect(await batches.putBatch('s', records)).toEqual([undefined, 'ServiceUnavailableException', code, code]);
  });

  it.each([
    [503, 'ServiceUnavailableException', true],
    [400, 'ThrottlingException', true],
    [500, 'InternalFailure', true],
    [400, 'AccessDeniedException', false],
    [400, 'InvalidKMSResourceException', false],
  ])('tells of status %i, %s, whether it passes', async (status, type, passing) => {
    const { url } = await standIn(() => json({ __type: type, message: 'why' }, status));
    const batches = new FirehoseBatches(new FirehoseClient(clientOptions(url)));
    expect(await errorOf(batches.putBatch('s', [record('a')]))).toMatchObject({
      passing,
      message: `delivery stream s: ${type}: why`,
    });
  });

  it('tells that nobody answers', async () => {
    const batches = new FirehoseBatches(new FirehoseClient(clientOptions('http://127.0.0.1:1')));
    expect(await errorOf(batches.putBatch('s', [record('a')]))).toMatchObject({ passing: true });
  });
});

describe('FilterLogEvents', () => {
  it('asks for a page and reads it', async () => {
    const events = [{ logStreamName: 's', message: 'line\n', timestamp: 1, ingestionTime: 2, eventId: '3' }];
    const { url, requests } = await standIn(() => json({ events, nextToken: 'more', searchedLogStreams: [] }));
    const logs = new FilteredLogs(new CloudWatchLogsClient(clientOptions(url)));
    const page = await logs.page({ logGroup: 'g', pattern: '"mark"', since: 5, until: 9, token: 'before' });
    expect(page).toEqual({ messages: [{ message: 'line\n', stream: 's' }], next: 'more' });
    expect(requests.map(({ headers, body }) => [headers['x-amz-target'], JSON.parse(body) as unknown])).toEqual([
      [
        'Logs_20140328.FilterLogEvents',
        { logGroupName: 'g', filterPattern: '"mark"', startTime: 5, endTime: 9, nextToken: 'before' },
      ],
    ]);
  });

  it('says which log group is not there', async () => {
    const { url } = await standIn(() => json({ __type: 'ResourceNotFoundException', message: 'none' }, 400));
    const logs = new FilteredLogs(new CloudWatchLogsClient(clientOptions(url)));
    const { message, passing } = await errorOf(logs.page({ logGroup: 'g', pattern: '"mark"' }));
    expect({ message, passing }).toEqual({ message: 'log group g: ResourceNotFoundException: none', passing: false });
  });
});

describe('the trail’s bucket', () => {
  let folder: string;
  beforeEach(() => {
    folder = temporaryFolder();
  });

  const bucketAt = (url: string, name = TRAIL_BUCKET) =>
    new S3TrailBucket(new S3Client({ ...clientOptions(url), forcePathStyle: true }), name);

  it('takes a new object, with its checksum, and never another one in its place', async () => {
    const { url } = await localAws(folder);
    const bucket = bucketAt(url);
    const key = 'fallback/dt=2026-11-24/hour=07/some-uid.json';
    expect(await bucket.putNew(key, record('a'))).toBe(true);
    expect(await bucket.putNew(key, record('b'))).toBe(false);
    expect(readFileSync(path.join(folder, key))).toEqual(record('a'));
    expect(await errorOf(bucket.putNew('events/x', record('a')))).toMatchObject({
      code: 'AccessDenied',
      passing: false,
      message: expect.stringMatching(new RegExp(`^s3://${TRAIL_BUCKET}/events/x: AccessDenied`)) as string,
    });
  });

  it('lists its keys page by page, and gives the bytes of an object', async () => {
    const page = (key: string, next?: string) => ({
      headers: { 'content-type': 'application/xml' },
      body: `<?xml version="1.0"?><ListBucketResult><Contents><Key>${key}</Key></Contents>${
        next === undefined
          ? ''
          : `<IsTruncated>true</IsTruncated><NextContinuationToken>${next}</NextContinuationToken>`
      }</ListBucketResult>`,
    });
    const { url, requests } = await standIn(({ url }) => {
      if (!url.includes('list-type=2')) return { body: Buffer.alloc(100_000, 'line\n') };
      return url.includes('continuation-token') ? page('errors/b') : page('errors/a', 'next');
    });
    const bucket = bucketAt(url, 'trail');
    const keys: string[] = [];
    for await (const key of bucket.keys('errors/')) keys.push(key);
    expect(keys).toEqual(['errors/a', 'errors/b']);
    expect(requests[0]?.url).toContain('prefix=errors%2F');

    const chunks: Uint8Array[] = [];
    for await (const chunk of bucket.bytes('errors/a')) chunks.push(chunk);
    expect(Buffer.concat(chunks)).toEqual(Buffer.alloc(100_000, 'line\n'));
  });

  it('tells the checksum of an object, if it keeps one', async () => {
    const { url, requests } = await standIn(({ url }) => ({
      headers: url.includes('with') ? { 'x-amz-checksum-sha256': 'c3VtCg==' } : {},
    }));
    const bucket = bucketAt(url, 'trail');
    expect(await bucket.sha256('with')).toBe('c3VtCg==');
    expect(await bucket.sha256('none')).toBeUndefined();
    expect(requests.map(({ method, headers }) => [method, headers['x-amz-checksum-mode']])).toEqual([
      ['HEAD', 'ENABLED'],
      ['HEAD', 'ENABLED'],
    ]);
  });

  it('says what it does not let one do', async () => {
    const body = '<Error><Code>AccessDenied</Code><Message>no</Message></Error>';
    const { url } = await standIn(() => ({ status: 403, headers: { 'content-type': 'application/xml' }, body }));
    const bucket = bucketAt(url, 'trail');
    const first = async (items: AsyncIterable<unknown>) => items[Symbol.asyncIterator]().next();
    expect((await errorOf(first(bucket.keys('errors/')))).message).toBe('s3://trail/errors/: AccessDenied: no');
    expect((await errorOf(first(bucket.bytes('errors/a')))).message).toBe('s3://trail/errors/a: AccessDenied: no');
    expect(await errorOf(bucket.sha256('k'))).toMatchObject({ passing: false });
  });
});
