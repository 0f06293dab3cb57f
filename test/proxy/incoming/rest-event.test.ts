import { describe, expect, it } from 'vitest';
import { readRestEvent } from '../../../lambda/proxy/incoming/rest-event';
import { ARRIVED, restEvent } from '../../support/gateway-events';

describe('the path of a REST API', () => {
  it.each([
    '/',
    '/orders',
    '/orders/',
    '/orders/a%2Fb',
    '/orders//7',
    '/orders/%e2%82%ac',
    '/orders/%E2%82%AC',
    '/%6Frders/7',
    '/a:b@c;v=1/$&+,=',
    '/100%25',
    '/%zz',
    '/...',
    '/.well-known/x',
    '/a..b/..c',
  ])('goes through byte for byte: %s', (path) => {
    const request = readRestEvent(restEvent({ path }));
    expect(request.path).toBe(path);
    expect(request.pathAmbiguity).toBeUndefined();
  });

  it('is percent-encoded where it holds what must not stand in a request line', () => {
    expect(readRestEvent(restEvent({ path: '/straße/日本/🎉' })).path).toBe(
      '/stra%C3%9Fe/%E6%97%A5%E6%9C%AC/%F0%9F%8E%89',
    );
  });

  it.each([
    ['..', '/orders/../admin', '"." or ".."'],
    ['.', '/orders/./7', '"." or ".."'],
    ['.. at the end', '/orders/..', '"." or ".."'],
    ['an encoded ..', '/orders/%2e%2E/admin', '"." or ".."'],
    ['a half encoded ..', '/orders/.%2e/admin', '"." or ".."'],
    ['.. behind an encoded slash', '/orders/x%2F..%2fadmin', '"." or ".."'],
    ['.. behind an encoded backslash', '/orders/x%5c..%5Cadmin', '"." or ".."'],
    ['.. with matrix parameters', '/orders/..;/admin', '"." or ".."'],
    ['.. with encoded matrix parameters', '/orders/..%3Bx/admin', '"." or ".."'],
    ['a leading //', '//evil.example/orders', 'begin with "//"'],
    ['a backslash', '/orders\\..\\admin', 'percent-encoded'],
    ['a line break', '/orders\r\nHost: evil', 'percent-encoded'],
    ['NUL', '/orders\0', 'percent-encoded'],
    ['DEL', '/orders\x7f', 'percent-encoded'],
    ['a space', '/orders/a b', 'percent-encoded'],
    ['a query', '/orders?x=1', 'percent-encoded'],
    ['a fragment', '/orders#x', 'percent-encoded'],
    ['no slash', 'orders', 'begin with "/"'],
    ['an absolute URL', 'http://evil.example/', 'begin with "/"'],
    ['the asterisk', '*', 'begin with "/"'],
    ['nothing', '', 'begin with "/"'],
    ['bytes that were no UTF-8', '/orders/\ufffd', 'UTF-8'],
    ['half a surrogate pair', '/orders/\ud83d', 'UTF-8'],
  ])('is refused with %s', (_, path, why) => {
    expect(readRestEvent(restEvent({ path })).pathAmbiguity).toContain(why);
  });
});

