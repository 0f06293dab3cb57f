import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closingDraft } from '../../lib/event/build';
import { Chain } from '../../lib/event/chain';
import type { HeaderPair } from '../../lib/event/privacy/headers';
import { schemaErrors } from '../support/ocsf';
import { fixedUidsAndClock, sealedEvents, WRITER } from '../support/request-facts';

describe('the format', () => {
  it('is OCSF 1.9.0, the first release with the profile record_integrity, hashed over JCS', () => {
    for (const { event } of sealedEvents({})) {
      expect(event.metadata).toMatchObject({
        version: '1.9.0',
        profiles: expect.arrayContaining(['record_integrity']) as unknown,
      });
      expect(event.attestation_list[0]!.fingerprint).toMatchObject({
        algorithm_id: 3,
        encoding_id: 1,
        serialization_id: 2,
      });
    }
  });
});

describe('what was done', () => {
  it.each([
    ['GET', 2, 'Read'],
    ['HEAD', 2, 'Read'],
    ['OPTIONS', 2, 'Read'],
    ['POST', 1, 'Create'],
    ['PUT', 3, 'Update'],
    ['PATCH', 3, 'Update'],
    ['DELETE', 4, 'Delete'],
    ['PROPFIND', 99, 'Other'],
  ])('%s is activity %i, %s', (method, id, name) => {
    for (const { event } of sealedEvents({ method })) {
      expect(event).toMatchObject({
        activity_id: id,
        activity_name: name,
        type_uid: 600300 + id,
        type_name: `API Activity: ${name}`,
        api: { operation: `${method} /orders` },
      });
      expect(schemaErrors(event)).toEqual([]);
    }
  });
});

describe('with what result', () => {
  it.each([
    [200, 'Success', 'Informational'],
    [302, 'Success', 'Informational'],
    [399, 'Success', 'Informational'],
    [400, 'Failure', 'Low'],
    [500, 'Failure', 'Low'],
  ])('the service’s own %i is let in and a %s', (statusCode, status, severity) => {
    const [, { event }] = sealedEvents({}, { statusCode });
    expect(event).toMatchObject({ status, severity, status_code: String(statusCode), disposition: 'Allowed' });
    expect(event).not.toHaveProperty('status_detail');
  });

  it.each([
    ['refused', 404, 'no_route', false, 'Denied', 'Blocked'],
    ['not to be reached', 502, 'upstream_unreachable', false, 'Allowed', 'Error'],
    ['not connected in time', 504, 'upstream_timeout', false, 'Allowed', 'Error'],
    ['broken off', 502, 'upstream_reset', true, 'Allowed', 'Error'],
  ])('a problem: %s', (_, statusCode, code, forwarded, action, disposition) => {
    const [, { event }] = sealedEvents({}, { statusCode, forwarded, problem: { code, title: 'A title' } });
    expect(event).toMatchObject({
      status: 'Failure',
      status_detail: code,
      action,
      disposition,
      api: { response: { code: statusCode, error: code, error_message: 'A title' } },
      unmapped: { forwarded },
    });
    expect(schemaErrors(event)).toEqual([]);
  });

  it('takes no time backwards', () => {
    const [, { event }] = sealedEvents({ startTime: 2_000 }, { endTime: 1_000 });
    expect(event.duration).toBe(0);
  });
});

it('a writer ends its chain with a valid event', () => {
  const { event } = new Chain('chain-1').seal(closingDraft(WRITER, fixedUidsAndClock()));
  expect(event).toMatchObject({ class_uid: 6002, activity_name: 'Stop', unmapped: { phase: 'closing' } });
  expect(schemaErrors(event)).toEqual([]);
});

