import { duckdb as dialect } from '../../../lib/event/sql/dialect';
import { LINKS } from './kept';

/** The hour of an event's time, as `2026-11-24 07`. A forged time that no calendar has must not stop the statement. */
export const HOUR = `CASE WHEN "time" BETWEEN 0 AND 253402300799999
      THEN substr(CAST(${dialect.timestampOf('"time"')} AS varchar), 1, 13) END`;

/** Events whose `time` is in another hour than their key says. */
export const MISPLACED_SQL = `SELECT DISTINCT 'MISPLACED_EVENT' AS "code", "chain_uid", "sequence", "uid", "dt", "hour",
    coalesce(
      'happened in hour ' || ${HOUR},
      'its time ' || CAST("time" AS varchar) || ' is no date',
      'has no time'
    ) AS "detail"
  FROM ${LINKS}
  WHERE ${HOUR} IS DISTINCT FROM "dt" || ' ' || "hour"`;

/** Events that happen later than the verifier's clock allows, epoch milliseconds. Times that are no date are misplaced. */
export function tooLateSql(latest: number): string {
  return `SELECT DISTINCT 'TIME_OUT_OF_RANGE' AS "code", "chain_uid", "sequence", "uid", "dt", "hour",
    'its time ' || CAST("time" AS varchar) || ' is later than ' || ${Math.floor(latest)} AS "detail"
  FROM ${LINKS} WHERE "time" > ${Math.floor(latest)} AND ${HOUR} IS NOT NULL`;
}