describe('the query of a REST API', () => {
  it.each([
    ['nothing', null, ''],
    ['no parameters', {}, ''],
    ['a value', { a: ['1'] }, 'a=1'],
    ['repeated values in order', { a: ['2', '1'], b: ['3'] }, 'a=2&a=1&b=3'],
    ['a name without a value', { flag: [''] }, 'flag='],
    ['an empty name', { '': ['x'] }, '=x'],
    ['reserved characters', { 'a[0]&=': ['x&y=z+ /?#%'] }, 'a%5B0%5D%26%3D=x%26y%3Dz%2B%20%2F%3F%23%25'],
    ['unreserved characters as they are', { 'a-b_c.d~e': ['A-Z_0.9~'] }, 'a-b_c.d~e=A-Z_0.9~'],
    ["sub-delims encoded too: !'()*", { q: ["!'()*"] }, 'q=%21%27%28%29%2A'],
    ['unicode as UTF-8', { q: ['é€😀'] }, 'q=%C3%A9%E2%82%AC%F0%9F%98%80'],
    ['line breaks', { q: ['a\r\nb'] }, 'q=a%0D%0Ab'],
    ['what was encoded twice', { q: ['%2F'] }, 'q=%252F'],
  ])('is re-encoded by the rule: %s', (_, query, expected) => {
    const request = readRestEvent(restEvent({ query }));
    expect(request.query).toBe(expected);
    expect(request.queryAmbiguity).toBeUndefined();
  });

  it('takes names of Object.prototype for names like any other', () => {
    const query = JSON.parse('{"__proto__":["1"],"constructor":["2"]}') as Record<string, string[]>;
    expect(readRestEvent(restEvent({ query })).query).toBe('__proto__=1&constructor=2');
  });

  it.each([
    ['in a value', { a: ['\ufffd'] }],
    ['in a name', { '\ufffd': ['a'] }],
    ['half a surrogate pair', { a: ['\udc00'] }],
  ])('is refused with bytes that were no UTF-8: %s', (_, query) => {
    expect(readRestEvent(restEvent({ query })).queryAmbiguity).toContain('UTF-8');
  });

  it('is read from the single-value map where the other is missing', () => {
    const event = { ...restEvent(), queryStringParameters: { a: 'b c' }, multiValueQueryStringParameters: null };
    expect(readRestEvent(event).query).toBe('a=b%20c');
  });
});

describe('headers and body of a REST API', () => {
  it('keep spelling, order and repetition', () => {
    const headers = [
      ['Accept', 'a'],
      ['X-Twice', '1'],
      ['X-Twice', '2'],
      ['__proto__', 'x'],
    ] as const;
    expect(readRestEvent(restEvent({ headers })).headers).toEqual(headers);
  });

  it('may be missing altogether', () => {
    const event = { ...restEvent(), headers: null, multiValueHeaders: null } as unknown as ReturnType<typeof restEvent>;
    const request = readRestEvent(event);
    expect(request.headers).toEqual([]);
    expect(request.scheme).toBe('https');
  });

  it.each([
    ['nothing', null, false, ''],
    ['text', 'héllo', false, '68c3a96c6c6f'],
    ['base64', '//79AA==', true, 'fffefd00'],
    ['empty base64', '', true, ''],
  ])('body: %s', (_, body, isBase64Encoded, hex) => {
    expect(readRestEvent({ ...restEvent(), body, isBase64Encoded }).body.toString('hex')).toBe(hex);
  });
});

describe('the rest of a REST event', () => {
  it('is read from what API Gateway vouches for', () => {
    const headers = [
      ['Host', 'spoofed.example'],
      ['X-Forwarded-Proto', 'http, https'],
      ['X-Forwarded-For', '1.1.1.1'],
    ] as const;
    expect(readRestEvent(restEvent({ headers, identity: { vpcId: 'vpc-1', vpceId: 'vpce-1' } }))).toMatchObject({
      payloadVersion: '1.0',
      method: 'GET',
      time: ARRIVED,
      requestUid: 'request-1',
      extendedRequestUid: 'extended-1',
      apiUid: 'abcdef1234',
      stage: 'prod',
      accountUid: '123456789012',
      hostname: 'api.example.com',
      scheme: 'https',
      protocol: 'HTTP/1.1',
      source: { ip: '203.0.113.9', name: undefined, vpc_uid: 'vpc-1', interface_uid: 'vpce-1' },
    });
  });

  it.each([
    [[], 'https'],
    [['http'], 'http'],
    [['https,http'], 'http'],
    [['http', 'https'], 'https'],
    [['gopher'], 'https'],
  ])('has the scheme that API Gateway told last: %j', (values, scheme) => {
    const headers = values.map((value) => ['X-Forwarded-Proto', value] as const);
    expect(readRestEvent(restEvent({ headers })).scheme).toBe(scheme);
  });

  it('names a source without address', () => {
    expect(readRestEvent(restEvent({ identity: { sourceIp: '' } })).source).toMatchObject({
      ip: undefined,
      name: 'unknown',
    });
  });
});
