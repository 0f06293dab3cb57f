import http from 'node:http';
import net from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { restApi } from '../../../bin/local/gateway/rest-api/rest-api';
import { startGateway } from '../../../bin/local/gateway/server';
import { FakeFunctions, gatewayWith, raw, rawRequest } from './gateway-fixture';

describe('connections', () => {
  it('serve many requests, in order when pipelined', async () => {
    const functions = new FakeFunctions((event) => JSON.stringify({ statusCode: 200, body: event['path'] }));
    const gateway = await gatewayWith(restApi, functions);

    const answers = await raw(
      gateway,
      'GET /first HTTP/1.1\r\nHost: a\r\n\r\n' +
        'POST /second HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc' +
        rawRequest('GET /third'),
    );

    expect(answers.match(/\/(first|second|third)/g)).toEqual(['/first', '/second', '/third']);
  });

  it('get "100 Continue" before the body is sent', async () => {
    const functions = new FakeFunctions();
    const gateway = await gatewayWith(restApi, functions);
    const request = http.request(gateway.url, {
      method: 'POST',
      headers: { Expect: '100-continue', 'Content-Length': 5 },
    });
    request.flushHeaders();

    await once(request, 'continue');
    request.end('hello');
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    response.resume();

    expect(response.statusCode).toBe(200);
    expect(functions.event['body']).toBe(Buffer.from('hello').toString('base64'));
    expect(functions.event['headers']).not.toHaveProperty('Expect');
  });

  it('survive clients that go away while they send, and while they wait', async () => {
    const release: (() => void)[] = [];
    const functions = new FakeFunctions(
      (event) =>
        new Promise((resolve) => {
          if (event['path'] === '/wait') release.push(() => resolve('{}'));
          else resolve('{}');
        }),
    );
    const gateway = await gatewayWith(restApi, functions);

    const sending = net.connect(gateway.port, '127.0.0.1');
    sending.write('POST /sending HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc');
    const waiting = net.connect(gateway.port, '127.0.0.1');
    waiting.write('GET /wait HTTP/1.1\r\nHost: a\r\n\r\n');
    while (release.length === 0) await sleep(5);
    sending.resetAndDestroy();
    waiting.resetAndDestroy();
    await sleep(20);
    release.forEach((go) => go());

    expect((await fetch(`${gateway.url}/after`)).status).toBe(200);
    expect(functions.events.map((event) => event['path'])).toEqual(['/wait', '/after']);
    expect(functions.givenUp[0]?.aborted).toBe(false);
  });

  it('hold back large answers to slow readers without losing a byte', async () => {
    const body = Buffer.alloc(4 * 1024 * 1024, 'x').toString('base64');
    const functions = new FakeFunctions(() => JSON.stringify({ statusCode: 200, body, isBase64Encoded: true }));
    const gateway = await gatewayWith(restApi, functions);
    const socket = net.connect(gateway.port, '127.0.0.1');
    socket.write(rawRequest('GET /'));

    let length = 0;
    for await (const part of socket) {
      length += (part as Buffer).length;
      if (length < 1024 * 1024) await sleep(2);
    }

    expect(length).toBeGreaterThan(4 * 1024 * 1024);
  });

  it('are not taken any more by a gateway that stops, while requests under way are answered', async () => {
    let release: (() => void) | undefined;
    const functions = new FakeFunctions(
      () => new Promise((resolve) => (release = () => resolve('{"statusCode":200,"body":"done"}'))),
    );
    const gateway = await startGateway({ api: restApi, functions, callers: {}, port: 0 });
    const agent = new http.Agent({ keepAlive: true });
    const request = http.get(gateway.url, { agent });
    while (release === undefined) await sleep(5);

    const stopped = gateway.stop();
    await expect(fetch(gateway.url)).rejects.toThrow();
    release();
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    const [body] = (await once(response, 'data')) as [Buffer];
    await stopped;

    expect(body.toString()).toBe('done');
    expect(response.headers.connection).toBe('close');
    agent.destroy();
  });

  it('do not keep a gateway from stopping when their clients send nothing, or never finish', async () => {
    const gateway = await startGateway({ api: restApi, functions: new FakeFunctions(), callers: {}, port: 0 });
    const clients = ['', 'GET / HT', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc'].map((bytes) => {
      const socket = net.connect(gateway.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(bytes);
      return socket;
    });
    await Promise.all(clients.map((socket) => once(socket, 'connect')));
    await fetch(gateway.url);

    const start = performance.now();
    await gateway.stop();

    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it('on which garbage follows a request are closed without mixing answers', async () => {
    let release: (() => void) | undefined;
    const functions = new FakeFunctions(
      (event) =>
        new Promise((resolve) => {
          if (event['path'] === '/slow') release = () => resolve('{"statusCode":200,"body":"slow"}');
          else resolve('{"statusCode":200,"body":"fast"}');
        }),
    );
    const gateway = await gatewayWith(restApi, functions);

    const head = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
    const answers = await raw(gateway, `${head('/fast')}${head('/slow')}\0garbage\r\n\r\n`);
    release?.();

    expect(answers).not.toContain('400 Bad Request');
  });

  it('cannot be had on a taken port', async () => {
    const gateway = await gatewayWith(restApi, new FakeFunctions());
    await expect(
      startGateway({ api: restApi, functions: new FakeFunctions(), callers: {}, port: gateway.port }),
    ).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
