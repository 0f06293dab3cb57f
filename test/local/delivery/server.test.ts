import {
  DescribeDeliveryStreamCommand,
  PutRecordBatchCommand,
  PutRecordCommand,
  type FirehoseClient,
} from '@aws-sdk/client-firehose';
import http from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BacklogError } from '../../../bin/local/delivery/delivery';
import type { StreamRecord } from '../../../bin/local/delivery/segment';
import { DeliveryServer } from '../../../bin/local/delivery/server';
import { ARRIVAL, firehose } from './support';

let server: DeliveryServer;
let client: FirehoseClient;
let port: number;
let taken: StreamRecord[];
let warnings: string[];
let put: (record: StreamRecord) => Promise<string>;

beforeEach(async () => {
  taken = [];
  warnings = [];
  put = (record) => Promise.resolve(`id-${taken.push(record)}`);
  server = new DeliveryServer({
    delivery: { put: (record) => put(record) },
    objects: { bucket: 'unused', store: { putNew: () => Promise.reject(new Error('not here')) } },
    streams: new Set(['audit-events', 'audit-events-2']),
    now: () => ARRIVAL,
    warn: (line) => warnings.push(line),
  });
  port = await server.listen(0);
  client = firehose(port);
});
afterEach(async () => {
  client.destroy();
  await server.close();
});

const DeliveryStreamName = 'audit-events';

function putRecord(Data: Uint8Array, stream = DeliveryStreamName) {
  return client.send(new PutRecordCommand({ DeliveryStreamName: stream, Record: { Data } }));
}

function putBatch(records: readonly Uint8Array[]) {
  return client.send(new PutRecordBatchCommand({ DeliveryStreamName, Records: records.map((Data) => ({ Data })) }));
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: { __type?: string; message?: string };
}

const SIGNED = {
  authorization: 'AWS4-HMAC-SHA256 Credential=a/20261124/r/firehose/aws4_request, SignedHeaders=host, Signature=f00',
  'content-type': 'application/x-amz-json-1.1',
  'x-amz-target': 'Firehose_20150804.PutRecord',
};

/** A request as no SDK sends it. */
function raw(headers: Record<string, string>, body: string | Buffer, method = 'POST'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request({ port, host: '127.0.0.1', method, path: '/', headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode,
          headers: response.headers,
          body: JSON.parse(Buffer.concat(chunks).toString()) as Answer['body'],
        }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

describe('the Firehose protocol, spoken by the real client', () => {
  it('takes a record with every byte', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const { RecordId, Encrypted, $metadata } = await putRecord(bytes);
    expect({ RecordId, Encrypted }).toEqual({ RecordId: 'id-1', Encrypted: false });
    expect($metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(taken).toEqual([{ stream: 'audit-events', arrival: ARRIVAL, data: Buffer.from(bytes) }]);
  });

  it('takes a batch in order, and answers for each record', async () => {
    put = async (record) => {
      if (record.data.toString() === 'b') throw new BacklogError('full');
      return `id-${taken.push(record)}`;
    };
    const { FailedPutCount, RequestResponses } = await putBatch(['a', 'b', 'c'].map((text) => Buffer.from(text)));
    expect(FailedPutCount).toBe(1);
    expect(RequestResponses).toEqual([
      { RecordId: 'id-1' },
      { ErrorCode: 'ServiceUnavailableException', ErrorMessage: 'Slow down.' },
      { RecordId: 'id-2' },
    ]);
    expect(taken.map(({ data }) => data.toString())).toEqual(['a', 'c']);
  });

  it('describes a stream', async () => {
    const { DeliveryStreamDescription } = await client.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName }));
    expect(DeliveryStreamDescription).toMatchObject({
      DeliveryStreamName,
      DeliveryStreamStatus: 'ACTIVE',
      DeliveryStreamType: 'DirectPut',
    });
  });

  it('does not know other streams', async () => {
    await expect(putRecord(Buffer.from('x'), 'nobody')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Firehose nobody not found under account 000000000000.',
      $metadata: { httpStatusCode: 400 },
    });
    expect(taken).toEqual([]);
  });

  it('says ServiceUnavailableException when it can take no more, and warns once a second at most', async () => {
    put = () => Promise.reject(new BacklogError('9 bytes wait for delivery'));
    for (const text of ['x', 'y']) {
      await expect(putRecord(Buffer.from(text))).rejects.toMatchObject({
        name: 'ServiceUnavailableException',
        message: 'Slow down.',
        $metadata: { httpStatusCode: 503 },
      });
    }
    expect(warnings).toEqual(['refusing records: BacklogError: 9 bytes wait for delivery']);
  });

  it('takes records up to 1,000 KiB and no larger', async () => {
    await putRecord(Buffer.alloc(1_024_000));
    await expect(putRecord(Buffer.alloc(1_024_001))).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(
        "at 'record.data' failed to satisfy constraint: Member must have length less than or equal to 1024000",
      ) as string,
    });
    expect(taken).toHaveLength(1);
  });

  it('takes batches up to 500 records and 4 MiB, and none of one that is larger', async () => {
    await putBatch(Array.from({ length: 500 }, () => Buffer.from('x')));
    await putBatch([
      ...Array.from({ length: 4 }, () => Buffer.alloc(1_024_000)),
      Buffer.alloc(4 * 2 ** 20 - 4_096_000),
    ]);
    expect(taken).toHaveLength(505);

    await expect(putBatch(Array.from({ length: 501 }, () => Buffer.from('x')))).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(
        "at 'records' failed to satisfy constraint: Member must have length less than or equal to 500",
      ) as string,
    });
    await expect(
      putBatch([...Array.from({ length: 4 }, () => Buffer.alloc(1_024_000)), Buffer.alloc(4 * 2 ** 20 - 4_095_999)]),
    ).rejects.toMatchObject({ name: 'InvalidArgumentException', message: 'Records size exceeds 4 MB limit' });
    await expect(putBatch([Buffer.from('x'), Buffer.alloc(1_024_001)])).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining("'records.2.member.data'") as string,
    });
    await expect(putBatch([])).rejects.toMatchObject({ name: 'ValidationException' });
    expect(taken).toHaveLength(505);
  });

  it('takes many requests at once', async () => {
    await Promise.all(Array.from({ length: 64 }, (_, i) => putRecord(Buffer.from(`${i}`))));
    expect(new Set(taken.map(({ data }) => data.toString())).size).toBe(64);
  });
});

