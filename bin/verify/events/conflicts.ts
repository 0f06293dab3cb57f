import { LINKS, RANKED } from './kept';

/**
 * Requests of which two chains tell. One environment serves a request, so that one of the two was made up around an id
 * that was seen in the edge log.
 */
export const CONFLICTS_SQL = toldByTwoSql('REQUEST_CONFLICT', 'extended_request_id', 'request ');

/** Ids by which attempt and outcome find each other, in two chains; kept as their MD5. Closing events have none to share. */
export const CORRELATIONS_SQL = toldByTwoSql('CORRELATION_CONFLICT', 'correlation', 'MD5 of the correlation_uid: ');

/** Events that no writer makes. */
export const INVALID_SQL = `SELECT DISTINCT 'EVENT_INVALID' AS "code", "chain_uid", "sequence", "uid", "dt", "hour",
    "invalid" AS "detail"
  FROM ${LINKS} WHERE "invalid" IS NOT NULL`;

/** Suspects are found by their hash: texts in an aggregate take memory without bound. */
function toldByTwoSql(code: string, id: string, detail: string): string {
  const suspects = `SELECT hash("${id}") AS "id" FROM ${RANKED} WHERE "${id}" IS NOT NULL
    GROUP BY 1 HAVING min(hash("chain_uid")) <> max(hash("chain_uid"))`;
  return `WITH "suspects" AS MATERIALIZED (
  SELECT l.* FROM ${RANKED} AS l SEMI JOIN (${suspects}) AS s ON s."id" = hash(l."${id}")
)
SELECT DISTINCT '${code}' AS "code", "chain_uid", "sequence", "uid", "dt", "hour",
    '${detail}' || CAST("${id}" AS varchar) AS "detail"
  FROM "suspects" AS l
  SEMI JOIN (
    SELECT "${id}" FROM "suspects" GROUP BY 1 HAVING min("chain_uid") <> max("chain_uid")
  ) AS c USING ("${id}")`;
}
