import { afterEach, describe, expect, it, vi } from 'vitest';
import { forward } from '../../../lambda/proxy/forward/forward';
import { callersLocation } from '../../../lambda/proxy/forward/location';
import { upstreamOf, type Upstream } from '../../../lambda/proxy/forward/upstream';
import type { Problem } from '../../../lambda/proxy/problem';
import type { ConnectionInput } from '../../../lib/routing/connection';
import { resolveRoute } from '../../../lib/routing/route';
import { invoke, bench } from '../../support/handler-bench';
import { restEvent } from '../../support/gateway-events';
import { startRawService, startService, unusedPort, type Service } from '../../support/services';

const running: Service[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(running.splice(0).map((service) => service.stop()));
});

function to(url: string, connection: ConnectionInput): Upstream {
  return upstreamOf(resolveRoute({ path: '/', upstream: url, connection }));
}

function send(upstream: Upstream, method = 'GET', timeoutMs = 5_000) {
  return forward(upstream, { method, target: '/', headers: ['Host', upstream.host], body: Buffer.alloc(0) }, timeoutMs);
}

async function problemOf(call: Promise<unknown>): Promise<Problem> {
  return call.then(
    () => Promise.reject(new Error('no problem at all')),
    (reason: unknown) => reason as Problem,
  );
}

/** TEST-NET-1: nobody answers there, so that a connection hangs or, without a route, is refused. */
const NOBODY = 'http://192.0.2.1:9';

describe('time limits', () => {
  it('for the connection: nothing was sent', async () => {
    const problem = await problemOf(send(to(NOBODY, { connectTimeoutMs: 100 })));
    // A machine without a network says at once that there is no way.
    expect(['upstream_connect_timeout', 'upstream_unreachable']).toContain(problem.code);
    expect(problem.forwarded).toBe(false);
  });

  it('for the connection, which TLS belongs to', async () => {
    const silent = await startRawService(() => undefined);
    running.push(silent);
    const problem = await problemOf(send(to(silent.url.replace('http:', 'https:'), { connectTimeoutMs: 100 })));
    expect(problem).toMatchObject({ code: 'upstream_connect_timeout', status: 504, forwarded: false });
  });

  it('for the connection, which a place in the pool belongs to', async () => {
    const slow = await startRawService(() => undefined);
    running.push(slow);
    const upstream = to(slow.url, { connectTimeoutMs: 100, maxConnections: 1 });
    const first = problemOf(send(upstream, 'GET', 1_000));
    expect(await problemOf(send(upstream))).toMatchObject({ code: 'upstream_connect_timeout' });
    expect(slow.connections()).toBe(1);
    expect(await first).toMatchObject({ code: 'upstream_timeout', forwarded: true });
  });

  it('for the first byte: the service may have acted', async () => {
    const slow = await startRawService(() => undefined);
    running.push(slow);
    const problem = await problemOf(send(to(slow.url, { firstByteTimeoutMs: 100 })));
    expect(problem).toMatchObject({ code: 'upstream_first_byte_timeout', status: 504, forwarded: true });
  });

  it('for the first byte ends with the head of the answer', async () => {
    const slow = await startRawService((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no');
      setTimeout(() => socket.write('k'), 300);
    });
    running.push(slow);
    expect((await send(to(slow.url, { firstByteTimeoutMs: 150 }))).body.toString()).toBe('ok');
  });
});

describe('retries', () => {
  it('are none unless told', async () => {
    const upstream = to(`http://127.0.0.1:${await unusedPort()}`, {});
    expect(await problemOf(send(upstream))).toMatchObject({ code: 'upstream_unreachable', retries: 0 });
  });

  it('are as many as told, where no byte was sent', async () => {
    const upstream = to(`http://127.0.0.1:${await unusedPort()}`, { retries: 2 });
    expect(await problemOf(send(upstream))).toMatchObject({
      code: 'upstream_unreachable',
      retries: 2,
      forwarded: false,
    });
  });

  it('are for idempotent methods only', async () => {
    const upstream = to(`http://127.0.0.1:${await unusedPort()}`, { retries: 2 });
    expect(await problemOf(send(upstream, 'POST'))).toMatchObject({ retries: 0 });
  });

  it('are none once a byte was sent on a new connection', async () => {
    const resetting = await startRawService((socket) => void socket.destroy());
    running.push(resetting);
    expect(await problemOf(send(to(resetting.url, { retries: 3 })))).toMatchObject({
      code: 'upstream_reset',
      retries: 0,
    });
    expect(resetting.connections()).toBe(1);
  });

  it('find a service that has come up', async () => {
    const port = await unusedPort();
    const upstream = to(`http://127.0.0.1:${port}`, { retries: 3 });
    const service = await startService();
    running.push(service);
    const calls = vi.spyOn(upstream.module, 'request');
    Object.defineProperty(upstream, 'port', { get: () => (calls.mock.calls.length > 0 ? service.port : port) });
    expect(await send(upstream)).toMatchObject({ statusCode: 200, retries: 1 });
  });
});

