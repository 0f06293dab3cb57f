import { statedFingerprint } from '../../../lib/event/stated-fingerprint';
import { EventsHasher, type EventsRoot } from '../../../lib/ledger';
import type { OpenObject } from './object-source';

/** An object of the fallback holds one event, which is at most 1 MiB or so; one that was recovered, some. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * What a leaf says of an object with an event a line.
 *
 * @throws Error that says why it is none
 */
export async function eventsInLines({ size, range }: Pick<OpenObject, 'size' | 'range'>): Promise<EventsRoot> {
  if (size > MAX_BYTES) throw new Error(`${size} bytes are too many for an object with events as JSON`);
  const text = new TextDecoder('utf-8', { fatal: true }).decode(await range(0, size));
  const hasher = new EventsHasher();
  for (const line of text.split('\n')) if (line !== '') hasher.add(statedFingerprint(JSON.parse(line)));
  return hasher.result();
}
