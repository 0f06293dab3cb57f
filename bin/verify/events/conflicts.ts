import { column } from '../../../lib/event/sql/dialect';
import { CHAIN_UID, RAW_TABLE } from './tables';

/**
 * Requests of which two chains tell. One environment serves a request, so that one of the two was made up around an id
 * that was seen in the edge log.
 */
export function requestConflictsSql(): string {
  const request = column('unmapped.extended_request_id');
  return `SELECT DISTINCT 'REQUEST_CONFLICT' AS "code", ${CHAIN_UID} AS "chain_uid",
    "metadata"."sequence" AS "sequence", "metadata"."uid" AS "uid", "dt", "hour",
    'request ' || ${request} AS "detail"
  FROM ${RAW_TABLE}
  WHERE ${request} IN (
    SELECT ${request} FROM ${RAW_TABLE} WHERE ${request} IS NOT NULL
    GROUP BY ${request} HAVING count(DISTINCT ${CHAIN_UID}) > 1
  )`;
}
