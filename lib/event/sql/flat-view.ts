import { column, identifier, type Dialect } from './dialect';

/** A column of the view `audit_events`. */
export interface FlatViewColumn {
  readonly name: string;
  /** Its type in Athena's SQL. */
  readonly prestoType: 'varchar' | 'bigint' | 'timestamp(3)';
  /** Its type in Glue. */
  readonly hiveType: 'string' | 'bigint' | 'timestamp';
  /** One sentence for readers. */
  readonly meaning: string;
  readonly sql: (dialect: Dialect) => string;
}

const text = (name: string, sql: string, meaning: string): FlatViewColumn => ({
  name,
  prestoType: 'varchar',
  hiveType: 'string',
  meaning,
  sql: () => sql,
});

const bigint = (name: string, sql: string, meaning: string): FlatViewColumn => ({
  ...text(name, sql, meaning),
  prestoType: 'bigint',
  hiveType: 'bigint',
});

const AUTHORIZATIONS = column('actor.authorizations');

/** Columns of the view `audit_events`, in order. */
export const flatViewColumns: readonly FlatViewColumn[] = [
  {
    name: 'time',
    prestoType: 'timestamp(3)',
    hiveType: 'timestamp',
    meaning: 'When the request arrived, UTC.',
    sql: (dialect) => dialect.timestampOf(column('time')),
  },
  text(
    'who',
    `coalesce(${column('actor.user.name')}, ${column('actor.user.uid')}, 'anonymous')`,
    'Who asked: the name, else the id, else `anonymous`.',
  ),
  text('who_type', column('unmapped.who_type'), 'How the caller was identified.'),
  text('user_uid', column('actor.user.uid'), 'Stable id of the caller.'),
  text('session', column('actor.session.uid'), 'Session in which the caller acted: role session name or token id.'),
  text('activity', column('activity_name'), 'What was done: Create, Read, Update, Delete, or Other.'),
  text('operation', column('api.operation'), 'Method and route.'),
  text('method', column('http_request.http_method'), 'HTTP method.'),
  text('path', column('http_request.url.path'), 'Path of the request.'),
  text('query', column('http_request.url.query_string'), 'Query of the request; secrets redacted.'),
  text('service', column('api.service.name'), 'The service behind the route.'),
  {
    ...text('resource', '', 'What was touched: the id of the first resource, else its name.'),
    sql: (dialect) => {
      const first = dialect.firstOf(column('resources'));
      return `coalesce(${first}."uid", ${first}."name")`;
    },
  },
  text('source_ip', column('src_endpoint.ip'), 'Address of the caller.'),
  text('user_agent', column('http_request.user_agent'), 'User-Agent header.'),
  text(
    'result',
    `coalesce(${column('status')}, 'Unknown')`,
    'Success or Failure; Unknown where there is an attempt and no outcome.',
  ),
  text('action', column('action'), 'Whether the request was let in: Allowed or Denied.'),
  text('disposition', column('disposition'), 'What became of the request: Allowed, Blocked, Error.'),
  bigint('status_code', `TRY_CAST(${column('status_code')} AS bigint)`, 'HTTP status code that the caller got.'),
  text('reason', column('status_detail'), 'Problem code, where the proxy itself answered or the answer broke off.'),
  {
    ...text('rule', '', 'Rules or Cedar policies that decided, or would have in a dry run, separated by commas.'),
    sql: (dialect) =>
      dialect.joinList(dialect.mapList(AUTHORIZATIONS, 'a', (authorization) => `${authorization}."policy"."name"`)),
  },
  {
    ...text('policy_version', '', 'SHA-256 of the policy that decided.'),
    sql: (dialect) => `${dialect.firstOf(AUTHORIZATIONS)}."policy"."version"`,
  },
  bigint('latency_ms', column('duration'), 'Time until the answer was known, in milliseconds.'),
  text('guarantee', column('unmapped.guarantee'), 'When the event had to be durable.'),
  text('request_id', column('api.request.uid'), 'API Gateway’s request id.'),
  text('event_uid', column('metadata.uid'), 'Id of the event that the row shows.'),
  text('correlation_uid', column('metadata.correlation_uid'), 'Joins attempt and outcome of a request.'),
  text('trace_id', column('trace.uid'), 'W3C trace id.'),
  text('dt', column('dt'), 'Partition: day, UTC.'),
  text('hour', column('hour'), 'Partition: hour, UTC.'),
];

/**
 * The body of the view `audit_events`: one row a request, its outcome, or its attempt where no outcome came. Copies of
 * an event are dropped: rows that are equal in every column that shows. Events with the same uid that differ anywhere all
 * show, whatever fingerprints they state, since all but one of them are forged.
 *
 * Only an outcome of the same chain takes an attempt's place, and nothing takes an outcome's: an event forged with the
 * `correlation_uid` of another one shows beside it.
 *
 * Every window is partitioned by dt and hour, which an attempt and its outcome share, so that both engines can push a
 * condition on them down to the partitions.
 *
 * @param rawTable the table with the nested events, as it is written in SQL.
 */
export function flatViewSql(dialect: Dialect, rawTable: string): string {
  const columns = flatViewColumns.map(({ name, sql }) => `    ${sql(dialect)} AS ${identifier(name)}`);
  const attestation = dialect.firstOf(column('attestation_list'));
  const shown = flatViewColumns.map(({ name }) => identifier(name));
  return `WITH "requests" AS (
  SELECT
${columns.join(',\n')},
    ${column('unmapped.phase')} AS "phase",
    ${attestation}."fingerprint"."value" AS "fingerprint",
    ${attestation}."chain_uid" AS "chain_uid"
  FROM ${rawTable}
  WHERE ${column('class_uid')} = ${API_ACTIVITY}
),
"ranked" AS (
  SELECT
    *,
    row_number() OVER (PARTITION BY ${[...shown, '"fingerprint"', '"phase"', '"chain_uid"'].join(', ')} ORDER BY "time") AS "copy",
    max(CASE WHEN "phase" = 'outcome' THEN 1 ELSE 0 END) OVER (PARTITION BY "dt", "hour", "correlation_uid", "chain_uid") AS "outcomes"
  FROM "requests"
)
SELECT
${shown.map((name) => `  ${name}`).join(',\n')}
FROM "ranked"
WHERE "copy" = 1 AND ("outcomes" = 0 OR "phase" IS DISTINCT FROM 'attempt')`;
}

/** The OCSF class of requests; closing events have another. */
const API_ACTIVITY = 6003;
