import { createHash, randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Assertions } from '../../lambda/proxy/assertion/assertions';
import { upstreamOf } from '../../lambda/proxy/forward/upstream';
import { JWKS_PATH } from '../../lib/routing/assertion';
import { DEFAULT_TIMEOUT_MS, resolveRoute } from '../../lib/routing/route';
import { httpEvent, restEvent } from '../support/gateway-events';
import { bench, invoke, stream } from '../support/handler-bench';
import { schemaErrors } from '../support/ocsf';
import { startRawService, startService, unusedPort, type Service } from '../support/services';

const running: Service[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(running.splice(0).map((service) => service.stop()));
});

async function service(...args: Parameters<typeof startService>): Promise<Service> {
  const started = await startService(...args);
  running.push(started);
  return started;
}

/** A route whose answers are streamed. */
const streamed = (upstream: string, more: object = {}) => ({ path: '/', upstream, streaming: true, ...more });

function sha256(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}

describe('a streamed answer', () => {
  it('has status and headers before its body, and an outcome like any other', async () => {
    const orders = await service(
      (_, response) =>
        void response.writeHead(201, { 'Content-Type': 'text/plain', 'Set-Cookie': ['a=1', 'b=2'] }).end('made'),
    );
    const proxy = bench([streamed(orders.url)]);
    const { caller, done } = stream(proxy, restEvent({ method: 'POST', body: 'an order' }));
    expect(await done).toBeUndefined();

    expect(caller.contentType).toBe('application/vnd.awslambda.http-integration-response');
    expect(caller.prelude).toEqual({
      statusCode: 201,
      multiValueHeaders: {
        'Content-Type': ['text/plain'],
        'Set-Cookie': ['a=1', 'b=2'],
        Date: [expect.any(String)],
        'x-request-id': ['request-1'],
      },
    });
    expect(caller.body.toString()).toBe('made');
    expect(caller.writableFinished).toBe(true);
    expect(orders.received[0]?.body.toString()).toBe('an order');

    // Before the handler is done, and not after the answer: there may be no environment any more.
    const { sink, extension } = proxy;
    expect(sink.persisted.map(({ unmapped }) => unmapped.phase)).toEqual(['attempt', 'outcome']);
    expect(sink.persisted[1]).toMatchObject({
      status: 'Success',
      status_code: '201',
      disposition: 'Allowed',
      http_response: { code: 201, content_type: 'text/plain', body_length: 4 },
      unmapped: { forwarded: true, retries: 0, response_body: { length: 4, sha256: sha256('made') } },
    });
    expect(sink.persisted[1]).not.toHaveProperty('status_detail');
    expect(sink.persisted.flatMap(schemaErrors)).toEqual([]);
    expect(extension.done).toBe(1);
  });

  it('joins headers and sets cookies apart for payload format 2.0', async () => {
    const orders = await service((_, response) => {
      response.writeHead(200, [
        ...['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'X-Twice', '1', 'x-twice', '2'],
        ...['Date', 'today'],
      ]);
      response.end('ok');
    });
    const { caller, done } = stream(bench([streamed(orders.url)]), httpEvent());
    expect(await done).toBeUndefined();
    expect(caller.prelude).toEqual({
      statusCode: 200,
      headers: { date: 'today', 'x-twice': '1, 2', 'x-request-id': expect.any(String) as string },
      cookies: ['a=1', 'b=2'],
    });
    expect(caller.body.toString()).toBe('ok');
  });

  it.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ])('has no body where there is none (%s, %i), and its head nevertheless', async (method, status) => {
    const orders = await service((_, response) => {
      response.writeHead(status, method === 'HEAD' ? { 'Content-Length': '300000000' } : {}).end();
    });
    const { caller, done } = stream(bench([streamed(orders.url)]), restEvent({ method }));
    expect(await done).toBeUndefined();
    expect(caller.prelude).toMatchObject({ statusCode: status });
    expect(caller.prelude?.multiValueHeaders?.['Content-Length']).toEqual(
      method === 'HEAD' ? ['300000000'] : undefined,
    );
    expect(caller.body).toHaveLength(0);
    expect(caller.writableFinished).toBe(true);
  });

  it('goes on as it comes: head, first event, and the next while the service is still at it', async () => {
    let response: ServerResponse | undefined;
    const events = await service((_, opened) => {
      response = opened;
      opened.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
    });
    const proxy = bench([streamed(events.url)]);
    const { caller, done } = stream(proxy);
    await vi.waitFor(() => expect(caller.prelude).toMatchObject({ statusCode: 200 }));
    for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
      response?.write(event);
      await vi.waitFor(() => expect(caller.body.toString().endsWith(event)).toBe(true));
    }
    expect(proxy.sink.persisted.map(({ unmapped }) => unmapped.phase)).toEqual(['attempt']);
    response?.end();
    expect(await done).toBeUndefined();
    expect(proxy.sink.persisted[1]?.unmapped.response_body).toEqual({
      length: 18,
      sha256: sha256('data: 1\n\ndata: 2\n\n'),
    });
  });

  it('may be larger than what a function can return, byte for byte', async () => {
    const body = randomBytes(9_000_001);
    const files = await service((_, response) => void response.end(body));
    const proxy = bench([streamed(files.url)]);
    const { caller, done } = stream(proxy);
    expect(await done).toBeUndefined();
    expect(caller.body.equals(body)).toBe(true);
    expect(proxy.sink.persisted[1]?.unmapped.response_body).toEqual({ length: body.length, sha256: sha256(body) });
    // The other function cannot give it.
    expect(await invoke(proxy.handler)).toMatchObject({ statusCode: 502 });
  });

  it('of a service that says it is over 200 MB is a problem, before any of it is passed on', async () => {
    const raw = await startRawService((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 209715201\r\n\r\n');
    });
    running.push(raw);
    const proxy = bench([streamed(raw.url)]);
    const { caller, done } = stream(proxy);
    expect(await done).toBeUndefined();
    expect(caller.prelude).toMatchObject({ statusCode: 502 });
    expect(proxy.sink.persisted[1]).toMatchObject({ status_code: '502', status_detail: 'answer_too_large' });
  });

  it('of a service whose headers API Gateway could not find the end of is a problem', async () => {
    const orders = await service((_, response) => void response.writeHead(200, { X: 'x'.repeat(15_400) }).end('ok'));
    const { caller, done } = stream(bench([streamed(orders.url)]));
    expect(await done).toBeUndefined();
    expect(caller.prelude).toMatchObject({ statusCode: 502 });
    expect(JSON.parse(caller.body.toString())).toMatchObject({
      type: expect.stringContaining('answer_too_large') as string,
    });
  });
});

