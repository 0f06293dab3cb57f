import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linesOf } from '../../bin/recover/lines';

async function lines(bytes: Uint8Array, chunkSize = bytes.length || 1): Promise<string[]> {
  async function* chunks() {
    for (let start = 0; start < bytes.length; start += chunkSize) yield bytes.subarray(start, start + chunkSize);
    await Promise.resolve();
  }
  const read: string[] = [];
  for await (const line of linesOf(chunks())) read.push(line);
  return read;
}

const TEXT = 'one\r\nzwei é\n\n😀\u2028still\rthe same\nlast';
const LINES = ['one', 'zwei é', '', '😀\u2028still\rthe same', 'last'];

describe('the lines of a text', () => {
  it.each([1, 2, 3, 7, 1000])('end with LF or CR LF and nowhere else, in chunks of %i bytes', async (size) => {
    expect(await lines(Buffer.from(TEXT), size)).toEqual(LINES);
    expect(await lines(Buffer.from(`${TEXT}\n`), size)).toEqual(LINES);
    expect(await lines(gzipSync(TEXT), size)).toEqual(LINES);
  });

  it('are those of every member of a gzip file', async () => {
    expect(await lines(Buffer.concat([gzipSync('a\nb'), gzipSync('c\n')]), 5)).toEqual(['a', 'bc']);
  });

  it('are none of nothing, and whatever a single byte says', async () => {
    expect(await lines(Buffer.from(''))).toEqual([]);
    expect(await lines(Buffer.from([0x1f]))).toEqual(['\u001f']);
  });

  it('are the same however the bytes come', async () => {
    // The byte order mark is none of them: at the start of a text it is no text.
    const unit = fc.constantFrom('a', 'é', '\u2028', '😀', '\ud7ff', ' ', '\u001f', '\u008b', '\\');
    const text = fc.array(fc.string({ unit }));
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 9 }), async (parts, size) => {
        const bytes = Buffer.from(parts.map((part) => `${part}\n`).join(''));
        expect(await lines(bytes, size)).toEqual(parts);
      }),
      { numRuns: 100 },
    );
  });

  it('are not made up where gzip data is cut or damaged', async () => {
    const whole = gzipSync(Buffer.alloc(100_000, 'line\n'));
    await expect(lines(whole.subarray(0, whole.length - 12))).rejects.toThrow('unexpected end of file');
    const damaged = Buffer.from(whole);
    damaged.fill(0xff, 20, 40);
    await expect(lines(damaged)).rejects.toThrow();
  });

  it('come with the error with which reading ends', async () => {
    async function* broken() {
      yield Buffer.from('one\ntw');
      await Promise.resolve();
      throw new Error('EIO');
    }
    const read: string[] = [];
    const reading = (async () => {
      for await (const line of linesOf(broken())) read.push(line);
    })();
    await expect(reading).rejects.toThrow('EIO');
    expect(read).toEqual(['one']);
  });
});
