import { createHash } from 'node:crypto';
import { parquetReadObjects } from 'hyparquet';
import { eventFormatOf } from '../../lib/event/keys';
import { eventFromRow } from '../../lib/event/row';
import type { AuditEvent } from '../../lib/event/schema';
import { eachFingerprint, eventLines, parquetFile } from '../verify/objects/fingerprints';
import { EvidenceUnavailable } from './error';

/** An object of the trail, and what its events say their fingerprints are. */
export interface ObjectEvents {
  /** SHA-256 of the object's bytes, in hex. */
  readonly sha256: string;
  /** In file order. */
  readonly fingerprints: readonly string[];
  /** The event at a place. @throws TypeError if it is none that a writer made */
  event(index: number): Promise<AuditEvent>;
}

/**
 * Decodes an object with events: Parquet as delivered, or JSON lines of the fallback.
 *
 * @throws EvidenceUnavailable if it cannot be decoded
 */
export async function decodeObjectEvents(key: string, bytes: Buffer): Promise<ObjectEvents> {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const fingerprints: string[] = [];
  try {
    await eachFingerprint(key, bytes, (fingerprint) => fingerprints.push(fingerprint));
  } catch (error) {
    throw new EvidenceUnavailable(`${key} cannot be decoded: ${error instanceof Error ? error.message : error}`);
  }
  return { sha256, fingerprints, event: rowsOf(key, bytes) };
}

/** Rows that are decoded together: events that are asked for one after the other mostly lie side by side. */
const WINDOW = 1000;

function rowsOf(key: string, bytes: Buffer): ObjectEvents['event'] {
  if (eventFormatOf(key) !== 'parquet') {
    const lines = eventLines(bytes);
    return async (index) => eventFromRow(JSON.parse(lines[index] ?? '{}') as Record<string, unknown>);
  }
  let [first, rows] = [-1, [] as Record<string, unknown>[]];
  return async (index) => {
    const rowStart = index - (index % WINDOW);
    if (first !== rowStart) {
      rows = await parquetReadObjects({ file: parquetFile(bytes), rowStart, rowEnd: rowStart + WINDOW });
      first = rowStart;
    }
    return eventFromRow(rows[index - rowStart] ?? {});
  };
}
