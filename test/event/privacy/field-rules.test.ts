import { expect, it } from 'vitest';
import type { FieldRules } from '../../../lib/event/privacy/field-rules';
import { RECORDED_REQUEST_HEADERS, recordedHeaders } from '../../../lib/event/privacy/headers';
import { redactQuery } from '../../../lib/event/privacy/redact-query';
import { redactUrl } from '../../../lib/event/privacy/redact-url';

const rules: FieldRules = {
  headers: new Map([['x-tenant', 'record'], ['x-account', 'pseudonymize'], ['accept', 'redact'], ['x-hidden', 'redact']]),
  query: new Map([['email', 'redact'], ['id', 'pseudonymize']]),
  pseudonym: (value) => `hmac(${value})`,
}; // prettier-ignore

it('takes headers in, hides what is private of them, and redacts secrets all the same', () => {
  const headers = (...pairs: [string, string][]) =>
    recordedHeaders(pairs, RECORDED_REQUEST_HEADERS, rules).map(({ name, value }) => `${name}: ${value}`);
  expect(headers(['X-Tenant', 'blue'], ['x-account', 'a 1'], ['Accept', 'x'], ['x-hidden', 'x'], ['x-else', 'x'])).toEqual(
    ['x-tenant: blue', 'x-account: hmac(a 1)', 'accept: [redacted]'],
  );
  expect(headers(['x-tenant', 'Bearer abcdefgh'])).toEqual(['x-tenant: [redacted]']);
  expect(headers(['location', '/a?email=x'], ['origin', 'https://a/?email=x'])).toEqual(['origin: https://a/?email=[redacted]']);
}); // prettier-ignore

it('hides query values, however their names are spelt', () => {
  expect(redactQuery('email=a&EMAIL=b&em%61il=c&em%2561il=d&n=1', rules)).toBe(
    'email=[redacted]&EMAIL=[redacted]&em%61il=[redacted]&em%2561il=[redacted]&n=1',
  );
  expect(redactQuery('id=a+b%21&id=&id', rules)).toBe('id=hmac(a b!)&id=&id');
  expect(redactUrl('https://a/x?email=a&token=t', rules)).toBe('https://a/x?email=[redacted]&token=[redacted]');
});
