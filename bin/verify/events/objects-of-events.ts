import { LINKS, OBJECTS } from './kept';

/**
 * The rows of a statement with the keys of the objects in which their events lie.
 *
 * @param sql its columns: code, chain_uid, sequence, uid, dt, hour, detail; few rows beside all events
 */
export function withObjects(sql: string): string {
  return `WITH "found" AS (SELECT *, row_number() OVER () AS "n" FROM (${sql}) AS s),
"lies_in" AS (
  SELECT f."n", string_agg(DISTINCT o."key", ', ' ORDER BY o."key") AS "object"
  FROM "found" AS f
  JOIN ${LINKS} AS l ON hash(l."uid") = hash(f."uid") AND l."uid" IS NOT DISTINCT FROM f."uid"
    AND l."dt" = f."dt" AND l."hour" = f."hour"
  JOIN ${OBJECTS} AS o ON o."id" = l."object_id"
  GROUP BY f."n"
)
SELECT f."code", i."object", f."dt", f."hour", f."chain_uid", f."sequence", f."uid", f."detail"
FROM "found" AS f LEFT JOIN "lies_in" AS i ON i."n" = f."n"
ORDER BY f."chain_uid", f."sequence", f."code", f."uid", f."detail"`;
}
