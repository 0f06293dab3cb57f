import { eventFormatOf } from '../keys';
import { columnProblem } from '../parquet/columns';
import { EventColumns } from '../parquet/event-columns';
import { readFooter, type ParquetBytes } from '../parquet/footer';
import { walkColumns } from '../parquet/walk';
import { auditEventSchema, auditEventStruct } from '../schema';
import { statedFingerprint } from '../stated-fingerprint';
import { eventProblem } from './event-problem';
import { MAX_OBJECT_SIZE } from './limits';
import { jsonLines } from './lines';

/** An object of the fallback holds one event, which is at most 1 MiB or so; one that was recovered, some. */
const MAX_LINES_BYTES = 64 * 1024 * 1024;

/** The fingerprints of an object's events cannot be told, though decoding the object takes bounded time and memory. */
export class NotStatedError extends Error {}

/**
 * The fingerprints that the events in an object state, in file order: what its leaf in the ledger tells of. And whether they
 * are events that a writer makes. The sealer and `audit-proxy verify` both ask here, so that they always agree.
 *
 * Memory is bounded whatever the object is or claims (see `limits.ts`).
 *
 * @param take told of one after the other
 * @returns what of the first event that no writer makes is not as the schema declares it; undefined if all are
 * @throws NotStatedError if an event states no fingerprint, or the columns are not those of events
 * @throws Error if the object cannot be decoded, or exceeds a bound
 */
export async function eachStatedFingerprint(
  key: string,
  bytes: ParquetBytes,
  take: (fingerprint: string) => void,
): Promise<string | undefined> {
  if (bytes.size > MAX_OBJECT_SIZE) throw new Error(`${bytes.size} bytes are too many; at most ${MAX_OBJECT_SIZE}`);
  return eventFormatOf(key) === 'parquet' ? inParquet(bytes, take) : inLines(bytes, take);
}

async function inParquet(bytes: ParquetBytes, take: (fingerprint: string) => void): Promise<string | undefined> {
  const footer = await readFooter(bytes);
  const problem = columnProblem(footer, auditEventSchema);
  if (problem !== undefined) {
    await walkColumns(footer, bytes);
    throw new NotStatedError(problem);
  }
  const groups: EventColumns[] = [];
  await walkColumns(footer, bytes, ({ rows }) => {
    const columns = new EventColumns(footer.columns, auditEventStruct, rows, take);
    groups.push(columns);
    return columns;
  });
  const hasFingerprints = footer.columns.some(({ name }) => name === 'attestation_list');
  const unstated = groups.map((group) => group.unstated).find((reason) => reason !== undefined);
  if (unstated !== undefined) throw new NotStatedError(unstated);
  if (!hasFingerprints && footer.rows > 0) throw new NotStatedError('there is no such column as that of the fingerprints');
  return groups.map((group) => group.problem).find((reason) => reason !== undefined);
} // prettier-ignore

async function inLines(
  { size, range }: ParquetBytes,
  take: (fingerprint: string) => void,
): Promise<string | undefined> {
  if (size > MAX_LINES_BYTES) throw new Error(`${size} bytes are too many for an object with events as JSON`);
  let [problem, unstated]: (string | undefined)[] = [];
  for (const { value } of jsonLines(await range(0, size))) {
    try {
      take(statedFingerprint(value));
      problem ??= eventProblem(value);
    } catch (error) {
      unstated ??= (error as Error).message;
    }
  }
  if (unstated !== undefined) throw new NotStatedError(unstated);
  return problem;
}
