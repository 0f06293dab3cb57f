import type { EdgeRecord } from '../../../lib/edge-log/record';
import type { SealedEvent } from '../../../lib/event/chain';
import { partitionOf, partitionPath } from '../../../lib/event/keys';
import { writeEdge, writeFallback, writeObject } from '../../support/sample-trail';
import { SAMPLE_TIME } from '../../support/sample-event';
import type { Random } from '../../faults/random/random';
import { playWriter, type WrittenEvent } from './writer';

const DAY_MS = 86_400_000;

/**
 * Writes what random truthful writers and their gateway leave behind, and returns the keys of all objects.
 *
 * @param day number of the trail: each is on a day of its own, so that many can lie in one folder and touch nowhere
 */
export async function writeTruthfulTrail(dir: string, random: Random, day: number): Promise<string[]> {
  const first = day * 1000;
  const writers = Array.from({ length: 1 + random.below(4) }, (_, i) =>
    playWriter(random, first + i * 100, SAMPLE_TIME - day * DAY_MS),
  );
  const keys: string[] = [];
  let count = 0;
  const name = () => `${first}-${(count += 1)}`;
  for (const event of shuffled(random, writers.flatMap(({ events }) => events).filter(isInFallback(random)))) {
    keys.push(await writeFallback(dir, name(), [event.sealed]));
  }
  const delivered = writers.flatMap(({ events }) => events.flatMap(copiesInStreams));
  for (const batch of batches(random, delivered, ({ event }) => event.time)) {
    keys.push(await writeObject(dir, name(), batch.map(({ event }) => event))); // prettier-ignore
  }
  const edge = writers.flatMap((writer) => writer.edge);
  for (const batch of batches(random, edge, ({ request_time_epoch: time }: EdgeRecord) => Number(time))) {
    keys.push(await writeEdge(dir, name(), batch));
  }
  return keys;
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
