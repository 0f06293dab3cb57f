import { toParquet } from '../../../bin/local/delivery/parquet';
import { edgeRecordStruct } from '../../../lib/edge-log/columns';
import type { EdgeRecord } from '../../../lib/edge-log/record';
import type { SealedEvent } from '../../../lib/event/chain';
import { EDGE_PREFIX, EVENTS_PREFIX, FALLBACK_PREFIX, partitionOf, partitionPath } from '../../../lib/event/keys';
import type { AuditEvent } from '../../../lib/event/schema';
import { writeBytes } from '../../support/sample-trail';
import { SAMPLE_TIME } from '../../support/sample-event';
import type { Random } from '../../faults/random/random';
import { playWriter, type WrittenEvent } from './writer';

const DAY_MS = 86_400_000;

/** An object of a trail, with what is in it: events, or records of the edge log. */
export interface TrailObject {
  readonly key: string;
  events: AuditEvent[];
  records: EdgeRecord[];
}

/**
 * Writes what random truthful writers and their gateway leave behind, and returns the keys of all objects.
 *
 * @param day number of the trail: each is on a day of its own, so that many can lie in one folder and touch nowhere
 */
export async function writeTruthfulTrail(dir: string, random: Random, day: number): Promise<string[]> {
  const objects = truthfulObjects(random, day);
  for (const object of objects) await writeBytes(dir, object.key, bytesOfObject(object));
  return objects.map(({ key }) => key);
}

/** The same, not written yet. */
export function truthfulObjects(random: Random, day: number): TrailObject[] {
  const first = day * 1000;
  const writers = Array.from({ length: 1 + random.below(4) }, (_, i) =>
    playWriter(random, first + i * 100, SAMPLE_TIME - day * DAY_MS),
  );
  let count = 0;
  const keyOf = (prefix: string, time: number, suffix: string) =>
    `${prefix}${partitionPath(partitionOf(time))}${first}-${(count += 1)}${suffix}`;
  const fallback = shuffled(random, writers.flatMap(({ events }) => events).filter(isInFallback(random)));
  const delivered = writers.flatMap(({ events }) => events.flatMap(copiesInStreams));
  const edge = writers.flatMap((writer) => writer.edge);
  return [
    ...fallback.map(({ sealed: { event } }) => ({
      key: keyOf(FALLBACK_PREFIX, event.time, '.json'),
      events: [event],
      records: [],
    })),
    ...batches(random, delivered, ({ event }) => event.time).map((batch) => ({
      key: keyOf(EVENTS_PREFIX, batch[0]!.event.time, '.parquet'),
      events: batch.map(({ event }) => event),
      records: [],
    })),
    ...batches(random, edge, ({ request_time_epoch: time }: EdgeRecord) => Number(time)).map((records) => ({
      key: keyOf(EDGE_PREFIX, Number(records[0]!.request_time_epoch), '.parquet'),
      events: [],
      records,
    })),
  ];
}

/** The object's bytes, as its writer makes them. */
export function bytesOfObject({ key, events, records }: TrailObject): Uint8Array | string {
  if (key.startsWith(EDGE_PREFIX)) return toParquet(records, edgeRecordStruct);
  if (key.startsWith(FALLBACK_PREFIX)) return events.map((event) => `${JSON.stringify(event)}\n`).join('');
  return toParquet(events);
}

function isInFallback(random: Random): (event: WrittenEvent) => boolean {
  return ({ fate }) => fate === 'delivered twice' || fate === 'recovered' || (fate !== 'lost' && random.chance(0.1));
}

function copiesInStreams({ sealed, fate }: WrittenEvent): SealedEvent[] {
  if (fate === 'lost' || fate === 'recovered') return [];
  return [sealed];
}

/** What goes into one object each: of one hour, in any order. */
function batches<T>(random: Random, items: readonly T[], timeOf: (item: T) => number): T[][] {
  const byHour = new Map<string, T[]>();
  for (const item of shuffled(random, items)) {
    const hour = partitionPath(partitionOf(timeOf(item)));
    byHour.set(hour, [...(byHour.get(hour) ?? []), item]);
  }
  return [...byHour.values()].flatMap((hour) => {
    const at = random.below(hour.length + 1);
    return [hour.slice(0, at), hour.slice(at)].filter((batch) => batch.length > 0);
  });
}

export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, order: random.next() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
