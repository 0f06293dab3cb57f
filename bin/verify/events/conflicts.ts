import { LINKS, RANKED } from './kept';
import { API_ACTIVITY } from './witness';

/**
 * Requests of which two chains tell. One environment serves a request, so that one of the two was made up around an id
 * that was seen in the edge log.
 */
export const CONFLICTS_SQL = toldByTwoSql('REQUEST_CONFLICT', 'extended_request_id', 'request ');

/** Ids by which attempt and outcome find each other, in two chains; kept as their MD5. Closing events have none to share. */
export const CORRELATIONS_SQL = toldByTwoSql('CORRELATION_CONFLICT', 'correlation', 'MD5 of the correlation_uid: ');

/**
 * Attempts and outcomes of one request that tell of two: one half was changed, and its fingerprint made to fit. Where it was
 * not, that is told already.
 */
export const HALVES_SQL = `WITH "differing" AS MATERIALIZED (
  SELECT hash("chain_uid", "correlation") AS "id" FROM ${RANKED} WHERE "class_uid" = ${API_ACTIVITY}
  GROUP BY 1 HAVING min("request_digest") <> max("request_digest")
),
"suspects" AS MATERIALIZED (
  SELECT l.* FROM ${RANKED} AS l SEMI JOIN "differing" AS d ON d."id" = hash(l."chain_uid", l."correlation")
  WHERE "class_uid" = ${API_ACTIVITY}
)
SELECT DISTINCT 'OUTCOME_MISMATCH' AS "code", "chain_uid", "sequence", "uid", "dt", "hour",
    "phase" || ' of extended request id ' || coalesce("extended_request_id", 'none') AS "detail"
  FROM "suspects" AS l
  SEMI JOIN (
    SELECT "chain_uid", "correlation" FROM "suspects" GROUP BY 1, 2
    HAVING min("request_digest") <> max("request_digest") AND bool_and("recorded" = "recomputed")
  ) AS c USING ("chain_uid", "correlation")`;

/** Events that a later one names as unconfirmed, with another fingerprint than they have: they were changed since. */
export const NAMES_SQL = `WITH "names" AS MATERIALIZED (
  SELECT *, unnest("unconfirmed") AS "name" FROM ${LINKS} WHERE "unconfirmed" IS NOT NULL
),
"named" AS MATERIALIZED (
  SELECT l."uid", l."recorded", l."chain_uid" FROM ${LINKS} AS l SEMI JOIN "names" AS n ON n."name"."uid" = l."uid"
)
SELECT DISTINCT 'CHAIN_BROKEN' AS "code", "chain_uid", "sequence", "uid", "dt", "hour",
    'names unconfirmed event ' || "name"."uid" || ' with another fingerprint' AS "detail"
  FROM "names" AS n
  SEMI JOIN "named" AS l ON l."uid" = n."name"."uid"
  ANTI JOIN "named" AS l
    ON l."uid" = n."name"."uid" AND l."recorded" = n."name"."fingerprint" AND l."chain_uid" = n."chain_uid"`;

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
