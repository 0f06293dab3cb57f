import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { createHash, randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { UidsAndClock } from '../../lib/event/build';
import { Chain } from '../../lib/event/chain';
import type { AuditEvent } from '../../lib/event/schema';
import { httpEvent, invocation, restEvent } from '../support/gateway-events';
import { bench, invoke, type Result } from '../support/handler-bench';
import { schemaErrors } from '../support/ocsf';
import { startRawService, startService, unusedPort, valuesOf, type Service } from '../support/services';

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

function sha256(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}

describe('a request that is let in', () => {
  it('is forwarded, answered and recorded by an attempt and an outcome', async () => {
    const orders = await service(
      (_, response) =>
        void response.writeHead(201, { 'Content-Type': 'text/plain', 'Set-Cookie': ['a=1', 'b=2'] }).end('made'),
    );
    const { handler, sink, settled } = bench([{ path: '/orders', upstream: orders.url }]);
    const headers = [
      ['Host', 'api.example.com'],
      ['User-Agent', 'curl/8.7.1'],
      ['Authorization', 'Basic dXNlcjpwYXNzd29yZA=='],
    ] as const;
    const event = restEvent({ method: 'POST', path: '/orders', query: { a: ['b c'] }, headers, body: 'an order' });
    const result = await invoke(handler, event);
    await settled();

    expect(result).toMatchObject({ statusCode: 201, body: 'made', isBase64Encoded: false });
    expect(result.multiValueHeaders).toMatchObject({ 'Set-Cookie': ['a=1', 'b=2'], 'x-request-id': ['request-1'] });
    expect(orders.received).toMatchObject([{ method: 'POST', target: '/orders?a=b%20c' }]);
    expect(orders.received[0]?.body.toString()).toBe('an order');
    expect(valuesOf(orders.received[0]?.rawHeaders ?? [], 'authorization')).toEqual(['Basic dXNlcjpwYXNzd29yZA==']);

    const [attempt, outcome] = sink.persisted;
    expect(sink.persisted).toHaveLength(2);
    expect(attempt).toMatchObject({
      status: 'Unknown',
      disposition: 'Allowed',
      unmapped: { phase: 'attempt', forwarded: false, request_body: { length: 8, sha256: sha256('an order') } },
    });
    expect(outcome).toMatchObject({
      status: 'Success',
      status_code: '201',
      disposition: 'Allowed',
      api: { operation: 'POST /orders', request: { uid: 'request-1' }, response: { code: 201 } },
      dst_endpoint: { hostname: '127.0.0.1', port: orders.port, svc_name: 'orders' },
      unmapped: {
        phase: 'outcome',
        forwarded: true,
        retries: 0,
        guarantee: 'BEFORE_RESPONSE',
        response_body: { length: 4, sha256: sha256('made') },
        environment: 'environment-1',
        invocation_uid: 'invocation-1',
      },
    });
    expect(sink.persisted.flatMap(schemaErrors)).toEqual([]);
    // The service is in the caller's trace through the span that the events name.
    const [traceparent] = valuesOf(orders.received[0]?.rawHeaders ?? [], 'traceparent');
    expect(traceparent).toBe(`00-${outcome?.trace?.uid}-${outcome?.trace?.span?.uid}-00`);
  });

  it('has an outcome that carries every field of its attempt', async () => {
    const orders = await service();
    const { handler, sink, settled } = bench([{ path: '/orders', upstream: orders.url }]);
    const headers = [
      ['User-Agent', 'curl/8.7.1'],
      ['Referer', 'https://shop.example/cart'],
      ['X-Forwarded-For', '203.0.113.9'],
      ['Accept', '*/*'],
      ['traceparent', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
    ] as const;
    await invoke(handler, restEvent({ headers, query: { a: ['1'] }, identity: { userArn: 'arn:aws:iam::1:user/a' } }));
    await settled();
    const [attempt, outcome] = sink.persisted.map(leavesOf);
    const changed = Object.keys(attempt ?? {}).filter((path) => attempt?.[path] !== outcome?.[path]);
    const mayChange = [
      'message', 'metadata.logged_time', 'metadata.sequence', 'metadata.uid', 'status', 'status_id',
      'trace.span.end_time', 'unmapped.forwarded', 'unmapped.phase',
    ]; // prettier-ignore
    expect(mayChange).toEqual(expect.arrayContaining(changed.filter((path) => !path.startsWith('attestation_list.'))));
    expect(attempt?.['metadata.correlation_uid']).toBe(outcome?.['metadata.correlation_uid']);
    expect(attempt?.['metadata.uid']).not.toBe(outcome?.['metadata.uid']);
    expect(outcome).toMatchObject({ 'actor.user.name': 'a', 'http_request.url.query_string': 'a=1' });
  });

  it('has a correlation uid of its own, though callers may choose the request id', async () => {
    const orders = await service();
    const { handler, sink, settled } = bench([{ path: '/', upstream: orders.url }]);
    await invoke(handler);
    await invoke(handler);
    await settled(2);
    const uids = sink.persisted.map(({ metadata }) => metadata.correlation_uid);
    expect(new Set(uids).size).toBe(2);
    expect(uids).not.toContain('request-1');
  });

  it('comes from an HTTP API just as well', async () => {
    const orders = await service((_, response) => void response.setHeader('Set-Cookie', ['a=1', 'b=2']).end('ok'));
    const { handler, sink, settled } = bench([{ path: '/orders', upstream: orders.url, stripPrefix: true }]);
    const event = httpEvent({ rawPath: '/orders/ä', query: 'b=%2f&a', cookies: ['c=1', 'd=2'], method: 'DELETE' });
    const result = (await handler(event, invocation())) as APIGatewayProxyStructuredResultV2;
    await settled();
    expect(result).toMatchObject({ statusCode: 200, body: 'ok', cookies: ['a=1', 'b=2'] });
    expect(result.headers).toMatchObject({ 'x-request-id': 'request-1' });
    expect(orders.received).toMatchObject([{ method: 'DELETE', target: '/%C3%A4?b=%2f&a' }]);
    expect(valuesOf(orders.received[0]?.rawHeaders ?? [], 'cookie')).toEqual(['c=1; d=2']);
    expect(sink.persisted[1]).toMatchObject({
      api: { version: '2.0' },
      http_request: { url: { path: '/orders/%C3%A4' } },
    });
  });

  it.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ])('gets no body from %s with %i', async (method, status) => {
    const orders = await service((_, response) => {
      response.writeHead(status, method === 'HEAD' ? { 'Content-Length': '1234' } : {});
      response.end();
    });
    const { handler } = bench([{ path: '/', upstream: orders.url }]);
    const result = await invoke(handler, restEvent({ method }));
    expect(result).toMatchObject({ statusCode: status, body: '' });
    expect(result.multiValueHeaders?.['Content-Length']).toEqual(method === 'HEAD' ? ['1234'] : undefined);
  });

  it('gets headers with names of Object.prototype', async () => {
    const raw = await startRawService(
      (socket) => void socket.write('HTTP/1.1 200 OK\r\n__proto__: p\r\nconstructor: c\r\nContent-Length: 2\r\n\r\nok'),
    );
    running.push(raw);
    const { handler, extension, settled } = bench([{ path: '/', upstream: raw.url }]);
    const rest = JSON.parse(JSON.stringify(await invoke(handler))) as Result;
    expect(Object.entries(rest.multiValueHeaders ?? {})).toContainEqual(['__proto__', ['p']]);
    const http = JSON.parse(JSON.stringify(await invoke(handler, httpEvent()))) as Result;
    expect(Object.entries(http.headers ?? {})).toContainEqual(['constructor', 'c']);
    await settled(2);
    expect(extension.done).toBe(2);
  });
});

