import { EDGE_VIEW } from '../../../lib/edge-log/sql/edge-requests';
import { UNWITNESSED_VIEW } from '../../../lib/edge-log/sql/unwitnessed';
import { column } from '../../../lib/event/sql/dialect';
import type { LocalTrail } from '../../query/duckdb-queries';
import type { Finding, Noted, Notice } from '../finding';
import { withObjects } from './objects-of-events';
import { rowsOf } from './records';
import { CHAIN_UID, RAW_TABLE } from './tables';
import { countUnconfirmed } from './unconfirmed';

/** What comes of comparing events and edge log. */
export interface EdgeVerification {
  readonly findings: readonly Finding[];
  readonly notices: readonly Notice[];
  /** Requests that the edge log knows. */
  readonly requests: number;
}

/**
 * Compares the events with the edge log, where that is there.
 *
 * @param settledBy what arrived later than this (epoch milliseconds) may be in one of both only, and is not judged
 */
export async function compareWithEdge(trail: LocalTrail, settledBy: number): Promise<EdgeVerification> {
  const [counted] = rowsOf(await trail.run(`SELECT count(*) AS "requests" FROM ${EDGE_VIEW}`));
  const requests = Number(counted?.['requests'] ?? 0);
  if (requests === 0) return { findings: [], notices: [], requests };

  const settled = new Date(settledBy).toISOString().replace('Z', '');
  const unwitnessed = await trail.run(withObjects(UNWITNESSED_SQL), [settled]);
  const unaudited = await trail.run(UNAUDITED_SQL, [settled]);
  const judged = [
    ...rowsOf(unwitnessed).map(({ code, ...row }) => judge(String(code), 'UNWITNESSED_EVENT', row)),
    ...excuse(
      rowsOf(unaudited).map(({ code, ...row }) => judge(String(code), 'UNAUDITED_REQUEST', row)),
      await countUnconfirmed(trail),
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

function judge(verdict: string, code: EdgeCode, row: object): Judged {
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

/**
 * Events without a request, in hours of which there is an edge log, from its very first record on.
 *
 * A chain links each event to those before it, so an event that a witnessed request follows in its chain cannot have
 * been forged later: that is the edge log's loss. Where none follows, it may be forged: a chain that somebody made, or
 * went on with.
 */
const UNWITNESSED_SQL = `SELECT
  CASE WHEN u."sequence" < w."sequence" THEN 'notice' ELSE 'finding' END AS "code",
  u."chain_uid", u."sequence", u."uid", u."dt", u."hour",
  concat_ws(' ', u."phase", 'of', u."method", u."path") AS "detail"
FROM (
  SELECT DISTINCT ${CHAIN_UID} AS "chain_uid", ${column('metadata.sequence')} AS "sequence", v."event_uid" AS "uid",
    v."dt", v."hour", v."phase", v."method", v."path"
  FROM ${UNWITNESSED_VIEW} AS v
  LEFT JOIN ${RAW_TABLE} AS r ON r."metadata"."uid" = v."event_uid" AND r."dt" = v."dt" AND r."hour" = v."hour"
  WHERE v."time" <= CAST(? AS timestamp)
    AND v."time" >= (SELECT min("time") FROM ${EDGE_VIEW})
    AND (v."dt", v."hour") IN (SELECT ("dt", "hour") FROM ${EDGE_VIEW})
) AS u
LEFT JOIN (
  SELECT ${CHAIN_UID} AS "chain_uid", max(${column('metadata.sequence')}) AS "sequence"
  FROM ${RAW_TABLE} AS r
  JOIN ${EDGE_VIEW} AS e
  ON e."dt" = r."dt" AND e."hour" = r."hour" AND e."extended_request_id" = r."unmapped"."extended_request_id"
  GROUP BY 1
) AS w
ON w."chain_uid" = u."chain_uid"`;

/** Requests without an event. Where the function gave no answer of its own, it may have died before it wrote one. */
const UNAUDITED_SQL = `SELECT
  CASE WHEN "invocation" = 'invoked' AND "function_status" IS NOT NULL AND "integration_error" IS NULL
    AND "error_type" IS NULL THEN 'finding' ELSE 'notice' END AS "code",
  CAST(NULL AS varchar) AS "object", "dt", "hour",
  CAST(NULL AS varchar) AS "chain_uid", CAST(NULL AS bigint) AS "sequence", CAST(NULL AS varchar) AS "uid",
  concat_ws(' ', "method", "path", 'answered', "status_code", 'extended request id', "extended_request_id") AS "detail"
FROM unaudited_requests
WHERE "time" IS NULL OR "time" <= CAST(? AS timestamp)
ORDER BY "dt", "hour", "time", "extended_request_id"`;
