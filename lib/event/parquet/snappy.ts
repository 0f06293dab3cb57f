/**
 * Decompresses Snappy into as many bytes as are expected, and never into more.
 *
 * @throws Error if the bytes stand for another number of them
 * @see https://github.com/google/snappy/blob/main/format_description.txt
 */
export function decompressSnappy(input: Uint8Array, size: number): Uint8Array {
  // Three bytes stand for 64 at most.
  if (size > 22 * input.length + 64)
    throw new Error(`a page has ${input.length} bytes, and says ${size} once decompressed`);
  const output = new Uint8Array(size);
  let at = 0;
  let filled = 0;
  const byte = (): number => {
    const value = input[at++];
    if (value === undefined) throw new Error('compressed bytes are cut off');
    return value;
  };
  const number = (bytes: number): number => {
    let value = 0;
    for (let i = 0; i < bytes; i++) value += byte() * 256 ** i;
    return value;
  };
  const room = (length: number): void => {
    if (filled + length > size) throw new Error(`a page has more than the ${size} bytes that it says`);
  };
  // The preamble says the length once more.
  let stated = 0;
  for (let scale = 1, more = true; more; scale *= 128) {
    const value = byte();
    stated += (value & 0x7f) * scale;
    more = value >= 128 && scale < 2 ** 28;
  }
  if (stated !== size) throw new Error(`a page has ${stated} bytes, and says ${size}`);

  while (at < input.length) {
    const tag = byte();
    const kind = tag & 3;
    if (kind === 0) {
      const code = tag >> 2;
      const length = 1 + (code < 60 ? code : number(code - 59));
      room(length);
      if (at + length > input.length) throw new Error('compressed bytes are cut off');
      output.set(input.subarray(at, at + length), filled);
      at += length;
      filled += length;
      continue;
    }
    const length = kind === 1 ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2);
    const offset = kind === 1 ? (tag >> 5) * 256 + byte() : number(kind === 2 ? 2 : 4);
    room(length);
    if (offset === 0 || offset > filled) throw new Error('compressed bytes refer to what is not there');
    if (offset >= length) {
      output.copyWithin(filled, filled - offset, filled - offset + length);
      filled += length;
      continue;
    }
    // One by one: what is copied reaches into itself.
    for (const end = filled + length; filled < end; filled++) output[filled] = output[filled - offset]!;
  }
  if (filled !== size) throw new Error(`a page has ${filled} bytes, and says ${size}`);
  return output;
}
