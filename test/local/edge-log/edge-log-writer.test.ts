import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { startDeliveryStream } from '../../../bin/local/delivery/delivery-stream';
import { EdgeJournal, undeliveredRequests } from '../../../bin/local/edge-log/edge-journal';
import { EdgeLogWriter, type EdgeLogWriterOptions } from '../../../bin/local/edge-log/edge-log-writer';
import type { EdgeRecord } from '../../../lib/edge-log/record';
import { restRecord } from '../../support/edge-record';
import { unusedPort } from '../../support/services';
import { keysIn, temporaryFolder, until } from '../delivery/support';

const STREAM = 'amazon-apigateway-edge';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

type Batch = readonly EdgeRecord[];

/** A stream that answers each batch as the test says: an error code a record (null: taken), or a failing call. */
async function fakeStream(
  answer: (batch: Batch, call: number) => (string | null)[] | 'fail' = (batch) => batch.map(() => null),
) {
  const batches: Batch[] = [];
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const input = JSON.parse(Buffer.concat(parts).toString()) as { Records: { Data: string }[] };
      const batch = input.Records.map(({ Data }) => JSON.parse(Buffer.from(Data, 'base64').toString()) as EdgeRecord);
      batches.push(batch);
      const codes = answer(batch, batches.length);
      if (codes === 'fail') {
        response.writeHead(500).end('{"__type":"InternalFailure"}');
        return;
      }
      const RequestResponses = codes.map((code) => (code === null ? { RecordId: 'id' } : { ErrorCode: code }));
      const FailedPutCount = codes.filter((code) => code !== null).length;
      response.end(JSON.stringify({ FailedPutCount, RequestResponses }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as AddressInfo).port, batches };
}

function writerTo(port: number, more: Partial<EdgeLogWriterOptions> = {}) {
  const warnings: string[] = [];
  const writer = new EdgeLogWriter({ port, stream: STREAM, warn: (line) => warnings.push(line), ...more });
  return { writer, warnings };
}

const records = (count: number) => Array.from({ length: count }, (_, n) => restRecord(n));
const paths = (batches: readonly Batch[]) => batches.flat().map(({ path }) => path);

describe('the writer of the edge log', () => {
  it('speaks to the delivery stream, which brings the records to edge/', async () => {
    const data = temporaryFolder();
    const stream = await startDeliveryStream({ data, port: 0, streams: ['audit-events', STREAM], bufferMs: 50 });
    const { writer, warnings } = writerTo(stream.port);
    for (const record of records(3)) writer.write(record);
    expect(await writer.close()).toBe(true);
    expect(await stream.stop()).toBe(true);
    expect(keysIn(data, 'edge')).toEqual([
      expect.stringMatching(/^edge\/dt=2026-11-24\/hour=07\/amazon-apigateway-edge-1-.*\.parquet$/),
    ]);
    expect(warnings).toEqual([]);
  });

  it('sends what comes together in one batch, in order, and at most 500 records in one', async () => {
    const { port, batches } = await fakeStream();
    const { writer } = writerTo(port);
    for (const record of records(1_100)) writer.write(record);
    expect(await writer.close()).toBe(true);
    expect(batches.map(({ length }) => length)).toEqual([500, 500, 100]);
    expect(paths(batches)).toEqual(records(1_100).map(({ path }) => path));
  });

  it('sends without being closed, and what comes later too', async () => {
    const { port, batches } = await fakeStream();
    const { writer } = writerTo(port);
    for (const [n, record] of records(3).entries()) {
      writer.write(record);
      await until(() => paths(batches).length === n + 1, 5_000);
    }
    expect(batches).toHaveLength(3);
  });

  it('keeps batches below 4 MiB', async () => {
    const { port, batches } = await fakeStream();
    const { writer } = writerTo(port);
    for (const record of records(60)) writer.write({ ...record, integration_error: 'x'.repeat(100_000) });
    expect(await writer.close()).toBe(true);
    expect(paths(batches)).toHaveLength(60);
    expect(batches.length).toBeGreaterThan(1);
  });

  it('sends the records that were not taken again, and no others', async () => {
    const { port, batches } = await fakeStream((batch, call) =>
      batch.map((_, i) => (call === 1 && i % 2 === 1 ? 'ServiceUnavailableException' : null)),
    );
    const { writer, warnings } = writerTo(port);
    for (const record of records(4)) writer.write(record);
    expect(await writer.close()).toBe(true);
    expect(batches.map((batch) => paths([batch]))).toEqual([
      ['/prod/orders/0', '/prod/orders/1', '/prod/orders/2', '/prod/orders/3'],
      ['/prod/orders/1', '/prod/orders/3'],
    ]);
    expect(warnings).toEqual([]);
  });

  it('tries again while calls fail, and tells once', async () => {
    const { port, batches } = await fakeStream((batch, call) => (call < 4 ? 'fail' : batch.map(() => null)));
    const { writer, warnings } = writerTo(port);
    writer.write(restRecord(1));
    expect(await writer.close()).toBe(true);
    expect(batches).toHaveLength(4);
    expect(warnings).toEqual([expect.stringContaining('the delivery stream takes no records, trying again')]);
  });

  it('waits for a stream that starts again on its port', async () => {
    const data = temporaryFolder();
    const port = await unusedPort();
    const { writer } = writerTo(port);
    writer.write(restRecord(1));
    await new Promise((resolve) => setTimeout(resolve, 200));
    const stream = await startDeliveryStream({ data, port, streams: [STREAM], bufferMs: 50 });
    expect(await writer.close()).toBe(true);
    await stream.stop();
    expect(keysIn(data, 'edge')).toHaveLength(1);
  });

  it('gives up when its patience ends, and tells how many records are lost', async () => {
    const { writer, warnings } = writerTo(await unusedPort());
    for (const record of records(7)) writer.write(record);
    expect(await writer.close(300)).toBe(false);
    expect(warnings.at(-1)).toBe('edge log: 7 records could not be delivered');
  });

  it('brings what it could not deliver at the next start, and then has nothing left', async () => {
    const data = temporaryFolder();
    const unheard = writerTo(await unusedPort(), { kept: EdgeJournal.open(data) });
    unheard.writer.begin(restRecord(8, { status: '-' }));
    for (const record of records(2)) unheard.writer.write(record);
    expect(await unheard.writer.close(300)).toBe(false);
    expect(unheard.warnings.at(-1)).toBe('edge log: 2 records could not be delivered; they follow at the next start');
    const { port, batches } = await fakeStream();
    const { writer } = writerTo(port, { kept: EdgeJournal.open(data) });
    expect(await writer.close()).toBe(true);
    expect(batches.flat()).toEqual([restRecord(8, { status: '-' }), ...records(2)]);
    expect(undeliveredRequests(data).size).toBe(0);
  });

  it('bounds its memory: drops what is too much, counts it, and goes on', async () => {
    const size = Buffer.byteLength(JSON.stringify(restRecord(1))) + 1;
    const { port, batches } = await fakeStream();
    const { writer, warnings } = writerTo(port, { maxBytes: 2 * size });
    for (let n = 0; n < 5; n += 1) writer.write(restRecord(1));
    await until(() => paths(batches).length === 2, 5_000);
    await until(() => {
      writer.write(restRecord(2));
      return paths(batches).includes('/prod/orders/2');
    }, 5_000);
    expect(await writer.close()).toBe(false);
    expect(warnings[0]).toContain('too many records wait');
    expect(warnings.at(-1)).toMatch(/^edge log: \d+ records could not be delivered$/);
  });
});
