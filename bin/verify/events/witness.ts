import {
  comparableEdgeSql,
  comparableEventsSql,
  contradictionSql,
  isFunctionsAnswer,
  TIME_TOLERANCE_MS,
} from '../../../lib/edge-log/sql/witness';
import { duckdb } from '../../../lib/event/sql/dialect';
import { inParts } from '../work/in-parts';
import type { WorkRoom } from '../work/work-room';
import { EDGE, LINKS } from './kept';

/** The OCSF class of requests; closing events have another. */
export const API_ACTIVITY = 6003;

/** Events and records of one request: what a record is joined by. */
export const SAME_REQUEST = `r."dt" = l."dt" AND r."hour" = l."hour" AND r."extended_request_id" = l."extended_request_id"`;

/** Events that their request's record contradicts, with what the two disagree on: code, place, detail. Copies among them. */
export const DISPUTED = 'kept_disputed';

/** Of each chain the last event that the edge log confirms. */
export const WITNESSED = 'kept_witnessed';

/** Requests that have to be looked at closely, since something about them is not the same to the letter. */
const SUSPECTS = 'kept_suspects';

/** What both sides of the join need fits into memory. */
const REQUESTS_IN_PART = 250_000;

/** Makes `kept_disputed` and `kept_witnessed`. @param requests how many requests the edge log knows */
export async function compareClaims(room: WorkRoom, requests: number): Promise<void> {
  await room.run(`CREATE TABLE ${SUSPECTS} AS SELECT "dt", "hour", "extended_request_id" FROM ${EDGE} WHERE false`);
  await inParts(room, { rows: requests, perPart: REQUESTS_IN_PART }, (isIn) => {
    const part = (table: string) => `(SELECT * FROM ${table} WHERE ${isIn('"extended_request_id"')})`;
    return `INSERT INTO ${SUSPECTS} SELECT DISTINCT l."dt", l."hour", l."extended_request_id"
      FROM ${part(LINKS)} AS l JOIN ${part(EDGE)} AS r ON ${SAME_REQUEST}
      WHERE l."class_uid" = ${API_ACTIVITY} AND NOT (${SAME_TO_THE_LETTER})`;
  });
  await room.run(`CREATE TABLE ${DISPUTED} AS ${DISPUTED_SQL}`);
  await room.run(`CREATE TABLE ${WITNESSED} AS ${WITNESSED_SQL}`);
}

const TIMES_DIFFER = (event: string) => `abs(${event}."time" - epoch_ms(r."time")) > ${TIME_TOLERANCE_MS}`;

/** What is absent on one side agrees. */
const SAME_TO_THE_LETTER = [
  `r."invocation" IN ('invoked', 'unknown')`,
  `l."method" = r."method"`,
  `(l."path" = r."path" OR '/' || r."stage" || l."path" = r."path")`,
  `l."source_ip" = r."source_ip"`,
  `(NOT (${isFunctionsAnswer('l', 'r')}) OR l."status" = CAST(r."function_status" AS varchar))`,
  `l."request_id" = r."request_id"`,
  `l."invocation_uid" = r."integration_request_id"`,
  `NOT ${TIMES_DIFFER('l')}`,
]
  .map((condition) => `coalesce(${condition}, true)`)
  .join('\n        AND ');

const ofSuspects = (table: string) => `(SELECT l.* FROM ${table} AS l SEMI JOIN ${SUSPECTS} AS r ON ${SAME_REQUEST})`;

const DISPUTED_SQL = `SELECT 'EDGE_MISMATCH' AS "code", "chain_uid", "sequence", "uid", "dt", "hour", "extended_request_id", "detail"
FROM (
  SELECT l.*, ${contradictionSql(duckdb, { event: 'l', edge: 'r', timesDiffer: TIMES_DIFFER('l') })} AS "detail"
  FROM ${comparableEventsSql(ofSuspects(LINKS))} AS l JOIN ${comparableEdgeSql(ofSuspects(EDGE))} AS r ON ${SAME_REQUEST}
  WHERE l."class_uid" = ${API_ACTIVITY}
) AS c
WHERE "detail" IS NOT NULL`;

const WITNESSED_SQL = `SELECT l."chain_uid", max(l."sequence") AS "sequence"
FROM ${LINKS} AS l
SEMI JOIN (SELECT * FROM ${EDGE} WHERE "invocation" IN ('invoked', 'unknown')) AS r ON ${SAME_REQUEST}
ANTI JOIN ${DISPUTED} AS d
ON d."dt" = l."dt" AND d."hour" = l."hour" AND d."extended_request_id" = l."extended_request_id"
WHERE l."class_uid" = ${API_ACTIVITY}
GROUP BY l."chain_uid"`;
