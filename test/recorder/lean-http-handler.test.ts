import { FirehoseClient, PutRecordCommand } from '@aws-sdk/client-firehose';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { NodeHttpHandler } from '../../lambda/recorder/aws/lean-http-handler';
import { FirehoseSink } from '../../lambda/recorder/firehose-sink';
import { Chain } from '../../lib/event/chain';
import { attempt } from '../support/sample-event';
import { unusedPort } from '../support/services';

const servers: http.Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => { server.close(); server.closeAllConnections(); })); // prettier-ignore

interface Put {
  readonly target: string | undefined;
  readonly authorization: string | undefined;
  readonly body: { DeliveryStreamName: string; Record: { Data: string } };
  readonly socket: Socket;
}

/** A Firehose endpoint that answers each request as the next of `answers` says; the last one goes on. */
async function endpoint(
  ...answers: ((response: http.ServerResponse) => void)[]
): Promise<{ url: string; puts: Put[] }> {
  const puts: Put[] = [];
  const server = http.createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const { 'x-amz-target': target, authorization } = request.headers;
      puts.push({
        target: target as string,
        authorization,
        body: JSON.parse(text) as Put['body'],
        socket: request.socket,
      });
      (answers.length > 1 ? answers.shift() : answers[0])?.(response);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, puts };
}

const accept = (response: http.ServerResponse): void => {
  response.setHeader('Content-Type', 'application/x-amz-json-1.1');
  response.end(JSON.stringify({ RecordId: 'record-1', Encrypted: true }));
};
const refuse =
  (status: number, type: string) =>
  (response: http.ServerResponse): void => {
    response.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify({ __type: type, message: 'no' }));
  };

function clientOf(url: string): FirehoseClient {
  return new FirehoseClient({
    endpoint: url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    maxAttempts: 3,
    requestHandler: new NodeHttpHandler(),
  });
}

function put(url: string, signal?: AbortSignal) {
  const Data = Buffer.from('{"a":"é"}\n');
  const command = new PutRecordCommand({ DeliveryStreamName: 'events', Record: { Data } });
  return clientOf(url).send(command, signal ? { abortSignal: signal } : {});
}

describe('the Firehose client over the lean handler', () => {
  it('puts a record, signed', async () => {
    const { url, puts } = await endpoint(accept);
    expect(await put(url)).toMatchObject({ RecordId: 'record-1', Encrypted: true, $metadata: { httpStatusCode: 200 } });
    expect(puts).toMatchObject([{ target: 'Firehose_20150804.PutRecord', body: { DeliveryStreamName: 'events' } }]);
    expect(puts[0]?.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=a\/\d{8}\/eu-west-1\/firehose\/aws4_request/);
    expect(Buffer.from(puts[0]?.body.Record.Data ?? '', 'base64').toString()).toBe('{"a":"é"}\n');
  });

  it('keeps its connection', async () => {
    const { url, puts } = await endpoint(accept);
    const client = clientOf(url);
    for (let i = 0; i < 3; i += 1) {
      await client.send(new PutRecordCommand({ DeliveryStreamName: 'events', Record: { Data: Buffer.from('x') } }));
    }
    expect(new Set(puts.map(({ socket }) => socket)).size).toBe(1);
  });

  it.each([
    [500, 'InternalFailure'],
    [503, 'ServiceUnavailableException'],
    [400, 'ThrottlingException'],
  ])('tries %i %s again', async (status, type) => {
    const { url, puts } = await endpoint(refuse(status, type), accept);
    expect(await put(url)).toMatchObject({ RecordId: 'record-1', $metadata: { attempts: 2 } });
    expect(puts).toHaveLength(2);
  });

  it('does not try again what is wrong for good', async () => {
    const { url, puts } = await endpoint(refuse(400, 'ResourceNotFoundException'));
    await expect(put(url)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect(puts).toHaveLength(1);
  });

  it('gives up after its attempts', async () => {
    const { url, puts } = await endpoint(refuse(503, 'ServiceUnavailableException'));
    await expect(put(url)).rejects.toMatchObject({ name: 'ServiceUnavailableException' });
    expect(puts).toHaveLength(3);
  });

  it.each([
    ['before the answer', () => undefined],
    [
      'within the answer',
      (response: http.ServerResponse) => void response.writeHead(200, { 'Content-Length': '100' }).write('half'),
    ],
  ])('stops when it is told: %s', async (_, answer) => {
    const { url, puts } = await endpoint(answer);
    const started = performance.now();
    await expect(put(url, AbortSignal.timeout(100))).rejects.toMatchObject({ name: 'AbortError' });
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(puts).toHaveLength(1);
  });

  it('does not even begin when it was told before', async () => {
    const { url, puts } = await endpoint(accept);
    await expect(put(url, AbortSignal.abort())).rejects.toThrow();
    expect(puts).toEqual([]);
  });

  it('rejects when the answer breaks off, and hangs never', async () => {
    const { url, puts } = await endpoint((response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('{"RecordId":', () => response.socket?.resetAndDestroy());
    });
    await expect(put(url)).rejects.toThrow();
    expect(puts).toHaveLength(3);
  });

  it('tries again when a kept connection went stale', async () => {
    const { url, puts } = await endpoint(accept, (response) => response.socket?.resetAndDestroy(), accept);
    const client = clientOf(url);
    const command = () => new PutRecordCommand({ DeliveryStreamName: 'events', Record: { Data: Buffer.from('x') } });
    await client.send(command());
    expect(await client.send(command())).toMatchObject({ $metadata: { attempts: 2 } });
    expect(puts).toHaveLength(3);
  });

  it('rejects when nobody listens', async () => {
    await expect(put(`http://127.0.0.1:${await unusedPort()}`)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('leaves no listeners behind on a signal that lives long', async () => {
    const { url } = await endpoint(accept);
    const signal = new AbortController().signal;
    let listening = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => void ((listening += 1), add(...args));
    signal.removeEventListener = (...args: Parameters<typeof remove>) => void ((listening -= 1), remove(...args));
    const { hostname, port } = new URL(url);
    const request = {
      protocol: 'http:',
      hostname,
      port: Number(port),
      method: 'POST',
      path: '/',
      headers: {},
      body: '{}',
    };
    for (let i = 0; i < 3; i += 1) await new NodeHttpHandler().handle(request as never, { abortSignal: signal });
    servers.at(-1)?.closeAllConnections();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(listening).toBe(0);
  });
});

describe('the Firehose sink', () => {
  it('puts the event as one line into its stream', async () => {
    const { url, puts } = await endpoint(accept);
    const sealed = new Chain('chain-1').seal(attempt(0));
    const sink = new FirehoseSink(clientOf(url), 'audit-events');
    await sink.put(sealed, AbortSignal.timeout(2_000));
    expect(sink.name).toBe('firehose:audit-events');
    expect(puts[0]?.body.DeliveryStreamName).toBe('audit-events');
    expect(Buffer.from(puts[0]?.body.Record.Data ?? '', 'base64').toString()).toBe(sealed.line + '\n');
  });
});
