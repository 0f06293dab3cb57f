import { expect, it } from 'vitest';
import {
  ACCEPTED_RISK,
  capturesBodies,
  checkRecord,
  needsPseudonyms,
  resolveRecord,
  type RecordInput,
} from '../../lib/routing/record';

it('gets every default', () => {
  const nothing = { headers: [], query: [], body: [] };
  const empty = resolveRecord({});
  expect(empty).toEqual({ headers: [], redact: nothing, pseudonymize: nothing, capture: {} });
  expect([capturesBodies(empty), needsPseudonyms(empty)]).toEqual([false, false]);

  const some = resolveRecord({
    headers: ['X-Tenant'],
    redact: { headers: ['X-A'], query: ['Email'], body: ['/Name'] },
    pseudonymize: { query: ['ID'] },
    capture: {
      request: {},
      response: { contentTypes: ['Text/*'], maxBytes: 5, acceptRisk: ACCEPTED_RISK },
      only: ['/A'],
    },
  });
  expect(some).toEqual({
    headers: ['x-tenant'],
    redact: { headers: ['x-a'], query: ['email'], body: ['/Name'] },
    pseudonymize: { headers: [], query: ['id'], body: [] },
    capture: {
      request: {
        contentTypes: ['application/json', 'application/*+json', 'application/x-www-form-urlencoded'],
        maxBytes: 65_536,
      },
      response: { contentTypes: ['text/*'], maxBytes: 5, acceptRisk: 'secrets may be stored' },
      only: ['/A'],
    },
  });
  expect([capturesBodies(some), needsPseudonyms(some)]).toEqual([true, true]);
});

it.each<[RecordInput, string, string]>([
  [{ headers: ['x tenant'] }, 'headers/0', 'must be the name of a header, like "x-tenant"; got "x tenant"'],
  [{ headers: ['x-a', 'Authorization'] }, 'headers/1', 'must not be a header that holds a secret, which is never recorded; got "Authorization" (pseudonymize takes it)'],
  [{ headers: ['set-cookie'] }, 'headers/0', 'must not be a header that holds a secret'],
  [{ headers: ['X-Api-Key'] }, 'headers/0', 'must not be a header that holds a secret'],
  [{ redact: { headers: [''] } }, 'redact/headers/0', 'must be the name of a header'],
  [{ redact: { query: [''] } }, 'redact/query/0', 'must be the name of a query value; got ""'],
  [{ redact: { body: ['email'] }, capture: { request: {} } }, 'redact/body/0', 'must be a JSON pointer that begins with "/", like "/customer/email" or "/items/*/note"; got "email"'],
  [{ pseudonymize: { body: [''] }, capture: { request: {} } }, 'pseudonymize/body/0', 'must be a JSON pointer'],
  [{ redact: { body: ['/a~2'] }, capture: { request: {} } }, 'redact/body/0', 'must be a JSON pointer'],
  [{ redact: { body: ['/a'] } }, 'redact/body', 'must go with capture: bodies of this route are not recorded; got pointers without capture'],
  [{ redact: { query: ['Email'] }, pseudonymize: { query: ['id', 'email'] } }, 'pseudonymize/query/1', 'must not stand under redact too; got "email"'],
  [{ pseudonymize: { headers: ['X-Forwarded-For'] } }, 'pseudonymize/headers/0', 'can be redacted only'],
  [{ capture: { request: { contentTypes: [] } } }, 'capture/request/contentTypes', 'must hold at least 1 content type; got none'],
  [{ capture: { response: { contentTypes: ['json'] } } }, 'capture/response/contentTypes/0', 'must be a content type without parameters, like "application/json" or "text/*"; got "json"'],
  [{ capture: { response: { contentTypes: ['text/plain; charset=utf-8'] } } }, 'capture/response/contentTypes/0', 'must be a content type without parameters'],
  [{ capture: { response: { contentTypes: ['application/json', 'text/*'] } } }, 'capture/response/contentTypes/1', 'in other types they may be missed, and acceptRisk must be "secrets may be stored"; got "text/*"'],
  [{ capture: { request: { contentTypes: ['*/*'] } } }, 'capture/request/contentTypes/0', 'got "*/*"'],
  [{ capture: { request: { contentTypes: ['application/*'] } } }, 'capture/request/contentTypes/0', 'got "application/*"'],
  [{ capture: { request: { contentTypes: ['application/*json'] } } }, 'capture/request/contentTypes/0', 'got "application/*json"'],
  [{ capture: { request: { acceptRisk: 'yes' } } }, 'capture/request/acceptRisk', 'must be "secrets may be stored"; got "yes"'],
  [{ capture: { request: {}, only: [] } }, 'capture/only', 'must hold at least 1 JSON pointer; got none'],
  [{ capture: { request: {}, only: ['a'] } }, 'capture/only/0', 'must be a JSON pointer'],
  [{ capture: { only: ['/a'] } }, 'capture/only', 'must go with request or response'],
  [{ capture: { request: { contentTypes: ['text/*'], acceptRisk: ACCEPTED_RISK }, only: ['/a'] } }, 'capture/request/contentTypes/0', 'must be JSON or a form, of which "only" can keep parts; got "text/*"'],
  [{ capture: { request: { maxBytes: 0 } } }, 'capture/request/maxBytes', 'must be from 1 byte to 1 MiB; got 0 bytes'],
  [{ capture: { request: { maxBytes: 7_000_000 } } }, 'capture/request/maxBytes', 'got 7000000 bytes'],
])('%j is refused at %s', (input, place, message) => {
  expect(checkRecord(input).map((problem) => [problem.place.join('/'), problem.message])).toEqual([
    [place, expect.stringContaining(message)],
  ]);
}); // prettier-ignore

it('is right where it is right', () => {
  expect(
    checkRecord({
      headers: ['x-tenant'],
      redact: { headers: ['x-forwarded-for'], query: ['email'], body: ['/a/*/b', '/'] },
      pseudonymize: { headers: ['x-api-key'], query: ['id'], body: ['/id'] },
      capture: { request: { contentTypes: ['*/*', 'application/*+json'], acceptRisk: ACCEPTED_RISK } },
    }),
  ).toEqual([]);
});