describe('the circuit of a route', () => {
  it('opens, is told in a metric, answers 503 with Retry-After, and is recorded', async () => {
    const written: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    const upstream = `http://127.0.0.1:${await unusedPort()}`;
    const connection = { circuitFailures: 2, circuitOpenMs: 30_000 };
    const { handler, sink, settled } = bench([{ path: '/orders', upstream, connection }]);
    for (let i = 0; i < 2; i += 1) expect(await invoke(handler, restEvent())).toMatchObject({ statusCode: 502 });
    const refused = await invoke(handler, restEvent());
    await settled(3);
    expect(refused).toMatchObject({ statusCode: 503, multiValueHeaders: { 'retry-after': ['30'] } });
    expect(JSON.parse(refused.body)).toMatchObject({ type: 'urn:cdk-audit-proxy:problem:upstream_circuit_open' });
    expect(sink.persisted.at(-1)).toMatchObject({
      status_detail: 'upstream_circuit_open',
      unmapped: { forwarded: false },
    });
    const metrics = written.filter((line) => line.includes('UpstreamCircuitOpened'));
    expect(metrics).toHaveLength(1);
    expect(JSON.parse(metrics[0] ?? '')).toMatchObject({ service: 'orders', UpstreamCircuitOpened: 1 });
  });

  it('stays closed for a service that answers, whatever its status', async () => {
    const failing = await startService((_, response) => void response.writeHead(500).end());
    running.push(failing);
    const upstream = to(failing.url, { circuitFailures: 1 });
    for (let i = 0; i < 3; i += 1) expect(await send(upstream)).toMatchObject({ statusCode: 500 });
  });

  it('stays closed where what it answers is too large: it works', async () => {
    const large = await startService((_, response) => void response.end(Buffer.alloc(7_000_000)));
    running.push(large);
    const upstream = to(large.url, { circuitFailures: 1 });
    for (let i = 0; i < 3; i += 1) expect(await problemOf(send(upstream))).toMatchObject({ code: 'answer_too_large' });
  });
});

describe('Location, where it is rewritten', () => {
  const route = { path: '/shop', upstream: 'http://orders.internal:8080/api', stripPrefix: true };
  const rewritten = (location: string, prefix = '', more = {}) =>
    callersLocation([['Location', location]], upstreamOf(resolveRoute({ ...route, ...more })), prefix)[0]?.[1];

  it.each([
    ['http://orders.internal:8080/api/7', '/shop/7'],
    ['http://ORDERS.internal:8080/api/7?a=1#f', '/shop/7?a=1#f'],
    ['http://orders.internal:8080/api', '/shop'],
    ['//orders.internal:8080/api/7', '/shop/7'],
    ['/api/7', '/shop/7'],
    ['/api/', '/shop/'],
    ['/api?a=1', '/shop?a=1'],
  ])('%s becomes the path by which callers reach the same', (from, to) => expect(rewritten(from)).toBe(to));

  it.each([
    'https://orders.internal:8080/api/7',
    'http://orders.internal/api/7',
    'http://elsewhere.example/api/7',
    'http://orders.internal:8080@evil.example/api/7',
    'http://orders.internal:8080/other',
    'http://orders.internal:8080/apis',
    '/other',
    '7',
    '../8',
    '?page=2',
    'mailto:a@b.example',
    '',
  ])('%j stays', (from) => expect(rewritten(from)).toBe(from));

  it('has the stage before it', () => expect(rewritten('/api/7', '/prod')).toBe('/prod/shop/7'));

  it('never names a host by two slashes', () => {
    expect(rewritten('/api//evil.example', '', { path: '/' })).toBe('/api//evil.example');
  });

  it('is left alone unless the route says so', async () => {
    const service = await startService((_, response) => void response.writeHead(302, { Location: '/api/7' }).end());
    running.push(service);
    const routes = [true, false].map((rewriteLocation) => ({ path: `/r${rewriteLocation}`, upstream: `${service.url}/api`, stripPrefix: true, rewriteLocation })); // prettier-ignore
    const { handler } = bench(routes);
    const domainName = 'abcdef1234.execute-api.eu-west-1.amazonaws.com';
    const locationOf = async (path: string) =>
      (await invoke(handler, restEvent({ path, context: { domainName } }))).multiValueHeaders?.Location;
    expect(await locationOf('/rtrue/x')).toEqual(['/prod/rtrue/7']);
    expect(await locationOf('/rfalse/x')).toEqual(['/api/7']);
  });
});
