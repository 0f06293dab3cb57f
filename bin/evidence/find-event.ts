import { column, duckdb as dialect } from '../../lib/event/sql/dialect';
import { toTable, type Screen } from '../commands/output/table';
import type { LocalTrail } from '../query/duckdb-queries';
import { QueryError, type QueryResult, type QueryValue } from '../query/queries';
import { EvidenceUnavailable } from './error';

/** An event in a trail. */
export interface FoundEvent {
  readonly uid: string;
  /** As the event carries it; not computed again. */
  readonly fingerprint: string;
  /** Keys of the objects that hold an event with this uid: delivery is at least once. */
  readonly objects: readonly string[];
}

/** What has a name: one event, or the events of one request, in order; or why there is nothing to prove. */
export type Found = readonly FoundEvent[] | EvidenceUnavailable;

/** Names of a single event, the most certain first. */
const OF_EVENT = ['uid', 'fingerprint'] as const;
/** Names of a request. The last two are the API's: a forged event can bear them, and so can two requests. */
const OF_REQUEST = ['correlation_uid', 'request_id', 'extended_request_id'] as const;
const NAMES = [...OF_EVENT, ...OF_REQUEST];

/** What tells a person one event from the other. */
const SHOWN = ['uid', 'phase', 'time', 'what', 'status_code', 'correlation_uid', 'fingerprint'] as const;

const CANDIDATES = `SELECT DISTINCT
  ${column('metadata.uid')} AS "uid",
  ${dialect.firstOf(column('attestation_list'))}."fingerprint"."value" AS "fingerprint",
  ${dialect.firstOf(column('attestation_list'))}."chain_uid" AS "chain_uid",
  ${column('metadata.correlation_uid')} AS "correlation_uid",
  ${column('api.request.uid')} AS "request_id",
  ${column('unmapped.extended_request_id')} AS "extended_request_id",
  ${column('unmapped.phase')} AS "phase",
  ${column('time')} AS "ms",
  ${column('http_request.http_method')} || ' ' || ${column('http_request.url.path')} AS "what",
  ${column('status_code')} AS "status_code"
FROM audit_events_raw`;

/** Names a statement: each scans the trail. */
const AT_ONCE = 1000;

/**
 * Finds what has each of some names.
 *
 * @param names of events: `metadata.uid` or fingerprint; of requests: correlation id, or one of the API's two ids
 * @throws QueryError
 */
export async function findNamed(
  trail: LocalTrail,
  names: readonly string[],
  screen: Screen,
): Promise<Map<string, Found>> {
  const found = new Map<string, Found>();
  for (let i = 0; i < names.length; i += AT_ONCE) {
    const some = names.slice(i, i + AT_ONCE);
    const candidates = byName(await candidatesOf(trail, some));
    const chosen = some.map((name) => [name, choose(candidates, name, screen)] as const);
    const objects = await objectsOf(
      trail,
      chosen.flatMap(([, rows]) => (rows instanceof EvidenceUnavailable ? [] : rows.map((row) => String(row['uid'])))),
    );
    for (const [name, rows] of chosen) found.set(name, asFound(name, rows, objects));
  }
  return found;
}

type Row = Readonly<Record<string, QueryValue>>;
type ByName = Readonly<Record<(typeof NAMES)[number], ReadonlyMap<QueryValue, readonly Row[]>>>;

/** Candidates by each of the columns that name them. */
function byName(rows: readonly Row[]): ByName {
  const index = (name: string) => {
    const map = new Map<QueryValue, Row[]>();
    for (const row of rows) {
      const same = map.get(row[name]!);
      if (same === undefined) map.set(row[name]!, [row]);
      else same.push(row);
    }
    return [name, map];
  };
  return Object.fromEntries(NAMES.map(index)) as ByName;
}

/** An event by its uid wins over requests to whose id somebody gave the same text. */
function choose(candidates: ByName, name: string, screen: Screen): readonly Row[] | EvidenceUnavailable {
  for (const column of OF_EVENT) {
    const rows = candidates[column].get(name) ?? [];
    if (rows.length > 1) return new EvidenceUnavailable(conflictMessage(rows, name, screen));
    if (rows.length === 1) return rows;
  }
  for (const column of OF_REQUEST) {
    const rows = candidates[column].get(name) ?? [];
    if (rows.length === 0) continue;
    return areOneRequest(rows) ? rows : new EvidenceUnavailable(severalMessage(rows, name, screen));
  }
  return new EvidenceUnavailable(
    `no event of the trail has the uid or request id ${name}. Events are in the trail about a minute after their request`,
  );
}

