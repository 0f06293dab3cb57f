import { eachStatedFingerprint } from '../../../lib/event/objects/stated-events';
import { EventsHasher, type EventsRoot } from '../../../lib/ledger';
import type { OpenObject } from './object-source';

export interface EventsIn {
  /** What a leaf says of an object with events. */
  readonly events: EventsRoot;
  /** What is wrong with the first event that no writer makes. */
  readonly unreadable?: string;
}

/**
 * @throws Error that says why there are none to be read
 */
export async function eventsIn(key: string, bytes: Pick<OpenObject, 'size' | 'range'>): Promise<EventsIn> {
  const hasher = new EventsHasher();
  const problem = await eachStatedFingerprint(key, bytes, (fingerprint) => hasher.add(fingerprint));
  return { events: hasher.result(), ...(problem !== undefined && { unreadable: problem }) };
}
