import { isFingerprint } from '../stated-fingerprint';
import type { ColumnChunk, Footer, ParquetBytes, SchemaNode } from './footer';
import { eachHybrid } from './hybrid';
import { pagesOf, type Page } from './pages';
import { decompressSnappy } from './snappy';

/** The column with the fingerprints, past whatever the writer calls the levels of a list (Hive: `bag`, `array_element`). */
const FINGERPRINT = /^attestation_list\.[^.]+\.[^.]+\.fingerprint\.value$/;

/**
 * Gives the fingerprint that each row states to `take`, in file order. Reads this column only, one row group after the
 * other and one page after the other: memory depends on the size of a page, not on the number of rows.
 *
 * @throws Error if a row has not exactly one
 */
export async function eachFingerprint(
  footer: Footer,
  { range }: ParquetBytes,
  take: (fingerprint: string) => void,
): Promise<void> {
  for (const { rows, columns } of footer.groups) {
    if (rows === 0) continue;
    const [chunk, ...more] = columns.filter(({ path }) => FINGERPRINT.test(path.join('.')));
    if (chunk === undefined || more.length > 0) throw new Error('there is no such column as that of the fingerprints');
    // No row has less than one entry, be it an empty one.
    if (chunk.values !== rows) throw new Error('an event has not exactly one attestation');
    const levels = levelsOf(footer.columns, chunk.path);
    let read = 0;
    for (const value of fingerprintsIn(chunk, await range(chunk.start, chunk.end), levels)) {
      read += 1;
      take(value);
    }
    if (read !== rows) throw new Error(`${read} fingerprints were read, the footer says ${rows} rows`);
  }
}

interface Levels {
  /** Definition level of a value that is there. */
  readonly value: number;
  /** Definition level from which there is an attestation. */
  readonly attestation: number;
}

/** Each optional or repeated node on the way to a column is a definition level. */
function levelsOf(columns: readonly SchemaNode[], path: readonly string[]): Levels {
  let [level, attestation, repeated] = [0, 0, 0];
  let nodes = columns;
  for (const name of path) {
    const node = nodes.find((child) => child.name === name);
    if (node === undefined) throw new Error(`there is no column ${path.join('.')} in the schema`);
    if (node.repetition !== 0) level += 1;
    if (node.repetition === 2) [attestation, repeated] = [level, repeated + 1];
    nodes = node.children;
  }
  if (repeated !== 1) throw new Error('attestations are no list');
  return { value: level, attestation };
}

function* fingerprintsIn(chunk: ColumnChunk, bytes: Uint8Array, levels: Levels): Generator<string> {
  let dictionary: readonly string[] | undefined;
  for (const page of pagesOf(chunk, bytes)) {
    if (page.kind === 'dictionary') {
      if (dictionary !== undefined) throw new Error('a column has two dictionaries');
      dictionary = plainTexts(decompressed(page, chunk.codec), page.values);
    } else yield* inPage(page, chunk.codec, levels, dictionary);
  }
}

/** `PLAIN`, `PLAIN_DICTIONARY`, `RLE_DICTIONARY` */
const ENCODINGS = { plain: 0, dictionary: [2, 8] };

function inPage(page: Page, codec: number, levels: Levels, dictionary: readonly string[] | undefined): readonly string[] {
  const [repetition, definition, values] = partsOf(page, codec);
  checkLevels(page, repetition, definition, levels);
  if (page.encoding === ENCODINGS.plain) return plainTexts(values, page.values);
  if (!ENCODINGS.dictionary.includes(page.encoding)) throw new Error(`encoding ${page.encoding} is not read`);
  const texts: string[] = [];
  if (page.values === 0) return texts;
  eachHybrid(values.subarray(1), values[0] ?? 33, page.values, (index) => {
    const text = dictionary?.[index];
    if (text === undefined) throw new Error('a value is not in the dictionary');
    texts.push(text);
  });
  return texts;
} // prettier-ignore

/** Every row has one attestation, and that one a fingerprint: so every level is as high as it can be, and none repeats. */
function checkLevels({ values }: Page, repetition: Uint8Array, definition: Uint8Array, levels: Levels): void {
  let [repeats, absent, without] = [false, false, false];
  eachHybrid(repetition, 1, values, (level) => void (repeats ||= level !== 0));
  eachHybrid(definition, bitsFor(levels.value), values, (level) => {
    if (level < levels.attestation) absent = true;
    else if (level !== levels.value) without = true;
  });
  if (repeats || absent) throw new Error('an event has not exactly one attestation');
  if (without) throw new Error('an event has no fingerprint');
}

function bitsFor(highest: number): number {
  return 32 - Math.clz32(highest);
}

/** Levels and values of a page, decompressed. */
function partsOf(page: Page, codec: number): [Uint8Array, Uint8Array, Uint8Array] {
  if (page.version === 1) {
    const bytes = decompressed(page, codec);
    const [repetition, afterRepetition] = prefixed(bytes, 0);
    const [definition, afterDefinition] = prefixed(bytes, afterRepetition);
    return [repetition, definition, bytes.subarray(afterDefinition)];
  }
  const { bytes, repetitionBytes, definitionBytes, uncompressedSize, isCompressed } = page;
  const levels = repetitionBytes + definitionBytes;
  const rest = bytes.subarray(levels);
  const values = isCompressed ? decompress(rest, codec, uncompressedSize - levels) : rest;
  return [bytes.subarray(0, repetitionBytes), bytes.subarray(repetitionBytes, levels), values];
}

/** Levels of version 1 come with their length. */
function prefixed(bytes: Uint8Array, at: number): [Uint8Array, number] {
  if (at + 4 > bytes.length) throw new Error('a page is cut off');
  const end = at + 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
  if (end > bytes.length) throw new Error('the levels of a page reach beyond it');
  return [bytes.subarray(at + 4, end), end];
}

function decompressed({ bytes, uncompressedSize }: Page, codec: number): Uint8Array {
  return decompress(bytes, codec, uncompressedSize);
}

function decompress(bytes: Uint8Array, codec: number, size: number): Uint8Array {
  if (codec === 1) return decompressSnappy(bytes, size);
  if (codec !== 0) throw new Error(`codec ${codec} is not read`);
  if (bytes.length !== size) throw new Error(`a page has ${bytes.length} bytes, and says ${size}`);
  return bytes;
}

/** Texts, each with its length in four bytes before it. @throws Error if one is no fingerprint */
function plainTexts(bytes: Uint8Array, count: number): string[] {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const texts: string[] = [];
  for (let at = 0; texts.length < count;) {
    if (at + 4 > all.length) throw new Error('a page has fewer values than it says');
    const start = at + 4;
    at = start + all.readUInt32LE(at);
    const text = at - start === 64 && at <= all.length ? all.toString('latin1', start, at) : '';
    if (!isFingerprint(text)) throw new Error('an event has no fingerprint');
    texts.push(text);
  }
  return texts;
}
