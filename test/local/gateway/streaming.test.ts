import http from 'node:http';
import net from 'node:net';
import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { FunctionError, NeverInvoked, type StreamingFunctions } from '../../../bin/local/gateway/functions';
import { httpApi } from '../../../bin/local/gateway/http-api/http-api';
import { restApi } from '../../../bin/local/gateway/rest-api/rest-api';
import type { EdgeRecord } from '../../../lib/edge-log/record';
import { gatewayResources } from '../../../lib/routing/gateway-resources';
import { resolveRoute } from '../../../lib/routing/route';
import { FakeFunctions, gatewayWith, raw, rawRequest, type Event } from './gateway-fixture';

const upstream = 'http://service.internal';
const resources = gatewayResources([
  resolveRoute({ path: '/live', upstream, streaming: true }),
  resolveRoute({ path: '/live/whole', upstream }),
]);
const DELIMITER = '\0'.repeat(8);

/** A function whose answer the test writes. */
class FakeStreaming implements StreamingFunctions {
  readonly body = new PassThrough();
  readonly events: Event[] = [];
  readonly invoked: Promise<void>;
  dropped: AbortSignal | undefined;
  private tell: () => void = () => undefined;

  constructor(private readonly answer?: (dropped: AbortSignal) => Promise<Readable>) {
    this.invoked = new Promise((resolve) => (this.tell = resolve));
  }

  invokeStreaming(event: string, until: { dropped: AbortSignal }): Promise<Readable> {
    this.events.push(JSON.parse(event) as Event);
    this.dropped = until.dropped;
    this.tell();
    return this.answer?.(until.dropped) ?? Promise.resolve(this.body);
  }

  /** Writes status and headers, and the beginning of the body. */
  begin(head: object, body = ''): void {
    this.body.write(JSON.stringify(head) + DELIMITER + body);
  }
}

const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

async function streamingGateway(functions = new FakeStreaming(), more: { timeoutMs?: number } = {}) {
  const whole = new FakeFunctions();
  const records: EdgeRecord[] = [];
  const edgeLog = { write: (record: EdgeRecord) => void records.push(record) };
  const options = { streaming: { functions, resources }, edgeLog, ...more };
  const gateway = await gatewayWith(restApi, whole, options);
  const record = async () => {
    await expect.poll(() => records.length).toBe(1);
    return records[0];
  };
  return { gateway, functions, whole, records, record };
}

/** An answer that does not begin until nobody waits for it. */
function never(dropped: AbortSignal): Promise<Readable> {
  return new Promise((_resolve, reject) => {
    dropped.addEventListener('abort', () => reject(new FunctionError('Dropped', 'nobody waits')));
  });
}

