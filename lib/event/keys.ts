/**
 * Where things lie in the trail. `dt` and `hour` come from the event's `time` (when the request arrived), in UTC, so
 * that attempt, outcome, duplicates and the edge log of one request share a partition.
 */
export const EVENTS_PREFIX = 'events/';
export const FALLBACK_PREFIX = 'fallback/';
export const EDGE_PREFIX = 'edge/';
export const ERRORS_PREFIX = 'errors/';
/** Captured bodies that are too large to lie in their event. */
export const PAYLOADS_PREFIX = 'payloads/';
/** Within the errors: what of the edge log could not be converted. */
export const EDGE_ERRORS_PREFIX = `${ERRORS_PREFIX}edge/`;
/** The ledger over all that lies under any other prefix. */
export const LEDGER_PREFIX = 'ledger/';

/** What the trail consists of: the ledger has a leaf for each version of what lies here, and of whatever else there is. */
export const TRAIL_PREFIXES = [EVENTS_PREFIX, FALLBACK_PREFIX, EDGE_PREFIX, ERRORS_PREFIX, PAYLOADS_PREFIX] as const;

/**
 * How the audit events in an object are written: `parquet`, or `lines` of JSON; undefined where it holds none. By its
 * key, since a leaf must tell of the events in such an object, and of no other.
 */
export function eventFormatOf(key: string): 'parquet' | 'lines' | undefined {
  if (key.startsWith(EVENTS_PREFIX) && key.endsWith('.parquet')) return 'parquet';
  if (key.startsWith(FALLBACK_PREFIX) && key.endsWith('.json')) return 'lines';
  return undefined;
}

export interface Partition {
  /** YYYY-MM-DD, UTC. */
  readonly dt: string;
  /** HH, 00 to 23, UTC. */
  readonly hour: string;
}

/** The partition of an event. @param time epoch milliseconds */
export function partitionOf(time: number): Partition {
  const iso = new Date(time).toISOString();
  return { dt: iso.slice(0, 10), hour: iso.slice(11, 13) };
}

/** e.g. `dt=2026-11-24/hour=07/` */
export function partitionPath({ dt, hour }: Partition): string {
  return `dt=${dt}/hour=${hour}/`;
}

/**
 * Where an event lies that took the fallback: `fallback/dt=…/hour=…/<uid>.json`. The uid makes writing it twice harmless.
 *
 * @param time the event's `time`, epoch milliseconds
 */
export function fallbackKey(time: number, uid: string): string {
  return `${FALLBACK_PREFIX}${partitionPath(partitionOf(time))}${uid}.json`;
}

/**
 * Where a captured body lies: `payloads/dt=…/hour=…/<sha256>`, by the hour of its event. The same body in the same hour is
 * stored once. In another hour it is stored again: its lock must last as long as that of the event that names it.
 *
 * @param time the event's `time`, epoch milliseconds
 * @param sha256 of the bytes that are stored, 64 lower-case hex digits
 */
export function payloadKey(time: number, sha256: string): string {
  return `${PAYLOADS_PREFIX}${partitionPath(partitionOf(time))}${sha256}`;
}

/** The SHA-256 that a payload must have by its key; undefined of any other key. */
export function statedPayloadHash(key: string): string | undefined {
  return /^payloads\/(?:[^/]+\/)*([0-9a-f]{64})$/.exec(key)?.[1];
}
