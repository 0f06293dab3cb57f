import { expect } from 'vitest';
import type { HeaderPair } from '../../lib/event/privacy/headers';
import { Problem } from '../../lambda/proxy/problem';
import type { GotAnswer } from './answer';
import { API_HOST, CALLER_IP } from './build-event';
import type { Case, Expectation, Format } from './case';
import type { Seen } from './recording-service';

/** What the proxy adds to every request. `{ip}`, `{host}` and `{service}` are known when it runs. */
const TELLS: Readonly<Record<string, string | RegExp>> = {
  host: '{service}',
  'x-forwarded-for': '{ip}',
  'x-forwarded-proto': /^https?$/,
  'x-forwarded-host': '{host}',
  'x-forwarded-port': /^\d+$/,
  'x-request-id': /^[\w=-]+$/,
  traceparent: /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/,
  via: '1.1 cdk-audit-proxy',
};

/** Set by the edge, and passed on. */
const BY_EDGE = new Set(['x-amzn-trace-id']);

/** Checks every byte that the service saw: the request line, each header, no others, the body. */
export function checkSeen(seen: Seen, one: Case, expected: Expectation, format: Format, serviceHost: string): void {
  const { method = 'GET', path = '/orders/7', query = '', headers = [], body = '' } = one.sends ?? {};
  expect(seen.line).toBe(`${method} ${expected.target ?? path + (query === '' ? '' : `?${query}`)} HTTP/1.1`);

  const wanted = Buffer.from(expected.body ?? body);
  expect(seen.body.toString('latin1')).toBe(wanted.toString('latin1'));

  // Of the proxy's own connection: what carries a body that a service may not read is the last on it.
  const isLast = wanted.length > 0 && !/^(?:POST|PUT|PATCH)$/.test(method);
  const got = byName(seen.headers);
  expect(got.get('connection'), 'connection').toEqual([isLast ? 'close' : 'keep-alive']);
  const tells: Expectation['tells'] & object = { ...TELLS, ...expected.tells };
  for (const [name, value] of Object.entries(tells)) {
    const values = got.get(name);
    if (value instanceof RegExp) expect(values?.length === 1 && values[0], name).toMatch(value);
    else expect(values, name).toEqual([value].flat().map((text) => filled(text, format, serviceHost)));
  }
  const length = got.get('content-length');
  const mayBeEmpty = wanted.length === 0 && /^(?:GET|HEAD|DELETE|OPTIONS)$/.test(method);
  expect(length ?? [], 'content-length').toEqual(length === undefined && mayBeEmpty ? [] : [String(wanted.length)]);

  const own = new Set([...Object.keys(tells), ...BY_EDGE, 'connection', 'content-length']);
  const passed = (pairs: readonly HeaderPair[]) => pairs.filter(([name]) => !own.has(name.toLowerCase()));
  const dropped = new Set(expected.drops);
  const kept = headers.filter(([name]) => !dropped.has(name.toLowerCase()));
  expect(inForm(passed(seen.headers), format)).toEqual(inForm(passed(kept), format));
}

/** Checks what the caller gets. */
export function checkAnswer(got: GotAnswer, expected: Expectation): void {
  expect(got.surplus.toString('latin1')).toBe('');
  const { problem } = expected;
  const status = expected.edge ?? expected.status ?? (problem === undefined ? 200 : new Problem(problem).status);
  expect(got.status, got.body.toString('latin1')).toBe(status);
  const headers = byName(got.headers);
  for (const [name, values] of Object.entries(expected.answers ?? {})) {
    expect(headers.get(name) ?? [], name).toEqual(values);
  }
  if (expected.edge !== undefined) return;
  expect(got.brokenOff).toBe(expected.breaksOff);
  expect(headers.get('x-request-id'), 'x-request-id').toEqual([expect.stringMatching(/^[\w=-]+$/)]);
  if (got.brokenOff !== undefined) return;
  if (problem === undefined) {
    expect(got.body.toString('latin1')).toBe(Buffer.from(expected.answerBody ?? 'ok').toString('latin1'));
    return;
  }
  expect(headers.get('content-type')).toEqual(['application/problem+json']);
  if (got.body.length > 0) {
    const type = `urn:cdk-audit-proxy:problem:${problem}`;
    expect(JSON.parse(got.body.toString())).toMatchObject({
      type,
      status,
      request_id: headers.get('x-request-id')![0],
    });
  }
}

/** Which events a request leaves: none if the edge refuses it, an outcome if the proxy does, else an attempt as well. */
export function phasesOf({ edge, problem }: Expectation): string[] {
  if (edge !== undefined) return [];
  return problem !== undefined && new Problem(problem).status < 500 ? ['outcome'] : ['attempt', 'outcome'];
}

function filled(value: string, format: Format, serviceHost: string): string {
  return value
    .replace('{host}', API_HOST)
    .replace('{ip}', format.endsWith('gateway') ? '127.0.0.1' : CALLER_IP)
    .replace('{service}', serviceHost);
}

function byName(pairs: readonly HeaderPair[]): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const [name, value] of pairs) names.set(name.toLowerCase(), [...(names.get(name.toLowerCase()) ?? []), value]);
  return names;
}

/**
 * Headers in a form that two sides can be compared by: by payload format 2.0 names come in lower case, repeated values joined
 * by commas, cookies by semicolons; a REST API gives all as it came, values of a name together.
 */
function inForm(pairs: readonly HeaderPair[], format: Format): Map<string, readonly string[]> {
  const joins = format.startsWith('http');
  const names = new Map<string, string[]>();
  for (const [spelling, value] of pairs) {
    const name = format.startsWith('rest') ? spelling : spelling.toLowerCase();
    names.set(name, [...(names.get(name) ?? []), value]);
  }
  if (!joins) return names;
  return new Map([...names].map(([name, values]) => [name, [values.join(name === 'cookie' ? '; ' : ',')]]));
}
