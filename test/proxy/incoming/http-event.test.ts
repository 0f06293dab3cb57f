import { describe, expect, it } from 'vitest';
import { readHttpEvent } from '../../../lambda/proxy/incoming/http-event';
import { ARRIVED, httpEvent } from '../../support/gateway-events';

describe('the path of an HTTP API', () => {
  it.each([
    ['/', '/'],
    ['/orders/7', '/orders/7'],
    ['/orders//7', '/orders//7'],
    ['/a b', '/a%20b'],
    ['/straße/€', '/stra%C3%9Fe/%E2%82%AC'],
    ['/🎉', '/%F0%9F%8E%89'],
    ['/100%', '/100%25'],
    ['/50% off', '/50%25%20off'],
    ['/what?/#1', '/what%3F/%231'],
    ["/!$&'()*+,;=:@-._~", "/!$&'()*+,;=:@-._~"],
    ['/a"b<c>d[e]f|g^h`i{j}', '/a%22b%3Cc%3Ed%5Be%5Df%7Cg%5Eh%60i%7Bj%7D'],
    ['/line\r\nbreak', '/line%0D%0Abreak'],
    ['/back\\slash', '/back%5Cslash'],
  ])('arrives decoded and is re-encoded: %s', (rawPath, path) => {
    const request = readHttpEvent(httpEvent({ rawPath }));
    expect(request.path).toBe(path);
    expect(request.pathAmbiguity).toBeUndefined();
  });

  it.each([
    ['encoded twice', '/orders/%2e%2e/admin', 'twice'],
    ['encoded twice, one character', '/%41', 'twice'],
    ['no UTF-8', '/orders/\ufffd', 'UTF-8'],
    ['a lone surrogate', '/orders/\udfff', 'UTF-8'],
    ['..', '/orders/../admin', '"." or ".."'],
    ['.. behind a backslash', '/orders\\..\\admin', '"." or ".."'],
    ['a leading //', '//evil.example', 'begin with "//"'],
    ['no slash', 'orders', 'begin with "/"'],
  ])('is refused where it cannot be told: %s', (_, rawPath, why) => {
    expect(readHttpEvent(httpEvent({ rawPath })).pathAmbiguity).toContain(why);
  });

  it.each([
    ['$default', '/orders', '/orders'],
    ['prod', '/prod/orders', '/orders'],
    ['prod', '/prod', '/'],
    ['prod', '/prod/', '/'],
    ['prod', '/production/x', '/production/x'],
    ['prod', '/orders/prod', '/orders/prod'],
    ['prod', '/prod/prod/x', '/prod/x'],
  ])('loses the stage %s once: %s', (stage, rawPath, path) => {
    expect(readHttpEvent(httpEvent({ stage, rawPath })).path).toBe(path);
  });

  it('is refused when what is left without the stage begins with //', () => {
    expect(readHttpEvent(httpEvent({ stage: 'prod', rawPath: '/prod//evil.example' })).pathAmbiguity).toContain('//');
  });
});

describe('the query of an HTTP API', () => {
  it.each(['', 'a=1&a=2', 'b=%2f%2F&a=+%20', 'flag', '&&=', 'q=%zz', 'a[]=1', 'x=%E2%82%AC', "q='()*!"])(
    'goes through byte for byte: %s',
    (query) => {
      const request = readHttpEvent(httpEvent({ query }));
      expect(request.query).toBe(query);
      expect(request.pathAmbiguity).toBeUndefined();
    },
  );

  it.each(['a b', 'a=\r\nx', 'a=é', 'a#b', 'a=\0', 'a=\t'])('is refused with what must be encoded: %j', (query) => {
    expect(readHttpEvent(httpEvent({ query })).queryAmbiguity).toContain('percent-encoded');
  });
});

describe('headers and body of an HTTP API', () => {
  it('take cookies apart as one header', () => {
    const request = readHttpEvent(httpEvent({ headers: { accept: 'a, b' }, cookies: ['a=1', 'b=2'] }));
    expect(request.headers).toEqual([
      ['accept', 'a, b'],
      ['cookie', 'a=1; b=2'],
    ]);
  });

  it('do not send cookies twice', () => {
    const request = readHttpEvent(httpEvent({ headers: { Cookie: 'a=1; b=2', x: 'y' }, cookies: ['a=1', 'b=2'] }));
    expect(request.headers).toEqual([
      ['x', 'y'],
      ['cookie', 'a=1; b=2'],
    ]);
  });

  it('keep a cookie header where no cookies come apart', () => {
    expect(readHttpEvent(httpEvent({ headers: { cookie: 'a=1' } })).headers).toEqual([['cookie', 'a=1']]);
  });

  it('take names of Object.prototype for names like any other', () => {
    const headers = JSON.parse('{"__proto__":"1","constructor":"2"}') as Record<string, string>;
    expect(readHttpEvent(httpEvent({ headers })).headers).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
    ]);
  });

  it.each([
    ['nothing', undefined, false, ''],
    ['text', 'héllo', false, '68c3a96c6c6f'],
    ['base64', '//79AA==', true, 'fffefd00'],
  ])('body: %s', (_, body, isBase64Encoded, hex) => {
    const event = { ...httpEvent(), isBase64Encoded, ...(body !== undefined && { body }) };
    expect(readHttpEvent(event).body.toString('hex')).toBe(hex);
  });
});

describe('the rest of an HTTP API event', () => {
  it('is read from what API Gateway vouches for', () => {
    const headers = { host: 'spoofed.example', 'x-forwarded-proto': 'http,https' };
    expect(readHttpEvent(httpEvent({ headers, stage: 'prod', rawPath: '/prod/x' }))).toMatchObject({
      payloadVersion: '2.0',
      method: 'GET',
      path: '/x',
      time: ARRIVED,
      requestUid: 'request-1',
      extendedRequestUid: 'request-1',
      apiUid: 'abcdef1234',
      stage: 'prod',
      accountUid: '123456789012',
      hostname: 'api.example.com',
      scheme: 'https',
      protocol: 'HTTP/1.1',
      source: { ip: '203.0.113.9' },
    });
  });
});
