import { createHash } from 'node:crypto';
import { eventsRoot, type EventsRoot, type ObjectLeaf } from '../../../lib/ledger';
import { noted, type Finding } from '../finding';
import { eventFingerprints, holdsEvents } from './event-fingerprints';

/** Compares an object's bytes with what its leaf says of them. */
export async function inspectObject(leaf: ObjectLeaf, bytes: Buffer): Promise<Finding[]> {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== leaf.sha256) {
    return [noted('OBJECT_CHANGED', `sealed with SHA-256 ${leaf.sha256}, now ${sha256}`, leaf.key)];
  }
  const events = await eventsOf(leaf.key, bytes);
  if (events?.count === leaf.events?.count && events?.root === leaf.events?.root) return [];
  const detail = `the leaf tells of ${described(leaf.events)}, the object has ${described(events)}`;
  return [noted('LEAF_EVENTS_MISMATCH', detail, leaf.key)];
}

/** Undefined where there are none that could be read: the sealer then says nothing of them either. */
async function eventsOf(key: string, bytes: Buffer): Promise<EventsRoot | undefined> {
  if (!holdsEvents(key)) return undefined;
  try {
    return eventsRoot(await eventFingerprints(key, bytes));
  } catch {
    return undefined;
  }
}

function described(events: EventsRoot | undefined): string {
  return events === undefined ? 'no events' : `${events.count} events with root ${events.root}`;
}