/** The answer as it comes. */
async function open(url: string, options: http.RequestOptions = {}) {
  const request = http.get(url, { agent: false, ...options });
  closing.push(() => request.destroy());
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  const parts = response[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const next = async () => {
    const { done, value } = await parts.next();
    return done ? undefined : value.toString();
  };
  return { status: response.statusCode, headers: response.headers, rawHeaders: response.rawHeaders, next, request };
}

describe('a streamed answer', () => {
  it('comes as the function gives it: head first, then each part', async () => {
    const { gateway, functions, record } = await streamingGateway();
    functions.begin({ statusCode: 201, multiValueHeaders: { 'X-Tea': ['oolong', 'sencha'] } });
    const { status, headers, rawHeaders, next } = await open(`${gateway.url}/live`);
    expect(status).toBe(201);
    expect(rawHeaders.filter((_, index, all) => index % 2 === 1 && all[index - 1] === 'X-Tea')).toEqual([
      'oolong',
      'sencha',
    ]);
    expect(headers['transfer-encoding']).toBe('chunked');
    expect(headers['content-type']).toBe('application/json');
    expect(headers['x-amz-apigw-id']).toMatch(/=$/);
    for (const part of ['one', 'two']) {
      functions.body.write(part);
      expect(await next()).toBe(part);
    }
    functions.body.end();
    expect(await next()).toBeUndefined();
    expect(await record()).toMatchObject({
      path: '/local/live',
      resource: '/live',
      status: '201',
      response_length: '6',
      error_response_type: '-',
      integration_status: '200',
      integration_error: '-',
      function_status: '201',
    });
  });

  it('is cut at the delimiter, wherever the parts are', async () => {
    const whole = Buffer.from(`{"statusCode":200}${DELIMITER}\0\0body`);
    for (const size of [1, 5, 22, whole.length]) {
      const { gateway, functions } = await streamingGateway();
      for (let at = 0; at < whole.length; at += size) functions.body.write(whole.subarray(at, at + size));
      functions.body.end();
      expect(await (await fetch(`${gateway.url}/live`)).text()).toBe('\0\0body');
    }
  });

  it('may say how long it is, and which cookies it sets', async () => {
    const { gateway, functions } = await streamingGateway();
    const cookies = ['a=1; Secure', 'b=2'];
    functions.begin(
      { headers: { 'content-length': '4', date: 'today', 'transfer-encoding': 'chunked' }, cookies },
      'four',
    );
    functions.body.end();
    const { headers, next } = await open(`${gateway.url}/live`);
    expect(headers).toMatchObject({ 'content-length': '4', 'x-amzn-remapped-date': 'today', 'set-cookie': cookies });
    expect(headers).not.toHaveProperty('transfer-encoding');
    expect(await next()).toBe('four');
    expect(await next()).toBeUndefined();
  });

  it.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ])('has no body where HTTP allows none: %s, %i', async (method, statusCode) => {
    const { gateway, functions, record } = await streamingGateway();
    functions.begin({ statusCode }, 'must not show');
    functions.body.end();
    const answer = await raw(gateway, rawRequest(`${method} /live`));
    expect(answer).toContain(`HTTP/1.1 ${statusCode}`);
    expect(answer).not.toContain('must not show');
    expect(await record()).toMatchObject({ status: String(statusCode), response_length: '0' });
  });

  it('is read from the function no faster than the client reads', async () => {
    const { gateway, functions } = await streamingGateway();
    functions.begin({});
    const socket = net.connect(gateway.port, '127.0.0.1');
    closing.push(() => socket.destroy());
    socket.pause();
    socket.write(rawRequest('GET /live'));
    const part = Buffer.alloc(256 * 1024, 'x');
    let written = 0;
    // Until nobody reads for a while: the sockets between are full.
    while (written < 400 && (functions.body.write(part) || (await drained(functions.body)))) written += 1;
    expect(written).toBeLessThan(100);

    socket.resume();
    await once(functions.body, 'drain');
    functions.body.end();
    await once(socket, 'close');
    expect(socket.bytesRead).toBeGreaterThan(part.length * written);
  });
});

