import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { SignedRequests } from '../../lambda/recorder/aws/signed-requests';
import { BucketSink } from '../../lambda/recorder/bucket-sink';
import { ObjectSink } from '../../lambda/recorder/object-sink';
import { FirehoseSink } from '../../lambda/recorder/firehose-sink';
import type { Sink } from '../../lambda/recorder/sink';
import { Chain, type SealedEvent } from '../../lib/event/chain';
import { fallbackKey } from '../../lib/event/keys';
import { attempt } from '../support/sample-event';
import { unusedPort } from '../support/services';
import { carriedSignature, expectedSignature, type SignedRequestParts } from '../support/signature-check';

const servers: http.Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => { server.close(); server.closeAllConnections(); })); // prettier-ignore

type Answer = (response: http.ServerResponse) => void;
type Put = SignedRequestParts & { readonly socket: Socket };

/** An AWS endpoint that answers each request as the next of `answers` says; the last one goes on. */
async function endpoint(...answers: Answer[]): Promise<{ url: string; puts: Put[] }> {
  const puts: Put[] = [];
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: target = '', headers, socket } = request;
      puts.push({ method, target, headers, body: Buffer.concat(chunks), socket });
      (answers.length > 1 ? answers.shift() : answers[0])?.(response);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, puts };
}

const answer =
  (status: number, body: string): Answer =>
  (response) =>
    void response.writeHead(status, { 'Content-Type': 'text/plain' }).end(body);
const acknowledge = answer(200, '{"RecordId":"record-1","Encrypted":true}');
const firehoseError = (status: number, type: string) => answer(status, JSON.stringify({ __type: type, message: 'no' }));
const s3Error = (status: number, code: string) => answer(status, `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`); // prettier-ignore

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const credentials = () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET, sessionToken: 'token/+=' });

function firehose(url: string): Sink {
  return new FirehoseSink(
    new SignedRequests({ service: 'firehose', region: 'eu-west-1', credentials }),
    url,
    'events-0',
  );
}

function bucket(url: string): Sink {
  const requests = new SignedRequests({ service: 's3', region: 'eu-west-1', credentials });
  return new BucketSink(new ObjectSink(requests, `${url}/trail`, 'trail'));
}

const sealed = new Chain('chain-1').seal(attempt(0, { message: 'é "quoted"' }));

const put = (sink: Sink, event: SealedEvent = sealed, signal = AbortSignal.timeout(5_000)) => sink.put(event, signal);

describe('the Firehose sink', () => {
  it('puts an event as one line, signed', async () => {
    const { url, puts } = await endpoint(acknowledge);
    await put(firehose(url));
    const [got] = puts as [Put];
    expect(got).toMatchObject({
      method: 'POST',
      target: '/',
      headers: { 'x-amz-target': 'Firehose_20150804.PutRecord' },
    });
    const { DeliveryStreamName, Record } = JSON.parse(got.body.toString()) as Record<string, Record<string, string>>;
    expect(DeliveryStreamName).toBe('events-0');
    expect(Buffer.from(Record?.Data ?? '', 'base64').toString()).toBe(sealed.line + '\n');
    expect(got.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/firehose\/aws4_request/,
    );
    expect(got.headers['x-amz-security-token']).toBe('token/+=');
    expect(carriedSignature(got)).toBe(expectedSignature(got, SECRET));
  });

  it.each([
    [500, 'InternalFailure'],
    [503, 'ServiceUnavailableException'],
    [400, 'ThrottlingException'],
    [400, 'com.amazonaws.firehose#LimitExceededException'],
  ])('may be tried again after %i %s', async (status, type) => {
    const { url } = await endpoint(firehoseError(status, type));
    const message = `${type.split('#').at(-1)}: no`;
    await expect(put(firehose(url))).rejects.toMatchObject({ message, lasting: false });
  });

  it.each([
    [400, 'ResourceNotFoundException'],
    [400, 'AccessDeniedException'],
    [400, 'ValidationException'],
    [403, 'UnrecognizedClientException'],
    [400, 'ExpiredTokenException'],
  ])('is of no use for the event after %i %s', async (status, type) => {
    const { url } = await endpoint(firehoseError(status, type));
    await expect(put(firehose(url))).rejects.toMatchObject({ message: `${type}: no`, lasting: true });
  });

  it('takes an answer for an acknowledgement only if it names the record', async () => {
    const { url } = await endpoint(answer(200, '<html>captive portal</html>'));
    await expect(put(firehose(url))).rejects.toThrow('without RecordId');
  });

  it('does not even send what is over the limit of a record', async () => {
    const { url, puts } = await endpoint(acknowledge);
    const resources = Array.from({ length: 110 }, () => ({ name: 'r'.repeat(10_000), type: 'path' }));
    const large = new Chain('chain-1').seal(attempt(0, { resources }));
    await expect(put(firehose(url), large)).rejects.toMatchObject({ lasting: true });
    expect(puts).toEqual([]);
  });
});

