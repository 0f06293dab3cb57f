import { parquetMetadataAsync, parquetRead, type AsyncBuffer, type FileMetaData } from 'hyparquet';
import { statedFingerprint } from '../../../lib/event/stated-fingerprint';
import { EventsHasher, type EventsRoot } from '../../../lib/ledger';
import type { OpenObject } from './object-source';
import { onlyColumn } from './only-column';

/** The column with the fingerprints, past whatever the writer calls the levels of a list (Hive: `bag`, `array_element`). */
const FINGERPRINT = /^attestation_list\.[^.]+\.[^.]+\.fingerprint\.value$/;

/** No footer and no column of an object that Firehose writes is larger; what claims to be is not read. */
const MAX_PART_BYTES = 128 * 1024 * 1024;

/**
 * What a leaf says of a Parquet object with events. Of all columns only that of the fingerprints is read, one row group
 * after the other, in file order.
 *
 * @throws Error that says why there are no events to be read
 */
export async function eventsInParquet({ size, range }: Pick<OpenObject, 'size' | 'range'>): Promise<EventsRoot> {
  const file: AsyncBuffer = {
    byteLength: size,
    slice: async (start, end = size) => {
      if (end - start > MAX_PART_BYTES) throw new Error(`a part of ${end - start} bytes is too large`);
      return ownBuffer(await range(start, end));
    },
  };
  const metadata = onlyColumn(await parquetMetadataAsync(file), FINGERPRINT);
  const hasher = new EventsHasher();
  let rowStart = 0;
  for (const { num_rows } of metadata.row_groups) {
    const rowEnd = rowStart + Number(num_rows);
    for (const row of await rowsOf(file, metadata, rowStart, rowEnd)) hasher.add(statedFingerprint(row));
    rowStart = rowEnd;
  }
  const { count, root } = hasher.result();
  if (count === Number(metadata.num_rows)) return { count, root };
  throw new Error(`${count} rows were read, the footer says ${metadata.num_rows}`);
}

async function rowsOf(file: AsyncBuffer, metadata: FileMetaData, rowStart: number, rowEnd: number): Promise<unknown[]> {
  let rows: unknown[] = [];
  const onComplete = (read: unknown[]): void => void (rows = read);
  await parquetRead({ file, metadata, rowStart, rowEnd, rowFormat: 'object', onComplete });
  return rows;
}

/** A view can be part of a larger buffer, and hyparquet wants all of one. */
function ownBuffer(bytes: Uint8Array): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}
