import { RANKED } from './kept';

/** Requests that may be told of by two chains, all by their hash: texts in an aggregate take memory without bound. */
const SUSPECTS_SQL = `SELECT hash("extended_request_id") AS "id" FROM ${RANKED} WHERE "extended_request_id" IS NOT NULL
    GROUP BY 1 HAVING min(hash("chain_uid")) <> max(hash("chain_uid"))`;

/**
 * Requests of which two chains tell. One environment serves a request, so that one of the two was made up around an id
 * that was seen in the edge log.
 */
export const CONFLICTS_SQL = `WITH "suspects" AS MATERIALIZED (
  SELECT l.* FROM ${RANKED} AS l SEMI JOIN (${SUSPECTS_SQL}) AS s ON s."id" = hash(l."extended_request_id")
)
SELECT DISTINCT 'REQUEST_CONFLICT' AS "code", "chain_uid", "sequence", "uid", "dt", "hour",
    'request ' || "extended_request_id" AS "detail"
  FROM "suspects" AS l
  SEMI JOIN (
    SELECT "extended_request_id" FROM "suspects" GROUP BY 1 HAVING min("chain_uid") <> max("chain_uid")
  ) AS c USING ("extended_request_id")`;
