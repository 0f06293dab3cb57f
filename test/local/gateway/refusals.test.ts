import { describe, expect, it } from 'vitest';
import { httpApi } from '../../../bin/local/gateway/http-api/http-api';
import { restApi } from '../../../bin/local/gateway/rest-api/rest-api';
import { FakeFunctions, gatewayWith, raw, rawRequest } from './gateway-fixture';

const MIB = 1024 * 1024;

/** What the gateway answers; the function must not have been called. */
async function refused(bytes: string, api = restApi): Promise<string> {
  const functions = new FakeFunctions();
  const gateway = await gatewayWith(api, functions);
  const answer = await raw(gateway, bytes);
  expect(functions.events).toEqual([]);
  return answer;
}

describe('what never reaches the function', () => {
  it.each([
    ['no Host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['two Hosts', rawRequest('GET /', ['Host: other'])],
    ['a target that is no path', rawRequest('OPTIONS *')],
    ['a fragment', rawRequest('GET /a#b')],
    ['a byte outside of ASCII', Buffer.from(rawRequest('GET /ä'), 'latin1').toString('latin1')],
    ['a broken percent sign in the query', rawRequest('GET /?a=%zz')],
    ['a query that is not UTF-8', rawRequest('GET /?a=%ff')],
    ['a bare pipe in the query', rawRequest('GET /?a=|')],
    ['a bare brace in the query', rawRequest('GET /?a={b}')],
    ['what is not HTTP', 'hello\r\n\r\n'],
    ['two lengths', rawRequest('POST /', ['Content-Length: 1', 'Content-Length: 2'], 'ab')],
    ['a length and chunks', rawRequest('POST /', ['Content-Length: 1', 'Transfer-Encoding: chunked'], '0\r\n\r\n')],
  ])('%s: 400', async (_what, bytes) => {
    const answer = await refused(bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).toContain('{"message": "Bad Request"}');
  });

  it('a path that an HTTP API cannot decode: 400', async () => {
    expect(await refused(rawRequest('GET /a%ff'), httpApi)).toMatch(/^HTTP\/1\.1 400 /);
  });

  it.each(['TRACE', 'PROPFIND'])('the method %s: 403 (REST), 404 (HTTP)', async (method) => {
    expect(await refused(rawRequest(`${method} /`))).toContain('{"message": "Missing Authentication Token"}');
    expect(await refused(rawRequest(`${method} /`), httpApi)).toMatch(/^HTTP\/1\.1 404 /);
  });

  it('CONNECT: 403, and the connection is closed', async () => {
    expect(await refused('CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 403 /,
    );
  });

  it('header values of more than 10,240 bytes: 431', async () => {
    expect(await refused(rawRequest('GET /', [`X-Big: ${'v'.repeat(10_240)}`]))).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('a head that exceeds the parser: 431 too', async () => {
    expect(await refused(rawRequest('GET /', [`X-Big: ${'v'.repeat(70_000)}`]))).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('a body declared larger than 10 MB: 413, before it is sent', async () => {
    const answer = await refused(rawRequest('POST /', [`Content-Length: ${10 * MIB + 1}`, 'Expect: 100-continue']));
    expect(answer).toMatch(/^HTTP\/1\.1 413 Payload Too Large\r\n/);
    expect(answer).toContain('{"message": "Request Too Long"}');
  });
});

describe('limits', () => {
  const callers = { alice: { claims: { sub: 'u-1' } } };

  it('refuses URLs of more than 10,240 characters on REST APIs: 414', async () => {
    const gateway = await gatewayWith(restApi, new FakeFunctions());
    const used = 'http://api.example.com:8080/?q='.length;
    const statusFor = async (length: number) =>
      /^HTTP\/1\.1 (\d+)/.exec(await raw(gateway, rawRequest(`GET /?q=${'x'.repeat(length - used)}`)))?.[1];

    expect(await statusFor(10_240)).toBe('200');
    expect(await statusFor(10_241)).toBe('414');
  });

  it('refuses methods whose ARN has more than 1,600 bytes, where callers are authorized: 414', async () => {
    const arn = 'arn:aws:execute-api:us-east-1:000000000000:local/local/GET/';
    const path = (bytes: number) => `/${'p'.repeat(bytes - arn.length)}`;
    const statuses = await Promise.all(
      ([[restApi, 1_600, {}], [restApi, 1_601, {}], [restApi, 1_600, { callers }], [restApi, 1_601, { callers }], [httpApi, 1_601, { callers }]] as const) // prettier-ignore
        .map(async ([api, bytes, more]) => {
          const gateway = await gatewayWith(api, new FakeFunctions(), more);
          const answer = await raw(gateway, rawRequest(`GET ${path(bytes)}?q=1`));
          return /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1];
        }),
    );
    expect(statuses).toEqual(['200', '200', '200', '414', '200']);
  });

  it('counts header values on REST APIs, and the request line too on HTTP APIs', async () => {
    const used = 'api.example.com:8080close'.length;
    const headers = [`X-Big: ${'v'.repeat(10_240 - used)}`];
    for (const [api, status] of [
      [restApi, 200],
      [httpApi, 431],
    ] as const) {
      const gateway = await gatewayWith(api, new FakeFunctions());
      expect(await raw(gateway, rawRequest('GET /', headers))).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    }
  });

  it('refuses a chunked body once it exceeds 10 MB, and the client gets the answer', async () => {
    const functions = new FakeFunctions();
    const gateway = await gatewayWith(restApi, functions);
    const chunk = new Uint8Array(MIB);
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => (sent++ < 12 ? controller.enqueue(chunk) : controller.close()),
    });

    const answer = await fetch(gateway.url, { method: 'POST', body, duplex: 'half' } as RequestInit);

    expect(answer.status).toBe(413);
    expect(functions.events).toEqual([]);
  });

  it('refuses with 413 what API Gateway takes but Lambda does not: events of more than 6 MB', async () => {
    const functions = new FakeFunctions();
    const gateway = await gatewayWith(restApi, functions);

    const tooLarge = await fetch(gateway.url, { method: 'POST', body: Buffer.alloc(5 * MIB) });
    const fits = await fetch(gateway.url, { method: 'POST', body: Buffer.alloc(4 * MIB) });

    expect([tooLarge.status, fits.status]).toEqual([413, 200]);
    expect(functions.events).toHaveLength(1);
  });
});
