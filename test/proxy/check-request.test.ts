import { describe, expect, it } from 'vitest';
import { checkRequest, MAX_HEADER_BYTES } from '../../lambda/proxy/check-request';
import { readRestEvent } from '../../lambda/proxy/incoming/rest-event';
import { Problem } from '../../lambda/proxy/problem';
import type { HeaderPair } from '../../lib/event/privacy/headers';
import { restEvent, type RestChoices } from '../support/gateway-events';

function check(choices: RestChoices, maxBodyBytes = 10): string {
  try {
    checkRequest(readRestEvent(restEvent(choices)), maxBodyBytes);
    return 'let in';
  } catch (error) {
    return error instanceof Problem ? error.code : String(error);
  }
}

describe('a request is let in', () => {
  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'M-SEARCH'])('with %s', (method) => {
    expect(check({ method })).toBe('let in');
  });

  it.each([
    ['tabs, spaces and latin letters', 'a\tb c\xe9\xff'],
    ['nothing', ''],
  ])('with a header of %s', (_, value) => {
    expect(check({ headers: [['X-A', value]] })).toBe('let in');
  });

  it('with headers up to the limit, API Gateway’s own not counted', () => {
    const headers: HeaderPair[] = [
      ['X-A', 'a'.repeat(MAX_HEADER_BYTES - 3)],
      ['X-Forwarded-For', '203.0.113.9'],
      ['X-Amzn-Trace-Id', 'Root=1'],
      ['CloudFront-Viewer-Country', 'DE'],
    ];
    expect(check({ headers })).toBe('let in');
  });

  it('with a body up to the limit', () => {
    expect(check({ body: 'a'.repeat(10) })).toBe('let in');
  });
});

describe('a request is refused', () => {
  it.each(['', 'get', 'G T', 'GET\r\n', 'GÉT', 'CONNECT', 'GET /x HTTP/1.1'])('with method %j', (method) => {
    expect(check({ method })).toBe('ambiguous_request');
  });

  it.each([
    ['an empty name', '', 'x'],
    ['a space in the name', 'X A', 'x'],
    ['a space after the name', 'Transfer-Encoding ', 'chunked'],
    ['a colon in the name', 'X:Y', 'x'],
    ['a line break in the name', 'X\r\nHost', 'x'],
    ['a letter beyond ASCII in the name', 'Ⅹ-A', 'x'],
    ['a line break', 'X-A', 'a\r\nHost: evil'],
    ['a lone line feed', 'X-A', 'a\nb'],
    ['a lone carriage return', 'X-A', 'a\rb'],
    ['NUL', 'X-A', 'a\0b'],
    ['DEL', 'X-A', 'a\x7f'],
    ['what no byte can hold', 'X-A', '\u010d\u010a'],
    ['emoji', 'X-A', '😀'],
  ])('with a header that has %s', (_, name, value) => {
    expect(check({ headers: [[name, value]] })).toBe('invalid_headers');
  });

  it('with headers over the limit, in one piece or in many', () => {
    expect(check({ headers: [['X-A', 'a'.repeat(MAX_HEADER_BYTES - 2)]] })).toBe('headers_too_large');
    expect(check({ headers: Array.from({ length: 5_001 }, () => ['a', 'b'] as const) })).toBe('headers_too_large');
  });

  it('with a body over the limit', () => {
    expect(check({ body: 'a'.repeat(11) })).toBe('body_too_large');
  });

  it('with a path or query that cannot be told', () => {
    expect(check({ path: '/a/../b' })).toBe('ambiguous_path');
    expect(check({ query: { a: ['\ufffd'] } })).toBe('ambiguous_request');
  });
});
