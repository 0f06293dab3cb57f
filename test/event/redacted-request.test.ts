import { expect, test } from 'vitest';
import { attemptDraft, outcomeDraft } from '../../lib/event/build';
import type { FieldRules } from '../../lib/event/privacy/field-rules';
import { redactedRequest } from '../../lib/event/redacted-request';
import { DESTINATION, fixedUidsAndClock, outcomeFacts, requestFacts, WRITER } from '../support/request-facts';

const HEADERS = [
  ['user-agent', 'curl/8'],
  ['referer', 'https://a.example/?token=hunter2'],
] as const;

test('a request is redacted once for its attempt and its outcome', () => {
  let reads = 0;
  const facts = requestFacts({ query: 'token=hunter2', headers: HEADERS.map(([name, value]) => [name, value]) });
  const counted = Object.defineProperty({ ...facts }, 'query', { get: () => ((reads += 1), facts.query) });
  const attempt = attemptDraft(counted, DESTINATION, WRITER, fixedUidsAndClock());
  const outcome = outcomeDraft(counted, DESTINATION, outcomeFacts(), WRITER, fixedUidsAndClock());
  expect(reads).toBe(1);
  expect(outcome.http_request).toEqual(attempt.http_request);
  expect(attempt.http_request?.url.query_string).toBe('token=[redacted]');
});

test('what is redacted is kept for the rules that it was redacted by, and for no others', () => {
  const facts = requestFacts({ query: 'page=2' });
  const rules: FieldRules = { headers: new Map(), query: new Map([['page', 'redact']]), pseudonym: (value) => value };
  expect(redactedRequest(facts, undefined).query).toBe('page=2');
  expect(redactedRequest(facts, rules).query).toBe('page=[redacted]');
  expect(redactedRequest(facts, undefined).query).toBe('page=2');
  expect(redactedRequest({ ...facts, query: 'page=3' }, undefined).query).toBe('page=3');
});

test('attempt and outcome share nothing that could be changed in one of them', () => {
  const facts = requestFacts({
    headers: [
      ['accept', 'text/html'],
      ['x-forwarded-for', '203.0.113.9'],
    ],
  });
  const attempt = attemptDraft(facts, DESTINATION, WRITER, fixedUidsAndClock());
  const outcome = outcomeDraft(facts, DESTINATION, outcomeFacts(), WRITER, fixedUidsAndClock());
  expect(outcome.http_request?.http_headers).toEqual(attempt.http_request?.http_headers);
  expect(outcome.http_request?.http_headers?.[0]).not.toBe(attempt.http_request?.http_headers?.[0]);
  expect(outcome.http_request?.x_forwarded_for).not.toBe(attempt.http_request?.x_forwarded_for);
});