describe('the order of things (BEFORE_RESPONSE)', () => {
  it('calls the service while the attempt is being written', async () => {
    let called: () => void = () => undefined;
    const serviceCalled = new Promise<void>((resolve) => (called = resolve));
    const orders = await service((_, response) => {
      called();
      response.end('ok');
    });
    // The attempt is acknowledged only once the service has been called: were it the other way round, both would wait.
    const { handler, sink } = bench([{ path: '/', upstream: orders.url }], {
      faults: [{ kind: 'wait', until: serviceCalled }],
    });
    expect(await invoke(handler)).toMatchObject({ statusCode: 200 });
    expect(sink.puts[0]?.acknowledgedAt).toBeDefined();
  });

  it('answers when the attempt is durable, not before', async () => {
    let acknowledge: () => void = () => undefined;
    const until = new Promise<void>((resolve) => (acknowledge = resolve));
    const orders = await service();
    const { handler } = bench([{ path: '/', upstream: orders.url }], { faults: [{ kind: 'wait', until }] });
    let answered = false;
    const result = invoke(handler).then(() => (answered = true));
    await vi.waitFor(() => expect(orders.received).toHaveLength(1));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(answered).toBe(false);
    acknowledge();
    await result;
  });

  it('says how long the answer waited', async () => {
    const orders = await service();
    const { handler, sink, settled } = bench([{ path: '/', upstream: orders.url }], {
      faults: [{ kind: 'delay', ms: 150 }],
    });
    await invoke(handler);
    await settled();
    const { attempt_us, waited_us, upstream_us } = sink.persisted[1]?.unmapped ?? {};
    expect(attempt_us).toBeGreaterThan(140_000);
    expect(waited_us).toBeGreaterThan(50_000);
    expect(upstream_us).toBeLessThan(attempt_us ?? 0);
  });

  it('writes the outcome after the answer where an extension holds the environment', async () => {
    const orders = await service();
    const { handler, sink, extension, settled } = bench([{ path: '/', upstream: orders.url }]);
    await invoke(handler);
    expect(sink.puts.map(({ event }) => event.unmapped.phase)).toEqual(['attempt']);
    expect(extension.done).toBe(0);
    await settled();
    expect(sink.persisted.map(({ unmapped }) => unmapped.phase)).toEqual(['attempt', 'outcome']);
  });

  it('writes the outcome before the handler returns where none holds it', async () => {
    const orders = await service();
    const { handler, sink } = bench([{ path: '/', upstream: orders.url }], {
      holds: false,
      faults: [{ kind: 'none' }, { kind: 'delay', ms: 50 }],
    });
    await invoke(handler);
    expect(sink.persisted.map(({ unmapped }) => unmapped.phase)).toEqual(['attempt', 'outcome']);
  });

  it('makes one chain of all events', async () => {
    const orders = await service();
    const { handler, sink, settled } = bench([{ path: '/', upstream: orders.url }]);
    for (let i = 1; i <= 3; i += 1) {
      await invoke(handler);
      await settled(i);
    }
    expect(sink.persisted.map(({ metadata }) => metadata.sequence)).toEqual([0, 1, 2, 3, 4, 5]);
    sink.persisted.forEach((event, i) => {
      const previous = sink.persisted[i - 1];
      expect(event.attestation_list[0]?.prev_event?.uid).toBe(previous?.metadata.uid);
      expect(event.attestation_list[0]?.prev_event?.fingerprint).toEqual(previous?.attestation_list[0]?.fingerprint);
    });
  });
});

