import { CompactReader, type CompactStruct } from './compact';
import { integerIn, structIn, structsIn, textIn, textsIn } from './fields';
import {
  MAX_COLUMN_BYTES,
  MAX_ENTRIES,
  MAX_FOOTER_BYTES,
  MAX_FOOTER_VALUES,
  MAX_OBJECT_BYTES,
  MAX_ROWS,
  MAX_VALUES,
} from '../objects/limits';

/** The bytes of an object. */
export interface ParquetBytes {
  readonly size: number;
  /** A part of it, `end` not included. */
  range(start: number, end: number): Promise<Uint8Array>;
}

/** A node of the schema. Numbers are those of parquet.thrift; undefined where the footer says nothing. */
export interface SchemaNode {
  readonly name: string;
  readonly type: number | undefined;
  /** 0 required, 1 optional, 2 repeated. */
  readonly repetition: number;
  readonly convertedType: number | undefined;
  /** Id of the logical type. */
  readonly logicalType: number | undefined;
  readonly children: readonly SchemaNode[];
}

/** One column of one row group. */
export interface ColumnChunk {
  readonly path: readonly string[];
  readonly codec: number;
  readonly values: number;
  /** Where its pages are: from the first byte to the one after the last. */
  readonly start: number;
  readonly end: number;
  /** Where readers may begin: each must be the beginning of a page. */
  readonly entries: readonly number[];
}

export interface RowGroup {
  readonly rows: number;
  readonly columns: readonly ColumnChunk[];
}

/** What a Parquet file says of itself. */
export interface Footer {
  readonly rows: number;
  /** The top-level columns. */
  readonly columns: readonly SchemaNode[];
  readonly groups: readonly RowGroup[];
}

/** Footers are read with this much of the file's end, which is nearly always enough. */
const FIRST_BYTES = 64 * 1024;
/** The footer's length and `PAR1`. */
const TRAILER_BYTES = 8;

/**
 * Reads the footer of a Parquet file, in bounded memory whatever it says, and checks that it stays within `limits.ts`.
 *
 * @throws Error that says what is wrong with it
 * @see https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
 */
export async function readFooter({ size, range }: ParquetBytes): Promise<Footer> {
  if (size < 4 + TRAILER_BYTES) throw new Error(`${size} bytes are too few for a Parquet file`);
  const tail = await range(Math.max(0, size - FIRST_BYTES), size);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  if (view.getUint32(tail.length - 4, true) !== MAGIC) throw new Error('it does not end as a Parquet file does');
  const length = view.getUint32(tail.length - TRAILER_BYTES, true);
  if (length > size - TRAILER_BYTES - 4) throw new Error(`a footer of ${length} bytes is longer than the file`);
  if (length > MAX_FOOTER_BYTES)
    throw new Error(`a footer of ${length} bytes is too large; at most ${MAX_FOOTER_BYTES}`);
  const start = size - TRAILER_BYTES - length;
  const end = tail.length - TRAILER_BYTES;
  const bytes = end >= length ? tail.subarray(end - length, end) : await range(start, start + length);
  try {
    return footerOf(new CompactReader(bytes, 0, MAX_FOOTER_VALUES).struct(), start);
  } catch (error) {
    throw new Error(`the Parquet footer cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** `PAR1` */
const MAGIC = 0x31524150;

/** @param end of the part of the file in which the pages are */
function footerOf(file: CompactStruct, end: number): Footer {
  const groups = structsIn(file, 4).map((group) => groupOf(group, end));
  const rows = integerIn(file, 3);
  const inGroups = groups.reduce((sum, group) => sum + group.rows, 0);
  if (rows !== inGroups) throw new Error(`it says ${rows} rows, and its row groups ${inGroups}`);
  if (rows > MAX_ROWS) throw new Error(`${rows} rows are too many; at most ${MAX_ROWS}`);
  const values = groups.flatMap(({ columns }) => columns).reduce((sum, column) => sum + column.values, 0);
  if (values > MAX_VALUES) throw new Error(`${values} values are too many; at most ${MAX_VALUES}`);
  const [root] = schemaOf(structsIn(file, 2));
  return { rows, columns: root!.children, groups };
}

function groupOf(group: CompactStruct, end: number): RowGroup {
  const rows = integerIn(group, 3);
  if (rows < 0) throw new Error(`a row group has ${rows} rows`);
  let bytes = 0;
  const columns = structsIn(group, 1).map((column) => {
    const data = structIn(column, 3);
    if (column.has(1)) throw new Error('a column lies in another file');
    const uncompressed = integerIn(data, 6);
    if (uncompressed > MAX_COLUMN_BYTES) throw new Error(`a column of ${uncompressed} bytes is too large; at most ${MAX_COLUMN_BYTES}`); // prettier-ignore
    bytes += uncompressed;
    return chunkOf(data, rows, end);
  });
  if (bytes > MAX_OBJECT_BYTES) throw new Error(`columns of ${bytes} bytes are too large; at most ${MAX_OBJECT_BYTES}`);
  return { rows, columns };
}

function chunkOf(data: CompactStruct, rows: number, end: number): ColumnChunk {
  // A writer that has no dictionary may say 0, or nothing.
  const entries = [integerIn(data, 9), integerIn(data, 11, 0)].filter((offset) => offset !== 0);
  const [start, length, values] = [Math.min(...entries), integerIn(data, 7), integerIn(data, 5)];
  if (start < 4 || length < 0 || start + length > end) throw new Error('a column lies outside of the file');
  if (length > MAX_COLUMN_BYTES)
    throw new Error(`a column of ${length} bytes is too large; at most ${MAX_COLUMN_BYTES}`);
  if (values < rows || values > MAX_ENTRIES) throw new Error(`a column has ${values} values for ${rows} rows; at most ${MAX_ENTRIES}`); // prettier-ignore
  return { path: textsIn(data, 3), codec: integerIn(data, 4), values, start, end: start + length, entries };
}

/** The schema lists its nodes in preorder, each with the number of its children. */
function schemaOf(elements: readonly CompactStruct[]): SchemaNode[] {
  let at = 0;
  const next = (depth: number): SchemaNode => {
    const element = elements[at++];
    if (element === undefined || depth > 32) throw new Error('the schema is cut off, or nested too deeply');
    const count = integerIn(element, 5, 0);
    const children: SchemaNode[] = [];
    for (let child = 0; child < count; child++) children.push(next(depth + 1));
    return {
      name: textIn(element, 4),
      type: element.has(1) ? integerIn(element, 1) : undefined,
      repetition: integerIn(element, 3, 0),
      convertedType: element.has(6) ? integerIn(element, 6) : undefined,
      logicalType: element.has(10) ? [...structIn(element, 10).keys()][0] : undefined,
      children,
    };
  };
  const root = next(0);
  if (at !== elements.length) throw new Error('the schema has nodes that belong to none');
  return [root];
}