/** Whether a stream takes more within a short time. */
function drained(stream: PassThrough): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), 300);
    stream.once('drain', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

describe('the function for streamed answers', () => {
  it.each([
    ['/live', '/live', null],
    ['/live/', '/live', null],
    ['/live/a/b%20c', '/live/{proxy+}', { proxy: 'a/b%20c' }],
  ])('gets the event of the resource that %s belongs to', async (path, resource, pathParameters) => {
    const { gateway, functions, whole } = await streamingGateway();
    functions.begin({});
    functions.body.end();
    await fetch(gateway.url + path);
    expect(functions.events).toMatchObject([
      { path, resource, pathParameters, requestContext: { resourcePath: resource } },
    ]);
    expect(whole.events).toEqual([]);
  });

  it.each([
    ['/', '/', null],
    ['/lively', '/{proxy+}', { proxy: 'lively' }],
    ['/%6cive', '/{proxy+}', { proxy: '%6cive' }],
    ['/live/whole', '/live/whole', null],
    ['/live/whole/7', '/live/whole/{proxy+}', { proxy: '7' }],
  ])('does not get %s', async (path, resource, pathParameters) => {
    const { gateway, functions, whole, record } = await streamingGateway();
    expect(await (await fetch(gateway.url + path)).text()).toBe('hello');
    expect(whole.event).toMatchObject({ path, resource, pathParameters, requestContext: { resourcePath: resource } });
    expect(await record()).toMatchObject({ resource });
    expect(functions.events).toEqual([]);
  });

  it('does not get anything where the API is an HTTP API', async () => {
    const functions = new FakeStreaming();
    const gateway = await gatewayWith(httpApi, new FakeFunctions(), { streaming: { functions, resources } });
    expect(await (await fetch(`${gateway.url}/live`)).text()).toBe('hello');
    expect(functions.events).toEqual([]);
  });
});

describe('a function that gives nothing to stream', () => {
  it.each([
    ['no delimiter', '{"statusCode":200}'],
    ['a short delimiter', `{"statusCode":200}${'\0'.repeat(7)}body`],
    ['nothing', ''],
    ['a delimiter after 16 KB', `{"headers":{"a":"${'x'.repeat(16 * 1024)}"}}${DELIMITER}`],
    ['no JSON', `statusCode: 200${DELIMITER}body`],
    ['no object', `[200]${DELIMITER}body`],
    ['another field', `{"statusCode":200,"body":"hello"}${DELIMITER}body`],
    ['no status', `{"statusCode":"ok"}${DELIMITER}body`],
    ['a header of two lines', `{"headers":{"a":"b\\r\\nc: d"}}${DELIMITER}body`],
    ['no length', `{"headers":{"Content-Length":"four"}}${DELIMITER}four`],
    ['two lengths', `{"headers":{"Content-Length":"4","content-length":"5"}}${DELIMITER}four`],
  ])('is answered with 502: %s', async (_, text) => {
    const { gateway, functions, record } = await streamingGateway();
    functions.body.end(text);
    const answer = await fetch(`${gateway.url}/live`);
    expect([answer.status, await answer.json()]).toEqual([502, { message: 'Internal server error' }]);
    expect(await record()).toMatchObject({
      status: '502',
      error_response_type: 'INTEGRATION_FAILURE',
      integration_status: '200',
      function_status: '-',
    });
    expect(functions.body.destroyed).toBe(true);
  });

  it('is answered with 502 where it failed', async () => {
    const failed = new FakeStreaming(() => Promise.reject(new FunctionError('TypeError', 'oh no')));
    const { gateway, record } = await streamingGateway(failed);
    expect((await fetch(`${gateway.url}/live`)).status).toBe(502);
    expect(await record()).toMatchObject({
      status: '502',
      integration_status: '200',
      integration_error: 'Lambda Customer Function Error:oh no',
    });
  });

  it('is answered with 504 where there was none to be had, or it took too long', async () => {
    const none = await streamingGateway(new FakeStreaming(() => Promise.reject(new NeverInvoked('GivenUp', ''))));
    expect((await fetch(`${none.gateway.url}/live`)).status).toBe(504);
    expect(await none.record()).toMatchObject({ status: '504', integration_status: '429' });

    const slow = await streamingGateway(undefined, { timeoutMs: 100 });
    expect((await fetch(`${slow.gateway.url}/live`)).status).toBe(504);
    expect(await slow.record()).toMatchObject({ error_response_type: 'INTEGRATION_TIMEOUT', integration_status: '-' });
    expect(slow.functions.dropped?.aborted).toBe(true);
    expect(slow.functions.body.destroyed).toBe(true);
  });
});

describe('an answer that breaks off', () => {
  it.each<[string, (functions: FakeStreaming) => void, string]>([
    ['fails', ({ body }) => body.destroy(new FunctionError('Oops', 'oh no')), 'Lambda Customer Function Error:oh no'],
    ['takes too long', () => undefined, '-'],
    ['gives less than it said', ({ body }) => body.end(), '-'],
    ['gives more than it said', ({ body }) => body.write(' the whole, and more'), '-'],
  ])('never looks whole: the function %s', async (what, go, error) => {
    const { gateway, functions, record } = await streamingGateway(undefined, { timeoutMs: 400 });
    functions.begin(what.includes('said') ? { headers: { 'content-length': '12' } } : {}, 'half of');
    const { next } = await open(`${gateway.url}/live`);
    expect(await next()).toBe('half of');
    go(functions);
    await expect(next()).rejects.toThrow('aborted');
    expect(await record()).toMatchObject({
      status: '200',
      response_length: '7',
      error_response_type: '-',
      integration_status: '200',
      integration_error: error,
    });
    expect(functions.body.destroyed).toBe(true);
  });

  it('resets the connection of a client to which its end would be the end of the answer', async () => {
    const { gateway, functions } = await streamingGateway();
    functions.begin({}, 'half of');
    const socket = net.connect(gateway.port, '127.0.0.1');
    socket.write('GET /live HTTP/1.0\r\nHost: a\r\n\r\n');
    let read = '';
    while (!read.endsWith('half of')) read += String((await once(socket, 'data'))[0]);
    functions.body.destroy(new FunctionError('Oops', 'oh no'));
    await expect(once(socket, 'end')).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('a client that leaves', () => {
  it('has the rest dropped, and stands in the edge log with what it got', async () => {
    const { gateway, functions, record } = await streamingGateway();
    functions.begin({}, 'that much');
    const { next, request } = await open(`${gateway.url}/live`);
    expect(await next()).toBe('that much');
    request.destroy();
    await expect.poll(() => functions.body.destroyed).toBe(true);
    expect(await record()).toMatchObject({ status: '200', response_length: '9', integration_status: '200' });
  });

  it('has the answer dropped before it begins, and stands in the edge log without a status', async () => {
    const { gateway, functions, record } = await streamingGateway(new FakeStreaming(never));
    const request = http.get(`${gateway.url}/live`, { agent: false }).on('error', () => undefined);
    await functions.invoked;
    request.destroy();
    expect(await record()).toMatchObject({
      status: '-',
      response_length: '0',
      error_response_type: '-',
      integration_status: '-',
      integration_latency: expect.stringMatching(/^\d+$/),
    });
  });
});

describe('a gateway that stops', () => {
  it('lets an answer come to its end, and then closes the connection', async () => {
    const { gateway, functions } = await streamingGateway();
    functions.begin({}, 'one');
    const agent = new http.Agent({ keepAlive: true });
    const { next } = await open(`${gateway.url}/live`, { agent });
    expect(await next()).toBe('one');
    const started = performance.now();
    const stopped = gateway.stop();
    functions.body.end('two');
    expect(await next()).toBe('two');
    expect(await next()).toBeUndefined();
    await stopped;
    expect(performance.now() - started).toBeLessThan(1_500);
  });

  it('breaks off an answer that goes on, and one that has not begun', async () => {
    const begun = new PassThrough();
    const answers = [() => Promise.resolve<Readable>(begun), never];
    const functions = new FakeStreaming((dropped) => answers.shift()?.(dropped) ?? never(dropped));
    const { gateway, records } = await streamingGateway(functions);
    begun.write(`{}${DELIMITER}one`);
    const { next } = await open(`${gateway.url}/live`);
    expect(await next()).toBe('one');
    const waiting = fetch(`${gateway.url}/live`).then(({ status }) => status);
    await expect.poll(() => functions.events.length).toBe(2);

    await gateway.stop();
    await expect(next()).rejects.toThrow('aborted');
    expect(begun.destroyed).toBe(true);
    expect(await waiting).toBe(502);
    expect(records.map(({ status }) => status).sort()).toEqual(['200', '502']);
  });
});
