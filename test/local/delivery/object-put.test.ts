import { PutObjectCommand, S3Client, type PutObjectCommandInput } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startDeliveryStream, type DeliveryStream } from '../../../bin/local/delivery/delivery-stream';
import { TRAIL_BUCKET } from '../../../bin/local/trail-bucket';
import { bucketEndpoint } from '../../../lambda/recorder/aws/endpoints';
import { SignedRequests } from '../../../lambda/recorder/aws/signed-requests';
import { BucketSink } from '../../../lambda/recorder/bucket-sink';
import { ObjectSink } from '../../../lambda/recorder/object-sink';
import { Chain } from '../../../lib/event/chain';
import { fallbackKey } from '../../../lib/event/keys';
import { attempt } from '../../support/sample-event';
import { keysIn, temporaryFolder, until } from './support';

const KEY = 'fallback/dt=2026-11-24/hour=07/0b7e8a1c-4f52-4bb5-9d6a-3a1d9a8c2f10.json';
const body = Buffer.from('{"time":1795505400000}\n');

let data: string;
let stream: DeliveryStream;
let client: S3Client;
let warnings: string[];

beforeEach(async () => {
  data = temporaryFolder();
  warnings = [];
  const warn = (line: string) => void warnings.push(line);
  stream = await startDeliveryStream({ data, port: 0, streams: ['audit-events'], warn });
  client = new S3Client({
    region: 'eu-west-1',
    endpoint: `http://127.0.0.1:${stream.port}`,
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
});
afterEach(async () => {
  client.destroy();
  await stream.stop();
});

const sha256 = (bytes: Buffer, encoding: 'hex' | 'base64') => createHash('sha256').update(bytes).digest(encoding);

/** As the real client sends it. */
function put(Body: Buffer, choices: Partial<PutObjectCommandInput> = {}) {
  const ChecksumSHA256 = sha256(Body, 'base64');
  const ContentType = 'application/json';
  const input = { Bucket: 'local-trail', Key: KEY, Body, IfNoneMatch: '*', ChecksumSHA256, ContentType, ...choices };
  return client.send(new PutObjectCommand(input));
}

describe('PutObject by the real client', () => {
  it('stores the bytes once, read-only, under their key', async () => {
    const { ETag, ChecksumSHA256, $metadata } = await put(body);
    expect(ETag).toBe(`"${createHash('md5').update(body).digest('hex')}"`);
    expect(ChecksumSHA256).toBe(sha256(body, 'base64'));
    expect($metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(keysIn(data, 'fallback')).toEqual([KEY]);
    expect(readFileSync(path.join(data, KEY))).toEqual(body);
    expect(statSync(path.join(data, KEY)).mode & 0o777).toBe(0o444);
  });

  it('does not write a key again, be it with the same bytes', async () => {
    await put(body);
    for (const again of [body, Buffer.from('{}')]) {
      await expect(put(again)).rejects.toMatchObject({
        name: 'PreconditionFailed',
        $metadata: { httpStatusCode: 412, requestId: expect.stringMatching(/./) as string },
      });
    }
    expect(readFileSync(path.join(data, KEY))).toEqual(body);
  });

  it('lets one of many at once win', async () => {
    const contents = Array.from({ length: 16 }, (_, i) => Buffer.alloc(20_000, i));
    const results = await Promise.allSettled(contents.map((content) => put(content)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const winner = contents[results.findIndex(({ status }) => status === 'fulfilled')];
    expect(readFileSync(path.join(data, KEY))).toEqual(winner);
  });

  it('takes an event that is too large for a stream', async () => {
    const large = Buffer.alloc(6 * 2 ** 20, 'x');
    await put(large);
    expect(readFileSync(path.join(data, KEY)).equals(large)).toBe(true);
  });

  it.each<[string, Partial<PutObjectCommandInput>, string, number]>([
    ['another bucket', { Bucket: 'another' }, 'NoSuchBucket', 404],
    ['events/', { Key: KEY.replace('fallback', 'events') }, 'AccessDenied', 403],
    ['ledger/', { Key: 'ledger/head' }, 'AccessDenied', 403],
    ['the write-ahead log', { Key: 'wal/0.log' }, 'AccessDenied', 403],
    ['a key that leads out', { Key: `fallback/../${KEY}` }, 'AccessDenied', 403],
    ['a key outside of the partitions', { Key: 'fallback/x.json' }, 'AccessDenied', 403],
    ['a name with a dot before it', { Key: KEY.replace('/0b', '/.0b') }, 'AccessDenied', 403],
    ['a backslash', { Key: KEY.replace('/0b', '/..\\0b') }, 'AccessDenied', 403],
    ['a NUL', { Key: KEY.replace('/0b', '/\0') }, 'AccessDenied', 403],
    ['no condition', { IfNoneMatch: undefined }, 'NotImplemented', 501],
    ['another condition', { IfNoneMatch: '"abc"' }, 'NotImplemented', 501],
    ['another checksum alone', { ChecksumSHA256: undefined }, 'InvalidRequest', 400],
    ['a wrong checksum', { ChecksumSHA256: sha256(Buffer.from('x'), 'base64') }, 'BadDigest', 400],
    ['no checksum at all', { ChecksumSHA256: 'x' }, 'InvalidRequest', 400],
    [
      'a retention of its own',
      { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: new Date(Date.now() + 1000) },
      'AccessDenied',
      403,
    ],
  ])('refuses %s', async (_, choices, name, httpStatusCode) => {
    await expect(put(body, choices)).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });
    expect(keysIn(data, 'fallback')).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it('says SlowDown where the folder fails, warns, and takes the object later', async () => {
    writeFileSync(path.join(data, 'fallback'), 'a file where the folder should be');
    await expect(put(body)).rejects.toMatchObject({ name: 'SlowDown', $metadata: { httpStatusCode: 503 } });
    expect(warnings).toEqual([expect.stringContaining('refusing')]);
    rmSync(path.join(data, 'fallback'));
    await put(body);
    expect(keysIn(data, 'fallback')).toEqual([KEY]);
  });
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

const SIGNED_HEADERS =
  'content-length;content-type;host;if-none-match;x-amz-checksum-sha256;x-amz-content-sha256;x-amz-date';
const authorization = (service = 's3', signedHeaders = SIGNED_HEADERS) =>
  `AWS4-HMAC-SHA256 Credential=AKID/20261124/eu-west-1/${service}/aws4_request, SignedHeaders=${signedHeaders}, Signature=${'0'.repeat(64)}`;

const HEADERS = {
  authorization: authorization(),
  'content-length': String(body.length),
  'content-type': 'application/json',
  'if-none-match': '*',
  'x-amz-checksum-sha256': sha256(body, 'base64'),
  'x-amz-content-sha256': sha256(body, 'hex'),
  'x-amz-date': '20261124T073000Z',
};

function request(choices: Record<string, string | undefined>, target: string, method: string): http.ClientRequest {
  const present = Object.entries({ ...HEADERS, ...choices }).filter(([, value]) => value !== undefined);
  const headers = Object.fromEntries(present);
  return http.request({ host: '127.0.0.1', port: stream.port, method, path: target, headers, agent: false });
}

/** A request as no SDK sends it. */
function raw(choices: Record<string, string | undefined>, target = `/local-trail/${KEY}`, method = 'PUT') {
  return new Promise<Answer>((resolve, reject) => {
    const outgoing = request(choices, target, method);
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      const { statusCode: status, headers } = response;
      text(response).then((body) => resolve({ status, headers, text: body }), reject);
    });
    outgoing.end(body);
  });
}

describe('PutObject by the function’s own sink', () => {
  it('stores the event as it was sealed, and takes it as done when it is there already', async () => {
    const endpoint = bucketEndpoint(TRAIL_BUCKET, 'eu-west-1', {
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${stream.port}`,
    });
    const credentials = () => ({ accessKeyId: 'local', secretAccessKey: 'local', sessionToken: 'session' });
    const requests = new SignedRequests({ service: 's3', region: 'eu-west-1', credentials });
    const sink = new BucketSink(new ObjectSink(requests, endpoint, TRAIL_BUCKET));
    const sealed = new Chain('chain-1').seal(attempt(0));
    await sink.put(sealed, new AbortController().signal);
    await sink.put(sealed, new AbortController().signal);
    const key = fallbackKey(sealed.event.time, sealed.uid);
    expect(keysIn(data, 'fallback')).toEqual([key]);
    expect(readFileSync(path.join(data, key), 'utf8')).toBe(`${sealed.line}\n`);
    expect(warnings).toEqual([]);
  });
});

describe('PutObject, spoken badly', () => {
  it('takes the request that the others below vary', async () => {
    expect(await raw({})).toMatchObject({ status: 200, text: '', headers: { etag: expect.any(String) as string } });
    expect(readFileSync(path.join(data, KEY))).toEqual(body);
  });

  it.each<[string, Record<string, string | undefined>, number, string]>([
    ['no signature', { authorization: undefined }, 403, 'AccessDenied'],
    ['half a signature', { authorization: 'AWS4-HMAC-SHA256 Credential=a' }, 400, 'AuthorizationHeaderMalformed'],
    ['a signature for Firehose', { authorization: authorization('firehose') }, 400, 'AuthorizationHeaderMalformed'],
    ['a header left unsigned', { authorization: authorization('s3', 'host;x-amz-date') }, 403, 'AccessDenied'],
    ['no date', { 'x-amz-date': undefined }, 403, 'AccessDenied'],
    ['no hash of the content', { 'x-amz-content-sha256': undefined }, 400, 'InvalidArgument'],
    ['content left unsigned', { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }, 400, 'InvalidArgument'],
    ['the hash of other content', { 'x-amz-content-sha256': 'a'.repeat(64) }, 400, 'XAmzContentSHA256Mismatch'],
    ['no length', { 'content-length': undefined, 'transfer-encoding': 'chunked' }, 411, 'MissingContentLength'],
    ['no room for it', { 'content-length': String(16 * 2 ** 20 + 1) }, 400, 'EntityTooLarge'],
  ])('%s', async (_, headers, status, code) => {
    const answer = await raw(headers);
    expect(answer.text).toContain(`<Code>${code}</Code>`);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/xml');
    expect(answer.text).toContain(`<RequestId>${answer.headers['x-amz-request-id']}</RequestId>`);
    expect(keysIn(data, 'fallback')).toEqual([]);
  });

  it.each([
    ['/local-trail/fallback/../../etc/x', 403],
    ['/local-trail/fallback/%2e%2e/%2e%2e/x.json', 403],
    [`/local-trail/${KEY.replace('/0b', '/%2e%2e%2fx')}`, 403],
    [`/local-trail/${KEY.replace('/hour', '%2Fhour')}%00`, 403],
    [`/local-trail//${KEY}`, 403],
    ['/local-trail/fallback/%', 400],
    ['/local-trail', 404],
    [`/../local-trail/${KEY}`, 404],
    [`/local-trail/${KEY}?acl`, 501],
    [`/local-trail/${KEY}?partNumber=1&uploadId=x`, 501],
  ])('stores nothing under %s', async (target, status) => {
    expect(await raw({}, target)).toMatchObject({ status });
    expect(keysIn(data, '.')).toEqual(keysIn(data, 'wal'));
  });

  it.each(['GET', 'POST', 'DELETE'])('knows no %s', async (method) => {
    expect(await raw({}, undefined, method)).toMatchObject({ status: 501 });
  });

  it('shows no markup of the caller in an error', async () => {
    expect((await raw({}, `/local-trail/<a>&"'`)).text).toContain('<Resource>/local-trail/&#60;a&#62;&#38;&#34;&#39;<');
  });

  it('stores nothing of a client that leaves in the middle, and does not complain', async () => {
    const outgoing = request({}, `/local-trail/${KEY}`, 'PUT');
    outgoing.on('error', () => undefined);
    outgoing.write(body.subarray(0, 5));
    await until(() => outgoing.socket?.bytesWritten !== undefined && outgoing.socket.bytesWritten > 200, 2000);
    outgoing.destroy();
    // The server has heard of it when it has answered another.
    await put(body, { Key: KEY.replace('0b7e', '1b7e') });
    await put(body);
    expect(keysIn(data, 'fallback')).toHaveLength(2);
    expect(warnings).toEqual([]);
  });

  it('answers what is under way when it stops, and says SlowDown to who comes then', async () => {
    const underWay = request({}, `/local-trail/${KEY}`, 'PUT');
    const answered = once(underWay, 'response') as Promise<[http.IncomingMessage]>;
    underWay.write(body.subarray(0, 5));
    const late = net.connect(stream.port, '127.0.0.1');
    late.write(`PUT /local-trail/${KEY} HTTP/1.1\r\nHost: x\r\n`);
    await until(() => (underWay.socket?.bytesWritten ?? 0) > 200 && late.bytesWritten > 20, 2000);
    // The server has taken both connections when it has answered a third.
    await put(body, { Key: KEY.replace('0b7e', '1b7e') });

    const stopped = stream.stop();
    late.write('Content-Length: 0\r\n\r\n');
    expect((await text(late)).split('\r\n')[0]).toBe('HTTP/1.1 503 Service Unavailable');
    underWay.end(body.subarray(5));
    const [answer] = await answered;
    expect(answer.resume().statusCode).toBe(200);
    expect(await stopped).toBe(true);
    expect(readFileSync(path.join(data, KEY))).toEqual(body);
  });
});