describe('the bucket sink', () => {
  it('puts an event as an object of its own, once, with its checksum, signed', async () => {
    const { url, puts } = await endpoint(answer(200, ''));
    await put(bucket(url));
    const [got] = puts as [Put];
    expect(got.method).toBe('PUT');
    expect(decodeURIComponent(got.target)).toBe(`/trail/${fallbackKey(sealed.event.time, sealed.uid)}`);
    expect(got.target).toMatch(/^\/trail\/fallback\/dt%3D\d{4}-\d\d-\d\d\/hour%3D\d\d\/attempt-0\.json$/);
    expect(got.body.toString()).toBe(sealed.line + '\n');
    expect(got.headers['if-none-match']).toBe('*');
    expect(got.headers['x-amz-checksum-sha256']).toBe(createHash('sha256').update(got.body).digest('base64'));
    expect(carriedSignature(got)).toBe(expectedSignature(got, SECRET));
  });

  it('is done when the object is there already: its acknowledgement was lost', async () => {
    const { url } = await endpoint(s3Error(412, 'PreconditionFailed'));
    await expect(put(bucket(url))).resolves.toBeUndefined();
  });

  it.each([
    [503, 'SlowDown', false],
    [500, 'InternalError', false],
    [409, 'ConditionalRequestConflict', false],
    [400, 'RequestTimeout', false],
    [403, 'AccessDenied', true],
    [404, 'NoSuchBucket', true],
    [400, 'BadDigest', true],
  ])('refuses by %i %s; for good: %s', async (status, code, lasting) => {
    const { url } = await endpoint(s3Error(status, code));
    await expect(put(bucket(url))).rejects.toMatchObject({ message: code, lasting });
  });
});

describe('connections to AWS', () => {
  it('are kept', async () => {
    const { url, puts } = await endpoint(acknowledge);
    const sink = firehose(url);
    for (let i = 0; i < 3; i += 1) await put(sink);
    expect(new Set(puts.map(({ socket }) => socket)).size).toBe(1);
  });

  it.each<[string, Answer]>([
    ['before the answer', () => undefined],
    ['within the answer', (response) => void response.writeHead(200, { 'Content-Length': '100' }).write('half')],
  ])('end when it is told: %s', async (_, hang) => {
    const { url } = await endpoint(hang);
    const started = performance.now();
    await expect(put(firehose(url), sealed, AbortSignal.timeout(100))).rejects.toMatchObject({ name: 'AbortError' });
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('are not even made when it was told before', async () => {
    const { url, puts } = await endpoint(acknowledge);
    await expect(put(firehose(url), sealed, AbortSignal.abort())).rejects.toThrow();
    expect(puts).toEqual([]);
  });

  it.each<[string, Answer]>([
    ['is reset', (response) => response.socket?.resetAndDestroy()],
    [
      'breaks off within the answer',
      (response) => {
        response.writeHead(200, { 'Content-Length': '100' });
        response.write('{"RecordId":', () => response.socket?.resetAndDestroy());
      },
    ],
  ])('reject when one %s, and may be tried again', async (_, reset) => {
    const { url } = await endpoint(reset, acknowledge);
    const sink = firehose(url);
    await expect(put(sink)).rejects.toThrow();
    await expect(put(sink)).resolves.toBeUndefined();
  });

  it('reject when nobody listens, and when the name leads nowhere', async () => {
    await expect(put(firehose(`http://127.0.0.1:${await unusedPort()}`))).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
    await expect(put(firehose('http://firehose.invalid'))).rejects.toMatchObject({ syscall: 'getaddrinfo' });
  });

  it('reject without credentials', async () => {
    const { url, puts } = await endpoint(acknowledge);
    const none = () => {
      throw new Error('the function has no role');
    };
    const requests = new SignedRequests({ service: 'firehose', region: 'eu-west-1', credentials: none });
    await expect(put(new FirehoseSink(requests, url, 'events'))).rejects.toThrow('no role');
    expect(puts).toEqual([]);
  });
});