describe('a sink that fails', () => {
  it.each([
    ['and persists nothing', 'fail', ['outcome']],
    ['after it has persisted', 'fail-but-persisted', ['attempt', 'outcome']],
  ] as const)(
    '%s: the answer goes out, the event takes the last resort and is named by the next',
    async (_, kind, phases) => {
      const orders = await service();
      const { handler, sink, lastResort, settled } = bench([{ path: '/', upstream: orders.url }], {
        faults: [{ kind }],
      });
      expect(await invoke(handler)).toMatchObject({ statusCode: 200, body: 'ok' });
      await settled();
      expect(sink.persisted.map(({ unmapped }) => unmapped.phase)).toEqual(phases);
      expect(lastResort).toHaveLength(1);
      const { sealed, reason } = lastResort[0] as (typeof lastResort)[number];
      expect(sealed.event.unmapped.phase).toBe('attempt');
      expect(reason).toContain('fake: Error:');
      expect(sink.persisted.at(-1)?.unmapped.unconfirmed).toEqual([
        { uid: sealed.uid, fingerprint: sealed.fingerprint, extended_request_id: 'extended-1' },
      ]);
    },
  );

  it('at the outcome: the next request names it', async () => {
    const orders = await service();
    const { handler, sink, lastResort, settled } = bench([{ path: '/', upstream: orders.url }], {
      faults: [{ kind: 'none' }, { kind: 'fail' }],
    });
    await invoke(handler);
    await settled();
    await invoke(handler);
    await settled(2);
    expect(sink.persisted[1]?.unmapped).toMatchObject({
      phase: 'attempt',
      unconfirmed: [{ uid: lastResort[0]?.sealed.uid }],
    });
    expect(sink.persisted[2]?.unmapped.unconfirmed).toBeUndefined();
  });

  it('by hanging holds the answer no longer than the limit', async () => {
    const orders = await service();
    const { handler, lastResort, settled } = bench([{ path: '/', upstream: orders.url }], {
      faults: [{ kind: 'hang' }],
      totalLimitMs: 200,
    });
    const started = performance.now();
    expect(await invoke(handler)).toMatchObject({ statusCode: 200 });
    const elapsed = performance.now() - started;
    expect(elapsed).toBeGreaterThan(150);
    expect(elapsed).toBeLessThan(1_500);
    await settled();
    expect(lastResort[0]?.reason).toContain('no acknowledgement in time');
  });

  it('by hanging leaves room before the function’s own time limit', async () => {
    const orders = await service();
    const { handler } = bench([{ path: '/', upstream: orders.url }], { faults: [{ kind: 'hang' }] });
    const started = performance.now();
    await invoke(handler, restEvent(), 700);
    expect(performance.now() - started).toBeLessThan(650);
  });

  it('does not keep refusals from being answered', async () => {
    const { handler, lastResort, settled } = bench([], { faults: [{ kind: 'fail' }] });
    expect(await invoke(handler)).toMatchObject({ statusCode: 404 });
    expect(lastResort).toHaveLength(1);
    await settled();
  });
});

