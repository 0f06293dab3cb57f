import { duckdb as dialect } from '../../../lib/event/sql/dialect';
import { LINKS } from './kept';

/** A forged time that no calendar has must not stop the statement. */
const HOUR = `CASE WHEN "time" BETWEEN 0 AND 253402300799999
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
