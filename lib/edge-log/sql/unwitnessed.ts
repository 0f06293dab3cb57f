import { identifier, type Dialect } from '../../event/sql/dialect';
import { bigint, text, timestamp, type EdgeViewColumn } from './view-column';
import { CLAIM_COLUMNS, comparableEdgeSql, comparableEventsSql, contradictionSql, TIME_TOLERANCE_MS } from './witness';

/** Name of the view with the events that the edge log does not confirm. */
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
    ...text('extended_request_id', 'Id of the request that no caller can choose; joins the edge log.'),
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

/** What is compared besides, and not shown. */
const compared = ['status', 'request_id', 'invocation_uid'] as const;

const reason = text('reason', 'Why it is shown: `no record`, or what the event and the edge log disagree on.');

/** Columns of the view `unwitnessed_events`, in order. */
export const unwitnessedViewColumns: readonly EdgeViewColumn[] = [...columns, reason];

/**
 * The body of the view `unwitnessed_events`: audit events of requests that the edge log does not confirm. It has no record
 * of the request, or one that contradicts the event: the function never ran, or method, path, address, status, request id,
 * invocation or time differ. The edge log may have lost a record (API Gateway gives no guarantee for it), or something else
 * called the function; a contradiction has no harmless reason. Copies of an event show once.
 *
 * @param edgeRequests the view `edge_requests`, as it is written in SQL.
 * @param rawEvents the nested events, all of them, as that is written in SQL.
 */
export function unwitnessedSql(dialect: Dialect, edgeRequests: string, rawEvents: string): string {
  const selected = [
    ...columns.map(({ name, sql }) => `    ${sql(dialect)} AS ${identifier(name)}`),
    ...compared.map((name) => `    ${CLAIM_COLUMNS[name]} AS ${identifier(name)}`),
  ];
  return `WITH "events" AS (
  SELECT DISTINCT
${selected.join(',\n')}
  FROM ${rawEvents}
  WHERE "class_uid" = ${API_ACTIVITY}
),
"compared" AS (
  SELECT
${columns.map(({ name }) => `    e.${identifier(name)}`).join(',\n')},
    CASE WHEN r."extended_request_id" IS NULL THEN 'no record'
      ELSE ${contradictionSql(dialect, { event: 'e', edge: 'r', timesDiffer: TIMES_DIFFER })} END AS "reason"
  FROM ${comparableEventsSql('"events"')} AS e
  LEFT JOIN ${comparableEdgeSql(edgeRequests)} AS r
  ON r."dt" = e."dt" AND r."hour" = e."hour" AND r."extended_request_id" = e."extended_request_id"
)
SELECT DISTINCT
${unwitnessedViewColumns.map(({ name }) => `  ${identifier(name)}`).join(',\n')}
FROM "compared"
WHERE "reason" IS NOT NULL`;
}

const TIMES_DIFFER = `e."time" NOT BETWEEN r."time" - INTERVAL '${TIME_TOLERANCE_MS / 1000}' SECOND
        AND r."time" + INTERVAL '${TIME_TOLERANCE_MS / 1000}' SECOND`;
