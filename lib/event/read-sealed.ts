import { canonicalize } from './canonical';
import type { SealedEvent } from './chain';
import { fingerprintObject, fingerprintOf } from './fingerprint';
import { eventFromRow } from './row';
import type { AuditEvent } from './schema';

/** Uids as writers make them (UUIDs), and a little more; what names an object must not lead anywhere else. */
const UID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,200}$/;
/** The years 1970 to 9999, which partitions can be named after, in epoch milliseconds. */
const END_OF_TIME = 253_402_300_800_000;

/**
 * Reads a sealed event back from its line, wherever that has been in the meantime. It is the very event that its writer
 * sealed: whole, of the declared fields and nothing else, and with the fingerprint that its content has.
 *
 * @param line JSON without a line break
 * @throws TypeError that says what is wrong with it
 */
export function readSealedEvent(line: string): SealedEvent {
  const value = parse(line);
  // Two readers could see different events in it otherwise: in keys that stand there twice, say.
  if (JSON.stringify(value) !== line) throw new TypeError('it is not written the way writers write events');

  const event = eventFromRow(value as Record<string, unknown>);
  // Canonicalizing refuses nulls and fractions; undeclared fields are in the one and not in the other.
  if (canonicalize(event) !== canonicalize(value))
    throw new TypeError('it has fields that events do not have, or empty ones');
  checkPlace(event);
  return { event, uid: event.metadata.uid, fingerprint: checkFingerprint(event), line };
}

function parse(line: string): object {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new TypeError('it is no JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('it is no event');
  return value;
}

/** What a place in the trail is made of. */
function checkPlace({ time, metadata }: Partial<AuditEvent>): void {
  if (time === undefined || !(time >= 0 && time < END_OF_TIME)) throw new TypeError('it has no time that is a date');
  if (metadata?.uid === undefined || !UID.test(metadata.uid)) throw new TypeError('it has no uid as writers give it');
}

function checkFingerprint(event: AuditEvent): string {
  const [attestation, ...more] = (event as Partial<AuditEvent>).attestation_list ?? [];
  const stated = (attestation as Partial<typeof attestation>)?.fingerprint;
  if (stated === undefined || more.length > 0) throw new TypeError('it is not sealed');
  if (fingerprintOf(event) !== stated.value) throw new TypeError('its fingerprint is not that of its content');
  // The rest of the fingerprint is what no fingerprint covers.
  if (canonicalize(stated) !== canonicalize(fingerprintObject(stated.value))) {
    throw new TypeError('its fingerprint is of another kind');
  }
  return stated.value;
}
