import type { EdgeRecord } from '../../../lib/edge-log/record';
import { fingerprintObject } from '../../../lib/event/fingerprint';
import type { AuditEvent } from '../../../lib/event/schema';
import type { TrailObject } from '../../verify/truthful/trail';
import { resealed } from '../tools';
import { chainOf, recorded } from './oracle';

/** What somebody who can write to the trail does to events and records before they are sealed. */

/** The events of a chain that are there, each once, in order. */
export function chainIn(objects: readonly TrailObject[], uid: string): AuditEvent[] {
  const events = new Map(objects.flatMap((object) => object.events).map((event) => [event.metadata.uid, event]));
  return [...events.values()]
    .filter((event) => chainOf(event) === uid)
    .sort((a, b) => a.metadata.sequence - b.metadata.sequence);
}

export function eventsIn(objects: readonly TrailObject[]): AuditEvent[] {
  const events = new Map(objects.flatMap((object) => object.events).map((event) => [event.metadata.uid, event]));
  return [...events.values()];
}

export function recordsIn(objects: readonly TrailObject[]): EdgeRecord[] {
  return objects.flatMap(({ records }) => records);
}

/** Puts other events in the place of those with these ids, in every copy; undefined takes an event out. */
export function replaceEvents(objects: readonly TrailObject[], by: ReadonlyMap<string, AuditEvent | undefined>): void {
  for (const object of objects) {
    object.events = object.events.flatMap((event) => {
      if (!by.has(event.metadata.uid)) return [event];
      return by.get(event.metadata.uid) ?? [];
    });
  }
}

export function changeRecords(
  objects: readonly TrailObject[],
  id: string | undefined,
  change: (record: EdgeRecord) => EdgeRecord[],
): void {
  for (const object of objects) {
    object.records = object.records.flatMap((record) =>
      record.extended_request_id === id ? change(record) : [record],
    );
  }
}

/**
 * Links the events of a chain anew, each with a fingerprint that fits, so that the chain itself does not tell. Places of
 * events that are missing stay open.
 *
 * @param names whether what later events say of unconfirmed ones is made to fit as well
 */
export function relinked(chain: readonly AuditEvent[], names: boolean): AuditEvent[] {
  const made: AuditEvent[] = [];
  for (const event of chain) {
    const before = made.at(-1);
    const [attestation] = event.attestation_list;
    const isNext = (before?.metadata.sequence ?? -1) + 1 === event.metadata.sequence;
    const previous = before && {
      uid: before.metadata.uid,
      type_uid: before.type_uid,
      fingerprint: fingerprintObject(recorded(before)!),
    };
    const prev_event = isNext ? previous : attestation!.prev_event;
    const unconfirmed = event.unmapped.unconfirmed?.map((name) => {
      const there = names ? made.find(({ metadata }) => metadata.uid === name.uid) : undefined;
      return there === undefined ? name : { ...name, fingerprint: recorded(there)! };
    });
    made.push(resealed({ ...event, unmapped: { ...event.unmapped, unconfirmed }, attestation_list: [{ ...attestation!, prev_event }] }));
  }
  return made;
} // prettier-ignore

/** Gives the events of a chain the places 0, 1, 2, …: nothing is missing then. */
export function renumbered(chain: readonly AuditEvent[]): AuditEvent[] {
  return chain.map((event, sequence) => ({ ...event, metadata: { ...event.metadata, sequence } }));
}

export function byId(events: readonly AuditEvent[]): Map<string, AuditEvent> {
  return new Map(events.map((event) => [event.metadata.uid, event]));
}
