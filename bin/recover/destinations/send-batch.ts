import { ServiceError } from '../../aws/service-error';
import type { RecordBatches } from '../aws/services';
import type { StreamRecord } from './batches';

/** What sending needs of its surroundings. */
export interface Pace {
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** From 0 to below 1. */
  readonly random: () => number;
}

const MAX_TRIES = 8;
const FIRST_PAUSE_MS = 200;
const MAX_PAUSE_MS = 10_000;

/** A record that the stream did not take, and the last reason. */
export interface NotTaken {
  readonly record: StreamRecord;
  readonly code: string;
}

/**
 * Sends one batch until all of it is taken: what failed, and only that, again after a pause. A batch without an answer
 * goes again whole: it may have been taken, and duplicates are dropped by whoever reads.
 *
 * @returns the records that were not taken in the end
 * @throws ServiceError where trying again makes no sense
 */
export async function sendBatch(
  batches: RecordBatches,
  stream: string,
  records: readonly StreamRecord[],
  pace: Pace,
): Promise<readonly NotTaken[]> {
  let left: readonly NotTaken[] = records.map((record) => ({ record, code: '' }));
  for (let tried = 1; ; tried += 1) {
    left = await tryOnce(batches, stream, left);
    if (left.length === 0 || tried === MAX_TRIES) return left;
    await pace.sleep(pace.random() * Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tried));
  }
}

async function tryOnce(batches: RecordBatches, stream: string, tries: readonly NotTaken[]): Promise<NotTaken[]> {
  const codes = await batches
    .putBatch(
      stream,
      tries.map(({ record }) => record.data),
    )
    .catch((error: unknown) => {
      if (!ServiceError.is(error) || !error.passing) throw error;
      return tries.map(() => error.code);
    });
  return tries.flatMap(({ record }, i) => {
    const code = codes[i];
    return code === undefined ? [] : [{ record, code }];
  });
}
