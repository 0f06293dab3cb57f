import { randomUUID } from 'node:crypto';
import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { toParquet } from '../../bin/local/delivery/parquet';
import { Chain } from '../../lib/event/chain';
import { partitionOf, partitionPath } from '../../lib/event/keys';
import type { AuditEvent } from '../../lib/event/schema';
import { sealClosing, sealRequest } from '../../test/support/sample-events';
import { sealFolder } from '../../test/support/seal-folder';

export interface TrailSize {
  readonly events: number;
  /** How often each object lies there. */
  readonly copies: number;
  /** Events an object. */
  readonly objectEvents: number;
}

export interface MadeTrail {
  /** Paths of all objects. */
  readonly files: readonly string[];
}

const FIRST = Date.UTC(2026, 10, 24);
const HOUR_MS = 3_600_000;
const WRITERS_AT_A_TIME = 10;

/** Makes a sealed trail with the delivery stream's own writer, unless there is one. */
export async function makeTrail(dir: string, size: TrailSize): Promise<MadeTrail> {
  if (!(await isThere(dir))) {
    await writeObjects(dir, size);
    await sealFolder(dir);
  }
  const folder = path.join(dir, 'events');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return { files: files.sort() };
}

async function isThere(dir: string): Promise<boolean> {
  return (await readdir(dir).catch((): string[] => [])).includes('ledger');
}

async function writeObjects(dir: string, { events, copies, objectEvents }: TrailSize): Promise<void> {
  for (let object = 0; object * objectEvents < events; object += 1) {
    const time = FIRST + (object % 24) * HOUR_MS;
    const folder = path.join(dir, 'events', partitionPath(partitionOf(time)));
    await mkdir(folder, { recursive: true });
    const file = path.join(folder, `${object}.parquet`);
    await writeFile(file, toParquet(eventsOfObject(time, Math.min(objectEvents, events - object * objectEvents))));
    for (let copy = 1; copy < copies; copy += 1) await cp(file, path.join(folder, `${object}-${copy}.parquet`));
  }
}

/** What some writers wrote side by side, each from its first event to its last. */
function eventsOfObject(time: number, count: number): AuditEvent[] {
  const chains = Array.from({ length: WRITERS_AT_A_TIME }, () => new Chain(randomUUID()));
  const events: AuditEvent[] = [];
  for (let n = 0; events.length + 1 + WRITERS_AT_A_TIME < count; n += 1) {
    const at = time + Math.floor((n / count) * HOUR_MS);
    const [attempt, outcome] = sealRequest(chains[n % WRITERS_AT_A_TIME]!, { time: at, path: `/orders/${n}` });
    events.push(attempt.event, outcome.event);
  }
  return [...events, ...chains.map((chain) => sealClosing(chain, time + HOUR_MS - 1).event)];
}
