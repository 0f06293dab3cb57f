import { withoutEventViews } from '../../../lib/edge-log/sql/without-event';
import { literal } from '../../../lib/event/sql/dialect';
import type { Finding, Noted, Notice } from '../finding';
import { inParts } from '../work/in-parts';
import type { WorkRoom } from '../work/work-room';
import { hoursWithoutRecords } from './hours-without-records';
import { EDGE, EDGE_RECORDS, LINKS } from './kept';
import { HOUR } from './misplaced';
import { withObjects } from './objects-of-events';
import { requestsOfNamedGaps } from './unconfirmed';
import type { Window } from './window';
import { API_ACTIVITY, compareClaims, DISPUTED, SAME_REQUEST, WITNESSED } from './witness';

/** What comes of comparing events and edge log. */
export interface EdgeVerification {
  readonly findings: readonly Finding[];
  readonly notices: readonly Notice[];
  /** Requests that the edge log knows. */
  readonly requests: number;
}

export interface EdgeCheck {
  readonly room: WorkRoom;
  readonly window: Window;
  /** What arrived later than this (epoch milliseconds) may be in one of both only, and is not judged. */
  readonly settledBy: number;
  /** Whether the trail has an edge log, in the window or outside. */
  readonly isOn: boolean;
  /** Since when, epoch milliseconds. @default as long as there are events */
  readonly since?: number;
  /** Requests whose records the gateway still has, and has not delivered. @default none */
  readonly undelivered?: ReadonlySet<string>;
}

/** Compares the events with the edge log, where that is there. Call it after `verifyEvents`, which keeps what it needs. */
export async function compareWithEdge(check: EdgeCheck): Promise<EdgeVerification> {
  const { room } = check;
  await room.run(`CREATE TABLE ${REQUESTS} AS ${REQUESTS_SQL}`);
  const requests = await room.count(REQUESTS);
  if (requests === 0 && !check.isOn) return { findings: [], notices: [], requests };

  await compareClaims(room, requests);
  await matchAll(room, requests, Math.floor(check.settledBy));
  const judged: readonly Judged[] = [
    ...(await findingsIn(room, withObjects(`SELECT DISTINCT * EXCLUDE ("extended_request_id") FROM ${DISPUTED}`))),
    ...(await findingsIn(room, CONFLICTS_SQL)),
    ...(await findingsIn(room, MISPLACED_SQL)),
    ...(await hoursWithoutRecords(check)).map((noted) => ({ isFinding: true, noted })),
    ...(await judgeUnwitnessed(check)),
    ...(await judgeUnaudited(check)),
  ];
  return {
    findings: judged.filter(({ isFinding }) => isFinding).map(({ noted }) => noted as Finding),
    notices: judged.filter(({ isFinding }) => !isFinding).map(({ noted }) => noted as Notice),
    requests,
  };
}

interface Judged {
  readonly isFinding: boolean;
  readonly noted: Noted<string>;
}

async function findingsIn(room: WorkRoom, sql: string): Promise<Judged[]> {
  return (await room.rows(sql)).map((row) => ({ isFinding: true, noted: row as unknown as Finding }));
}

async function judgeUnwitnessed({ room, window, undelivered }: EdgeCheck): Promise<Judged[]> {
  await room.run(`CREATE TABLE ${UNDELIVERED} ("extended_request_id" varchar)`);
  for (const id of undelivered ?? []) await room.run(`INSERT INTO ${UNDELIVERED} VALUES ($1)`, [id]);
  await room.run(`CREATE TABLE ${UNWITNESSED} AS ${UNWITNESSED_SQL}`);
  const rows = await room.rows(withObjects(`SELECT * FROM ${UNWITNESSED}`));
  return rows.map(({ code: verdict, ...row }) => {
    const code = verdict === 'undelivered' ? 'EDGE_LOG_CUT' : 'UNWITNESSED_EVENT';
    const noted = { code, ...row } as unknown as Noted<string>;
    // Later requests of the chain may lie in hours that were not looked at, and be confirmed.
    return { isFinding: verdict === 'finding' && window.spansFrom(noted.dt, noted.hour), noted };
  });
}

/**
 * A writer whose sinks failed names the events with their requests; until they are recovered, those may have none. Any
 * other request that was answered had its events cut off.
 */
async function judgeUnaudited({ room, window }: EdgeCheck): Promise<Judged[]> {
  const named = await requestsOfNamedGaps(room);
  const rows = await room.rows(UNAUDITED_SQL);
  return rows
    .map(({ verdict, id, ...row }) => ({
      isFinding: verdict === 'finding' && !named.has(String(id)),
      noted: { code: 'UNAUDITED_REQUEST', ...row } as unknown as Noted<string>,
    }))
    .filter(({ noted: { dt, hour } }) => !window.isDisposed(dt, hour)); // Its event was, before the record of the edge.
}

/** What the edge knows, once each. */
const REQUESTS = 'kept_requests';
const REQUESTS_SQL = `SELECT DISTINCT "dt", "hour", "extended_request_id", epoch_ms("time") AS "time" FROM ${EDGE}`;

