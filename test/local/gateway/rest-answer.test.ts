import { describe, expect, it } from 'vitest';
import { FunctionError } from '../../../bin/local/gateway/functions';
import { restApi } from '../../../bin/local/gateway/rest-api/rest-api';
import { FakeFunctions, gatewayWith, raw, rawRequest } from './gateway-fixture';

async function answered(answer: object | string, line = 'GET /'): Promise<string> {
  const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
  const gateway = await gatewayWith(restApi, new FakeFunctions(() => text));
  return raw(gateway, rawRequest(line));
}

describe('the answer of a REST API', () => {
  it('has the status, headers and body that the function said', async () => {
    const answer = await answered({ statusCode: '201', headers: { 'X-Mine': 'a', 'X-Count': 2 }, body: 'grüß' });
    expect(answer).toMatch(/^HTTP\/1\.1 201 Created\r\n/);
    expect(answer).toContain('X-Mine: a\r\nX-Count: 2\r\n');
    expect(answer).toContain('Content-Length: 6\r\n');
    expect(answer.endsWith(Buffer.from('\r\n\r\ngrüß').toString('latin1'))).toBe(true);
  });

  it('is 200, JSON and empty unless told', async () => {
    const answer = await answered({});
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\nContent-Type: application\/json\r\n/);
    expect(answer).toContain('Content-Length: 0\r\n');
  });

  it('decodes base64 bodies byte for byte', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => 255 - byte));
    const answer = await answered({
      statusCode: 200,
      headers: { 'content-type': 'image/png' },
      body: bytes.toString('base64'),
      isBase64Encoded: true,
    });
    expect(Buffer.from(answer.slice(answer.indexOf('\r\n\r\n') + 4), 'latin1')).toEqual(bytes);
    expect(answer).not.toContain('application/json');
  });

  it('merges headers and multiValueHeaders, each name and value once', async () => {
    const answer = await answered({
      statusCode: 200,
      headers: { 'Set-Cookie': 'a=1', 'X-A': '0' },
      multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'], 'X-A': ['1'] },
    });
    expect(answer.match(/Set-Cookie: .*/g)).toEqual(['Set-Cookie: a=1', 'Set-Cookie: b=2']);
    expect(answer.match(/X-A: .*/g)).toEqual(['X-A: 0', 'X-A: 1']);
  });

  it('renames the headers that API Gateway renames', async () => {
    const answer = await answered({
      statusCode: 401,
      headers: {
        'WWW-Authenticate': 'Basic realm="x"',
        Date: 'then',
        Server: 'nginx',
        Connection: 'keep-alive',
        'Content-Length': '99',
        'Transfer-Encoding': 'chunked',
        'x-amzn-RequestId': 'forged',
      },
      body: 'no',
    });
    expect(answer).toContain('x-amzn-Remapped-WWW-Authenticate: Basic realm="x"\r\n');
    expect(answer).toContain('x-amzn-Remapped-Date: then\r\n');
    expect(answer).toContain('x-amzn-Remapped-Server: nginx\r\n');
    expect(answer).toContain('x-amzn-Remapped-Connection: keep-alive\r\n');
    expect(answer).toContain('x-amzn-Remapped-Content-Length: 99\r\n');
    expect(answer).toContain('x-amzn-Remapped-x-amzn-RequestId: forged\r\n');
    expect(answer).toContain('\r\nContent-Length: 2\r\n');
    expect(answer.toLowerCase()).not.toContain('transfer-encoding');
    expect(answer).toMatch(/\r\nDate: [A-Z][a-z]{2}, /);
  });

  it('has no body for HEAD, 204 and 304', async () => {
    const head = await answered({ statusCode: 200, body: 'hello' }, 'HEAD /');
    expect(head).toContain('Content-Length: 5\r\n');
    expect(head.endsWith('\r\n\r\n')).toBe(true);
    for (const statusCode of [204, 304]) {
      const none = await answered({ statusCode, body: 'hello' });
      expect(none.endsWith('\r\n\r\n')).toBe(true);
      expect(none).not.toContain('Content-Length');
    }
  });

  it.each([
    ['text', 'not json'],
    ['a string', '"hello"'],
    ['null', 'null'],
    ['an error object', { errorMessage: 'boom', errorType: 'Error' }],
    ['an unknown field', { statusCode: 200, headers: {}, cookies: [] }],
    ['a status that is none', { statusCode: 99 }],
    ['an informational status', { statusCode: 101 }],
    ['an object for a body', { statusCode: 200, body: {} }],
    ['a list for a header', { statusCode: 200, headers: { a: ['b'] } }],
    ['no list for a multi-value header', { statusCode: 200, multiValueHeaders: { a: 'b' } }],
    ['a line break in a header', { statusCode: 200, headers: { a: 'b\r\nSet-Cookie: evil=1' } }],
    ['a header name that is none', { statusCode: 200, headers: { 'a b': 'c' } }],
  ])('is 502 for %s', async (_what, answer) => {
    const text = await answered(answer);
    expect(text).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/);
    expect(text).toContain('{"message": "Internal server error"}');
    expect(text).not.toContain('evil');
  });

  it('is 500 for a body that is not base64', async () => {
    const text = await answered({ statusCode: 200, body: 'no base64!', isBase64Encoded: true });
    expect(text).toMatch(/^HTTP\/1\.1 500 /);
  });

  it('is 502 when the function fails, and tells nothing of why', async () => {
    const functions = new FakeFunctions(() => Promise.reject(new FunctionError('Error', 'secret detail')));
    const gateway = await gatewayWith(restApi, functions);

    const text = await raw(gateway, rawRequest('GET /'));

    expect(text).toMatch(/^HTTP\/1\.1 502 /);
    expect(text).toMatch(/x-amzn-RequestId: [0-9a-f-]{36}\r\n/);
    expect(text).not.toContain('secret');
  });

  it('is 504 when the function takes too long, and the gateway gives up on it', async () => {
    const functions = new FakeFunctions(() => new Promise<string>(() => undefined));
    const gateway = await gatewayWith(restApi, functions, { timeoutMs: 50 });

    const text = await raw(gateway, rawRequest('GET /'));

    expect(text).toMatch(/^HTTP\/1\.1 504 Gateway Timeout\r\n/);
    expect(text).toContain('{"message": "Endpoint request timed out"}');
    expect(functions.givenUp[0]?.aborted).toBe(true);
  });
});
