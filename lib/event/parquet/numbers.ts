/** Integers of Parquet's `DELTA_BINARY_PACKED`, at most so many as a page says. */
export interface DeltaNumbers {
  readonly values: readonly bigint[];
  /** Where in the bytes they end. */
  readonly end: number;
}

const MAX_BLOCK = 65_536;

/**
 * Reads `count` integers, wrapped to 64 bits.
 *
 * @throws Error if there are not exactly so many
 * @see https://parquet.apache.org/docs/file-format/data-pages/encodings/#delta-encoding-delta_binary_packed--5
 */
export function deltaNumbers(bytes: Uint8Array, count: number, start = 0): DeltaNumbers {
  let at = start;
  const byte = (): number => {
    const value = bytes[at++];
    if (value === undefined) throw new Error('a page has fewer values than it says');
    return value;
  };
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const part = byte();
      value |= BigInt(part & 0x7f) << shift;
      if (part < 128) return value;
    }
    throw new Error('an integer is too long');
  };
  const zigzag = (): bigint => {
    const value = varint();
    return (value >> 1n) ^ -(value & 1n);
  };

  const [size, blocks, stated] = [Number(varint()), Number(varint()), Number(varint())];
  if (stated !== count) throw new Error(`a page has ${stated} values, and says ${count}`);
  let value = zigzag();
  const values: bigint[] = count > 0 ? [BigInt.asIntN(64, value)] : [];
  const perBlock = size / blocks;
  if (!(size > 0 && size <= MAX_BLOCK && Number.isInteger(perBlock) && perBlock % 8 === 0)) throw new Error('blocks of integers have no such size'); // prettier-ignore
  while (values.length < count) {
    const least = zigzag();
    const widths = Array.from({ length: blocks }, byte);
    for (const width of widths) {
      if (values.length >= count) break;
      if (width > 64) throw new Error(`numbers of ${width} bits are too wide`);
      if (at + (perBlock * width) / 8 > bytes.length) throw new Error('a page has fewer values than it says');
      for (let i = 0; i < perBlock && values.length < count; i++) {
        value = BigInt.asIntN(64, value + least + bitsAt(bytes, at * 8 + i * width, width));
        values.push(value);
      }
      at += (perBlock * width) / 8;
    }
  }
  return { values, end: at };
}

/** Bits lie from the lowest to the highest one of each byte. */
function bitsAt(bytes: Uint8Array, start: number, width: number): bigint {
  let value = 0n;
  for (let done = 0; done < width;) {
    const position = start + done;
    const taken = Math.min(8 - (position & 7), width - done);
    value |= BigInt((bytes[position >> 3]! >> (position & 7)) & ((1 << taken) - 1)) << BigInt(done);
    done += taken;
  }
  return value;
}
