import { describe, expect, it } from 'vitest';
import {
  RECORDED_REQUEST_HEADERS,
  RECORDED_RESPONSE_HEADERS,
  recordedHeaders,
  redactMediaType,
} from '../../../lib/event/privacy/headers';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N';

describe('the headers that are recorded', () => {
  it.each([
    'Authorization', 'Proxy-Authorization', 'Cookie', 'Set-Cookie', 'X-Api-Key', 'X-Amz-Security-Token', 'X-Auth-Token',
    'X-CSRF-Token', 'X-Invented-Tomorrow', 'User-Agent', 'Referer', 'X-Forwarded-For', '__proto__', 'constructor', '',
  ])('are never %s', (name) => {
    for (const allowed of [RECORDED_REQUEST_HEADERS, RECORDED_RESPONSE_HEADERS]) {
      expect(recordedHeaders([[name, 'x'], [name.toUpperCase(), 'x']], allowed)).toEqual([]); // prettier-ignore
    }
  }); // prettier-ignore

  it('keep order and repetition, with names in lower case, and no empty values', () => {
    const headers = [
      ['ACCEPT', 'a'],
      ['X-Other', 'x'],
      ['accept', 'b'],
      ['Range', ''],
    ] as const;
    expect(recordedHeaders(headers, RECORDED_REQUEST_HEADERS)).toEqual([
      { name: 'accept', value: 'a' },
      { name: 'accept', value: 'b' },
    ]);
  });

  it.each([
    ['accept', `text/html, ${JWT}`, '[redacted]'],
    ['host', `${JWT}.example`, '[redacted]'],
    ['origin', 'https://user:hunter2@shop.example', 'https://shop.example'],
    ['content-type', 'multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW', 'multipart/form-data;[redacted]'],
    ['content-type', 'application/json; charset=utf-8', 'application/json; charset=utf-8'],
    ['if-none-match', '"33a64df551425fcc55e4d42a148795d9f25f89d4"', '"33a64df551425fcc55e4d42a148795d9f25f89d4"'],
    ['if-none-match', `"${JWT}"`, '[redacted]'],
    ['x-amzn-trace-id', 'Root=1-67b7bb98-fb7dfe416f53ecee062b77d5', 'Root=1-67b7bb98-fb7dfe416f53ecee062b77d5'],
    ['traceparent', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
    ['traceparent', `Bearer ${JWT}`, '[redacted]'],
    ['via', '1.1 token=abc', '[redacted]'],
  ])('%s: %s', (name, value, expected) => {
    expect(recordedHeaders([[name, value]], RECORDED_REQUEST_HEADERS)).toEqual([{ name, value: expected }]);
  }); // prettier-ignore

  it('of an answer: where it redirects to, without what is secret', () => {
    const headers = [['Location', 'https://app.example/cb?code=abc&state=x#id_token=y']] as const;
    expect(recordedHeaders(headers, RECORDED_RESPONSE_HEADERS)).toEqual([
      { name: 'location', value: 'https://app.example/cb?code=[redacted]&state=x' },
    ]);
  });
});

it('a media type keeps its type, whatever its parameters', () => {
  expect(redactMediaType(`application/json; token=${JWT}`)).toBe('application/json;[redacted]');
});
