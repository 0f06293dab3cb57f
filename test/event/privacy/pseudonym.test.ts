import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { Pseudonyms } from '../../../lib/event/privacy/pseudonym';

const KEY = 'k'.repeat(64);

it('is the HMAC-SHA256 of the value, with the id of the key before it', () => {
  const pseudonyms = new Pseudonyms(KEY);
  const mac = createHmac('sha256', KEY).update('alice@example.com').digest('base64url');
  expect(pseudonyms.of('alice@example.com')).toBe(`hmac:${pseudonyms.keyId}:${mac}`);
  expect(pseudonyms.of('alice@example.com')).toMatch(/^hmac:[0-9a-f]{8}:[A-Za-z0-9_-]{43}$/);
  expect(pseudonyms.of('Alice@example.com')).not.toBe(pseudonyms.of('alice@example.com'));
});

it('is another one under another key, and the same whatever white space is around the key', () => {
  const [one, other] = [new Pseudonyms(KEY), new Pseudonyms('o'.repeat(64))];
  expect(other.keyId).not.toBe(one.keyId);
  expect(other.of('x').split(':')[2]).not.toBe(one.of('x').split(':')[2]);
  expect(new Pseudonyms(`${KEY}\n`).of('x')).toBe(one.of('x'));
});

it('has no key that could be guessed', () => {
  expect(() => new Pseudonyms('short')).toThrow('a key for pseudonyms has at least 32 characters; got 5');
});
