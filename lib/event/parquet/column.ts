import { MAX_VALUE_BYTES } from '../objects/limits';
import type { ColumnChunk, SchemaNode } from './footer';
import { eachHybrid } from './hybrid';
import { deltaNumbers } from './numbers';
import { levelsAndValues, decompressed, eachPage, type Page } from './pages';

/** A value of a column: text as its bytes, an integer of 64 bits, whether it is true; undefined of a type that no column of ours has. */
export type ColumnValue = Uint8Array | bigint | boolean | undefined;

/** Where an entry stands, by its levels. */
export interface Levels {
  /** 0 where a new row begins. */
  readonly repetition: number;
  /** How far down its path something is there. */
  readonly definition: number;
}

/** Told of the entries of a column, one after the other. */
export interface ColumnReader {
  /** A value, once for each entry that it stands for: of a dictionary, in which `index` is its place, once only. */
  value(value: ColumnValue): unknown;
  /** @param judged what `value` gave; undefined where the entry has no value */
  entry(repetition: number, definition: number, judged: unknown): void;
}

/** The highest levels of a column. */
export function highestLevels(columns: readonly SchemaNode[], path: readonly string[]): Levels & { readonly leaf: SchemaNode } {
  let [repetition, definition] = [0, 0];
  let nodes = columns;
  let leaf: SchemaNode | undefined;
  for (const name of path) {
    leaf = nodes.find((child) => child.name === name);
    if (leaf === undefined) throw new Error(`there is no column ${path.join('.')} in the schema`);
    if (leaf.repetition !== 0) definition += 1;
    if (leaf.repetition === 2) repetition += 1;
    nodes = leaf.children;
  }
  if (leaf === undefined || leaf.children.length > 0) throw new Error(`${path.join('.')} is no column`);
  return { repetition, definition, leaf };
} // prettier-ignore

/** Counts what values stand for, over all columns of an object. @throws Error if that is too much */
export type Meter = (bytes: number) => void;

/**
 * Reads a column, one page after the other, without ever having more in memory than one page, its levels and the dictionary. What
 * its values stand for goes to `meter` before anything is made of it: a dictionary has a value once, whatever number of rows
 * refers to it.
 *
 * Takes what delivery streams can write in either of their versions, and DuckDB.
 *
 * @throws Error that says what is wrong with it
 */
export function readColumn(chunk: ColumnChunk, bytes: Uint8Array, columns: readonly SchemaNode[], meter: Meter, reader: ColumnReader): void {
  const highest = highestLevels(columns, chunk.path);
  const type = highest.leaf.type ?? -1;
  let dictionary: { readonly judged: unknown[]; readonly sizes: number[] } | undefined;
  eachPage(chunk, bytes, (page) => {
    if (page.kind === 'dictionary') {
      if (dictionary !== undefined) throw new Error('a column has two dictionaries');
      if (page.encoding !== 0 && page.encoding !== 2) throw new Error(`encoding ${page.encoding} of a dictionary is not read`);
      const [judged, sizes]: [unknown[], number[]] = [[], []];
      plain(type, decompressed(page, chunk.codec), page.values, (value, size) => {
        judged.push(reader.value(value));
        sizes.push(size);
      });
      dictionary = { judged, sizes };
      return;
    }
    const { repetition, definition, values } = levelsAndValues(page, chunk.codec, highest);
    const present = definition === undefined ? page.values : count(definition, highest.definition);
    const judged: unknown[] = [];
    if (page.encoding === 2 || page.encoding === 8) {
      if (present > 0) eachHybrid(values.subarray(1), values[0] ?? 33, present, (index) => {
        const size = dictionary?.sizes[index];
        if (size === undefined) throw new Error('a value is not in the dictionary');
        meter(size);
        judged.push(dictionary!.judged[index]);
      });
    } else decode(type, page, values, present, (value, size) => {
      meter(size);
      judged.push(reader.value(value));
    });
    for (let at = 0, next = 0; at < page.values; at++) {
      const level = definition?.[at] ?? highest.definition;
      reader.entry(repetition?.[at] ?? 0, level, level === highest.definition ? judged[next++] : undefined);
    }
  });
} // prettier-ignore