/** A request has at most one attempt and one outcome, of one chain. */
function areOneRequest(rows: readonly Row[]): boolean {
  const values = (name: string) => new Set(rows.map((row) => row[name])).size;
  const isOne = values('correlation_uid') === 1 && values('chain_uid') === 1;
  return rows.length === 1 || (isOne && values('phase') === rows.length && values('uid') === rows.length);
}

function conflictMessage(rows: readonly Row[], name: string, screen: Screen): string {
  const advice = 'they have one uid and different content, so that at least one is forged (UID_CONFLICT); give a fingerprint'; // prettier-ignore
  return `${rows.length} events have the id ${name}; ${advice}:\n\n${tableOf(rows, SHOWN, screen)}`;
}

function severalMessage(rows: readonly Row[], name: string, screen: Screen): string {
  const requests = new Set(rows.map((row) => row['correlation_uid'])).size;
  const advice =
    requests > 1
      ? `they are of ${requests} requests; give the correlation_uid of one, or the uid of an event`
      : 'they are not one attempt and one outcome of one writer, so that at least one is forged; give the uid of one';
  const columns = SHOWN.filter((column) => column !== 'fingerprint');
  return `${rows.length} events have the id ${name}; ${advice}:\n\n${tableOf(rows, columns, screen)}`;
}

function tableOf(rows: readonly Row[], columns: readonly string[], screen: Screen): string {
  return toTable({ columns, rows: rows.map((row) => columns.map((column) => row[column] ?? null)) }, screen).trimEnd();
}

function asFound(
  name: string,
  rows: readonly Row[] | EvidenceUnavailable,
  objects: ReadonlyMap<string, readonly string[]>,
): Found {
  if (rows instanceof EvidenceUnavailable) return rows;
  const events: FoundEvent[] = [];
  for (const { uid, fingerprint } of rows) {
    if (typeof uid !== 'string' || typeof fingerprint !== 'string') {
      return new EvidenceUnavailable(`the event ${name} carries no fingerprint: no writer of a trail made it`);
    }
    events.push({ uid, fingerprint, objects: objects.get(uid) ?? [] });
  }
  return events;
}

async function candidatesOf(trail: LocalTrail, names: readonly string[]): Promise<Row[]> {
  const list = names.map(() => '?').join(', ');
  const sql = `SELECT * FROM (${CANDIDATES}) AS c
WHERE ${NAMES.map((name) => `"${name}" IN (${list})`).join(' OR ')}
ORDER BY "ms", "phase", "fingerprint"`;
  return recordsOf(
    await readable(
      trail,
      sql,
      NAMES.flatMap(() => names),
    ),
  );
}

/** Keys of the objects that hold events with these uids. */
async function objectsOf(trail: LocalTrail, uids: readonly string[]): Promise<Map<string, string[]>> {
  const objects = new Map<string, string[]>();
  if (uids.length === 0) return objects;
  const sql = `SELECT DISTINCT "uid", "object" FROM audit_event_objects
WHERE "uid" IN (${uids.map(() => '?').join(', ')}) ORDER BY "object"`;
  for (const [uid, key] of (await readable(trail, sql, uids)).rows) {
    objects.set(String(uid), [...(objects.get(String(uid)) ?? []), String(key)]);
  }
  return objects;
}

/** A damaged object must not keep an event in another one from being proven. */
async function readable(trail: LocalTrail, sql: string, parameters: readonly string[]): Promise<QueryResult> {
  try {
    return await trail.run(sql, parameters);
  } catch (error) {
    if (!(error instanceof QueryError) || (await trail.dropUnreadable()).length === 0) throw error;
    return trail.run(sql, parameters);
  }
}

function recordsOf({ columns, rows }: QueryResult): Row[] {
  return rows.map((row) => {
    const record = Object.fromEntries(columns.map((name, i) => [name, row[i] ?? null]));
    return { ...record, time: timeOf(record['ms']) };
  });
}

/** Not in SQL: a forged time that no calendar has must not stop the statement. */
function timeOf(ms: QueryValue | undefined): string | null {
  const date = new Date(Number(ms ?? NaN));
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
