import { describe, expect, it } from 'vitest';
import { readPath } from '../../lib/routing/path-readings';

describe('a path with one reading', () => {
  it.each([
    ['/', '/'],
    ['/orders/7', '/orders/7'],
    ['/orders/7/', '/orders/7/'],
    ['/orders/v1.2/.well-known/...', '/orders/v1.2/.well-known/...'],
    ["/a-._~!$&'()*+,=:@", "/a-._~!$&'()*+,=:@"],
    ['/caf%C3%A9/a%20b', '/café/a b'],
    ['/a%3Fb%23c', '/a?b#c'],
    ['/100%25', '/100%'],
    ['/100%25/x', '/100%/x'],
    ['/%7e', '/~'],
  ])('%s', (path, reading) => {
    expect(readPath(path)).toEqual({ readings: [reading], ambiguity: undefined, complete: true });
  });
});

describe('a path with several readings', () => {
  it.each([
    ['/a%2fb', ['/a%2Fb', '/a/b']],
    ['/a;v=1/b', ['/a;v=1/b', '/a/b']],
    ['/a//b', ['/a//b', '/a/b']],
    ['/a%5Cb', ['/a%5Cb', '/a\\b', '/a/b']],
    ['/%2541', ['/%2541', '/%41', '/A']],
    ['/x/%252e%252e/y', ['/x/%252e%252e/y', '/x/%2e%2e/y', '/x/../y', '/y']],
  ])('%s', (path, readings) => {
    const read = readPath(path);
    expect([...read.readings].sort()).toEqual([...readings].sort());
    expect(read.ambiguity).toBeDefined();
    expect(read.complete).toBe(true);
  });
});

it.each([
  '/%FF',
  '/%C0%AF',
  '/%ED%A0%80',
  '/%',
  '/%4',
  '/%zz',
  '/%u0041',
  '/%00',
  '/%7F',
  '/%2500',
  '/%25FF',
  '/a/../b',
])('nobody knows what services make of %s', (path) =>
  expect(readPath(path)).toMatchObject({ ambiguity: expect.any(String) as string, complete: false }),
);

it('takes a time that grows with the path alone, however it is made', () => {
  for (const made of ['/%2F;a', '/%25252F', '//;', '/%5C..;', '/a'.repeat(3), `/%${'25'.repeat(20)}2F;`]) {
    const { readings } = readPath(`/x${made.repeat(10_000 / made.length)}`);
    expect(readings.length).toBeLessThan(80);
  }
});
