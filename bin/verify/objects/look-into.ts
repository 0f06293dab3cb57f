import { edgeRecordStruct } from '../../../lib/edge-log/columns';
import { MAX_OBJECT_SIZE } from '../../../lib/event/objects/limits';
import { jsonLines } from '../../../lib/event/objects/lines';
import { eachStatedFingerprint } from '../../../lib/event/objects/stated-events';
import { columnProblem } from '../../../lib/event/parquet/columns';
import { readFooter, type ParquetBytes } from '../../../lib/event/parquet/footer';
import { pagesOf } from '../../../lib/event/parquet/pages';
import { EventsHasher, type EventsRoot } from '../../../lib/ledger';
import type { Content } from '../events/fill';

/** What an object is, before the engine decodes it. */
export interface LookedInto {
  /** What a leaf should say of its events; undefined if it holds none, or they cannot be read. */
  readonly events?: EventsRoot;
  /** What is wrong with it. */
  readonly problem?: string;
  /** Whether decoding it takes bounded time and memory, whatever its footer and its pages claim. */
  readonly isBounded: boolean;
}

/** Checks that an object can be decoded at all, that it is what its writer puts under its key, and what a leaf tells of it. */
export async function lookInto(key: string, content: Content, bytes: ParquetBytes): Promise<LookedInto> {
  try {
    await checkBounds(content, bytes);
  } catch (error) {
    return { problem: (error as Error).message, isBounded: false };
  }
  try {
    if (content !== 'edge') return { events: await eventsIn(key, bytes), isBounded: true };
    const problem = columnProblem(await readFooter(bytes), edgeRecordStruct.fields);
    return { ...(problem !== undefined && { problem }), isBounded: true };
  } catch (error) {
    return { problem: (error as Error).message, isBounded: true };
  }
}

async function checkBounds(content: Content, bytes: ParquetBytes): Promise<void> {
  if (bytes.size > MAX_OBJECT_SIZE) throw new Error(`${bytes.size} bytes are too many; at most ${MAX_OBJECT_SIZE}`);
  if (content === 'lines') {
    for (const _ of jsonLines(await bytes.range(0, bytes.size)));
    return;
  }
  const { groups } = await readFooter(bytes);
  for (const chunk of groups.flatMap(({ columns }) => columns)) {
    pagesOf(chunk, await bytes.range(chunk.start, chunk.end));
  }
}

async function eventsIn(key: string, bytes: ParquetBytes): Promise<EventsRoot> {
  const hasher = new EventsHasher();
  await eachStatedFingerprint(key, bytes, (fingerprint) => hasher.add(fingerprint));
  return hasher.result();
}