describe('the Firehose protocol, spoken badly', () => {
  const body = JSON.stringify({ DeliveryStreamName, Record: { Data: 'eA==' } });
  const data = (Data: unknown) => JSON.stringify({ DeliveryStreamName, Record: { Data } });

  it('takes the request that the others below vary', async () => {
    expect(await raw(SIGNED, body)).toMatchObject({ status: 200, body: { RecordId: 'id-1' } });
  });

  it.each<[string, Record<string, string | undefined>, string, number, string]>([
    ['no signature', { authorization: undefined }, body, 403, 'MissingAuthenticationTokenException'],
    ['half a signature', { authorization: 'AWS4-HMAC-SHA256 Credential=a' }, body, 403, 'IncompleteSignatureException'],
    ['no target', { 'x-amz-target': undefined }, body, 400, 'UnknownOperationException'],
    [
      'another target',
      { 'x-amz-target': 'Firehose_20150804.CreateDeliveryStream' },
      body,
      400,
      'UnknownOperationException',
    ],
    ['another service', { 'x-amz-target': 'Kinesis_20131202.PutRecord' }, body, 400, 'UnknownOperationException'],
    ['another content type', { 'content-type': 'application/cbor' }, body, 400, 'UnknownOperationException'],
    ['no JSON', {}, '{', 400, 'SerializationException'],
    ['no object', {}, '[]', 400, 'SerializationException'],
    ['data that is no string', {}, data(5), 400, 'SerializationException'],
    ['data that is no base64', {}, data('no base64!'), 400, 'SerializationException'],
    ['base64 cut off', {}, data('eA='), 400, 'SerializationException'],
    ['no record', {}, JSON.stringify({ DeliveryStreamName }), 400, 'ValidationException'],
    ['no data', {}, data(undefined), 400, 'ValidationException'],
    ['no stream', {}, JSON.stringify({ Record: { Data: 'eA==' } }), 400, 'ValidationException'],
    ['a stream that has no name', {}, body.replace('audit-events', ''), 400, 'ValidationException'],
    ['a stream’s name that is none', {}, body.replace('audit-events', '../x'), 400, 'ValidationException'],
    ['a name too long', {}, body.replace('audit-events', 'a'.repeat(65)), 400, 'ValidationException'],
  ])('%s', async (_, headers, text, status, type) => {
    const sent = Object.entries({ ...SIGNED, ...headers }).filter((entry): entry is [string, string] => !!entry[1]);
    const answer = await raw(Object.fromEntries(sent), text);
    expect({ status: answer.status, type: answer.body.__type }).toEqual({ status, type });
    expect(answer.body.message).toMatch(/./);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/x-amz-json-1.1',
      'x-amzn-requestid': expect.stringMatching(/./) as string,
    });
    expect(taken).toEqual([]);
  });

  it('knows no GET', async () => {
    expect(await raw(SIGNED, '', 'GET')).toMatchObject({ status: 404 });
  });

  it('stops reading a body that is too large, and goes on with other requests', async () => {
    const answer = await raw(SIGNED, Buffer.alloc(7 * 2 ** 20, 0x20)).catch((error: Error) => error);
    // Where the client is still writing when the server has closed, it sees that instead of the answer.
    if (answer instanceof Error) expect(answer.message).toMatch(/EPIPE|ECONNRESET/);
    else expect(answer).toMatchObject({ status: 413, body: { __type: 'RequestEntityTooLargeException' } });
    await putRecord(Buffer.from('x'));
    expect(taken).toHaveLength(1);
  });

  it('answers what is under way when it closes, and takes no more', async () => {
    let finish: (id: string) => void = () => undefined;
    put = () => new Promise((resolve) => (finish = resolve));
    const underWay = putRecord(Buffer.from('x'));
    while (finish.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const closed = server.close();
    finish('id-1');
    expect((await underWay).RecordId).toBe('id-1');
    await closed;
    await expect(putRecord(Buffer.from('y'))).rejects.toThrow('ECONNREFUSED');
  });
});
