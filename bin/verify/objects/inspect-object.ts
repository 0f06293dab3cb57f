import { createHash } from 'node:crypto';
import { eventFormatOf } from '../../../lib/event/keys';
import type { EventsRoot, ObjectLeaf } from '../../../lib/ledger';
import { noted, type Finding } from '../finding';
import { collectGarbage } from '../work/collect-garbage';
import { eventsIn } from './events-in';

/** Larger than any object that a stream delivers: of what is larger, the bytes alone are checked. */
const MAX_DECODED_BYTES = 256 * 1024 * 1024;

/** Where freeing what was decoded is worth the time that it takes. */
const LARGE_BYTES = 1024 * 1024;

/** What came of looking at an object. */
export interface Inspected {
  readonly bytes: number;
  readonly findings: readonly Finding[];
}

/** Compares an object's bytes with what its leaf says of them. */
export async function inspectObject(leaf: ObjectLeaf, chunks: AsyncIterable<Uint8Array>): Promise<Inspected> {
  const keep = eventFormatOf(leaf.key) !== undefined && leaf.size <= MAX_DECODED_BYTES;
  const kept: Uint8Array[] = [];
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    bytes += chunk.length;
    // It may have become longer since it was listed.
    if (keep && bytes <= MAX_DECODED_BYTES) kept.push(chunk);
  }
  const sha256 = hash.digest('hex');
  if (sha256 !== leaf.sha256) {
    const detail = `sealed with SHA-256 ${leaf.sha256}, now ${sha256}`;
    return { bytes, findings: [noted('OBJECT_CHANGED', detail, leaf.key)] };
  }
  if (leaf.size > MAX_DECODED_BYTES) return { bytes, findings: [] };
  const events = keep ? await decoded(leaf, () => Buffer.concat(kept)) : undefined;
  if (events?.count === leaf.events?.count && events?.root === leaf.events?.root) return { bytes, findings: [] };
  const detail = `the leaf tells of ${described(leaf.events)}, the object has ${described(events)}`;
  return { bytes, findings: [noted('LEAF_EVENTS_MISMATCH', detail, leaf.key)] };
}

/** One object at a time: what is decoded is larger than the object. */
let decoding: Promise<unknown> = Promise.resolve();

/** Undefined where the events cannot be read: the sealer then says nothing of them either. */
function decoded({ key, size }: ObjectLeaf, bytes: () => Buffer): Promise<EventsRoot | undefined> {
  const events = decoding.then(() => eventsIn(key, bytes())).catch(() => undefined);
  // What was decoded is several times as large as the object.
  decoding = events.then(() => void (size >= LARGE_BYTES && collectGarbage()));
  return events;
}

function described(events: EventsRoot | undefined): string {
  return events === undefined ? 'no events' : `${events.count} events with root ${events.root}`;
}
