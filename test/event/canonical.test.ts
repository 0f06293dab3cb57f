import { describe, expect, it } from 'vitest';
import { canonicalize } from '../../lib/event/canonical';

/** https://www.rfc-editor.org/rfc/rfc8785 */
describe('the canonical form', () => {
  it('sorts names by UTF-16 code units, at every depth (3.2.3)', () => {
    expect(canonicalize({ b: 1, a_: 2, a: { z: 1, _: 2 }, a1: 3, list: [{ y: 1, x: 2 }] })).toBe(
      '{"a":{"_":2,"z":1},"a1":3,"a_":2,"b":1,"list":[{"x":2,"y":1}]}',
    );
  });

  it('keeps lists in their order and writes no white space (3.2.1)', () => {
    expect(canonicalize({ list: [3, 1, 2], empty: [] })).toBe('{"empty":[],"list":[3,1,2]}');
  });

  it('escapes as little as JSON allows (3.2.2.2)', () => {
    expect(canonicalize('€$\u000f\nA\'B"\\\\"/')).toBe(String.raw`"€$\u000f\nA'B\"\\\\\"/"`);
    expect(canonicalize('\u2028 😀 <&>')).toBe('"\u2028 😀 <&>"');
  });

  it('writes integers as they are, and minus zero as zero (3.2.2.3)', () => {
    expect(canonicalize([0, -0, -1, 9007199254740991, -9007199254740991])).toBe(
      '[0,0,-1,9007199254740991,-9007199254740991]',
    );
  });

  it('leaves undefined fields out', () => {
    expect(canonicalize({ a: undefined, b: true, c: { d: undefined } })).toBe('{"b":true,"c":{}}');
  });

  it.each([1.5, NaN, Infinity, 2 ** 53, null, 1n, undefined, Symbol('x'), () => 1])('refuses %s', (value) => {
    expect(() => canonicalize(value)).toThrow(TypeError);
  });
});
