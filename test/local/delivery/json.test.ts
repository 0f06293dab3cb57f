import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonNumber, JsonSyntaxError, parseDocuments, type JsonValue } from '../../../bin/local/delivery/json';

function parse(text: string): unknown[] {
  return parseDocuments(Buffer.from(text)).map(plain);
}

/** Numbers become what JSON.parse makes of their text. */
function plain(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return JSON.parse(value.text);
  if (value instanceof Map) return Object.fromEntries(Array.from(value, ([name, part]) => [name, plain(part)]));
  return Array.isArray(value) ? value.map(plain) : value;
}

describe('reading JSON', () => {
  it('agrees with JSON.parse on whatever JSON.stringify writes', () => {
    const json = fc.json({ maxDepth: 4, stringUnit: 'binary' }).filter((text) => !text.includes('__proto__'));
    fc.assert(
      fc.property(json, fc.constantFrom(undefined, 2), (text, indent) => {
        const again = JSON.stringify(JSON.parse(text), null, indent);
        expect(parse(again)).toEqual([JSON.parse(again)]);
      }),
    );
  });

  it('agrees with JSON.parse on what is no JSON', () => {
    const nearly = fc
      .json({ maxDepth: 2 })
      .chain((text) =>
        fc
          .tuple(fc.nat(text.length), fc.constantFrom('', '"', '\\', '{', ']', ',', '-', '0', 'x', '\u0001'))
          .map(([at, insert]) => text.slice(0, at) + insert + text.slice(at + 1)),
      );
    fc.assert(
      fc.property(nearly, (text) => {
        if (isJson(text)) return;
        const documents = attempt(() => parse(text));
        // Several documents in a row are the one thing that we read and JSON.parse does not.
        if (Array.isArray(documents)) expect(documents.length).not.toBe(1);
        else expect(documents).toBeInstanceOf(JsonSyntaxError);
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps the text of numbers', () => {
    const [value] = parseDocuments(Buffer.from('[9007199254740993, 1.0, -0, 1e400]'));
    expect((value as JsonNumber[]).map(({ text }) => text)).toEqual(['9007199254740993', '1.0', '-0', '1e400']);
  });

  it.each([
    ['{"a":1}{"b":2}', [{ a: 1 }, { b: 2 }]],
    ['{"a":1}\n {"b":2}\r\n', [{ a: 1 }, { b: 2 }]],
    ['', []],
    [' \n\t ', []],
    ['"\\u00e9\\ud83d\\ude00\\\\"', ['é😀\\']],
  ])('reads %j', (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  it.each([
    ['{"a":1,"a":2}', /duplicate name "a"/],
    ['"\\ud800"', /lone surrogate/],
    ['"a\nb"', /Unexpected/],
    ['{"a":1', /end of record/],
    ['\ufeff{"a":1}', /Unexpected/],
    ['['.repeat(5000) + ']'.repeat(5000), /nesting deeper than 1000/],
    ['NaN', /Unexpected/],
    ["{'a':1}", /Unexpected/],
  ])('refuses %j', (text, message) => {
    expect(() => parse(text)).toThrow(JsonSyntaxError);
    expect(() => parse(text)).toThrow(message);
  });

  it('refuses bytes that are no UTF-8 instead of repairing them', () => {
    expect(() => parseDocuments(Buffer.from([0x22, 0xc3, 0x22]))).toThrow('Invalid UTF-8');
  });

  it('has no trouble with __proto__', () => {
    const [value] = parseDocuments(Buffer.from('{"__proto__":{"polluted":true}}'));
    expect((value as Map<string, unknown>).has('__proto__')).toBe(true);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

function isJson(text: string): boolean {
  return !(attempt(() => JSON.parse(text)) instanceof Error);
}

function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
