import { identifier, type Dialect } from '../../event/sql/dialect';
import { bigint, text, timestamp, type EdgeViewColumn } from './view-column';

/** Name of the view with the events that the edge log knows no request for. */
export const UNWITNESSED_VIEW = 'unwitnessed_events';

/** The OCSF class of requests; closing events have another. */
const API_ACTIVITY = 6003;

type Column = EdgeViewColumn & { readonly sql: (dialect: Dialect) => string };

const columns: readonly Column[] = [
  {
    ...timestamp('time', 'When the request arrived, UTC.'),
    sql: (dialect) => dialect.timestampOf('"time"'),
  },
  { ...text('event_uid', 'Id of the event.'), sql: () => '"metadata"."uid"' },
  {
    ...text('correlation_uid', 'Joins attempt and outcome of a request.'),
    sql: () => '"metadata"."correlation_uid"',
  },
  { ...text('phase', 'attempt or outcome.'), sql: () => '"unmapped"."phase"' },
  {
    ...text('extended_request_id', 'Id of the request that no caller can choose; the edge log has none such.'),
    sql: () => '"unmapped"."extended_request_id"',
  },
  { ...text('method', 'HTTP method.'), sql: () => '"http_request"."http_method"' },
  { ...text('path', 'Path of the request.'), sql: () => '"http_request"."url"."path"' },
  { ...text('source_ip', 'Address of the caller.'), sql: () => '"src_endpoint"."ip"' },
  {
    ...bigint('status_code', 'HTTP status code that the caller got.'),
    sql: () => 'TRY_CAST("status_code" AS bigint)',
  },
  { ...text('dt', 'Partition: day, UTC.'), sql: () => '"dt"' },
  { ...text('hour', 'Partition: hour, UTC.'), sql: () => '"hour"' },
];

/** Columns of the view `unwitnessed_events`, in order. */
export const unwitnessedViewColumns: readonly EdgeViewColumn[] = columns;

/**
 * The body of the view `unwitnessed_events`: audit events of requests that the edge log does not know. Either the edge
 * log lost the record (API Gateway gives no guarantee for it), or the function was called by something else.
 * Copies of an event show once.
 *
 * @param edgeRequests the view `edge_requests`, as it is written in SQL.
 * @param rawEvents the nested events, all of them, as that is written in SQL.
 */
export function unwitnessedSql(dialect: Dialect, edgeRequests: string, rawEvents: string): string {
  const shown = columns.map(({ name, sql }) => `    ${sql(dialect)} AS ${identifier(name)}`);
  return `WITH "events" AS (
  SELECT DISTINCT
${shown.join(',\n')}
  FROM ${rawEvents}
  WHERE "class_uid" = ${API_ACTIVITY}
)
SELECT
${columns.map(({ name }) => `  e.${identifier(name)}`).join(',\n')}
FROM "events" AS e
LEFT JOIN (
  SELECT DISTINCT "dt", "hour", "extended_request_id"
  FROM ${edgeRequests}
) AS r
ON r."dt" = e."dt" AND r."hour" = e."hour" AND r."extended_request_id" = e."extended_request_id"
WHERE r."extended_request_id" IS NULL`;
}
