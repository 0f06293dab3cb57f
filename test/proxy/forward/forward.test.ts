import { createHash, randomBytes } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { MAX_RESULT_BYTES } from '../../../lambda/proxy/answer';
import type { OutgoingRequest } from '../../../lambda/proxy/forward/exchange';
import { forward, type Forwarded } from '../../../lambda/proxy/forward/forward';
import { targetOf, upstreamOf, type Upstream } from '../../../lambda/proxy/forward/upstream';
import type { Problem } from '../../../lambda/proxy/problem';
import { resolveRoute, type RouteInput } from '../../../lib/routing/route';
import { startRawService, startService, unusedPort, valuesOf, type Service } from '../../support/services';

const running: Service[] = [];
const upstreams: Upstream[] = [];
afterEach(async () => {
  upstreams.splice(0).forEach(({ agents }) => [agents.kept, agents.single].forEach((agent) => agent.destroy()));
  await Promise.all(running.splice(0).map((service) => service.stop()));
});

async function service(...args: Parameters<typeof startService>): Promise<Service> {
  const started = await startService(...args);
  running.push(started);
  return started;
}

async function rawService(...args: Parameters<typeof startRawService>): Promise<Service> {
  const started = await startRawService(...args);
  running.push(started);
  return started;
}

function to(url: string, route: Partial<RouteInput> = {}): Upstream {
  const upstream = upstreamOf(resolveRoute({ path: '/', upstream: url, ...route }));
  upstreams.push(upstream);
  return upstream;
}

function send(upstream: Upstream, request: Partial<OutgoingRequest> = {}, timeoutMs = 5_000): Promise<Forwarded> {
  const body = request.body ?? Buffer.alloc(0);
  const length = body.length > 0 ? ['Content-Length', String(body.length)] : [];
  const headers = ['Host', upstream.host, ...length];
  return forward(upstream, { method: 'GET', target: '/', headers, body, ...request }, timeoutMs);
}

