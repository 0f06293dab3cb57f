import { describe, expect, it } from 'vitest';
import type { BodyRules } from '../../../lib/event/privacy/body-rules';
import { parsePointer } from '../../../lib/event/privacy/pointer';
import { redactBody } from '../../../lib/event/privacy/redact-body';

const NONE: BodyRules = { pointers: [], pseudonym: (value: string) => `hmac(${value})` };

function rules(pointer: string, treatment: 'redact' | 'pseudonymize' = 'redact') {
  return { ...NONE, pointers: [{ pointer: parsePointer(pointer)!, treatment }] };
}

describe('a form', () => {
  const form = (text: string, by = NONE) => redactBody(text, 'application/x-www-form-urlencoded', by);

  it.each([
    ['/email', 'email=a%40b&n=1', 'email=[redacted]&n=1'],
    ['/customer/email', 'customer%5Bemail%5D=x&customer[id]=7', 'customer%5Bemail%5D=[redacted]&customer[id]=7'],
    ['/customer', 'customer[email]=x', 'customer[email]=[redacted]'],
    ['/items/*', 'items[]=x&items[]=y', 'items[]=[redacted]&items[]=[redacted]'],
    ['/email', 'EMAIL=x', 'EMAIL=[redacted]'],
  ])('loses what %s names', (pointer, text, redacted) => {
    expect(form(text, rules(pointer))).toEqual({ text: redacted });
  });

  it('gets pseudonyms of decoded values, and loses secrets without being told', () => {
    expect(form('id=a+b%21', rules('/id', 'pseudonymize'))).toEqual({ text: 'id=hmac(a b!)' });
    expect(form('user=bob&password=x')).toEqual({ text: 'user=bob&password=[redacted]' });
  });
});

describe('other text', () => {
  it('loses lines, elements and keys that hold secrets', () => {
    expect(redactBody('a\npassword: x\nb', 'text/plain', NONE)).toEqual({ text: 'a\n[redacted]\nb' });
    expect(redactBody('<a><password>x</password></a>', 'application/xml', NONE)).toEqual({
      text: '<a><password>[redacted]</password></a>',
    });
    const pem = '-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----';
    expect(redactBody(`before\n${pem}\nafter`, 'text/plain', NONE)).toEqual({ text: 'before\n[redacted]\nafter' });
    expect(redactBody('-----BEGIN PRIVATE KEY-----\nabc', 'text/plain', NONE)).toEqual({ text: '[redacted]' });
  });

  it('cannot be had where a pointer asks for a part of it, nor can multipart', () => {
    expect(redactBody('a', 'text/plain', rules('/a'))).toEqual({ problem: 'not_redactable' });
    expect(redactBody('a', 'multipart/form-data', NONE)).toEqual({ problem: 'not_redactable' });
  });
});

it.each(['application/json', 'text/json', 'application/problem+json'])('%s is JSON', (mediaType) => {
  expect(redactBody('{ "a": 1 }', mediaType, rules('/a'))).toEqual({ text: '{"a":"[redacted]"}' });
  expect(redactBody('{ a: 1 }', mediaType, rules('/a'))).toEqual({ problem: 'not_parseable' });
});
