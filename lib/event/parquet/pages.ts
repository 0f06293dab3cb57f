import { CompactReader, type CompactStruct } from './compact';
import { integerIn, structIn } from './fields';
import type { ColumnChunk } from './footer';
import { MAX_COLUMN_BYTES, MAX_PAGE_BYTES } from '../objects/limits';

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
 * The pages of a column, whose headers are checked before anything is decoded: a header can say other than the footer.
 *
 * @param bytes of the column, as the footer says where they are
 * @throws Error that says what is wrong with them
 */
export function pagesOf(chunk: ColumnChunk, bytes: Uint8Array): Page[] {
  const pages: Page[] = [];
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
    pages.push(page);
  }
  if (values !== chunk.values) throw new Error(`a column has ${values} values, and its footer says ${chunk.values}`);
  if (!chunk.entries.every((entry) => starts.has(entry)))
    throw new Error('the footer points into the middle of a page');
  return pages;
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
