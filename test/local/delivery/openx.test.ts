import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { convertRecord, ConversionError } from '../../../bin/local/delivery/openx';
import { boolean, integer, list, string, struct } from '../../../lib/event/field';

const table = struct('t', {
  text: string('s'),
  number: integer('i'),
  flag: boolean('b'),
  person: struct('s', { name: string('s'), age: integer('i') }),
  tags: list('l', string('s')),
  items: list('l', struct('s', { sku: string('s'), qty: integer('i') })),
});

function convert(text: string): unknown {
  return convertRecord(Buffer.from(text), table);
}

function errorOf(text: string): ConversionError {
  try {
    convert(text);
  } catch (error) {
    if (error instanceof ConversionError) return error;
    throw error;
  }
  throw new Error(`${text} was converted`);
}

describe('conversion by the rules of Firehose’s OpenX JSON SerDe', () => {
  it.each([
    // Names.
    ['{"TEXT":"a","Person":{"NAME":"b"}}', { text: 'a', person: { name: 'b' } }],
    ['{"text":"a","undeclared":1,"person":{"undeclared":{}}}', { text: 'a', person: {} }],
    ['{"__proto__":{"text":"a"},"constructor":1}', {}],
    // Missing, null, empty.
    ['{}', {}],
    ['{"text":null,"person":null,"tags":null}', {}],
    ['{"text":""}', { text: '' }],
    ['{"person":{}}', { person: {} }],
    ['{"tags":[]}', { tags: [] }],
    ['{"tags":["a",null,"c"],"items":[null]}', { tags: ['a', null, 'c'], items: [null] }],
    // Another shape than declared.
    ['{"tags":"a","items":{"sku":"x"}}', { tags: ['a'], items: [{ sku: 'x' }] }],
    ['{"person":["Zoe",9,"ignored"]}', { person: { name: 'Zoe', age: 9 } }],
    ['{"person":["Zoe"]}', { person: { name: 'Zoe' } }],
    ['{"person":[null,9]}', { person: { age: 9 } }],
    ['{"tags":[["a","b"],{"MixedKey":1}]}', { tags: ['["a","b"]', '{"mixedkey":1}'] }],
    // Text in columns of another kind, other kinds in text columns.
    ['{"number":"20"}', { number: 20 }],
    ['{"number":"-007"}', { number: -7 }],
    ['{"flag":"TRUE"}', { flag: true }],
    ['{"text":5}', { text: '5' }],
    ['{"text":12345678901234567890.10}', { text: '12345678901234567890.10' }],
    ['{"text":true}', { text: 'true' }],
    ['{"text":{"Outer":{"Inner":[1,null,"x\\n"]}}}', { text: '{"outer":{"inner":[1,null,"x\\n"]}}' }],
    // Integers, exact over all of int64.
    ['{"number":9007199254740991}', { number: 9007199254740991 }],
    ['{"number":9007199254740993}', { number: 9007199254740993n }],
    ['{"number":9223372036854775807}', { number: 9223372036854775807n }],
    ['{"number":-9223372036854775808}', { number: -9223372036854775808n }],
    ['{"number":-0}', { number: 0 }],
  ])('%s', (text, row) => {
    expect(convert(text)).toEqual([row]);
  });

  it.each([
    ['{"number":9223372036854775808}', 'For input string: "9223372036854775808"'],
    ['{"number":-9223372036854775809}', 'For input string: "-9223372036854775809"'],
    ['{"number":1.0}', 'For input string: "1.0"'],
    ['{"number":1e3}', 'For input string: "1e3"'],
    ['{"number":"oops"}', 'For input string: "oops"'],
    ['{"number":" 1"}', 'For input string: " 1"'],
    ['{"number":""}', 'For input string: ""'],
    ['{"number":true}', 'For input string: "true"'],
    ['{"number":[1]}', 'A scalar column cannot hold a JSON array.'],
    ['{"number":{}}', 'A scalar column cannot hold a JSON object.'],
    ['{"flag":1}', 'For input string: "1"'],
    ['{"flag":"yes"}', 'For input string: "yes"'],
    ['{"person":42}', 'Data is not JSONObject  but java.lang.Long with value 42'],
    ['{"person":"x"}', 'Data is not JSONObject  but java.lang.String with value x'],
    ['{"items":[{"qty":"oops"}]}', 'For input string: "oops"'],
    ['{"items":["x"]}', 'Data is not JSONObject  but java.lang.String with value x'],
    ['{"text":"a","TEXT":"b"}', 'Duplicate key "text"'],
    ['{"text":null,"TEXT":"b"}', 'Duplicate key "text"'],
  ])('%s does not match the schema', (text, detail) => {
    expect(errorOf(text)).toMatchObject({
      code: 'DataFormatConversion.MalformedData',
      message: `Data does not match the schema. ${detail}`,
    });
  });

  it.each([
    ['', 'The record was empty or contained only whitespace.'],
    ['42', 'The input JSON contained a primitive at the top level.'],
    ['null', 'The input JSON contained a primitive at the top level.'],
    ['[{"text":"a"}]', 'The input JSON contained an array of documents.'],
  ])('%j is no record', (text, message) => {
    expect(errorOf(text)).toMatchObject({ code: 'DataFormatConversion.MalformedData', message });
  });

  it('takes several objects in one record, all or none', () => {
    expect(convert('{"text":"a"}{"text":"b"}\n{"number":1}')).toEqual([{ text: 'a' }, { text: 'b' }, { number: 1 }]);
    expect(errorOf('{"text":"a"}{"number":1.5}').message).toContain('1.5');
  });

  it('calls what is no JSON a parse error', () => {
    expect(errorOf('{"text":')).toMatchObject({
      code: 'DataFormatConversion.ParseError',
      message: 'Encountered malformed JSON. Unexpected end of record at character 8',
    });
  });

  it('never alters an integer', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), (integer) => {
        const fits = BigInt.asIntN(64, integer) === integer;
        const text = `{"number":${integer}}`;
        if (fits) expect(String((convert(text) as { number: unknown }[])[0]!.number)).toBe(String(integer));
        else expect(errorOf(text).code).toBe('DataFormatConversion.MalformedData');
      }),
    );
  });
});
