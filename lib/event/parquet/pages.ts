import { CompactReader, type CompactStruct } from './compact';
import { integerIn, structIn } from './fields';
import type { ColumnChunk } from './footer';
import { eachHybrid } from './hybrid';
import { MAX_COLUMN_BYTES, MAX_PAGE_BYTES } from '../objects/limits';
import { decompressSnappy } from './snappy';

/** A page of a column, not decompressed. */
export interface Page {
  readonly kind: 'dictionary' | 'data';
  /** Version 2 keeps its levels uncompressed, before the values. */
  readonly version: 1 | 2;
  readonly values: number;
  readonly encoding: number;
  readonly bytes: Uint8Array;
  readonly uncompressedSize: number;
  /** Of version 2: bytes of the levels, and whether what comes after them is compressed. */
  readonly repetitionBytes: number;
  readonly definitionBytes: number;
  readonly isCompressed: boolean;
}

/** Values of a page header; ours have some 20, statistics included. */
const HEADER_VALUES = 200;

/**
 * The pages of a column, one after the other, each after its header was checked: a header can say other than the footer.
 *
 * @param bytes of the column, as the footer says where they are
 * @throws Error that says what is wrong with them
 */
export function eachPage(chunk: ColumnChunk, bytes: Uint8Array, take: (page: Page) => void): void {
  const starts = new Set<number>();
  let [values, decoded] = [0, 0];
  for (let at = 0; at < bytes.length;) {
    starts.add(chunk.start + at);
    const reader = new CompactReader(bytes, at, HEADER_VALUES);
    const page = pageOf(reader.struct(), bytes, reader.offset);
    at = reader.offset + page.bytes.length;
    decoded += page.uncompressedSize;
    if (page.kind === 'data') values += page.values;
    if (page.values > chunk.values || values > chunk.values) throw new Error(`a column has more than the ${chunk.values} values that its footer says`); // prettier-ignore
    if (decoded > MAX_COLUMN_BYTES) throw new Error(`a column has more than ${MAX_COLUMN_BYTES} bytes`);
    take(page);
  }
  if (values !== chunk.values) throw new Error(`a column has ${values} values, and its footer says ${chunk.values}`);
  if (!chunk.entries.every((entry) => starts.has(entry)))
    throw new Error('the footer points into the middle of a page');
}

/** The levels of a page, undefined where all are the highest, or 0; and its values, decompressed. */
export interface PageParts {
  readonly repetition: Uint8Array | undefined;
  readonly definition: Uint8Array | undefined;
  readonly values: Uint8Array;
}

/** @param highest levels of the column */
export function levelsAndValues(
  page: Page,
  codec: number,
  highest: { readonly repetition: number; readonly definition: number },
): PageParts {
  const { bytes, repetitionBytes, definitionBytes, uncompressedSize, isCompressed } = page;
  const levels = (part: Uint8Array, level: number) => (level === 0 ? undefined : levelsIn(part, level, page.values));
  if (page.version === 2) {
    const end = repetitionBytes + definitionBytes;
    const [rest, size] = [bytes.subarray(end), uncompressedSize - end];
    return {
      repetition: levels(bytes.subarray(0, repetitionBytes), highest.repetition),
      definition: levels(bytes.subarray(repetitionBytes, end), highest.definition),
      // Where there is nothing, some writers do not compress it.
      values: size === 0 ? rest.subarray(0, 0) : isCompressed ? decompress(rest, codec, size) : rest,
    };
  }
  let left = decompressed(page, codec);
  const next = (level: number): Uint8Array | undefined => {
    if (level === 0) return undefined; // Then there are none.
    if (left.length < 4) throw new Error('a page is cut off');
    const end = 4 + new DataView(left.buffer, left.byteOffset).getUint32(0, true);
    if (end > left.length) throw new Error('the levels of a page reach beyond it');
    const part = left.subarray(4, end);
    left = left.subarray(end);
    return levels(part, level);
  };
  const repetition = next(highest.repetition);
  const definition = next(highest.definition);
  return { repetition, definition, values: left };
}

function levelsIn(bytes: Uint8Array, highest: number, count: number): Uint8Array {
  const levels = new Uint8Array(count);
  let at = 0;
  eachHybrid(bytes, 32 - Math.clz32(highest), count, (level) => {
    if (level > highest) throw new Error(`a level is ${level}; at most ${highest}`);
    levels[at++] = level;
  });
  return levels;
}

export function decompressed({ bytes, uncompressedSize }: Page, codec: number): Uint8Array {
  return decompress(bytes, codec, uncompressedSize);
}

function decompress(bytes: Uint8Array, codec: number, size: number): Uint8Array {
  if (codec === 1) return decompressSnappy(bytes, size);
  if (codec !== 0) throw new Error(`codec ${codec} is not read`);
  if (bytes.length !== size) throw new Error(`a page has ${bytes.length} bytes, and says ${size}`);
  return bytes;
}

function pageOf(header: CompactStruct, bytes: Uint8Array, start: number): Page {
  const [type, uncompressedSize, size] = [integerIn(header, 1), integerIn(header, 2), integerIn(header, 3)];
  if (size < 0 || start + size > bytes.length) throw new Error('a page reaches beyond its column');
  if (uncompressedSize < 0 || uncompressedSize > MAX_PAGE_BYTES) throw new Error(`a page of ${uncompressedSize} bytes is too large; at most ${MAX_PAGE_BYTES}`); // prettier-ignore
  const detail = structIn(header, { 0: 5, 2: 7, 3: 8 }[type] ?? missing(type));
  const values = integerIn(detail, 1);
  if (values < 0) throw new Error(`a page has ${values} values`);
  const isV2 = type === 3;
  const [repetitionBytes, definitionBytes] = isV2 ? [integerIn(detail, 6), integerIn(detail, 5)] : [0, 0];
  if (repetitionBytes < 0 || definitionBytes < 0 || repetitionBytes + definitionBytes > Math.min(size, uncompressedSize)) {
    throw new Error('the levels of a page reach beyond it');
  } // prettier-ignore
  return {
    kind: type === 2 ? 'dictionary' : 'data',
    version: isV2 ? 2 : 1,
    values,
    encoding: integerIn(detail, isV2 ? 4 : 2),
    bytes: bytes.subarray(start, start + size),
    uncompressedSize,
    repetitionBytes,
    definitionBytes,
    isCompressed: !isV2 || detail.get(7) !== false,
  };
}

function missing(type: number): never {
  throw new Error(`pages of type ${type} are not read`);
}
