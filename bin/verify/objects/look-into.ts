import { edgeRecordStruct } from '../../../lib/edge-log/columns';
import { eachStatedFingerprint, NotStatedError } from '../../../lib/event/objects/stated-events';
import { columnProblem } from '../../../lib/event/parquet/columns';
import { readFooter, type ParquetBytes } from '../../../lib/event/parquet/footer';
import { walkColumns } from '../../../lib/event/parquet/walk';
import { EventsHasher, type EventsRoot } from '../../../lib/ledger';
import type { Content } from '../events/fill';

/** What an object is, before the engine decodes it. */
export interface LookedInto {
  /** What a leaf should say of its events; undefined if it holds none, or they cannot be read. */
  readonly events?: EventsRoot;
  /** What is wrong with it. */
  readonly problem?: string;
  /** What is wrong with the first of its events that no writer makes. */
  readonly invalid?: string;
  /** Whether decoding it takes bounded time and memory, whatever its footer and its pages claim. */
  readonly isBounded: boolean;
}

/** Checks that an object can be decoded at all, that it is what its writer puts under its key, and what a leaf tells of it. */
export async function lookInto(key: string, content: Content, bytes: ParquetBytes): Promise<LookedInto> {
  try {
    if (content !== 'edge') return { ...(await eventsIn(key, bytes)), isBounded: true };
    const footer = await readFooter(bytes);
    await walkColumns(footer, bytes);
    const problem = columnProblem(footer, edgeRecordStruct.fields);
    return { ...(problem !== undefined && { problem }), isBounded: true };
  } catch (error) {
    return { problem: (error as Error).message, isBounded: error instanceof NotStatedError };
  }
}

async function eventsIn(key: string, bytes: ParquetBytes): Promise<{ events: EventsRoot; invalid?: string }> {
  const hasher = new EventsHasher();
  const invalid = await eachStatedFingerprint(key, bytes, (fingerprint) => hasher.add(fingerprint));
  return { events: hasher.result(), ...(invalid !== undefined && { invalid }) };
}
