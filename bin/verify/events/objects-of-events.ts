/**
 * Adds to each row of a statement the keys of the objects in which its event lies.
 *
 * @param sql its columns: code, chain_uid, sequence, uid, dt, hour, detail
 */
export function withObjects(sql: string): string {
  return `SELECT f."code", o."object", f."dt", f."hour", f."chain_uid", f."sequence", f."uid", f."detail"
FROM (${sql}) AS f
LEFT JOIN (
  SELECT "uid", "dt", "hour", string_agg(DISTINCT "object", ', ' ORDER BY "object") AS "object"
  FROM audit_event_objects GROUP BY "uid", "dt", "hour"
) AS o
ON o."uid" IS NOT DISTINCT FROM f."uid" AND o."dt" = f."dt" AND o."hour" = f."hour"
ORDER BY f."chain_uid", f."sequence", f."code", f."uid", f."detail"`;
}
