import { createHash } from 'node:crypto';
import { MAX_OBJECT_SIZE } from '../../../lib/event/objects/limits';
import type { EventsRoot, ObjectLeaf } from '../../../lib/ledger';
import { contentOf } from '../events/content';
import type { Content } from '../events/fill';
import { noted, type Finding } from '../finding';
import { collectGarbage } from '../work/collect-garbage';
import { inMemory } from './fingerprints';
import { lookInto, type LookedInto } from './look-into';

/** Where freeing what was decoded is worth the time that it takes. */
const LARGE_BYTES = 1024 * 1024;

/** What came of looking at an object. */
export interface Inspected {
  readonly bytes: number;
  readonly findings: readonly Finding[];
  /** Undefined if it was not looked into: it holds nothing, or is not what was sealed. */
  readonly looked?: LookedInto;
}

/** Compares an object's bytes with what its leaf says of them. */
export async function inspectObject(leaf: ObjectLeaf, chunks: AsyncIterable<Uint8Array>): Promise<Inspected> {
  const content = contentOf(leaf.key);
  const kept: Uint8Array[] = [];
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    bytes += chunk.length;
    // It may have become longer since it was listed.
    if (content !== undefined && bytes <= MAX_OBJECT_SIZE) kept.push(chunk);
  }
  const sha256 = hash.digest('hex');
  if (sha256 !== leaf.sha256) {
    const detail = `sealed with SHA-256 ${leaf.sha256}, now ${sha256}`;
    return { bytes, findings: [noted('OBJECT_CHANGED', detail, leaf.key)] };
  }
  if (content === undefined) return { bytes, findings: leaf.events === undefined ? [] : [mismatch(leaf, undefined)] };
  const looked = await decoded(leaf, content, bytes, () => Buffer.concat(kept));
  const { events } = looked;
  if (events?.count === leaf.events?.count && events?.root === leaf.events?.root)
    return { bytes, findings: [], looked };
  return { bytes, findings: [mismatch(leaf, events)], looked };
}

function mismatch(leaf: ObjectLeaf, events: EventsRoot | undefined): Finding {
  const detail = `the leaf tells of ${described(leaf.events)}, the object has ${described(events)}`;
  return noted('LEAF_EVENTS_MISMATCH', detail, leaf.key);
}

/** One object at a time: what is decoded is larger than the object. */
let decoding: Promise<unknown> = Promise.resolve();

function decoded({ key }: ObjectLeaf, content: Content, size: number, bytes: () => Buffer): Promise<LookedInto> {
  // What was not kept is too large.
  const looked = decoding.then(() =>
    lookInto(key, content, size > MAX_OBJECT_SIZE ? { size, range: notKept } : inMemory(bytes())),
  );
  // What was decoded is several times as large as the object.
  decoding = looked.then(
    () => void (size >= LARGE_BYTES && collectGarbage()),
    () => undefined,
  );
  return looked;
}

function notKept(): Promise<never> {
  return Promise.reject(new Error('not kept'));
}

function described(events: EventsRoot | undefined): string {
  return events === undefined ? 'no events' : `${events.count} events with root ${events.root}`;
}
