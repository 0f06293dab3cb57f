import { describe, expect, it } from 'vitest';
import { restApi } from '../../../bin/local/gateway/rest-api/rest-api';
import { FakeFunctions, gatewayWith, raw, rawRequest } from './gateway-fixture';

describe('the event of a REST API', () => {
  it('carries the path as it came and the query decoded', async () => {
    const functions = new FakeFunctions();
    const gateway = await gatewayWith(restApi, functions);

    await raw(gateway, rawRequest('GET /orders/a%2Fb%20c//d/../%41?x=1&x=a+b&y=%C3%A4%26&empty=&bare&__proto__=p'));

    expect(functions.event).toMatchObject({
      resource: '/{proxy+}',
      path: '/orders/a%2Fb%20c//d/../%41',
      httpMethod: 'GET',
      pathParameters: { proxy: 'orders/a%2Fb%20c//d/../%41' },
      requestContext: { path: '/local/orders/a%2Fb%20c//d/../%41', resourcePath: '/{proxy+}', stage: 'local' },
      body: null,
      isBase64Encoded: false,
    });
    expect(Object.entries(functions.event['queryStringParameters'] as object)).toEqual([
      ['x', 'a b'],
      ['y', 'ä&'],
      ['empty', ''],
      ['bare', ''],
      ['__proto__', 'p'],
    ]);
    expect(functions.event['multiValueQueryStringParameters']).toMatchObject({ x: ['1', 'a b'], y: ['ä&'] });
  });

  it('splits a query at semicolons', async () => {
    const functions = new FakeFunctions();
    const gateway = await gatewayWith(restApi, functions);

    await raw(gateway, rawRequest('GET /?a=1;b=2'));

    expect(functions.event).toMatchObject({
      resource: '/',
      pathParameters: null,
      queryStringParameters: { a: '1', b: '2' },
    });
  });

  it('has null for a query that is not there', async () => {
    const functions = new FakeFunctions();
    const gateway = await gatewayWith(restApi, functions);

    await raw(gateway, rawRequest('GET /orders?'));

    expect(functions.event).toMatchObject({ queryStringParameters: null, multiValueQueryStringParameters: null });
  });

  it('keeps header names and repeated values, without those of the connection', async () => {
    const functions = new FakeFunctions();
    const gateway = await gatewayWith(restApi, functions);

    await raw(
      gateway,
      rawRequest('GET /orders', ['X-A: 1', 'X-A: 2', 'x-a: 3', 'Cookie: k=v', 'TE: trailers', 'Upgrade: websocket']),
    );

    expect(functions.event['headers']).toMatchObject({
      'X-A': '2',
      'x-a': '3',
      Host: 'api.example.com:8080',
      Cookie: 'k=v',
    });
    expect(functions.event['multiValueHeaders']).toMatchObject({ 'X-A': ['1', '2'], 'x-a': ['3'] });
    const names = Object.keys(functions.event['headers'] as object).map((name) => name.toLowerCase());
    expect(names).not.toContain('connection');
    expect(names).not.toContain('te');
    expect(names).not.toContain('upgrade');
  });

  it('appends the source address to what the client claims', async () => {
    const functions = new FakeFunctions();
    const gateway = await gatewayWith(restApi, functions);

    await raw(
      gateway,
      rawRequest('GET /orders', ['x-forwarded-for: 203.0.113.9', 'X-Forwarded-Proto: gopher', 'User-Agent: probe/1']),
    );

    const headers = functions.event['headers'] as Record<string, string>;
    expect(headers['X-Forwarded-For']).toBe('203.0.113.9, 127.0.0.1');
    expect(headers['X-Forwarded-Proto']).toBe('http');
    expect(headers['X-Forwarded-Port']).toBe(String(gateway.port));
    expect(headers['X-Amzn-Trace-Id']).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
    expect(headers).not.toHaveProperty('x-forwarded-for');
    expect(functions.event.requestContext).toMatchObject({
      domainName: 'api.example.com',
      domainPrefix: 'api',
      protocol: 'HTTP/1.1',
      httpMethod: 'GET',
      identity: { sourceIp: '127.0.0.1', userAgent: 'probe/1', userArn: null, apiKey: null },
    });
    expect(functions.event.requestContext).not.toHaveProperty('authorizer');
  });

  it('says when the request arrived', async () => {
    const functions = new FakeFunctions();
    const gateway = await gatewayWith(restApi, functions);
    const before = Date.now();

    await raw(gateway, rawRequest('GET /orders'));

    const { requestTimeEpoch, requestTime } = functions.event.requestContext;
    expect(requestTimeEpoch).toBeGreaterThanOrEqual(before);
    expect(requestTimeEpoch).toBeLessThanOrEqual(Date.now());
    expect(requestTime).toMatch(/^\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} \+0000$/);
  });

  it('lets the client choose requestId, never extendedRequestId, and tells it both', async () => {
    const functions = new FakeFunctions();
    const gateway = await gatewayWith(restApi, functions);

    const answer = await raw(
      gateway,
      rawRequest('GET /orders', ['X-Amzn-RequestId: mine', 'x-amz-apigw-id: forged', 'X-Amzn-Trace-Id: Root=1-a-b']),
    );

    const { requestId, extendedRequestId } = functions.event.requestContext;
    expect(requestId).toBe('mine');
    expect(extendedRequestId).toMatch(/^[\w-]{15}=$/);
    expect(answer).toContain('x-amzn-RequestId: mine\r\n');
    expect(answer).toContain(`x-amz-apigw-id: ${String(extendedRequestId)}\r\n`);
  });

  it.each([
    ['Root=1-a-b', 'Root=1-a-b'],
    ['Self=1-c-d;Root=1-a-b;CalledFrom=app', 'Root=1-a-b;CalledFrom=app'],
    ['Root=1-a-b; Parent=53995c3f42cd8ad8; Sampled=1', 'Root=1-a-b;Parent=53995c3f42cd8ad8;Sampled=1'],
  ])('puts a Self before the trace that the client began: %s', async (sent, kept) => {
    const functions = new FakeFunctions();
    const gateway = await gatewayWith(restApi, functions);

    await raw(gateway, rawRequest('GET /orders', [`X-Amzn-Trace-Id: ${sent}`]));

    const { 'X-Amzn-Trace-Id': trace } = functions.event['headers'] as Record<string, string>;
    expect(trace).toMatch(/^Self=1-[0-9a-f]{8}-[0-9a-f]{24};/);
    expect(trace?.slice(trace.indexOf(';') + 1)).toBe(kept);
  });

  it('lists headers in the order of the alphabet, values of one in the order in which they came', async () => {
    const functions = new FakeFunctions();
    const gateway = await gatewayWith(restApi, functions);

    await raw(gateway, rawRequest('GET /orders', ['zeta: 1', 'Alpha: 2', 'beta: 3', 'Alpha: 1']));

    const { multiValueHeaders } = functions.event;
    expect(Object.keys(multiValueHeaders as object)).toEqual([
      'Alpha', 'beta', 'Host', 'X-Amzn-Trace-Id', 'X-Forwarded-For', 'X-Forwarded-Port', 'X-Forwarded-Proto', 'zeta',
    ]); // prettier-ignore
    expect(multiValueHeaders).toMatchObject({ Alpha: ['2', '1'] });
  });

  it('carries all headers of a request, however many there are', async () => {
    const functions = new FakeFunctions();
    const gateway = await gatewayWith(restApi, functions);
    const many = Array.from({ length: 3_000 }, (_, n) => `x-${n}: 1`);

    await raw(gateway, rawRequest('GET /orders', many));

    const headers = Object.keys(functions.event['headers'] as object);
    expect(headers.filter((name) => /^x-\d+$/.test(name))).toHaveLength(3_000);
  });

  it('carries every body as base64, byte for byte', async () => {
    const functions = new FakeFunctions();
    const gateway = await gatewayWith(restApi, functions);
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

    await fetch(`${gateway.url}/orders`, { method: 'POST', body: bytes, headers: { 'Content-Type': 'text/plain' } });

    expect(functions.event).toMatchObject({ body: bytes.toString('base64'), isBase64Encoded: true });
  });

  it('carries chunked bodies', async () => {
    const functions = new FakeFunctions();
    const gateway = await gatewayWith(restApi, functions);

    await raw(
      gateway,
      rawRequest('POST /orders', ['Transfer-Encoding: chunked'], '3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n'),
    );

    expect(functions.event['body']).toBe(Buffer.from('abcdefg').toString('base64'));
    expect(functions.event['headers']).not.toHaveProperty('Transfer-Encoding');
  });

  it('reads a target in absolute form', async () => {
    const functions = new FakeFunctions();
    const gateway = await gatewayWith(restApi, functions);

    await raw(gateway, rawRequest('GET http://api.example.com/orders?x=1'));

    expect(functions.event).toMatchObject({ path: '/orders', queryStringParameters: { x: '1' } });
  });
});