/** Requests of which two records tell that differ. Copies of a record are the same to the letter. */
const CONFLICTS_SQL = `WITH "conflicting" AS MATERIALIZED (
  SELECT hash("dt", "hour", "extended_request_id") AS "id" FROM ${EDGE_RECORDS} WHERE "extended_request_id" IS NOT NULL
  GROUP BY 1 HAVING min("record") <> max("record")
)
SELECT 'EDGE_CONFLICT' AS "code", CAST(NULL AS varchar) AS "object", "dt", "hour", CAST(NULL AS varchar) AS "chain_uid",
  CAST(NULL AS bigint) AS "sequence", CAST(NULL AS varchar) AS "uid",
  'extended request id ' || "extended_request_id" || ': ' || count(DISTINCT "record") || ' different records' AS "detail"
FROM ${EDGE_RECORDS} AS r SEMI JOIN "conflicting" AS c ON c."id" = hash(r."dt", r."hour", r."extended_request_id")
GROUP BY "dt", "hour", "extended_request_id" HAVING count(DISTINCT "record") > 1
ORDER BY "dt", "hour", "extended_request_id"`;

/** Records that lie in another hour than theirs, where queries and joins miss them: somebody moved their object. */
const MISPLACED_SQL = `SELECT 'MISPLACED_EVENT' AS "code", CAST(NULL AS varchar) AS "object", "dt", "hour",
  CAST(NULL AS varchar) AS "chain_uid", CAST(NULL AS bigint) AS "sequence", CAST(NULL AS varchar) AS "uid",
  'record of the edge log of hour ' || ${HOUR} || ', extended request id ' || coalesce("extended_request_id", 'none') AS "detail"
FROM ${REQUESTS} WHERE ${HOUR} <> "dt" || ' ' || "hour"
ORDER BY "dt", "hour", "extended_request_id"`;

/** Events without a record, in hours of which there is an edge log; copies among them. */
const UNMATCHED = 'kept_unmatched';
/** Requests without an event for which the function ran, or may have run; copies among them. */
const UNANSWERED = 'kept_unanswered';
const UNAUDITED = withoutEventViews.find(({ name }) => name === 'unaudited_requests')!;
/** Their ids fit into 100 MiB. */
const REQUESTS_IN_PART = 1_000_000;

/** Makes `kept_unmatched` and `kept_unanswered`. */
async function matchAll(room: WorkRoom, requests: number, settledBy: number): Promise<void> {
  const id = '"extended_request_id"';
  await room.run(`CREATE TABLE ${UNMATCHED} AS SELECT * EXCLUDE ("object_id") FROM ${LINKS} WHERE false`);
  await room.run(`CREATE TABLE ${UNANSWERED} AS SELECT * FROM ${EDGE} WHERE false`);
  await inParts(room, { rows: requests, perPart: REQUESTS_IN_PART }, (isIn) => `INSERT INTO ${UNMATCHED}
    SELECT * EXCLUDE ("object_id") FROM ${LINKS} AS l
    SEMI JOIN (SELECT DISTINCT "dt", "hour" FROM ${REQUESTS}) AS h ON h."dt" = l."dt" AND h."hour" = l."hour"
    ANTI JOIN (SELECT * FROM ${REQUESTS} WHERE ${isIn(id)}) AS r ON ${SAME_REQUEST}
    WHERE ${isIn(`l.${id}`)} AND l."class_uid" = ${API_ACTIVITY} AND l."time" <= ${settledBy}`); // prettier-ignore
  const rows = await room.count(LINKS);
  await inParts(room, { rows, perPart: REQUESTS_IN_PART }, (isIn) => `INSERT INTO ${UNANSWERED}
    SELECT * FROM ${EDGE} AS r
    ANTI JOIN (SELECT * FROM ${LINKS} WHERE ${isIn(id)}) AS l ON ${SAME_REQUEST}
    WHERE ${isIn(`r.${id}`)} AND r."invocation" IN (${UNAUDITED.invocations.map(literal).join(', ')})
      AND (r."time" IS NULL OR epoch_ms(r."time") <= ${settledBy})`); // prettier-ignore
}

/** Ids of requests whose records the gateway has not delivered yet. */
const UNDELIVERED = 'kept_undelivered';

/**
 * What is said of events without a record.
 *
 * A chain links each event to those before it, so an event before one that the edge log confirms was written by the same
 * writer: the edge log may have lost the record. Where none follows, nothing speaks for the event.
 */
const UNWITNESSED = 'kept_unwitnessed';
const UNWITNESSED_SQL = `SELECT
  CASE WHEN u."extended_request_id" IS NOT NULL THEN 'undelivered'
    WHEN l."sequence" < w."sequence" THEN 'notice' ELSE 'finding' END AS "code",
  l."chain_uid", l."sequence", l."uid", l."dt", l."hour",
  concat_ws(' ', l."phase", 'of extended request id', coalesce(l."extended_request_id", 'none')) AS "detail"
FROM (SELECT DISTINCT * FROM ${UNMATCHED}) AS l
LEFT JOIN ${WITNESSED} AS w ON w."chain_uid" = l."chain_uid"
LEFT JOIN (SELECT DISTINCT * FROM ${UNDELIVERED}) AS u ON u."extended_request_id" = l."extended_request_id"`;

/** Requests without an event. Where the function gave no answer of its own, it may have died before it wrote one. */
const UNAUDITED_SQL = `SELECT
  CASE WHEN "invocation" = 'invoked' AND "function_status" IS NOT NULL AND "integration_error" IS NULL
    AND "error_type" IS NULL THEN 'finding' ELSE 'notice' END AS "verdict",
  "extended_request_id" AS "id",
  CAST(NULL AS varchar) AS "object", "dt", "hour",
  CAST(NULL AS varchar) AS "chain_uid", CAST(NULL AS bigint) AS "sequence", CAST(NULL AS varchar) AS "uid",
  concat_ws(' ', "method", "path", 'answered', "status_code", 'extended request id', "extended_request_id") AS "detail"
FROM (SELECT DISTINCT * FROM ${UNANSWERED}) AS u
ORDER BY "dt", "hour", "time", "extended_request_id"`;
