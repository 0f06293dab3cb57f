import { createHash, randomBytes } from 'node:crypto';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Privacy } from '../../../lambda/proxy/privacy/privacy';
import type { NewObject } from '../../../lambda/recorder/aws/put-object';
import { systemClock } from '../../../lambda/recorder/clock';
import { SinkError } from '../../../lambda/recorder/sink';
import { resolveRoute } from '../../../lib/routing/route';
import { ACCEPTED_RISK, type RecordInput } from '../../../lib/routing/record';
import type { HeaderPair } from '../../../lib/event/privacy/headers';
import type { EventDraft } from '../../../lib/event/chain';

const TIME = Date.UTC(2026, 10, 24, 7, 30);
const JSON_TYPE: HeaderPair = ['Content-Type', 'application/json; charset=UTF-8'];
const FORM_TYPE: HeaderPair = ['content-type', 'application/x-www-form-urlencoded'];
const FACTS = { length: 1, sha256: 'f'.repeat(64) };

const stored: NewObject[] = [];
let fault: 'refuses' | 'hangs' | undefined;
const errors = vi.spyOn(console, 'error').mockImplementation(() => undefined);

beforeEach(() => {
  stored.length = 0;
  fault = undefined;
});
afterEach(() => errors.mockClear());

const payloads = {
  name: 's3:bucket',
  async put(object: NewObject) {
    if (fault === 'hangs') await new Promise(() => undefined);
    if (fault === 'refuses') throw new SinkError('AccessDenied', true);
    stored.push(object);
  },
};

/** What the outcome says of the request's body. */
async function captured(body: string | Buffer, headers: readonly HeaderPair[], record: RecordInput, limitMs = 1_000) {
  const route = resolveRoute({ path: '/a', upstream: 'http://a', record });
  const privacy = new Privacy([route], { pseudonyms: undefined, payloads, clock: systemClock });
  const draft = { time: TIME, unmapped: { request_body: FACTS, response_body: FACTS } } as unknown as EventDraft;
  const nothing = { headers: [], body: Buffer.alloc(0) };
  const whole = await privacy.withBodies(draft, route, { headers, body: Buffer.from(body) }, nothing, limitMs);
  expect(whole.unmapped.response_body).toEqual(FACTS);
  return whole.unmapped.request_body;
}

const CAPTURE: RecordInput = { capture: { request: {} } };

describe('a captured body', () => {
  it('lies in the event, redacted, beside the length and hash of what travelled', async () => {
    expect(await captured('{ "a": 1, "password": "x" }', [JSON_TYPE], CAPTURE)).toEqual({
      ...FACTS,
      captured_length: 31,
      content: '{"a":1,"password":"[redacted]"}',
    });
  });

  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['GZIP', gzipSync],
    ['identity', Buffer.from],
  ])('is decompressed where it travelled as %s', async (coding, compress) => {
    const body = compress(Buffer.from('{"a":1}'));
    expect(await captured(body, [JSON_TYPE, ['content-encoding', coding]], CAPTURE)).toMatchObject({ content: '{"a":1}' });
  }); // prettier-ignore

  it('is cut once it is redacted, between characters, and says so', async () => {
    const record = { capture: { request: { maxBytes: 10 } } };
    expect(await captured(JSON.stringify({ a: '1ääää' }), [JSON_TYPE], record)).toEqual({
      ...FACTS,
      captured_length: 9,
      content: '{"a":"1ä',
      is_cut: true,
    });
    expect(await captured('{"a":"12"}', [JSON_TYPE], record)).toEqual({ ...FACTS, captured_length: 10, content: '{"a":"12"}' });
  }); // prettier-ignore

  it.each<[string, string | Buffer, HeaderPair[], RecordInput]>([
    ['content_type', 'a', [['content-type', 'image/png']], CAPTURE],
    ['content_type', '{}', [], CAPTURE],
    ['content_type', '{}', [JSON_TYPE, ['content-type', 'text/plain']], CAPTURE],
    ['content_type', '{}', [['content-type', 'application/json, text/plain']], CAPTURE],
    ['compressed', 'a', [JSON_TYPE, ['content-encoding', 'zstd']], CAPTURE],
    ['compressed', 'a', [JSON_TYPE, ['content-encoding', 'gzip, br']], CAPTURE],
    ['compressed', 'a', [JSON_TYPE, ['content-encoding', 'constructor']], CAPTURE],
    ['not_parseable', 'a', [JSON_TYPE, ['content-encoding', 'gzip']], CAPTURE],
    ['not_parseable', '{', [JSON_TYPE], CAPTURE],
    ['too_large', gzipSync(Buffer.alloc(1024 * 1024 + 1)), [JSON_TYPE, ['content-encoding', 'gzip']], CAPTURE],
    ['too_large', Buffer.alloc(1024 * 1024 + 1), [JSON_TYPE], CAPTURE],
    ['not_text', Buffer.from([0x22, 0xff, 0x22]), [JSON_TYPE], CAPTURE],
    ['not_text', Buffer.from('"a"', 'utf16le'), [JSON_TYPE], CAPTURE],
    ['not_text', '{}', [['content-type', 'application/json; charset="utf-7"']], CAPTURE],
    ['not_redactable', 'a', [['content-type', 'text/plain']], { redact: { body: ['/a'] }, capture: { request: { contentTypes: ['text/*'], acceptRisk: ACCEPTED_RISK } } }],
    ['content_type', 'a', [['content-type', 'text/plain']], { capture: { request: { contentTypes: ['*/*'] } } }],
    ['not_text', '{}', [['content-type', 'application/json; charset=utf-8; charset=utf-7']], CAPTURE],
    ['not_text', '{}', [['content-type', 'application/json; charset*=utf-7']], CAPTURE],
    ['not_text', '{}', [['content-type', 'application/json; charset=']], CAPTURE],
    ['not_parseable', '\ufeff{}', [JSON_TYPE], CAPTURE],
    ['not_parseable', '{"password":"x"}', [FORM_TYPE], CAPTURE],
    ['not_parseable', 'a=%zz', [FORM_TYPE], CAPTURE],
    ['not_parseable', 'a=%ff', [FORM_TYPE], CAPTURE],
    ['not_parseable', '\ufeffemail=x', [FORM_TYPE], CAPTURE],
  ])('is left out, and the event says why: %s (%#)', async (reason, body, headers, record) => {
    expect(await captured(body, headers, record)).toEqual({ ...FACTS, not_captured: reason });
    expect(stored).toEqual([]);
  }); // prettier-ignore

  it.each([
    ['application/*+json', 'application/problem+json', true],
    ['application/json', 'application/jsonx', false],
    ['text/*', 'text/x.y', true],
    ['text/*', 'texts/x', false],
    ['*/*', 'a/b', true],
    ['application/x.y', 'application/xzy', false],
  ])('of %s takes %s: %s', async (pattern, type, takes) => {
    const body = await captured('{}', [['content-type', type]], {
      capture: { request: { contentTypes: [pattern], acceptRisk: ACCEPTED_RISK } },
    });
    expect(body?.not_captured).toBe(takes ? undefined : 'content_type');
  });

  it('has the parts that the route keeps, and no others', async () => {
    const record = { capture: { request: {}, only: ['/order/id', '/items/*/sku', '/token'] } };
    const body = { order: { id: 7, card: 'x' }, note: 'x', items: [{ sku: 1, price: 2 }, 'x', { sku: 3 }], token: 'x' };
    expect(await captured(JSON.stringify(body), [JSON_TYPE], record)).toMatchObject({
      content: '{"order":{"id":7},"items":[{"sku":1},{"sku":3}],"token":"[redacted]"}',
    });
    expect(await captured('order[id]=7&order[card]=x&order=x&note=x', [FORM_TYPE], record)).toMatchObject({
      content: 'order[id]=7',
    });
    expect(await captured('"x"', [JSON_TYPE], record)).toMatchObject({ content: '"[redacted]"' });
  });

  it('is nothing where there is no body, or the route does not ask for it', async () => {
    expect(await captured('', [JSON_TYPE], CAPTURE)).toEqual(FACTS);
    expect(await captured('{}', [JSON_TYPE], { capture: { response: {} } })).toEqual(FACTS);
  });
});