/** How a call failed. */
async function problemOf(call: Promise<unknown>): Promise<Pick<Problem, 'code' | 'forwarded' | 'retries'>> {
  const error: unknown = await call.then(
    () => 'no problem at all',
    (reason: unknown) => reason,
  );
  const { code, forwarded, retries } = error as Problem;
  return { code, forwarded, retries };
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

describe('a call to a service', () => {
  it.each([
    ['GET', ''],
    ['HEAD', ''],
    ['OPTIONS', ''],
    ['DELETE', ''],
    ['POST', 'body'],
    ['PUT', 'body'],
    ['PATCH', 'body'],
    ['DELETE', 'a DELETE with a body'],
    ['GET', 'a GET with a body'],
    ['PROPFIND', '<x/>'],
  ])('brings %s with body "%s"', async (method, body) => {
    const { url, received } = await service();
    const answer = await send(to(url), { method, body: Buffer.from(body), target: '/a%2Fb//c?x=%zz&x=2' });
    expect(answer.statusCode).toBe(200);
    expect(answer.body.toString()).toBe(method === 'HEAD' ? '' : 'ok');
    expect(received).toMatchObject([{ method, target: '/a%2Fb//c?x=%zz&x=2' }]);
    expect(received[0]?.body.toString()).toBe(body);
  });

  it('writes exactly the bytes that it was given', async () => {
    const lines: string[] = [];
    const { url } = await rawService((socket, data) => {
      lines.push(data.toString('latin1'));
      socket.write(OK);
    });
    const headers = ['Host', 'h', 'X-Twice', '1', 'x-twice', '2', 'X-Latin', 'caf\xe9', '__proto__', 'p'];
    await send(to(url), { method: 'DELETE', target: '/a?b', headers });
    expect(lines.join('')).toBe(
      'DELETE /a?b HTTP/1.1\r\nHost: h\r\nX-Twice: 1\r\nx-twice: 2\r\nX-Latin: caf\xe9\r\n__proto__: p\r\nConnection: keep-alive\r\n\r\n',
    );
  });

  it('never splits a request, whatever stands in it', async () => {
    const { url, received } = await service();
    const hostile: Partial<OutgoingRequest>[] = [
      { target: '/a\r\nX: y' },
      { target: '/a b' },
      { target: '/日本' },
      { headers: ['Host', 'h', 'X', 'a\r\nY: b'] },
      { headers: ['Host', 'h', 'X\r\nY', 'b'] },
      { headers: ['Host', 'h', 'X', 'a\0'] },
      { method: 'GET / HTTP/1.1\r\nX:' },
    ];
    for (const request of hostile) {
      expect(await problemOf(send(to(url), request))).toMatchObject({ code: 'invalid_headers', forwarded: false });
    }
    expect(received).toEqual([]);
  });

  it('carries binary bodies both ways, with their hash', async () => {
    const up = randomBytes(300_000);
    const down = randomBytes(300_001);
    const { url, received } = await service((_, response) => void response.end(down));
    const answer = await send(to(url), { method: 'POST', body: up });
    expect(received[0]?.body.equals(up)).toBe(true);
    expect(answer.body.equals(down)).toBe(true);
    expect(answer.bodyFacts).toEqual({
      length: down.length,
      sha256: createHash('sha256').update(down).digest('hex'),
    });
  });

  it('passes compressed bodies through as they are', async () => {
    const packed = gzipSync('hello '.repeat(1000));
    const { url } = await service((_, response) => void response.setHeader('Content-Encoding', 'gzip').end(packed));
    const answer = await send(to(url), { headers: ['Host', 'h', 'Accept-Encoding', 'gzip'] });
    expect(answer.body.equals(packed)).toBe(true);
    expect(gunzipSync(answer.body).toString()).toBe('hello '.repeat(1000));
    expect(answer.headers).toContainEqual(['Content-Encoding', 'gzip']);
  });

  it('puts chunked answers together, without their trailers', async () => {
    const { url } = await service((_, response) => {
      response.writeHead(200, { Trailer: 'X-T' });
      response.write('one ');
      setTimeout(() => {
        response.write('two ');
        response.addTrailers({ 'X-T': 'trailer' });
        response.end('three');
      }, 20);
    });
    const answer = await send(to(url));
    expect(answer.body.toString()).toBe('one two three');
    expect(answer.headers.map(([name]) => name.toLowerCase())).not.toContain('x-t');
  });

  it('reads an answer that ends with its connection', async () => {
    const { url } = await rawService((socket) => void socket.end('HTTP/1.1 200 OK\r\n\r\nuntil the end'));
    expect((await send(to(url))).body.toString()).toBe('until the end');
  });

  it.each([204, 304])('takes %i to have no body', async (status) => {
    const { url } = await rawService((socket) => void socket.write(`HTTP/1.1 ${status} X\r\nETag: "a"\r\n\r\n`));
    const answer = await send(to(url));
    expect(answer).toMatchObject({ statusCode: status, headers: [['ETag', '"a"']] });
    expect(answer.body).toHaveLength(0);
  });

  it('keeps repeated headers, cookies and hostile names apart and in order', async () => {
    const head = 'Set-Cookie: a=1\r\nset-cookie: b=2\r\n__proto__: p\r\nconstructor: c\r\nX-Latin: caf\xe9\r\n';
    const answerBytes = Buffer.from(`HTTP/1.1 200 OK\r\n${head}Content-Length: 0\r\n\r\n`, 'latin1');
    const { url } = await rawService((socket) => void socket.write(answerBytes));
    expect((await send(to(url))).headers).toEqual([
      ['Set-Cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['__proto__', 'p'],
      ['constructor', 'c'],
      ['X-Latin', 'caf\xe9'],
      ['Content-Length', '0'],
    ]);
  });

  it('loses none of very many headers', async () => {
    const head = Array.from({ length: 1_500 }, (_, i) => `a: ${i % 10}\r\n`).join('');
    const { url } = await rawService(
      (socket) => void socket.write(`HTTP/1.1 200 OK\r\n${head}Content-Length: 0\r\n\r\n`),
    );
    expect((await send(to(url))).headers).toHaveLength(1_501);
  });

  it('ignores informational answers before the real one', async () => {
    const early = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
    const { url } = await rawService((socket) => void socket.write(early + OK));
    const answer = await send(to(url));
    expect(answer).toMatchObject({ statusCode: 200, headers: [['Content-Length', '2']] });
  });

  it('reaches an IPv6 host', async () => {
    const { url, received } = await service(undefined, '::1');
    const upstream = to(url);
    expect(upstream.hostname).toBe('::1');
    expect((await send(upstream)).statusCode).toBe(200);
    expect(valuesOf(received[0]?.rawHeaders ?? [], 'host')).toEqual([new URL(url).host]);
  });

  it('takes an answer that comes before the request was read', async () => {
    const early = 'HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig';
    const { url } = await rawService((socket) => {
      socket.pause(); // Never reads on; the body cannot all be in the buffers between.
      socket.write(early);
    });
    const upstream = to(url);
    const answer = await send(upstream, { method: 'POST', body: Buffer.alloc(20_000_000) });
    expect(answer).toMatchObject({ statusCode: 413 });
    expect(answer.body.toString()).toBe('big');
    // Nobody may get that connection next, with the rest of this body in it.
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(Object.values(upstream.agents.kept.freeSockets).flat()).toEqual([]);
    expect(Object.values(upstream.agents.kept.sockets).flat()).toEqual([]);
  });
});

describe('connections', () => {
  it('are used again', async () => {
    const { url, received, connections } = await service();
    const upstream = to(url);
    for (let i = 0; i < 5; i += 1) await send(upstream, i % 2 ? { method: 'POST', body: Buffer.from('x') } : {});
    expect(received).toHaveLength(5);
    expect(connections()).toBe(1);
  });

  it('are not used again where the service says close', async () => {
    const { url, connections } = await service(
      (_, response) => void response.setHeader('Connection', 'close').end('x'),
    );
    const upstream = to(url);
    await send(upstream);
    await send(upstream);
    expect(connections()).toBe(2);
  });

  /** Answers the first request of the first connection, and breaks at the second. */
  const breaksOnSecond: Parameters<typeof startRawService>[0] = (socket, _data, { connection, requests }) => {
    if (connection === 1 && requests === 2) socket.resetAndDestroy();
    else socket.write(OK);
  };

  it.each(['GET', 'HEAD', 'PUT', 'DELETE'])('that went stale: %s is sent again on a fresh one', async (method) => {
    const { url, connections } = await rawService(breaksOnSecond);
    const upstream = to(url);
    expect((await send(upstream)).retries).toBe(0);
    const answer = await send(upstream, { method });
    expect(answer).toMatchObject({ statusCode: 200, retries: 1 });
    expect(connections()).toBe(2);
  });

  it.each(['POST', 'PATCH'])('that went stale: %s is not sent again', async (method) => {
    const { url, connections } = await rawService(breaksOnSecond);
    const upstream = to(url);
    await send(upstream);
    expect(await problemOf(send(upstream, { method, body: Buffer.from('x') }))).toEqual({
      code: 'upstream_reset',
      forwarded: true,
      retries: 0,
    });
    expect(connections()).toBe(1);
  });

  it('that break when fresh are not tried again', async () => {
    const { url, connections } = await rawService((socket) => void socket.resetAndDestroy());
    expect(await problemOf(send(to(url)))).toEqual({ code: 'upstream_reset', forwarded: true, retries: 0 });
    expect(connections()).toBe(1);
  });

  it('are tried again once, and never denied to have been used', async () => {
    const stopping: { service?: Service } = {};
    const raw = await rawService((socket, _data, { requests }) => {
      if (requests === 1) return void socket.write(OK);
      // Nobody listens any more when the second try comes.
      void stopping.service?.stop();
    });
    stopping.service = raw;
    const upstream = to(raw.url);
    await send(upstream);
    expect(await problemOf(send(upstream))).toEqual({ code: 'upstream_unreachable', forwarded: true, retries: 1 });
  });

  it('that were idle for long are closed before a POST, and kept for a GET', async () => {
    const { url, connections } = await service();
    const upstream = to(url);
    await send(upstream);
    upstream.lastUsed = performance.now() - 2_000;
    await send(upstream);
    expect(connections()).toBe(1);
    upstream.lastUsed = performance.now() - 2_000;
    await send(upstream, { method: 'POST', body: Buffer.from('x') });
    expect(connections()).toBe(2);
    upstream.lastUsed = performance.now() - 5_000;
    await send(upstream);
    expect(connections()).toBe(3);
  });

  it('give no request the answer that a service sent unasked', async () => {
    const { url } = await rawService((socket, _data, { connection, requests }) => {
      if (connection > 1 || requests > 1) return void socket.write(OK);
      socket.write(OK);
      setTimeout(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison'), 10);
    });
    const upstream = to(url);
    await send(upstream);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await send(upstream)).body.toString()).toBe('ok');
  });

  it('give no request the second of two answers that came at once', async () => {
    const { url } = await rawService((socket, _data, { connection }) => {
      socket.write(connection === 1 ? OK + 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison' : OK);
    });
    const upstream = to(url);
    await send(upstream).catch(() => undefined);
    expect((await send(upstream)).body.toString()).toBe('ok');
  });
});

describe('a service that fails', () => {
  it('cannot be reached', async () => {
    const upstream = to(`http://127.0.0.1:${await unusedPort()}`);
    expect(await problemOf(send(upstream))).toMatchObject({ code: 'upstream_unreachable', forwarded: false });
  });

  it('has no address', async () => {
    expect(await problemOf(send(to('http://nowhere.invalid')))).toMatchObject({ code: 'upstream_unreachable' });
  });

  it('is too slow to begin', async () => {
    const { url } = await service(() => undefined);
    const started = performance.now();
    expect(await problemOf(send(to(url), {}, 100))).toMatchObject({ code: 'upstream_timeout', forwarded: true });
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('is too slow to end', async () => {
    const { url } = await service((_, response) => {
      const timer = setInterval(() => response.write('.'), 10);
      response.on('close', () => clearInterval(timer));
    });
    const started = performance.now();
    expect(await problemOf(send(to(url), {}, 150))).toMatchObject({ code: 'upstream_timeout', forwarded: true });
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('has one time limit for both tries', async () => {
    const { url } = await rawService((socket, _data, { connection, requests }) => {
      if (connection > 1) return; // silent
      if (requests === 1) socket.write(OK);
      else setTimeout(() => socket.resetAndDestroy(), 450);
    });
    const upstream = to(url);
    await send(upstream);
    const started = performance.now();
    expect(await problemOf(send(upstream, {}, 600))).toEqual({ code: 'upstream_timeout', forwarded: true, retries: 1 });
    expect(performance.now() - started).toBeLessThan(900);
  });

  it.each([
    ['in its head', 'HTTP/1.1 200 OK\r\nContent-Le', 'upstream_reset'],
    ['in a body of known length', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf', 'upstream_reset'],
    ['in a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal', 'upstream_reset'],
    ['between chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n', 'upstream_reset'],
  ])('breaks off %s', async (_, bytes, code) => {
    for (const end of ['end', 'destroy'] as const) {
      const { url } = await rawService((socket) => void socket.write(bytes, () => setTimeout(() => socket[end](), 10)));
      expect(await problemOf(send(to(url)))).toMatchObject({ code, forwarded: true });
    }
  });

  it.each([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok'],
    ['a length and chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a space before the colon', 'HTTP/1.1 200 OK\r\nX : y\r\nContent-Length: 0\r\n\r\n'],
    ['a NUL in a header', 'HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n'],
    ['a broken chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
    ['headers without end', `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(40_000)}\r\n`],
  ])('speaks nonsense: %s', async (_, bytes) => {
    const { url } = await rawService((socket) => void socket.write(bytes));
    expect(await problemOf(send(to(url), {}, 2_000))).toMatchObject({ code: 'upstream_reset', forwarded: true });
  });

  it.each(['600 X', '999 X', '099 X', '000 X'])('answers with status %s', async (status) => {
    const { url } = await rawService((socket) => void socket.write(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`));
    expect(await problemOf(send(to(url)))).toMatchObject({ code: 'upstream_invalid', forwarded: true });
  });

  it('switches to a protocol that nobody asked for', async () => {
    const { url } = await rawService(
      (socket) => void socket.write('HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),
    );
    expect(await problemOf(send(to(url)))).toMatchObject({ code: 'upstream_invalid', forwarded: true });
  });

  it.each([
    ['more bytes than fit', MAX_RESULT_BYTES + 1, 0x61],
    ['bytes that do not fit as base64', Math.ceil((MAX_RESULT_BYTES * 3) / 4), 0xff],
  ])('answers with %s', async (_, length, byte) => {
    const { url } = await service((_request, response) => void response.end(Buffer.alloc(length, byte)));
    expect(await problemOf(send(to(url)))).toMatchObject({ code: 'answer_too_large', forwarded: true });
  });

  it('leaves the next request alone', async () => {
    const { url } = await rawService((socket, _data, { connection }) => {
      if (connection === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf', () => socket.destroy());
      else socket.write(OK);
    });
    const upstream = to(url);
    await problemOf(send(upstream));
    expect((await send(upstream)).body.toString()).toBe('ok');
  });
});

describe('the target', () => {
  it.each([
    [{}, '/orders/7', 'a=1', '/orders/7?a=1'],
    [{}, '/', '', '/'],
    [{ base: '/v1' }, '/orders/7', '', '/v1/orders/7'],
    [{ base: '/v1/' }, '/orders', 'q', '/v1/orders?q'],
    [{ path: '/orders', stripPrefix: true }, '/orders', '', '/'],
    [{ path: '/orders', stripPrefix: true }, '/orders/', '', '/'],
    [{ path: '/orders', stripPrefix: true }, '/orders/7/x', 'a', '/7/x?a'],
    [{ path: '/orders', stripPrefix: true }, '/%6Frders/7', '', '/7'],
    [{ path: '/orders', stripPrefix: true }, '/orders/orders/a%2Fb', '', '/orders/a%2Fb'],
    [{ path: '/a/b', stripPrefix: true }, '/a/b/c//d', '', '/c//d'],
    [{ path: '/', stripPrefix: true }, '/a/b', '', '/a/b'],
    [{ path: '/a/b', stripPrefix: true, base: '/v1' }, '/a/b/c', 'x', '/v1/c?x'],
    [{ path: '/a', stripPrefix: true, base: '/v1' }, '/a//c', '', '/v1//c'],
  ])('%j makes of %s and "%s": %s', (route, path, query, target) => {
    const { base = '', ...rest } = route as { base?: string } & Partial<RouteInput>;
    expect(targetOf(to(`http://orders.internal${base}`, rest), path, query)).toBe(target);
  });

  it('never begins with //, which a service could take for a host', () => {
    const upstream = to('http://orders.internal', { path: '/orders', stripPrefix: true });
    expect(() => targetOf(upstream, '/orders//evil.example/x', '')).toThrow(/must not begin with "\/\/"/);
  });

  it.each([
    ['http://orders.internal', 80, 'orders.internal'],
    ['https://orders.internal', 443, 'orders.internal'],
    ['http://orders.internal:8080/base', 8080, 'orders.internal:8080'],
    ['http://[::1]:9/', 9, '[::1]:9'],
  ])('%s has port %i and host %s', (url, port, host) => {
    expect(to(url)).toMatchObject({ port, host });
  });
});
