import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BodyRules } from '../../../lib/event/privacy/body-rules';
import { parsePointer } from '../../../lib/event/privacy/pointer';
import { redactJson } from '../../../lib/event/privacy/redact-json';

function rules(redact: readonly string[], pseudonymize: readonly string[] = []): BodyRules {
  const all = (treatment: 'redact' | 'pseudonymize', pointers: readonly string[]) =>
    pointers.map((text) => ({ pointer: parsePointer(text)!, treatment }));
  return {
    pointers: [...all('redact', redact), ...all('pseudonymize', pseudonymize)],
    pseudonym: (value) => `hmac(${value})`,
  };
}

describe('a JSON body', () => {
  it.each([
    ['a member', '/a', '{"a":1,"b":2}', '{"a":"[redacted]","b":2}'],
    ['a member of a member', '/a/b', '{"a":{"b":"x","c":"y"},"b":3}', '{"a":{"b":"[redacted]","c":"y"},"b":3}'],
    ['a whole object', '/a', '{"a":{"b":[{"c":"}"}]},"d":1}', '{"a":"[redacted]","d":1}'],
    ['an element', '/1', '[1,2,3]', '[1,"[redacted]",3]'],
    ['every element', '/items/*/note', '{"items":[{"note":"x"},{"note":"y","n":1}]}', '{"items":[{"note":"[redacted]"},{"note":"[redacted]","n":1}]}'],
    ['every member', '/*/name', '{"a":{"name":"x"},"b":{"name":"y"}}', '{"a":{"name":"[redacted]"},"b":{"name":"[redacted]"}}'],
    ['a name with a slash and a tilde', '/a~1b~0c', '{"a/b~c":1,"a":2}', '{"a/b~c":"[redacted]","a":2}'],
    ['an empty name', '/', '{"":1,"a":2}', '{"":"[redacted]","a":2}'],
    ['a name that is spelt with escapes', '/email', '{"\\u0065mail":"x"}', '{"\\u0065mail":"[redacted]"}'],
    ['a name in another case', '/email', '{"EMAIL":"x"}', '{"EMAIL":"[redacted]"}'],
    ['each of members with the same name', '/a', '{"a":1,"a":2}', '{"a":"[redacted]","a":"[redacted]"}'],
    ['not null', '/a', '{"a":null}', '{"a":null}'],
    ['not what has the same name elsewhere', '/a/b', '{"b":1,"a":[{"b":2}]}', '{"b":1,"a":[{"b":2}]}'],
  ])('loses %s', (_, pointer, text, redacted) => {
    expect(redactJson(text, rules([pointer]))).toBe(redacted);
  }); // prettier-ignore

  it('gets pseudonyms of what its scalars say, and none of what has many spellings', () => {
    const text = '{"s":"a\\u0062c","n":42,"t":true,"o":{"x":1}}';
    expect(redactJson(text, rules([], ['/*']))).toBe('{"s":"hmac(abc)","n":"hmac(42)","t":"hmac(true)","o":"[redacted]"}');
    expect(redactJson('{"password":"x"}', rules([], ['/password']))).toBe('{"password":"hmac(x)"}');
    expect(redactJson('{"a":"x"}', rules(['/a'], ['/*']))).toBe('{"a":"[redacted]"}');
  }); // prettier-ignore

  it.each([
    ['{"password":"x","apiKey":{"id":1},"session_token":[1],"name":"n"}', '{"password":"[redacted]","apiKey":"[redacted]","session_token":"[redacted]","name":"n"}'],
    ['["Bearer abcdefgh","plain"]', '["[redacted]","plain"]'],
    ['{"card":4111111111111111}', '{"card":"[redacted]"}'],
    ['{"sk_live_4eC39HqLyjWDarjtT1zdp7dc":1}', '{"[redacted]":1}'],
    ['"https://bob:pw@host/"', '"[redacted]"'],
    ['{"name":"password","value":"x","n":1}', '{"name":"password","value":"[redacted]","n":1}'],
    ['{"newValue":{"a":"x"},"old":null,"field":"contraseña"}', '{"newValue":"[redacted]","old":null,"field":"contraseña"}'],
    ['[{"op":"replace","path":"/user/pin","value":1234}]', '[{"op":"replace","path":"/user/pin","value":"[redacted]"}]'],
    ['{"type":"password","id":"q7","value":"x"}', '{"type":"password","id":"q7","value":"[redacted]"}'],
    ['[["user","bob"],["password","x"]]', '[["user","bob"],["password","[redacted]"]]'],
    ['["a","b","Authorization","x","c"]', '["a","b","Authorization","[redacted]","c"]'],
    ['{"body":"{\\"password\\":\\"x\\"}","n":1}', '{"body":"[redacted]","n":1}'],
    ['{"body":"[[\\"password\\",\\"x\\"]]"}', '{"body":"[redacted]"}'],
    ['{"a":"cGFzc3dvcmQ9aHVudGVyMg=="}', '{"a":"[redacted]"}'],
    ['{"password=hunter2":1}', '{"[redacted]":"[redacted]"}'],
    ['{"name":"color","value":"blue"}', '{"name":"color","value":"blue"}'],
  ])('loses what looks like a secret: %s', (text, redacted) => {
    expect(redactJson(text, rules([]))).toBe(redacted);
  }); // prettier-ignore

  it('keeps every digit, and loses no more than white space', () => {
    const text = ' { "big" : 12345678901234567890.10e+1 ,\n\t"list" : [ ] , "o" : { } , "s" : "a \\" } b\\\\" } ';
    expect(redactJson(text, rules([]))).toBe('{"big":12345678901234567890.10e+1,"list":[],"o":{},"s":"a \\" } b\\\\"}');
  });

  it('is the same JSON if nothing is private, however it is written', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(4), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        // The rules for secrets may take harmless values; what is left must be as it was.
        expect(redacted(redactJson(text, rules([])))).toEqual(redacted(JSON.stringify(JSON.parse(text))));
      }),
      { numRuns: 300 },
    );
    function redacted(text: string): unknown {
      return JSON.parse(text === '' ? 'null' : redactJson(text, rules([])));
    }
  });

  it.each(['', '{', '{"a":1,}', "{'a':1}", '{"a":1} x', '\ufeff{}', 'NaN'])('is refused if it is none: %j', (text) => {
    expect(() => redactJson(text, rules([]))).toThrow(SyntaxError);
  });

  it('is refused if it is nested so deep that the stack might not do', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(redactJson(nested(200), rules([]))).toBe(nested(200));
    expect(() => redactJson(nested(100_000), rules([]))).toThrow(SyntaxError);
  });

  it('takes time by its length, not by the square of it', () => {
    const time = (text: string): number => {
      const from = performance.now();
      redactJson(text, rules(['/*/b']));
      return performance.now() - from;
    };
    for (const unit of ['{"a":"\\\\\\""},', '{"a":{"b":1}},', '"' + '\\\\'.repeat(50) + '",', '1,']) {
      const text = (count: number) => `[${unit.repeat(count)}0]`;
      time(text(2_000)); // warm
      expect(time(text(40_000))).toBeLessThan(Math.max(300, time(text(4_000)) * 60));
    }
  });
});