describe('a problem', () => {
  const SECRET_HOST = 'secret-host.invalid';

  it.each([
    ['no route', { path: '/nowhere' }, 404, 'no_route', 'Blocked', 'Denied'],
    ['an ambiguous path', { path: '/orders/../x' }, 400, 'ambiguous_path', 'Blocked', 'Denied'],
    ['a header with a line break', { headers: [['X', 'a\r\nb']] }, 400, 'invalid_headers', 'Blocked', 'Denied'],
    ['a large body', { method: 'POST', body: 'a'.repeat(101) }, 413, 'body_too_large', 'Blocked', 'Denied'],
    ['large headers', { headers: [['X', 'a'.repeat(10_000)]] }, 431, 'headers_too_large', 'Blocked', 'Denied'],
    ['a service that is not there', {}, 502, 'upstream_unreachable', 'Error', 'Allowed'],
  ] as const)('%s is answered as problem+json and recorded', async (_, choices, status, code, disposition, action) => {
    const { handler, sink, settled, extension } = bench(
      [{ path: '/orders', upstream: `http://${SECRET_HOST}:${await unusedPort()}` }],
      { maxBodyBytes: 100 },
    );
    const result = await invoke(handler, restEvent(choices as Parameters<typeof restEvent>[0]));
    await settled();
    expect(extension.done).toBe(1);
    expect(result.statusCode).toBe(status);
    expect(result.multiValueHeaders).toEqual({
      'content-type': ['application/problem+json'],
      'cache-control': ['no-store'],
      'x-request-id': ['request-1'],
    });
    const problem = JSON.parse(result.body) as Record<string, unknown>;
    expect(problem).toMatchObject({ type: `urn:cdk-audit-proxy:problem:${code}`, status, request_id: 'request-1' });
    expect(problem).not.toHaveProperty('forwarded');
    expect(result.body).not.toContain(SECRET_HOST);
    expect(result.body).not.toMatch(/\bat .*:\d+/);

    const outcome = sink.persisted.at(-1);
    expect(sink.persisted).toHaveLength(action === 'Allowed' ? 2 : 1);
    expect(outcome).toMatchObject({
      status: 'Failure',
      status_code: String(status),
      status_detail: code,
      disposition,
      action,
      api: { response: { code: status, error: code } },
      http_response: { code: status, content_type: 'application/problem+json', body_length: result.body.length },
      unmapped: { phase: 'outcome', forwarded: false, response_body: { sha256: sha256(result.body) } },
    });
    expect(sink.persisted.flatMap(schemaErrors)).toEqual([]);
  });

  it.each([
    ['too slow', () => undefined, 504, 'upstream_timeout'],
    ['breaks off', (socket: { destroy(): unknown }) => void socket.destroy(), 502, 'upstream_reset'],
    [
      'too much',
      (socket: { write(data: Buffer | string): unknown }) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 7000000\r\n\r\n');
        socket.write(Buffer.alloc(7_000_000));
      },
      502,
      'answer_too_large',
    ],
  ] as const)('of a service: %s', async (_, respond, status, code) => {
    const raw = await startRawService(respond as Parameters<typeof startRawService>[0]);
    running.push(raw);
    const { handler, sink, settled } = bench([
      { path: '/', upstream: raw.url, timeoutMs: status === 504 ? 150 : 10_000 },
    ]);
    const result = await invoke(handler, httpEvent({ method: 'POST', body: 'x' }));
    await settled();
    expect(result.statusCode).toBe(status);
    expect(JSON.parse(result.body)).toMatchObject({ status, forwarded: true, request_id: 'request-1' });
    expect(result.body).not.toContain('127.0.0.1');
    expect(sink.persisted.map(({ unmapped }) => unmapped.phase)).toEqual(['attempt', 'outcome']);
    expect(sink.persisted[1]).toMatchObject({
      status_detail: code,
      disposition: 'Error',
      action: 'Allowed',
      unmapped: { forwarded: true, retries: 0 },
    });
  });

  it('is answered before the function’s own time limit strikes', async () => {
    const orders = await service(() => undefined);
    const { handler } = bench([{ path: '/', upstream: orders.url }]);
    const started = performance.now();
    expect(await invoke(handler, restEvent(), 1_300)).toMatchObject({ statusCode: 504 });
    expect(performance.now() - started).toBeLessThan(1_300);
  });

  it('of a stripped path that begins with // is refused before any attempt', async () => {
    const orders = await service();
    const { handler, sink } = bench([{ path: '/orders', upstream: orders.url, stripPrefix: true }]);
    expect(await invoke(handler, restEvent({ path: '/orders//evil.example/' }))).toMatchObject({ statusCode: 400 });
    expect(sink.persisted).toMatchObject([{ disposition: 'Blocked', status_detail: 'ambiguous_path' }]);
    expect(orders.received).toEqual([]);
  });

  it('names the route where there was one, none where there was none', async () => {
    const { handler, sink } = bench([{ path: '/orders', upstream: 'http://127.0.0.1:9' }], { maxBodyBytes: 1 });
    await invoke(handler, restEvent({ method: 'POST', body: 'ab' }));
    await invoke(handler, restEvent({ path: '/else' }));
    expect(sink.persisted).toMatchObject([
      { api: { operation: 'POST /orders', service: { name: 'orders' } }, unmapped: { route: '/orders' } },
      { api: { operation: 'GET (no route)' } },
    ]);
    expect(sink.persisted[1]).not.toHaveProperty('dst_endpoint');
  });
});