function count(levels: Uint8Array, level: number): number {
  let found = 0;
  for (let at = 0; at < levels.length; at++) if (levels[at] === level) found += 1;
  return found;
}

/** @param size bytes that the value stands for */
type Take = (value: ColumnValue, size: number) => void;

/** Numbers of parquet.thrift. */
const BOOLEAN = 0;
const INT64 = 2;
const BYTE_ARRAY = 6;
/** Bytes of a number: INT32, INT64, FLOAT, DOUBLE. */
const WIDTHS: Readonly<Record<number, number>> = { 1: 4, 2: 8, 4: 4, 5: 8 };

function decode(type: number, { encoding }: Page, bytes: Uint8Array, present: number, take: Take): void {
  if (present === 0) return;
  if (encoding === 0) return plain(type, bytes, present, take);
  if (encoding === 3 && type === BOOLEAN) return eachHybrid(prefixed(bytes), 1, present, (bit) => take(bit === 1, 1));
  if (encoding === 5 && (type === 1 || type === INT64)) {
    for (const value of deltaNumbers(bytes, present).values) take(type === INT64 ? value : undefined, WIDTHS[type]!);
    return;
  }
  if (encoding === 6 && type === BYTE_ARRAY) return void texts(bytes, present, 0, take);
  if (encoding === 7 && type === BYTE_ARRAY) return fronted(bytes, present, take);
  throw new Error(`encoding ${encoding} of type ${type} is not read`);
} // prettier-ignore

function plain(type: number, bytes: Uint8Array, count: number, take: Take): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const room = (end: number) => {
    if (end > bytes.length) throw new Error('a page has fewer values than it says');
  };
  if (type === BOOLEAN) {
    room(Math.ceil(count / 8));
    for (let i = 0; i < count; i++) take(((bytes[i >> 3]! >> (i & 7)) & 1) === 1, 1);
    return;
  }
  const width = WIDTHS[type];
  if (width !== undefined) {
    room(count * width);
    for (let i = 0; i < count; i++) take(type === INT64 ? view.getBigInt64(i * 8, true) : undefined, width);
    return;
  }
  if (type !== BYTE_ARRAY) throw new Error(`values of type ${type} are not read`);
  for (let i = 0, at = 0; i < count; i++) {
    room(at + 4);
    const length = view.getUint32(at, true);
    room(at + 4 + length);
    takeText(bytes.subarray(at + 4, at + 4 + length), take);
    at += 4 + length;
  }
}

/** `DELTA_LENGTH_BYTE_ARRAY`: all lengths, then all texts. */
function texts(bytes: Uint8Array, count: number, start: number, take: Take): void {
  const { values, end } = deltaNumbers(bytes, count, start);
  let at = end;
  for (const length of values) {
    if (length < 0n || length > bytes.length - at) throw new Error('a page has fewer values than it says');
    takeText(bytes.subarray(at, at + Number(length)), take);
    at += Number(length);
  }
}

/** `DELTA_BYTE_ARRAY`: of each text how much it has in common with the one before, then the rest of each. */
function fronted(bytes: Uint8Array, count: number, take: Take): void {
  const prefixes = deltaNumbers(bytes, count);
  let [before, i]: [Uint8Array, number] = [new Uint8Array(0), 0];
  texts(bytes, count, prefixes.end, (rest) => {
    const prefix = prefixes.values[i++]!;
    if (prefix < 0n || prefix > before.length) throw new Error('a text begins with more than there was before it');
    const suffix = rest as Uint8Array;
    const text = new Uint8Array(Number(prefix) + suffix.length);
    if (text.length > MAX_VALUE_BYTES) throw tooLong(text.length);
    text.set(before.subarray(0, Number(prefix)));
    text.set(suffix, Number(prefix));
    before = text;
    takeText(text, take);
  });
}

function takeText(text: Uint8Array, take: Take): void {
  if (text.length > MAX_VALUE_BYTES) throw tooLong(text.length);
  take(text, text.length);
}

function tooLong(length: number): Error {
  return new Error(`a value of ${length} bytes is too long; at most ${MAX_VALUE_BYTES}`);
}

/** Booleans in RLE come with their length. */
function prefixed(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 4) throw new Error('a page is cut off');
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  if (length > bytes.length - 4) throw new Error('a page is cut off');
  return bytes.subarray(4, 4 + length);
}
