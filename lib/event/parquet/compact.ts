/** A value of Thrift's compact protocol; fields of a struct by their id. 64-bit integers that a double cannot hold are refused. */
export type CompactValue = number | boolean | Uint8Array | CompactValue[] | CompactStruct;

export type CompactStruct = ReadonlyMap<number, CompactValue>;

/** Structs and lists within each other; Parquet's own have 6 at most. */
const MAX_NESTING = 12;

/**
 * Reads structs of Thrift's compact protocol, in which Parquet writes footers and page headers. Stricter than most readers,
 * so that none sees something else in the same bytes: no field twice, no list longer than the bytes that are left, and no
 * more values than are asked for.
 *
 * @see https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */
export class CompactReader {
  private readonly view: DataView;

  /** @param budget most values that are read */
  constructor(
    private readonly bytes: Uint8Array,
    public offset: number,
    private budget: number,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** @throws Error that says what is wrong */
  struct(depth = 0): CompactStruct {
    const fields = new Map<number, CompactValue>();
    for (let id = 0; ;) {
      const byte = this.byte();
      const [delta, type] = [byte >> 4, byte & 0x0f];
      if (type === 0) return fields;
      id = delta === 0 ? zigzag(this.varint()) : id + delta;
      if (fields.has(id)) throw new Error(`field ${id} is there twice`);
      fields.set(id, type <= 2 ? this.spend(type === 1) : this.value(type, depth));
    }
  }

  private value(type: number, depth: number): CompactValue {
    this.spend(0);
    if (depth >= MAX_NESTING) throw new Error('structs are nested too deeply');
    switch (type) {
      case 1:
      case 2:
        return this.byte() === 1;
      case 3:
        return (this.byte() << 24) >> 24;
      case 4:
      case 5:
      case 6:
        return zigzag(this.varint());
      case 7:
        this.offset += 8;
        return this.view.getFloat64(this.offset - 8, true);
      case 8:
        return this.take(this.varint());
      case 9:
      case 10:
        return this.list(depth + 1);
      case 12:
        return this.struct(depth + 1);
      default:
        throw new Error(`type ${type} has no place in Parquet`);
    }
  }

  private list(depth: number): CompactValue[] {
    const byte = this.byte();
    const size = byte >> 4 === 15 ? this.varint() : byte >> 4;
    if (size > this.bytes.length - this.offset) throw new Error(`a list of ${size} is longer than what is left`);
    return Array.from({ length: size }, () => this.value(byte & 0x0f, depth));
  }

  private spend<T>(value: T): T {
    this.budget -= 1;
    if (this.budget < 0) throw new Error('there are too many values');
    return value;
  }

  private byte(): number {
    const byte = this.bytes[this.offset];
    if (byte === undefined) throw new Error('it is cut off');
    this.offset += 1;
    return byte;
  }

  private take(length: number): Uint8Array {
    if (length > this.bytes.length - this.offset) throw new Error('it is cut off');
    this.offset += length;
    return this.bytes.subarray(this.offset - length, this.offset);
  }

  private varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw new Error('an integer is too large');
      if (byte < 128) return value;
      if (scale > 2 ** 56) throw new Error('an integer is too long');
    }
  }
}

function zigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
