import { describe, expect, it } from 'vitest';
import { httpApi } from '../../../bin/local/gateway/http-api/http-api';
import { FakeFunctions, gatewayWith, raw, rawRequest } from './gateway-fixture';

describe('the event of an HTTP API', () => {
  it('carries the path decoded and the query as it came', async () => {
    const functions = new FakeFunctions();
    const gateway = await gatewayWith(httpApi, functions);

    await raw(gateway, rawRequest('GET /orders/a%2Fb%20c?x=1&x=a+b&y=%C3%A4;z'));

    expect(functions.event).toMatchObject({
      version: '2.0',
      routeKey: '$default',
      rawPath: '/orders/a/b c',
      rawQueryString: 'x=1&x=a+b&y=%C3%A4;z',
      queryStringParameters: { x: '1,a b', y: 'ä;z' },
      requestContext: {
        http: { method: 'GET', path: '/orders/a/b c', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: '' },
        domainName: 'api.example.com',
        stage: '$default',
      },
      isBase64Encoded: false,
    });
    expect(functions.event).not.toHaveProperty('body');
    expect(functions.event).not.toHaveProperty('cookies');
  });

  it('joins headers by comma in lower case and sets cookies apart', async () => {
    const functions = new FakeFunctions();
    const gateway = await gatewayWith(httpApi, functions);

    await raw(
      gateway,
      rawRequest('GET /', ['X-A: 1', 'x-a: 2', 'Cookie: a=1; b=2', 'Cookie: c=3', 'X-Forwarded-For: 203.0.113.9']),
    );

    expect(functions.event['headers']).toMatchObject({
      'x-a': '1,2',
      host: 'api.example.com:8080',
      'x-forwarded-for': '203.0.113.9, 127.0.0.1',
    });
    expect(functions.event['headers']).not.toHaveProperty('cookie');
    expect(functions.event['cookies']).toEqual(['a=1', 'b=2', 'c=3']);
    expect(functions.event).not.toHaveProperty('queryStringParameters');
  });

  it.each([
    ['application/json', '{"ä":1}', false],
    ['application/problem+json; charset=utf-8', '{}', false],
    ['text/csv', 'a,b', false],
    ['application/x-www-form-urlencoded', 'a=b', true],
    ['application/octet-stream', 'abc', true],
    ['', 'abc', true],
  ])('takes a body of type "%s" for text or not', async (type, text, isBase64Encoded) => {
    const functions = new FakeFunctions();
    const gateway = await gatewayWith(httpApi, functions);

    await fetch(gateway.url, {
      method: 'POST',
      body: Buffer.from(text),
      headers: type === '' ? {} : { 'Content-Type': type },
    });

    expect(functions.event).toMatchObject({
      body: isBase64Encoded ? Buffer.from(text).toString('base64') : text,
      isBase64Encoded,
    });
  });

  it('carries what calls itself JSON but is not UTF-8 as base64', async () => {
    const functions = new FakeFunctions();
    const gateway = await gatewayWith(httpApi, functions);
    const bytes = Buffer.from([0x1f, 0x8b, 0xff]);

    await fetch(gateway.url, { method: 'POST', body: bytes, headers: { 'Content-Type': 'application/json' } });

    expect(functions.event).toMatchObject({ body: bytes.toString('base64'), isBase64Encoded: true });
  });

  it('gives the client no say in the request id', async () => {
    const functions = new FakeFunctions();
    const gateway = await gatewayWith(httpApi, functions);

    const answer = await raw(gateway, rawRequest('GET /', ['x-amzn-requestid: mine']));

    expect(functions.event.requestContext['requestId']).toMatch(/^[\w-]{15}=$/);
    expect(answer).toContain(`Apigw-Requestid: ${String(functions.event.requestContext['requestId'])}\r\n`);
  });

  it('puts identities where the authorizers do', async () => {
    const callers = {
      alice: { claims: { sub: 'u-1', scope: 'read write' } },
      deploy: { iam: { userArn: 'arn:aws:iam::000000000000:user/deploy', accountId: '000000000000', caller: 'AIDA1' } },
      robot: { lambda: { principalId: 'robot-7' } },
    };
    const functions = new FakeFunctions();
    const gateway = await gatewayWith(httpApi, functions, { callers });

    for (const token of ['alice', 'deploy', 'robot', 'nobody']) {
      await raw(gateway, rawRequest('GET /', [`Authorization: Bearer ${token}`]));
    }

    const authorizers = functions.events.map((event) => event.requestContext['authorizer']);
    expect(authorizers).toEqual([
      { jwt: { claims: { sub: 'u-1', scope: 'read write' }, scopes: ['read', 'write'] } },
      {
        iam: {
          accessKey: '',
          accountId: '000000000000',
          callerId: 'AIDA1',
          cognitoIdentity: null,
          principalOrgId: '',
          userArn: 'arn:aws:iam::000000000000:user/deploy',
          userId: 'AIDA1',
        },
      },
      { lambda: { principalId: 'robot-7' } },
      undefined,
    ]);
  });
});

describe('the answer of an HTTP API', () => {
  const answered = async (answer: string) => {
    const gateway = await gatewayWith(httpApi, new FakeFunctions(() => answer));
    return raw(gateway, rawRequest('GET /'));
  };

  it.each([
    ['{"message":"hi"}', '{"message":"hi"}'],
    ['"plain"', 'plain'],
    ['[1,2]', '[1,2]'],
    ['null', 'null'],
  ])('infers 200 and JSON from %s', async (text, body) => {
    const answer = await answered(text);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).toContain('Content-Type: application/json\r\n');
    expect(answer.endsWith(`\r\n\r\n${body}`)).toBe(true);
  });

  it('makes a Set-Cookie header of each cookie', async () => {
    const answer = await answered('{"statusCode":201,"body":"x","cookies":["a=1","b=2; Path=/"]}');
    expect(answer).toContain('Set-Cookie: a=1\r\nSet-Cookie: b=2; Path=/\r\n');
    expect(answer).toContain('Content-Type: text/plain;charset=utf-8\r\n');
  });

  it('passes headers on without those of the connection', async () => {
    const answer = await answered(
      '{"statusCode":200,"headers":{"www-authenticate":"Basic","connection":"x","content-length":"99"},"body":"abc"}',
    );
    expect(answer).toContain('www-authenticate: Basic\r\n');
    expect(answer).toContain('Content-Length: 3\r\n');
    expect(answer).not.toContain('99');
  });

  it.each(['not json', '{"statusCode":"abc"}', '{"statusCode":200,"body":{}}', '{"statusCode":200,"cookies":"a=1"}'])(
    'is 500 for %s',
    async (text) => {
      const answer = await answered(text);
      expect(answer).toMatch(/^HTTP\/1\.1 500 /);
      expect(answer).toContain('{"message":"Internal Server Error"}');
    },
  );
});
