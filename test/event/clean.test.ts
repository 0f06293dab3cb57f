import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { cleanEvent, cleanString, cutString } from '../../lib/event/clean';
import { attempt } from '../support/sample-event';

describe('cleaning a text', () => {
  it.each([
    ['NUL', 'a\u0000b', 'a\\u0000b'],
    ['line breaks', 'a\r\nb', 'a\\u000d\\u000ab'],
    ['escape sequences', '\u001b[31m', '\\u001b[31m'],
    ['C1 controls', '\u007f\u0085\u009f', '\\u007f\\u0085\\u009f'],
    ['line separators', '\u2028\u2029', '\\u2028\\u2029'],
    ['a byte order mark, which Parquet readers strip', '\ufeffa\ufeff', '\\ufeffa\\ufeff'],
  ])('makes %s visible', (_, value, expected) => {
    expect(cleanString(value)).toBe(expected);
  });

  it('replaces lone surrogates and keeps pairs', () => {
    expect(cleanString('\ud800 😀 \udc00')).toBe('\ufffd 😀 \ufffd');
    expect(cleanString('\ud800\n\ude00')).toBe('\ufffd\\u000a\ufffd');
  });

  it('leaves everything else as it is', () => {
    const harmless = 'Zoë "\\" 👩‍👩‍👧‍👦 \u202e \u00a0 \u{10ffff}';
    expect(cleanString(harmless)).toBe(harmless);
  });

  it('gives the same when done again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => cleanString(cleanString(value)) === cleanString(value)),
    );
  });
});

describe('cutting a text', () => {
  it('counts UTF-16 code units and never splits a pair', () => {
    expect(cutString('abc', 3)).toBe('abc');
    expect(cutString('abcd', 3)).toBe('abc');
    expect(cutString('ab😀', 3)).toBe('ab');
    expect(cutString('a😀b', 3)).toBe('a😀');
  });
});

describe('cleaning an event', () => {
  const clean = (changes: object, onCut?: () => void) => cleanEvent({ ...attempt(1), ...changes }, onCut);

  it('drops what is null, undefined or empty, at every depth', () => {
    const cleaned = clean({
      status: '',
      message: null,
      duration: undefined,
      actor: { user: { name: '', groups: [{ name: '' }, {}] }, session: {}, authorizations: [] },
      resources: [{ name: 'a' }, { name: '' }],
    });
    expect(cleaned).not.toHaveProperty('status');
    expect(cleaned).not.toHaveProperty('message');
    expect(cleaned).not.toHaveProperty('duration');
    expect(cleaned).not.toHaveProperty('actor');
    expect(cleaned.resources).toEqual([{ name: 'a' }]);
  });

  it('makes zero of minus zero', () => {
    expect(Object.is(clean({ duration: -0 }).duration, 0)).toBe(true);
  });

  it('cuts what is too long, and says so', () => {
    const onCut = vi.fn();
    expect(clean({ message: 'x'.repeat(10_240) }, onCut).message).toHaveLength(10_240);
    expect(onCut).not.toHaveBeenCalled();
    expect(clean({ message: 'x'.repeat(10_241) }, onCut).message).toHaveLength(10_240);
    expect(onCut).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['an undeclared field', { nonsense: 1 }, 'nonsense is not declared'],
    ['an undeclared field within', { actor: { user: { password: 'x' } } }, 'actor.user.password is not declared'],
    ['a name of every object', { constructor: 1 }, 'constructor is not declared'],
    ['a number for a text', { message: 1 }, 'message must be a string'],
    ['a text for a number', { duration: '1' }, 'duration must be an integer'],
    ['a fraction', { duration: 1.5 }, 'duration must be an integer'],
    ['a number too large', { duration: 2 ** 53 }, 'duration must be an integer'],
    ['a struct for a list', { resources: {} }, 'resources must be a list'],
    ['a list for a struct', { actor: [] }, 'actor must be a struct'],
    ['a wrong element', { resources: [{ name: 1 }] }, 'resources[0].name must be a string'],
  ])('refuses %s', (_, changes, message) => {
    expect(() => clean(changes)).toThrow(new TypeError(message).message);
  });
});
