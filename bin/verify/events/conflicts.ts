import { RANKED } from './kept';

/**
 * Requests of which two chains tell. One environment serves a request, so that one of the two was made up around an id
 * that was seen in the edge log.
 */
export const CONFLICTS_SQL = `SELECT DISTINCT 'REQUEST_CONFLICT' AS "code", "chain_uid", "sequence", "uid", "dt", "hour",
    'request ' || "extended_request_id" AS "detail"
  FROM ${RANKED} AS l
  SEMI JOIN (
    SELECT "extended_request_id" FROM ${RANKED} WHERE "extended_request_id" IS NOT NULL
    GROUP BY 1 HAVING min("chain_uid") <> max("chain_uid")
  ) AS c USING ("extended_request_id")`;
