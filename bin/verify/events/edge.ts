import { withoutEventViews } from '../../../lib/edge-log/sql/without-event';
import { literal } from '../../../lib/event/sql/dialect';
import type { Finding, Noted, Notice } from '../finding';
import { inParts } from '../work/in-parts';
import type { WorkRoom } from '../work/work-room';
import { EDGE, LINKS } from './kept';
import { withObjects } from './objects-of-events';
import { countUnconfirmed } from './unconfirmed';
import type { Window } from './window';

/** What comes of comparing events and edge log. */
export interface EdgeVerification {
  readonly findings: readonly Finding[];
  readonly notices: readonly Notice[];
  /** Requests that the edge log knows. */
  readonly requests: number;
}

/**
 * Compares the events with the edge log, where that is there. Call it after `verifyEvents`, which keeps what it needs.
 *
 * @param settledBy what arrived later than this (epoch milliseconds) may be in one of both only, and is not judged
 */
export async function compareWithEdge(room: WorkRoom, window: Window, settledBy: number): Promise<EdgeVerification> {
  await room.run(`CREATE TABLE ${REQUESTS} AS ${REQUESTS_SQL}`);
  const requests = await room.count(REQUESTS);
  if (requests === 0) return { findings: [], notices: [], requests };

  const settled = Math.floor(settledBy);
  await room.run(`CREATE TABLE ${WITNESSED} AS ${WITNESSED_SQL}`);
  await matchAll(room, requests, settled);
  await room.run(`CREATE TABLE ${UNWITNESSED} AS ${UNWITNESSED_SQL}`);
  const unwitnessed = await room.rows(withObjects(`SELECT * FROM ${UNWITNESSED}`));
  const unaudited = await room.rows(UNAUDITED_SQL);
  const judged = [
    ...unwitnessed
      .map((row) => judge('UNWITNESSED_EVENT', row))
      // Later requests of the chain may lie in hours that were not looked at, and be witnessed.
      .map((one) => (window.spansFrom(one.noted.dt, one.noted.hour) ? one : { ...one, isFinding: false })),
    ...excuse(
      unaudited
        .map((row) => judge('UNAUDITED_REQUEST', row))
        // Its event was disposed of before the record of the edge.
        .filter(({ noted: { dt, hour } }) => !window.isDisposed(dt, hour)),
      await countUnconfirmed(room),
    ),
  ];
  return {
    findings: judged.filter(({ isFinding }) => isFinding).map(({ noted }) => noted),
    notices: judged.filter(({ isFinding }) => !isFinding).map(({ noted }) => noted),
    requests,
  };
}

type EdgeCode = 'UNWITNESSED_EVENT' | 'UNAUDITED_REQUEST';

interface Judged {
  readonly isFinding: boolean;
  readonly noted: Noted<EdgeCode>;
}

function judge(code: EdgeCode, { code: verdict, ...row }: Readonly<Record<string, unknown>>): Judged {
  return { isFinding: verdict === 'finding', noted: { code, ...row } as unknown as Noted<EdgeCode> };
}

/**
 * A writer whose sinks failed names the events; until they are recovered, as many answered requests may have none.
 * Beyond that, somebody cut events off.
 */
function excuse(requests: readonly Judged[], unconfirmed: number): readonly Judged[] {
  const answered = requests.filter(({ isFinding }) => isFinding).length;
  return answered > unconfirmed ? requests : requests.map(({ noted }) => ({ isFinding: false, noted }));
}

/** What the edge knows, once each. */
const REQUESTS = 'kept_requests';
const REQUESTS_SQL = `SELECT DISTINCT "dt", "hour", "extended_request_id", epoch_ms("time") AS "time" FROM ${EDGE}`;

const SAME_REQUEST = `r."dt" = l."dt" AND r."hour" = l."hour" AND r."extended_request_id" = l."extended_request_id"`;

/** Of each chain the last event whose request the edge knows. */
const WITNESSED = 'kept_witnessed';
const WITNESSED_SQL = `SELECT l."chain_uid", max(l."sequence") AS "sequence"
FROM ${LINKS} AS l SEMI JOIN ${REQUESTS} AS r ON ${SAME_REQUEST}
GROUP BY l."chain_uid"`;

/** The OCSF class of requests; closing events have another. */
const API_ACTIVITY = 6003;

/** Events without a request, in hours of which there is an edge log, from its very first record on; copies among them. */
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
    WHERE ${isIn(`l.${id}`)} AND l."class_uid" = ${API_ACTIVITY}
      AND l."time" BETWEEN (SELECT min("time") FROM ${REQUESTS}) AND ${settledBy}`); // prettier-ignore
  const rows = await room.count(LINKS);
  await inParts(room, { rows, perPart: REQUESTS_IN_PART }, (isIn) => `INSERT INTO ${UNANSWERED}
    SELECT * FROM ${EDGE} AS r
    ANTI JOIN (SELECT * FROM ${LINKS} WHERE ${isIn(id)}) AS l ON ${SAME_REQUEST}
    WHERE ${isIn(`r.${id}`)} AND r."invocation" IN (${UNAUDITED.invocations.map(literal).join(', ')})
      AND (r."time" IS NULL OR epoch_ms(r."time") <= ${settledBy})`); // prettier-ignore
}

/**
 * What is said of them.
 *
 * A chain links each event to those before it, so an event that a witnessed request follows in its chain cannot have
 * been forged later: that is the edge log's loss. Where none follows, it may be forged: a chain that somebody made, or
 * went on with.
 */
const UNWITNESSED = 'kept_unwitnessed';
const UNWITNESSED_SQL = `SELECT
  CASE WHEN l."sequence" < w."sequence" THEN 'notice' ELSE 'finding' END AS "code",
  l."chain_uid", l."sequence", l."uid", l."dt", l."hour",
  concat_ws(' ', l."phase", 'of extended request id', coalesce(l."extended_request_id", 'none')) AS "detail"
FROM (SELECT DISTINCT * FROM ${UNMATCHED}) AS l
LEFT JOIN ${WITNESSED} AS w ON w."chain_uid" = l."chain_uid"`;

/** Requests without an event. Where the function gave no answer of its own, it may have died before it wrote one. */
const UNAUDITED_SQL = `SELECT
  CASE WHEN "invocation" = 'invoked' AND "function_status" IS NOT NULL AND "integration_error" IS NULL
    AND "error_type" IS NULL THEN 'finding' ELSE 'notice' END AS "code",
  CAST(NULL AS varchar) AS "object", "dt", "hour",
  CAST(NULL AS varchar) AS "chain_uid", CAST(NULL AS bigint) AS "sequence", CAST(NULL AS varchar) AS "uid",
  concat_ws(' ', "method", "path", 'answered', "status_code", 'extended request id', "extended_request_id") AS "detail"
FROM (SELECT DISTINCT * FROM ${UNANSWERED}) AS u
ORDER BY "dt", "hour", "time", "extended_request_id"`;
