import { eachStatedFingerprint } from '../../../lib/event/objects/stated-events';
import { EventsHasher, type EventsRoot } from '../../../lib/ledger';
import type { OpenObject } from './object-source';

/**
 * What a leaf says of an object with events.
 *
 * @throws Error that says why there are none to be read
 */
export async function eventsIn(key: string, bytes: Pick<OpenObject, 'size' | 'range'>): Promise<EventsRoot> {
  const hasher = new EventsHasher();
  await eachStatedFingerprint(key, bytes, (fingerprint) => hasher.add(fingerprint));
  return hasher.result();
}
