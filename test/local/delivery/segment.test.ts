import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSegment, encodeFrame, SEGMENT_HEADER, type StreamRecord } from '../../../bin/local/delivery/segment';
import { record } from './support';

const records: fc.Arbitrary<StreamRecord[]> = fc.array(
  fc.record({
    stream: fc.stringMatching(/^[a-zA-Z0-9_.-]{1,64}$/),
    arrival: fc.nat(2 ** 42),
    data: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  }),
  { maxLength: 8 },
);

function encode(all: readonly StreamRecord[]): Buffer {
  return Buffer.concat([SEGMENT_HEADER, ...all.map(encodeFrame)]);
}

describe('a segment of the write-ahead log', () => {
  it('gives back the records that were written', () => {
    fc.assert(
      fc.property(records, (all) => {
        const bytes = encode(all);
        expect(decodeSegment(bytes)).toEqual({ records: all, whole: bytes.length, torn: 0 });
      }),
    );
  });

  it('cut off anywhere, gives back exactly the records that are whole', () => {
    fc.assert(
      fc.property(records, fc.nat(), (all, cut) => {
        const bytes = encode(all);
        const length = cut % (bytes.length + 1);
        const ends = all.map((_, i) => encode(all.slice(0, i + 1)).length);
        const decoded = decodeSegment(bytes.subarray(0, length));
        expect(decoded.records).toEqual(all.slice(0, ends.filter((end) => end <= length).length));
        expect(decoded.whole + decoded.torn).toBe(length);
      }),
    );
  });

  it('stops at a frame with a flipped bit', () => {
    const all = [record('first'), record('second'), record('third')];
    const bytes = encode(all);
    const second = encode(all.slice(0, 1)).length;
    for (let at = second; at < encode(all.slice(0, 2)).length; at += 1) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 0x10;
      expect(decodeSegment(damaged)).toMatchObject({ records: all.slice(0, 1), whole: second });
    }
  });

  it('stops at the zeros that a file system leaves where a write never came', () => {
    const whole = encode([record('first')]);
    expect(decodeSegment(Buffer.concat([whole, Buffer.alloc(4096)]))).toMatchObject({
      whole: whole.length,
      torn: 4096,
    });
  });

  it('refuses a file that is something else', () => {
    expect(() => decodeSegment(Buffer.from('{"a":1}'))).toThrow('not a write-ahead segment');
  });
});
