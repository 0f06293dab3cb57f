import { FirehoseClient } from '@aws-sdk/client-firehose';
import { DuckDBInstance } from '@duckdb/node-api';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { StreamRecord } from '../../../bin/local/delivery/segment';
import { afterTest } from '../../support/after-test';

/** 2026-11-24T07:30:00Z */
export const ARRIVAL = 1_795_505_400_000;

/** A folder that is removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'delivery-'));
  afterTest(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function record(data: string | object, stream = 'audit-events', arrival = ARRIVAL): StreamRecord {
  return { stream, arrival, data: Buffer.from(typeof data === 'string' ? data : JSON.stringify(data)) };
}

/** The least event that can be told from others. */
export function event(uid: string, time = ARRIVAL): object {
  return { time, metadata: { uid } };
}

/** The real client, without retries: each answer shows. */
export function firehose(port: number): FirehoseClient {
  return new FirehoseClient({
    region: 'eu-west-1',
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
}

/** Keys of the objects in a trail's folder, sorted. */
export function keysIn(folder: string, prefix: string): string[] {
  if (!existsSync(path.join(folder, prefix))) return [];
  return readdirSync(path.join(folder, prefix), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}

/** Reads the events of a trail's folder as a user would. */
export async function query(folder: string, select: string): Promise<Record<string, unknown>[]> {
  const duckdb = await DuckDBInstance.create();
  const connection = await duckdb.connect();
  try {
    const source = `read_parquet('${folder}/events/**/*.parquet', hive_partitioning = true, hive_types_autocast = false)`;
    return (await connection.runAndReadAll(`${select.replace('EVENTS', source)}`)).getRowObjectsJson();
  } finally {
    connection.closeSync();
    duckdb.closeSync();
  }
}

/** The uids of all events in a trail's folder, sorted, duplicates included. */
export async function uidsIn(folder: string): Promise<string[]> {
  if (keysIn(folder, 'events').length === 0) return [];
  const rows = await query(folder, 'SELECT metadata.uid AS uid FROM EVENTS ORDER BY 1');
  return rows.map(({ uid }) => String(uid));
}

export async function until(condition: () => boolean | Promise<boolean>, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
