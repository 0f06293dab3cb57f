import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { toParquet } from '../../../bin/local/delivery/parquet';
import type { LocalTrail } from '../../../bin/query/duckdb-queries';
import { verifyEventsAlone } from '../../../bin/verify/events-alone';
import { localStore } from '../../../bin/verify/trail/local-store';
import { edgeRecordStruct } from '../../../lib/edge-log/columns';
import { EDGE_PREFIX, EVENTS_PREFIX, FALLBACK_PREFIX, partitionOf, partitionPath } from '../../../lib/event/keys';
import { markerOf } from '../marker';
import type { History } from './history';
import type { Expected } from './oracle';

/** Lays down what the sinks had persisted and the edge had logged, as delivery would, every copy. */
export async function writeTrail(dir: string, { writes, edge }: History): Promise<void> {
  const persisted = writes.filter((write) => write.persisted !== undefined);
  const streamed = persisted.filter(({ key }) => key === undefined).map(({ event }) => event);
  for (const [partition, events] of byPartition(streamed, ({ time }) => time)) {
    await put(dir, `${EVENTS_PREFIX}${partition}delivered.parquet`, toParquet(events));
  }
  // One object each, by the hundred, is what S3 would have; one that holds them all is read a hundred times faster.
  const putDirectly = persisted.filter(({ key }) => key !== undefined);
  for (const [partition, puts] of byPartition(putDirectly, ({ event }) => event.time)) {
    await put(dir, `${FALLBACK_PREFIX}${partition}together.json`, puts.map(({ line }) => `${line}\n`).join(''));
  }
  for (const [partition, records] of byPartition(edge, ({ request_time_epoch }) => Number(request_time_epoch))) {
    await put(dir, `${EDGE_PREFIX}${partition}delivered.parquet`, toParquet(records, edgeRecordStruct));
  }
}

function byPartition<T>(items: readonly T[], timeOf: (item: T) => number): Map<string, T[]> {
  const partitions = new Map<string, T[]>();
  for (const item of items) {
    const partition = partitionPath(partitionOf(timeOf(item)));
    const together = partitions.get(partition);
    if (together === undefined) partitions.set(partition, [item]);
    else together.push(item);
  }
  return partitions;
}

async function put(dir: string, key: string, bytes: Uint8Array | string): Promise<void> {
  const file = path.join(dir, key);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, bytes);
}

/** What the product says of a trail, in the oracle's words. */
export async function productSays(dir: string, trail: LocalTrail): Promise<Expected> {
  const { findings, notices, totals } = await verifyEventsAlone(localStore(dir));
  const unconfirmed = notices.filter(({ code }) => code === 'UNCONFIRMED');
  const requests = await trail.run('SELECT path, result FROM audit_events');
  const unwitnessed = await trail.run('SELECT event_uid FROM unwitnessed_events');
  return {
    findings: [...findings, ...unconfirmed]
      .map((one) => `${one.code} ${one.chain_uid} ${one.sequence} ${one.detail}`)
      .sort(),
    chains: totals.chains,
    closedChains: totals.closed_chains,
    events: totals.events,
    requests: new Map(
      requests.rows.map(([path, result]) => [markerOf(String(path)), result === 'Unknown' ? 'attempt' : 'outcome']),
    ),
    unaudited: await markersIn(trail, 'unaudited_requests'),
    turnedAway: await markersIn(trail, 'not_invoked_requests', 'refused_requests'),
    unwitnessed: unwitnessed.rows.length,
  };
}

async function markersIn(trail: LocalTrail, ...views: readonly string[]): Promise<Set<string>> {
  const { rows } = await trail.run(views.map((view) => `SELECT path FROM ${view}`).join(' UNION ALL '));
  return new Set(rows.map(([path]) => markerOf(String(path))));
}
