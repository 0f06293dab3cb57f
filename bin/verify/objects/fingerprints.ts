import { parquetMetadata, parquetRead, type FileMetaData, type SchemaElement } from 'hyparquet';
import { eventFormatOf } from '../../../lib/event/keys';
import { statedFingerprint } from '../../../lib/event/stated-fingerprint';

/**
 * The fingerprints that the events in an object state, in file order.
 *
 * @param take told of one after the other: an object can have more than fit into memory beside it
 * @throws Error if the object is not what its key says
 */
export async function eachFingerprint(key: string, bytes: Buffer, take: (fingerprint: string) => void): Promise<void> {
  if (eventFormatOf(key) === 'parquet') await inParquet(parquetFile(bytes), take);
  else for (const line of eventLines(bytes)) take(statedFingerprint(JSON.parse(line)));
}

/** Bytes of a Parquet file, as hyparquet takes them. */
export function parquetFile(bytes: Buffer): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
}

/** One event of JSON each. */
export function eventLines(bytes: Buffer): string[] {
  return new TextDecoder('utf-8', { fatal: true })
    .decode(bytes)
    .split('\n')
    .filter((line) => line !== '');
}

/** One row group after the other: a file can have more rows than fit into memory. */
async function inParquet(file: ArrayBuffer, take: (fingerprint: string) => void): Promise<void> {
  const metadata = fingerprintsOnly(parquetMetadata(file));
  let rows = 0;
  for (const { num_rows } of metadata.row_groups) {
    const rowStart = rows;
    const rowEnd = rowStart + Number(num_rows);
    const onComplete = (read: readonly unknown[]) => {
      rows += read.length;
      for (const row of read) take(statedFingerprint(row));
    };
    await parquetRead({ file, metadata, rowStart, rowEnd, rowFormat: 'object', onComplete });
    if (rows !== rowEnd) break;
  }
  if (rows !== Number(metadata.num_rows)) throw new Error('there are other rows than the footer says');
}

/** Whatever the levels of a list are called: Hive says `bag` and `array_element`, others `list` and `element`. */
const FINGERPRINT = /^attestation_list\.[^.]+\.[^.]+\.fingerprint\.value$/;

/**
 * The footer as if the file had the one column of the fingerprints: hyparquet itself chooses whole top-level columns, and
 * the rest of this one is many times as large.
 */
function fingerprintsOnly(metadata: FileMetaData): FileMetaData {
  const schema = pruned(metadata.schema);
  if (schema.filter(({ num_children }) => !num_children).length !== 1) throw new Error('there are no fingerprints');
  const row_groups = metadata.row_groups.map((group) => ({
    ...group,
    columns: group.columns.filter(({ meta_data }) => FINGERPRINT.test(meta_data?.path_in_schema.join('.') ?? '')),
  }));
  return { ...metadata, schema, row_groups };
}

/** Elements come in preorder, each with the number of its children; the first is the root, whose name is in no path. */
function pruned(schema: readonly SchemaElement[]): SchemaElement[] {
  let at = 0;
  const next = (path: readonly string[]): SchemaElement[] => {
    const element = schema[at++];
    if (element === undefined) throw new Error('the schema is cut off');
    const own = at === 1 ? [] : [...path, element.name];
    if (!element.num_children) return FINGERPRINT.test(own.join('.')) ? [element] : [];
    const children = Array.from({ length: element.num_children }, () => next(own)).filter(({ length }) => length > 0);
    return children.length === 0 ? [] : [{ ...element, num_children: children.length }, ...children.flat()];
  };
  return next([]);
}