describe('whatever comes to the function whose answers are streamed', () => {
  it('is answered so: a route that is not streamed', async () => {
    const orders = await service();
    const proxy = bench([{ path: '/', upstream: orders.url }]);
    const { caller, done } = stream(proxy);
    expect(await done).toBeUndefined();
    expect([caller.prelude?.statusCode, caller.body.toString()]).toEqual([200, 'ok']);
    // And the other way round.
    const whole = await invoke(bench([streamed(orders.url)]).handler);
    expect(whole).toMatchObject({ statusCode: 200, body: 'ok' });
  });

  it.each([
    ['no route', { path: '/nowhere' }, 404, 'no_route', 1],
    ['a large body', { path: '/orders', method: 'POST', body: 'a'.repeat(101) }, 413, 'body_too_large', 1],
    ['a service that is not there', { path: '/orders' }, 502, 'upstream_unreachable', 2],
  ] as const)('is answered so: %s', async (_, choices, status, code, events) => {
    const upstream = `http://127.0.0.1:${await unusedPort()}`;
    const proxy = bench([streamed(upstream, { path: '/orders' })], { maxBodyBytes: 100 });
    const { caller, done } = stream(proxy, restEvent(choices));
    expect(await done).toBeUndefined();
    expect(caller.prelude).toMatchObject({
      statusCode: status,
      multiValueHeaders: { 'content-type': ['application/problem+json'], 'x-request-id': ['request-1'] },
    });
    expect(JSON.parse(caller.body.toString())).toMatchObject({ type: `urn:cdk-audit-proxy:problem:${code}`, status });
    expect(proxy.sink.persisted).toHaveLength(events);
    expect(proxy.sink.persisted.at(-1)).toMatchObject({
      status_code: String(status),
      status_detail: code,
      unmapped: { response_body: { length: caller.body.length, sha256: sha256(caller.body) } },
    });
    expect(proxy.extension.done).toBe(1);
  });

  it('is answered so: the keys of the assertions', async () => {
    const answer = {
      statusCode: 200,
      headers: [['content-type', 'application/jwk-set+json']],
      body: Buffer.from('{}'),
    };
    const assertions = { keySetAnswer: () => Promise.resolve(answer) } as unknown as Assertions;
    const proxy = bench([], { assertions });
    const { caller, done } = stream(proxy, restEvent({ path: JWKS_PATH }));
    expect(await done).toBeUndefined();
    expect([caller.prelude?.statusCode, caller.body.toString()]).toEqual([200, '{}']);
    expect(proxy.sink.persisted).toMatchObject([{ status_code: '200', unmapped: { phase: 'outcome' } }]);
  });
});

describe('a streamed route', () => {
  const connectionOf = (more: object) => upstreamOf(resolveRoute(streamed('http://127.0.0.1:9', more))).connection;

  it('has the usual time for the first byte, unless it says otherwise', () => {
    expect(connectionOf({}).firstByteTimeoutMs).toBe(DEFAULT_TIMEOUT_MS);
    expect(connectionOf({ connection: { firstByteTimeoutMs: 300_000 } }).firstByteTimeoutMs).toBe(300_000);
    expect(connectionOf({ streaming: false }).firstByteTimeoutMs).toBeUndefined();
  });

  it('takes longer for its whole answer than API Gateway would wait for one', async () => {
    const slow = await service((_, response) => void setTimeout(() => response.end('late'), 300));
    // The clock of who answers whole has 28.5 s from the start; this one has what the function has.
    const now = performance.now.bind(performance);
    const proxy = bench([streamed(slow.url, { connection: { firstByteTimeoutMs: 60_000 } })]);
    let shift = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now() + shift);
    const { caller, done } = stream(proxy);
    shift = 60_000;
    expect(await done).toBeUndefined();
    expect([caller.prelude?.statusCode, caller.body.toString()]).toEqual([200, 'late']);
  });
});