describe('a large body', () => {
  const large = JSON.stringify({ a: 'word '.repeat(8_000), secret: 'x' });
  const redacted = large.replace('"x"', '"[redacted]"');
  const key = `payloads/dt=2026-11-24/hour=07/${createHash('sha256').update(redacted).digest('hex')}`;

  it('lies beside the event, under the hash of what is stored', async () => {
    expect(await captured(large, [JSON_TYPE], CAPTURE)).toEqual({ ...FACTS, captured_length: redacted.length, payload: key });
    expect(stored.map(({ body, ...rest }) => ({ ...rest, body: body.toString() }))).toEqual([
      { key, contentType: 'application/json', body: redacted },
    ]);
  }); // prettier-ignore

  it.each(['refuses', 'hangs'] as const)('leaves its beginning in the event if the bucket %s', async (how) => {
    fault = how;
    const body = await captured(large, [JSON_TYPE], CAPTURE, 50);
    expect(body).toEqual({
      ...FACTS,
      captured_length: 32_768,
      content: redacted.slice(0, 32_768),
      is_cut: true,
      not_captured: 'not_stored',
    });
    expect(String(errors.mock.calls[0]?.[0])).toContain('a captured body was not stored: s3:bucket');
  });
});

it('never loses an event to a fault of its own, nor tells the body', async () => {
  const route = resolveRoute({ path: '/a', upstream: 'http://a', record: CAPTURE });
  const privacy = new Privacy([route], { pseudonyms: undefined, payloads, clock: systemClock });
  const draft = { time: NaN, unmapped: { request_body: FACTS } } as unknown as EventDraft;
  const body = Buffer.from(JSON.stringify(randomBytes(40_000).toString('hex').replace(/[0-9]/g, ' ')));
  const message = { headers: [JSON_TYPE], body };
  const whole = await privacy.withBodies(draft, route, message, { headers: [], body: Buffer.alloc(0) }, 1_000);
  expect(whole.unmapped.request_body).toEqual({ ...FACTS, not_captured: 'failed' });
  expect(errors.mock.calls).toEqual([['capturing a body failed: RangeError']]);
});

it('does not start without the key that its routes need', () => {
  const route = resolveRoute({ path: '/a', upstream: 'http://a', record: { pseudonymize: { query: ['id'] } } });
  expect(() => new Privacy([route], { pseudonyms: undefined, payloads, clock: systemClock })).toThrow(
    'the route /a has pseudonyms, and there is no key for them',
  );
});
