import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fitsIntoResult, httpResult, MAX_RESULT_BYTES, restResult } from '../../lambda/proxy/answer';
import type { HeaderPair } from '../../lib/event/privacy/headers';

const NOTHING = Buffer.alloc(0);
/** What a function can return (AWS: 6 MB), as its JSON in UTF-8. */
const LAMBDA_LIMIT = 6 * 1024 * 1024;

const HEADERS: HeaderPair[] = [
  ['X-Twice', '1'],
  ['x-twice', '2'],
  ['Set-Cookie', 'a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT'],
  ['set-cookie', 'b=2'],
  ['__proto__', 'p'],
  ['constructor', 'c'],
  ['toString', 't'],
  ['hasOwnProperty', 'h'],
];

/** As API Gateway gets it: through JSON. */
function overTheWire<T>(result: T): T {
  return JSON.parse(JSON.stringify(result)) as T;
}

describe('the result for a REST API', () => {
  it('has each header once, all its values by a list, whatever its name', () => {
    const { multiValueHeaders } = overTheWire(restResult({ statusCode: 200, headers: HEADERS, body: NOTHING }));
    expect(Object.entries(multiValueHeaders ?? {})).toEqual([
      ['X-Twice', ['1', '2']],
      ['Set-Cookie', ['a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT', 'b=2']],
      ['__proto__', ['p']],
      ['constructor', ['c']],
      ['toString', ['t']],
      ['hasOwnProperty', ['h']],
    ]);
  });
});

describe('the result for an HTTP API', () => {
  it('joins repeated headers, keeps cookies apart, whatever the names', () => {
    const { headers, cookies } = overTheWire(httpResult({ statusCode: 200, headers: HEADERS, body: NOTHING }));
    expect(Object.entries(headers ?? {})).toEqual([
      ['x-twice', '1, 2'],
      ['__proto__', 'p'],
      ['constructor', 'c'],
      ['tostring', 't'],
      ['hasownproperty', 'h'],
    ]);
    expect(cookies).toEqual(['a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT', 'b=2']);
  });

  it('has no cookies where there are none', () => {
    expect(httpResult({ statusCode: 204, headers: [], body: NOTHING })).not.toHaveProperty('cookies');
  });
});

describe('the body of a result', () => {
  it.each([
    ['nothing', NOTHING, false],
    ['text', Buffer.from('{"a":"é€😀"}'), false],
    ['text with control characters', Buffer.from('a\0b\u2028\r\n'), false],
    ['U+FFFD itself', Buffer.from('\ufffd'), false],
    ['a byte order mark', Buffer.from('\ufeffa'), true],
    ['no UTF-8', Buffer.from([0xff, 0xfe, 0]), true],
    ['half a character', Buffer.from([0x61, 0xe2, 0x82]), true],
    ['an encoded surrogate', Buffer.from([0xed, 0xa0, 0x80]), true],
    ['random bytes', randomBytes(5000), true],
    ['large text that JSON would blow up', Buffer.alloc(1_200_000, '\0'), true],
    ['large plain text', Buffer.alloc(1_200_000, 'a'), false],
  ])('carries the same bytes, as base64 where text would not: %s', (_, body, base64) => {
    for (const result of [restResult, httpResult]) {
      const wire = overTheWire(
        result({ statusCode: 200, headers: [], body }) as { body: string; isBase64Encoded: boolean },
      );
      expect(wire.isBase64Encoded).toBe(base64);
      expect(Buffer.from(wire.body, base64 ? 'base64' : 'utf8').equals(body)).toBe(true);
    }
  });

  it.each([
    ['text', Buffer.alloc(MAX_RESULT_BYTES - 2, 'a')],
    ['binary', Buffer.alloc(Math.floor((MAX_RESULT_BYTES - 2) / 4) * 3, 0xff)],
    ['control characters', Buffer.alloc(Math.floor((MAX_RESULT_BYTES - 2) / 4) * 3, 1)],
    ['quotes', Buffer.alloc(Math.floor((MAX_RESULT_BYTES - 2) / 4) * 3, '"')],
  ])('fits up to a byte, and then stays under Lambda’s limit with full headers: %s', (_, body) => {
    const headers: HeaderPair[] = Array.from({ length: 1_600 }, () => ['x', '"é"'.repeat(2)]);
    expect(fitsIntoResult(body)).toBe(true);
    const json = JSON.stringify(restResult({ statusCode: 200, headers, body }));
    expect(Buffer.byteLength(json)).toBeLessThanOrEqual(LAMBDA_LIMIT);
    expect(fitsIntoResult(Buffer.concat([body, Buffer.alloc(3, body[0])]))).toBe(false);
  });
});