/** Secrets that a caller might put anywhere, each with a part that must never reach the log. */
const SECRETS: readonly { readonly text: string; readonly tells: string }[] = [
  { text: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJoaWRkZW5zdWJqZWN0In0.c2lnbmF0dXJlaGVyZQ', tells: 'eyJzdWIiOiJoaWRkZW5zdWJqZWN0In0' },
  { text: 'Bearer hiddenbearer', tells: 'hiddenbearer' },
  { text: 'Basic aGlkZGVuOmJhc2lj', tells: 'aGlkZGVuOmJhc2lj' },
  { text: 'AKIAHIDDENHIDDEN1234', tells: 'AKIAHIDDENHIDDEN1234' },
  { text: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYHIDDENKEYX', tells: 'HIDDENKEY' },
  { text: 'ghp_hiddenHIDDEN1234567890', tells: 'ghp_hidden' },
  { text: 'sk_live_hidden1234567890', tells: 'sk_live_hidden' },
  { text: 'Zx8Hidden4Qp7Wn2Lk9Rt5Vb', tells: 'Zx8Hidden' },
  { text: 'd41d8cd98f00b204e9800998ecf8427e', tells: 'd41d8cd98f00b204' },
  { text: '4111 1111 1111 1111', tells: '1111 1111' },
  { text: 'https://root:hiddenpassword@db.internal/', tells: 'hiddenpassword' },
]; // prettier-ignore

/** Names by which short secrets go that have no shape of their own. */
const SECRET_PARAMETERS = [
  'token', 'access_token', 'accessToken', 'password', 'api_key', 'apiKey', 'code', 'authCode', 'sig', 'X-Amz-Signature',
  'session', 'user[password]', 'pin', 'otp', 'client_secret', 'SAMLResponse', 'ticket', 'iban',
]; // prettier-ignore

const encode = encodeURIComponent;
const secret = fc.constantFrom(...SECRETS);
/** A value with nothing to give it away but the name that it goes by. */
const plain = fc.nat(99_999).map((n) => `hush${n}`);

interface Place {
  readonly query?: string;
  readonly path?: string;
  readonly headers?: readonly HeaderPair[];
}

/** Every place where a caller could put a text of that shape. */
const PLACES: readonly ((text: string) => Place)[] = [
  (text) => ({ query: `a=1&q=${encode(text)}&b=2` }),
  (text) => ({ query: `q=${encode(encode(text))}` }),
  (text) => ({ query: `next=${encode(`/x?y=${encode(text)}`)}` }),
  (text) => ({ query: encode(text) }),
  (text) => ({ query: `${encode(text)}=1` }),
  (text) => ({ query: `f=${encode(JSON.stringify({ a: { b: text } }))}` }),
  (text) => ({ path: `/orders/${encode(text)}` }),
  (text) => ({ path: `/orders/${encode(text)}/items` }),
  (text) => ({ path: `/orders;v=${encode(text)}/items` }),
  (text) => ({ headers: [['User-Agent', `agent/1.0 (${text})`]] }),
  (text) => ({ headers: [['Referer', `https://shop.example/${encode(text)}`]] }),
  (text) => ({ headers: [['Referer', `https://shop.example/?x=${encode(text)}`]] }),
  (text) => ({ headers: [['Referer', `https://shop.example/#${text}`]] }),
  (text) => ({ headers: [['Origin', text]] }),
  (text) => ({ headers: [['Accept', `text/html, ${text}`]] }),
  (text) => ({ headers: [['Content-Type', `text/html; boundary=${text}`]] }),
  (text) => ({ headers: [['X-Forwarded-For', `${text}, 203.0.113.9`]] }),
  (text) => ({ headers: [['X-Requested-With', text]] }),
  (text) => ({ headers: [['Host', text]] }),
  (text) => ({ headers: [['Forwarded', `for="${text}"`]] }),
];

/** Headers that are never written, whatever their value. */
const UNWRITTEN = ['Authorization', 'cookie', 'X-Api-Key', 'Proxy-Authorization', 'X-Amz-Security-Token', 'X-Custom'];

/** Places where a secret of any shape is known by its name. */
const NAMED: readonly ((name: string, text: string) => Place)[] = [
  (name, text) => ({ query: `a=1&${name}=${text}` }),
  (name, text) => ({ query: `${encode(name)}=${text}` }),
  (name, text) => ({ query: `next=${encode(`/x?${name}=${text}`)}` }),
  (name, text) => ({ query: `f=${encode(JSON.stringify({ [name]: text }))}` }),
  (name, text) => ({ path: `/orders;${encode(name)}=${text}` }),
  (name, text) => ({ headers: [['Referer', `https://shop.example/?${encode(name)}=${text}`]] }),
  (name, text) => ({ headers: [['User-Agent', `agent/1.0 (${name}=${text})`]] }),
];

const runs = { numRuns: 300 };

describe('no event holds a secret', () => {
  const lines = (place: Place) => sealedEvents(place).map(({ line }) => line);

  it('that is known by its shape, wherever a caller puts it', () => {
    for (const place of PLACES) {
      for (const { text, tells } of SECRETS) {
        for (const line of lines(place(text))) expect(line, JSON.stringify(place(text))).not.toContain(tells);
      }
    }
  });

  it('among other things', () => {
    const harmless = fc.stringMatching(/^[a-z]{0,8}$/);
    fc.assert(
      fc.property(secret, fc.constantFrom(...PLACES), harmless, harmless, ({ text, tells }, place, before, after) => {
        for (const line of lines(place(`${before} ${text} ${after}`))) expect(line).not.toContain(tells);
      }),
      runs,
    );
  });

  it('that is known by its name', () => {
    fc.assert(
      fc.property(plain, fc.constantFrom(...NAMED), fc.constantFrom(...SECRET_PARAMETERS), (text, place, name) => {
        for (const line of lines(place(name, text))) expect(line, `${name}`).not.toContain(text);
      }),
      runs,
    );
  });

  it('from a header that is not on the list', () => {
    fc.assert(
      fc.property(plain, fc.constantFrom(...UNWRITTEN), (text, name) => {
        for (const line of lines({ headers: [[name, text]] })) expect(line).not.toContain(text);
      }),
      runs,
    );
  });

  it('from an answer', () => {
    for (const { text, tells } of SECRETS) {
      const headers: HeaderPair[] = [
        ['Set-Cookie', `session=${text}`],
        ['X-Auth-Token', text],
        ['WWW-Authenticate', text],
        ['Location', `https://app.example/cb?x=${encode(text)}#t=${text}`],
        ['Content-Type', `text/plain; x=${text}`],
        ['Content-Disposition', `attachment; filename=${text}`],
      ];
      const [, { line }] = sealedEvents({}, { headers });
      expect(line).not.toContain(tells);
    }
  });
});

it('what is harmless is written as it came', () => {
  const path = '/orders/550e8400-e29b-41d4-a716-446655440000/items/2026-11-24';
  const query = 'page=2&limit=50&since=1764000000000&q=red%20shoes';
  const [, { event }] = sealedEvents({
    path,
    query,
    headers: [
      ['User-Agent', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'],
      ['Referer', 'https://shop.example/cart?page=2'],
      ['X-Forwarded-For', '198.51.100.7, 2001:db8::1'],
    ],
  });
  expect(event.message).toBe(`GET ${path} 200`);
  expect(event.resources).toEqual([{ name: path, type: 'path' }]);
  expect(event.http_request).toMatchObject({
    url: { path, query_string: query },
    user_agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    referrer: 'https://shop.example/cart?page=2',
    x_forwarded_for: ['198.51.100.7', '2001:db8::1'],
  });
});
