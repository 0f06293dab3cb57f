import { EventsHasher, type EventsRoot } from '../../../lib/ledger';
import { eachFingerprint } from './fingerprints';

/**
 * What a leaf should say of an object's events: their number, and the root over the fingerprints that they state, in file
 * order.
 *
 * @throws Error if the object is not what its key says
 */
export async function eventsIn(key: string, bytes: Buffer): Promise<EventsRoot> {
  const hasher = new EventsHasher();
  await eachFingerprint(key, bytes, (fingerprint) => hasher.add(fingerprint));
  return hasher.result();
}
