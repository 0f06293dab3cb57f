import { describe, expect, it, vi } from 'vitest';
import { forward } from '../../../lambda/proxy/forward/forward';
import { upstreamOf, type Upstream } from '../../../lambda/proxy/forward/upstream';
import { resolveRoute } from '../../../lib/routing/route';
import { afterTest } from '../../support/after-test';
import { answer, echo, startBodilessService, type Answering } from '../../support/bodiless-service';

const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n';

function to(url: string, maxConnections = 16): Upstream {
  const upstream = upstreamOf(resolveRoute({ path: '/', upstream: url, connection: { maxConnections } }));
  afterTest(() => [upstream.agents.kept, upstream.agents.single].forEach((agent) => agent.destroy()));
  return upstream;
}

async function send(upstream: Upstream, target: string, method = 'GET', body = ''): Promise<string> {
  const length = method === 'POST' || body !== '' ? ['Content-Length', String(body.length)] : [];
  const request = { method, target, headers: ['Host', upstream.host, ...length], body: Buffer.from(body) };
  return (await forward(upstream, request, 5_000)).body.toString();
}

describe('a body that the service does not read', () => {
  const methods = ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'SEARCH', 'QUERY', 'X-OWN'];

  it.each(methods)('of %s never becomes the request whose answer somebody else gets', async (method) => {
    for (const stubborn of [false, true]) {
      const service = await startBodilessService(echo, stubborn);
      const upstream = to(service.url, 1);
      expect(await send(upstream, '/first')).toBe('/first');
      const attack = send(upstream, '/attack', method, SMUGGLED);
      const victims = ['/victim-1', '/victim-2'].map((target) => send(upstream, target));
      expect(await Promise.all(victims)).toEqual(['/victim-1', '/victim-2']);
      expect(await attack).toBe(method === 'HEAD' ? '' : '/attack');
      expect(service.read.filter(({ line }) => line === 'GET /smuggled')).toHaveLength(1);
      // The connection of the attack carried nothing of anybody else, was announced to close, and is closed.
      const own = service.read.find(({ line }) => line === `${method} /attack`);
      expect(own?.close).toBe(true);
      expect(service.read.filter(({ connection }) => connection === own?.connection).map(({ line }) => line)).toEqual([
        `${method} /attack`,
        'GET /smuggled',
      ]);
      await vi.waitFor(() => expect(service.open.size).toBe(1));
    }
  });

  it.each(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'POST'])(
    'is none of %s without one: connections are kept',
    async (method) => {
      const service = await startBodilessService();
      const upstream = to(service.url);
      for (let i = 0; i < 3; i += 1) await send(upstream, '/', method);
      expect(service.connections()).toBe(1);
    },
  );
});

describe('bytes that nobody asked for', () => {
  const POISON = answer('poison');
  const CHUNKED = (target: string) =>
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${target.length.toString(16)}\r\n${target}\r\n0\r\n\r\n`;

  it.each<[string, Answering]>([
    ['a second answer', (target) => answer(target) + POISON],
    ['a second answer, after a chunked one', (target) => CHUNKED(target) + POISON],
    ['the beginning of a second answer', (target) => answer(target) + POISON.slice(0, 12)],
    ['the beginning of a second answer, after a chunked one', (target) => CHUNKED(target) + POISON.slice(0, 12)],
    ['the beginning, after interim answers', (target) => `HTTP/1.1 103 E\r\nA: b\r\n\r\n${answer(target)}HTTP/1`],
    ['blank lines', (target) => `${answer(target)}\r\n`],
  ])('with the answer end its connection: %s', async (_, answering) => {
    const service = await startBodilessService(answering);
    const upstream = to(service.url);
    for (const target of ['/1', '/2', '/3']) expect(await send(upstream, target)).toBe(target);
    expect(service.connections()).toBe(3);
  });

  it.each([
    ['204', 'HTTP/1.1 204 No\r\n\r\nHTTP/1.1 2', 'GET'],
    ['304', 'HTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\nHTTP/1.1 2', 'GET'],
    ['the answer to HEAD', `${answer('', 'A: b\r\n')}HTTP/1.1 2`, 'HEAD'],
  ])('behind %s end its connection', async (_, text, method) => {
    const service = await startBodilessService((_target, socket) => {
      socket.write(text);
      return '';
    });
    const upstream = to(service.url);
    for (let i = 0; i < 2; i += 1) expect(await send(upstream, '/', method)).toBe('');
    expect(service.connections()).toBe(2);
  });

  it('while a connection is idle end it', async () => {
    const service = await startBodilessService();
    const upstream = to(service.url);
    await send(upstream, '/1');
    const [socket] = service.open;
    socket?.write(POISON);
    await vi.waitFor(() => expect(service.open.size).toBe(0));
    expect(Object.values(upstream.agents.kept.freeSockets).flat()).toEqual([]);
    expect(await send(upstream, '/2')).toBe('/2');
  });

  it.each([POISON, 'H', '\r\n', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\npoison\r\n0\r\n\r\n'])(
    'that have arrived unread end it before it is used again: %j',
    async (bytes) => {
      const service = await startBodilessService();
      const upstream = to(service.url);
      await send(upstream, '/1');
      const [socket] = service.open;
      // In the same turn of the event loop: they lie in the kernel, and nobody has been told.
      socket?.write(bytes);
      const next = send(upstream, '/2');
      expect(await next).toBe('/2');
      expect(service.connections()).toBe(2);
    },
  );

  it('end it before a request gets it that waited for a place', async () => {
    const service = await startBodilessService((target) => answer(target) + POISON);
    const upstream = to(service.url, 1);
    const targets = ['/1', '/2', '/3', '/4'];
    expect(await Promise.all(targets.map((target) => send(upstream, target)))).toEqual(targets);
    expect(service.connections()).toBe(4);
  });

  it('are none where answers are well formed: chunked, interim, of HEAD, by pieces', async () => {
    const pieces: Answering = (target, socket) => {
      const text = target === '/chunked' ? CHUNKED(target) : answer(target, 'A: b\r\n');
      for (const byte of `HTTP/1.1 100 Continue\r\n\r\n${text}`) socket.write(byte);
      return '';
    };
    for (const answering of [pieces, CHUNKED, echo]) {
      const service = await startBodilessService(answering);
      const upstream = to(service.url);
      for (const target of ['/chunked', '/plain', '/']) expect(await send(upstream, target)).toBe(target);
      if (answering === echo) await send(upstream, '/head', 'HEAD');
      expect(service.connections()).toBe(1);
    }
  });
});

describe('a place for a connection', () => {
  it('that was waited for is as good as any: the time to connect ends where a kept connection is taken', async () => {
    let waiting = 0;
    const service = await startBodilessService((target, socket) => {
      waiting += 1;
      setTimeout(() => socket.write(answer(target)), waiting === 1 ? 50 : 250);
      return '';
    });
    const connection = { maxConnections: 1, connectTimeoutMs: 200 };
    const upstream = upstreamOf(resolveRoute({ path: '/', upstream: service.url, connection }));
    afterTest(() => upstream.agents.kept.destroy());
    expect(await Promise.all([send(upstream, '/1'), send(upstream, '/2')])).toEqual(['/1', '/2']);
    expect(service.connections()).toBe(1);
  });
});
