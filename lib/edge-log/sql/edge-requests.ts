import { identifier, literal, type Dialect } from '../../event/sql/dialect';
import { ABSENT, edgeFields, type EdgeFieldName } from '../record';
import { invocationSql } from './invocation';
import { bigint, text, timestamp, type EdgeViewColumn } from './view-column';

/** Name of the view with one row a request. */
export const EDGE_VIEW = 'edge_requests';

type Column = EdgeViewColumn & { readonly sql: (dialect: Dialect) => string };

const textOf = (name: string, field: EdgeFieldName, meaning: string): Column => ({
  ...text(name, meaning),
  sql: () => identifier(field),
});

const numberOf = (name: string, field: EdgeFieldName, meaning: string): Column => ({
  ...bigint(name, meaning),
  sql: () => `TRY_CAST(${identifier(field)} AS bigint)`,
});

/** 9999-12-31T23:59:59.999Z; a forged time that no calendar has must not stop a statement. */
const LAST_INSTANT = 253_402_300_799_999;

const columns: readonly Column[] = [
  {
    ...timestamp('time', 'When the request arrived, UTC.'),
    sql: (dialect) => {
      const epoch = `TRY_CAST("request_time_epoch" AS bigint)`;
      return `CASE WHEN ${epoch} BETWEEN 0 AND ${LAST_INSTANT} THEN ${dialect.timestampOf(epoch)} END`;
    },
  },
  textOf('request_id', 'request_id', 'API Gateway’s request id; a caller of a REST API can choose it.'),
  textOf('extended_request_id', 'extended_request_id', 'Id of the request that no caller can choose; joins events.'),
  textOf('method', 'method', 'HTTP method.'),
  textOf('path', 'path', 'Path of the request, with the stage before it on a REST API.'),
  textOf('source_ip', 'source_ip', 'Address of the caller.'),
  numberOf('status_code', 'status', 'HTTP status code that the caller got.'),
  {
    ...text('invocation', 'What became of the request: refused, not_invoked, invoked, or unknown.'),
    sql: invocationSql,
  },
  textOf('error_type', 'error_response_type', 'Kind of error, where API Gateway answered itself.'),
  numberOf('integration_status', 'integration_status', 'Status code with which Lambda answered the call.'),
  textOf('integration_error', 'integration_error', 'What Lambda said of a failed call or a failed function.'),
  numberOf('function_status', 'function_status', 'HTTP status code that the function answered.'),
  numberOf('latency_ms', 'response_latency', 'Time until the answer, in milliseconds.'),
  numberOf('integration_latency_ms', 'integration_latency', 'Time that Lambda took, in milliseconds.'),
  textOf('api_id', 'api_id', 'Id of the API.'),
  textOf('stage', 'stage', 'Stage of the API.'),
  textOf(
    'integration_request_id',
    'integration_request_id',
    'Lambda’s id of the invocation; `invocation_uid` of its events.',
  ),
  { ...text('dt', 'Partition: day, UTC.'), sql: () => '"dt"' },
  { ...text('hour', 'Partition: hour, UTC.'), sql: () => '"hour"' },
];

/** Columns of the view `edge_requests`, in order. */
export const edgeViewColumns: readonly EdgeViewColumn[] = columns;

/**
 * The body of the view `edge_requests`: one row a request that arrived. Exact copies of a record are dropped, since
 * delivery is at least once; records that claim the same request and differ both show.
 *
 * dt and hour are among what copies share, so both engines can push a condition on them down to the partitions.
 *
 * @param rawTable the table with the records, as it is written in SQL.
 */
export function edgeRequestsSql(dialect: Dialect, rawTable: string): string {
  const known = edgeFields.map(([name]) => `nullif(${identifier(name)}, ${literal(ABSENT)}) AS ${identifier(name)}`);
  const shown = columns.map(({ name, sql }) => `  ${sql(dialect)} AS ${identifier(name)}`);
  return `WITH "records" AS (
  SELECT DISTINCT
    ${[...known, '"dt"', '"hour"'].join(',\n    ')}
  FROM ${rawTable}
)
SELECT
${shown.join(',\n')}
FROM "records"`;
}
