import { parquetMetadata, parquetRead, type FileMetaData, type SchemaElement } from 'hyparquet';
import { eventFormatOf } from '../../../lib/event/keys';
import { statedFingerprint } from '../../../lib/event/stated-fingerprint';
import { EventsHasher, type EventsRoot } from '../../../lib/ledger';

/**
 * What a leaf should say of an object's events: their number, and the root over the fingerprints that they state, in file
 * order.
 *
 * @throws Error if the object is not what its key says
 */
export async function eventsIn(key: string, bytes: Buffer): Promise<EventsRoot> {
  const hasher = new EventsHasher();
  if (eventFormatOf(key) === 'parquet') await addFromParquet(hasher, bytes);
  else addFromLines(hasher, bytes);
  return hasher.result();
}

/** One row group after the other: a file can have more rows than fit into memory. */
async function addFromParquet(hasher: EventsHasher, bytes: Buffer): Promise<void> {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  const metadata = fingerprintsOnly(parquetMetadata(file));
  let rowStart = 0;
  for (const { num_rows } of metadata.row_groups) {
    const rowEnd = rowStart + Number(num_rows);
    const add = (rows: readonly unknown[]) => rows.forEach((row) => hasher.add(statedFingerprint(row)));
    await parquetRead({ file, metadata, rowStart, rowEnd, rowFormat: 'object', onComplete: add });
    rowStart = rowEnd;
  }
  if (hasher.result().count !== Number(metadata.num_rows)) throw new Error('there are other rows than the footer says');
}

function addFromLines(hasher: EventsHasher, bytes: Buffer): void {
  const lines = new TextDecoder('utf-8', { fatal: true }).decode(bytes).split('\n');
  for (const line of lines) if (line !== '') hasher.add(statedFingerprint(JSON.parse(line)));
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