describe('a fault of the program', () => {
  it('before the call shows nothing to the caller, calls nobody, and lets the environment go', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const orders = await service();
    const chain = new Chain('chain-1');
    const seal = vi.spyOn(chain, 'seal').mockImplementationOnce(() => {
      throw new TypeError('secret detail of the program');
    });
    const { handler, sink, extension, settled } = bench([{ path: '/', upstream: orders.url }], { chain });
    const result = await invoke(handler);
    await settled();
    expect(seal).toHaveBeenCalledTimes(2);
    expect(result.statusCode).toBe(500);
    expect(result.body).not.toContain('secret detail');
    expect(result.body).not.toContain('TypeError');
    expect(JSON.parse(result.body)).not.toHaveProperty('forwarded');
    expect(orders.received).toEqual([]);
    expect(sink.persisted).toMatchObject([
      { status_detail: 'internal_error', disposition: 'Error', unmapped: { forwarded: false } },
    ]);
    expect(extension.done).toBe(1);
    expect(log).toHaveBeenCalled();
  });

  it('after the call never says that the service was not called', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const orders = await service();
    let calls = 0;
    const uidsAndClock: UidsAndClock = {
      uid: randomUUID,
      now: () => {
        calls += 1;
        // How long the request waited, startTime, logged_time of the attempt, then the end of the outcome.
        if (calls === 4) throw new Error('the clock broke');
        return Date.now();
      },
    };
    const { handler, sink, settled } = bench([{ path: '/', upstream: orders.url }], { uidsAndClock });
    const result = await invoke(handler);
    await settled();
    expect(orders.received).toHaveLength(1);
    expect(JSON.parse(result.body)).toMatchObject({ status: 500, forwarded: true });
    expect(sink.persisted.at(-1)).toMatchObject({ status_detail: 'internal_error', unmapped: { forwarded: true } });
  });

  it('that cannot even be recorded fails the invocation, and lets the environment go once', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const chain = new Chain('chain-1');
    vi.spyOn(chain, 'seal').mockImplementation(() => {
      throw new TypeError('broken');
    });
    const { handler, extension, settled } = bench([{ path: '/', upstream: 'http://127.0.0.1:9' }], { chain });
    await expect(invoke(handler)).rejects.toThrow('broken');
    await settled();
    expect(extension.done).toBe(1);
  });

  it('at the outcome, after the answer, is logged, and lets the environment go', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const orders = await service();
    const chain = new Chain('chain-1');
    const seal = chain.seal.bind(chain);
    vi.spyOn(chain, 'seal')
      .mockImplementationOnce(seal)
      .mockImplementationOnce(() => {
        throw new TypeError('broken');
      });
    const { handler, settled } = bench([{ path: '/', upstream: orders.url }], { chain });
    expect(await invoke(handler)).toMatchObject({ statusCode: 200 });
    await settled();
    expect(log).toHaveBeenCalledWith(expect.stringContaining('after the response'), expect.any(TypeError));
  });

  it.each([[null], [{}], [{ Records: [] }]])('of who invokes it with %j is refused and recorded', async (event) => {
    const { handler, sink, extension, settled } = bench([]);
    expect(await invoke(handler, event)).toMatchObject({ statusCode: 400 });
    await settled();
    expect(extension.done).toBe(1);
    const body = JSON.stringify(event);
    expect(sink.persisted).toMatchObject([
      {
        status_detail: 'unknown_event',
        unmapped: { who_type: 'unverified', request_body: { length: body.length, sha256: sha256(body) } },
      },
    ]);
  });
});

/** An event as path → value. */
function leavesOf(event: AuditEvent): Record<string, unknown> {
  const leaves: Record<string, unknown> = {};
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) leaves[path] = value;
    else for (const [name, part] of Object.entries(value)) walk(part, path === '' ? name : `${path}.${name}`);
  };
  walk(event, '');
  return leaves;
}
