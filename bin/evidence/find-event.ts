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

/** By what an event can be named, the most certain first. A caller can choose a request id, but no event's uid. */
const NAMES = ['"uid"', '"fingerprint"', '"request_id"', '"extended_request_id"'] as const;

/** What tells a person one event of a request from the other. */
const SHOWN = ['uid', 'phase', 'time', 'what', 'status_code', 'fingerprint'] as const;

const CANDIDATES = `SELECT DISTINCT
  ${column('metadata.uid')} AS "uid",
  ${dialect.firstOf(column('attestation_list'))}."fingerprint"."value" AS "fingerprint",
  ${column('api.request.uid')} AS "request_id",
  ${column('unmapped.extended_request_id')} AS "extended_request_id",
  ${column('unmapped.phase')} AS "phase",
  ${column('time')} AS "ms",
  ${column('http_request.http_method')} || ' ' || ${column('http_request.url.path')} AS "what",
  ${column('status_code')} AS "status_code"
FROM audit_events_raw`;

const FIND = `SELECT * FROM (${CANDIDATES}) AS c
WHERE ${NAMES.map((name) => `${name} = ?`).join(' OR ')}
ORDER BY "ms", "phase", "fingerprint"`;

const OBJECTS = 'SELECT DISTINCT "object" FROM audit_event_objects WHERE "uid" = ? ORDER BY "object"';

/**
 * Finds one event in a trail.
 *
 * @param name its `metadata.uid` or fingerprint, or the API's id of a request that has one event only
 * @throws EvidenceUnavailable if there is none, or several; QueryError
 */
export async function findEvent(trail: LocalTrail, name: string, screen: Screen): Promise<FoundEvent> {
  const rows = mostCertain(
    recordsOf(
      await readable(
        trail,
        FIND,
        NAMES.map(() => name),
      ),
    ),
    name,
  );
  const [event, ...others] = rows;
  if (event === undefined) {
    throw new EvidenceUnavailable(
      `no event of the trail has the uid or request id ${name}. Events are in the trail about a minute after their request`,
    );
  }
  if (others.length > 0) throw new EvidenceUnavailable(severalMessage(rows, name, screen));
  const { uid, fingerprint } = event;
  if (typeof uid !== 'string' || typeof fingerprint !== 'string') {
    throw new EvidenceUnavailable(`the event ${name} carries no fingerprint: no writer of a trail made it`);
  }
  const { rows: objects } = await readable(trail, OBJECTS, [uid]);
  return { uid, fingerprint, objects: objects.map(([key]) => String(key)) };
}

type Row = Readonly<Record<string, QueryValue>>;

/** An event by its uid wins over requests to whose id somebody gave the same text. */
function mostCertain(rows: readonly Row[], name: string): readonly Row[] {
  for (const column of NAMES) {
    const named = rows.filter((row) => row[column.slice(1, -1)] === name);
    if (named.length > 0) return named;
  }
  return [];
}

function severalMessage(rows: readonly Row[], name: string, screen: Screen): string {
  const sameUid = rows.every(({ uid }) => uid === rows[0]!.uid);
  const advice = sameUid
    ? 'they have one uid and different content, so that at least one is forged (UID_CONFLICT); give a fingerprint'
    : 'give the uid of one';
  const columns = sameUid ? SHOWN : SHOWN.filter((column) => column !== 'fingerprint');
  const table = toTable({ columns, rows: rows.map((row) => columns.map((column) => row[column] ?? null)) }, screen);
  return `${rows.length} events have the id ${name}; ${advice}:\n\n${table.trimEnd()}`;
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
