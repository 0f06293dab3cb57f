import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { toParquet } from '../../bin/local/delivery/parquet';
import { edgeRecordStruct } from '../../lib/edge-log/columns';
import type { EdgeRecord } from '../../lib/edge-log/record';
import type { SealedEvent } from '../../lib/event/chain';
import { partitionOf, partitionPath } from '../../lib/event/keys';
import type { AuditEvent } from '../../lib/event/schema';

/** A trail in a folder of its own, gone when the test is. */
export async function emptyTrail(): Promise<string> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'trail-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** Writes events as one Parquet object under the partition of the first (or another one), and returns its key. */
export async function writeObject(
  dir: string,
  name: string,
  events: readonly AuditEvent[],
  partition = partitionOf(events[0]!.time),
): Promise<string> {
  return writeBytes(dir, `events/${partitionPath(partition)}${name}.parquet`, toParquet(events));
}

/** Writes events as the fallback does: one object of JSON lines. */
export async function writeFallback(dir: string, name: string, events: readonly SealedEvent[]): Promise<string> {
  const lines = events.map(({ line }) => `${line}\n`).join('');
  return writeBytes(dir, `fallback/${partitionPath(partitionOf(events[0]!.event.time))}${name}.json`, lines);
}

export async function writeBytes(dir: string, key: string, bytes: Uint8Array | string): Promise<string> {
  const file = path.join(dir, key);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, bytes);
  return key;
}

/** Writes records as one object of the edge log under the partition of the first, and returns its key. */
export async function writeEdge(dir: string, name: string, records: readonly EdgeRecord[]): Promise<string> {
  const partition = partitionOf(Number(records[0]!.request_time_epoch));
  return writeBytes(dir, `edge/${partitionPath(partition)}${name}.parquet`, toParquet(records, edgeRecordStruct));
}
