/**
 * Parquet's RLE and bit-packed numbers: gives each to `take`, exactly as many as are asked for.
 *
 * @throws Error if there are fewer
 * @see https://parquet.apache.org/docs/file-format/data-pages/encodings/
 */
export function eachHybrid(bytes: Uint8Array, bitWidth: number, count: number, take: (value: number) => void): void {
  if (bitWidth > 32) throw new Error(`numbers of ${bitWidth} bits are too wide`);
  let at = 0;
  const byte = (): number => {
    const value = bytes[at++];
    if (value === undefined) throw new Error('a page has fewer values than it says');
    return value;
  };
  for (let left = count; left > 0;) {
    let header = 0;
    for (let scale = 1, more = true; more; scale *= 128) {
      const value = byte();
      header += (value & 0x7f) * scale;
      more = value >= 128 && scale < 2 ** 28;
    }
    if (header % 2 === 0) {
      let value = 0;
      for (let i = 0; i < Math.ceil(bitWidth / 8); i++) value += byte() * 256 ** i;
      // A run may say more than is left: nothing is made of it.
      const run = Math.min(header / 2, left);
      if (run === 0) throw new Error('a page has a run of nothing');
      for (let i = 0; i < run; i++) take(value);
      left -= run;
      continue;
    }
    const start = at * 8;
    const packed = Math.min(((header - 1) / 2) * 8, left);
    if (packed === 0) throw new Error('a page has a run of nothing');
    for (let i = 0; i < packed; i++) take(bitsAt(bytes, start + i * bitWidth, bitWidth));
    at += ((header - 1) / 2) * bitWidth;
    left -= packed;
  }
}

/** Bits lie from the lowest to the highest one of each byte. */
function bitsAt(bytes: Uint8Array, start: number, width: number): number {
  let value = 0;
  for (let done = 0; done < width;) {
    const position = start + done;
    const byte = bytes[position >> 3];
    if (byte === undefined) throw new Error('a page has fewer values than it says');
    const taken = Math.min(8 - (position & 7), width - done);
    value += ((byte >> (position & 7)) & ((1 << taken) - 1)) * 2 ** done;
    done += taken;
  }
  return value;
}
