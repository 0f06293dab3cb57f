import { eventFormatOf } from '../keys';
import { columnProblem } from '../parquet/columns';
import { eachFingerprint } from '../parquet/fingerprints';
import { readFooter, type ParquetBytes } from '../parquet/footer';
import { auditEventSchema } from '../schema';
import { statedFingerprint } from '../stated-fingerprint';
import { eventProblem } from './event-problem';
import { MAX_OBJECT_SIZE } from './limits';
import { jsonLines } from './lines';

/** An object of the fallback holds one event, which is at most 1 MiB or so; one that was recovered, some. */
const MAX_LINES_BYTES = 64 * 1024 * 1024;

/**
 * The fingerprints that the events in an object state, in file order: what its leaf in the ledger tells of. The sealer and
 * `audit-proxy verify` both ask here, so that they always agree.
 *
 * Memory is bounded whatever the object is or claims (see `limits.ts`).
 *
 * @param take told of one after the other
 * @throws Error if the object is not what a writer puts under its key
 */
export async function eachStatedFingerprint(
  key: string,
  bytes: ParquetBytes,
  take: (fingerprint: string) => void,
): Promise<void> {
  if (bytes.size > MAX_OBJECT_SIZE) throw new Error(`${bytes.size} bytes are too many; at most ${MAX_OBJECT_SIZE}`);
  if (eventFormatOf(key) !== 'parquet') return inLines(bytes, take);
  const footer = await readFooter(bytes);
  const problem = columnProblem(footer, auditEventSchema);
  if (problem !== undefined) throw new Error(problem);
  await eachFingerprint(footer, bytes, take);
}

async function inLines({ size, range }: ParquetBytes, take: (fingerprint: string) => void): Promise<void> {
  if (size > MAX_LINES_BYTES) throw new Error(`${size} bytes are too many for an object with events as JSON`);
  for (const { value } of jsonLines(await range(0, size))) {
    const fingerprint = statedFingerprint(value);
    const problem = eventProblem(value);
    if (problem !== undefined) throw new Error(problem);
    take(fingerprint);
  }
}