describe('identity', () => {
  const callers = {
    alice: { claims: { sub: 'u-1', email: 'alice@example.com' } },
    deploy: { iam: { userArn: 'arn:aws:iam::000000000000:user/deploy', accountId: '000000000000', caller: 'AIDA1' } },
    robot: { lambda: { principalId: 'robot-7', tier: 'gold' } },
    partner: { apiKeyId: 'key-1' },
  };
  const identified = async (token: string) => {
    const functions = new FakeFunctions();
    const gateway = await gatewayWith(restApi, functions, { callers });
    await raw(gateway, rawRequest('GET /orders', [`Authorization: Bearer ${token}`]));
    return functions.event.requestContext;
  };

  it('puts claims where a Cognito authorizer does', async () => {
    expect(await identified('alice')).toMatchObject({ authorizer: { claims: { sub: 'u-1' } } });
  });

  it('puts an IAM identity where IAM authorization does', async () => {
    expect(await identified('deploy')).toMatchObject({
      identity: {
        userArn: 'arn:aws:iam::000000000000:user/deploy',
        accountId: '000000000000',
        caller: 'AIDA1',
        user: 'AIDA1',
        accessKey: null,
      },
    });
  });

  it('puts a context where a Lambda authorizer does', async () => {
    expect(await identified('robot')).toMatchObject({
      authorizer: { principalId: 'robot-7', tier: 'gold', integrationLatency: 0 },
    });
  });

  it('tells the id of an API key, never a key', async () => {
    expect(await identified('partner')).toMatchObject({ identity: { apiKeyId: 'key-1', apiKey: null } });
  });

  it.each(['nobody', 'constructor', '__proto__'])('lets the unknown token %s through as anonymous', async (token) => {
    const context = await identified(token);
    expect(context).not.toHaveProperty('authorizer');
    expect(context.identity).toMatchObject({ userArn: null, apiKeyId: null });
  });
});
