import type { SealedEvent } from '../../../lib/event/chain';
import { MAX_RECORD_BYTES } from '../../../lib/event/record';

/** An event as a record of a delivery stream. */
export interface StreamRecord {
  readonly sealed: SealedEvent;
  readonly data: Uint8Array;
}

/**
 * Most of one PutRecordBatch.
 *
 * @see https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html
 */
const MAX_BATCH = { records: 500, bytes: 4 * 1024 * 1024 };

/** The bytes of an event, as every sink writes them. */
export function recordOf(sealed: SealedEvent): StreamRecord {
  return { sealed, data: Buffer.from(sealed.line + '\n') };
}

export function fitsRecord({ data }: StreamRecord): boolean {
  return data.length <= MAX_RECORD_BYTES;
}

/** Cuts records, in their order, into batches that PutRecordBatch takes. */
export function* recordBatches(records: readonly StreamRecord[]): Iterable<readonly StreamRecord[]> {
  let batch: StreamRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    if (batch.length === MAX_BATCH.records || bytes + record.data.length > MAX_BATCH.bytes) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(record);
    bytes += record.data.length;
  }
  if (batch.length > 0) yield batch;
}
