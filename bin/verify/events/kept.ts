import { edgeViewColumns } from '../../../lib/edge-log/sql/edge-requests';
import { CLAIM_COLUMNS } from '../../../lib/edge-log/sql/witness';
import { column, duckdb as dialect, identifier, type Dialect } from '../../../lib/event/sql/dialect';
import { canonicalFieldSql } from '../../../lib/event/sql/canonical';
import { invaliditySql } from '../../../lib/event/sql/validity';
import { linksSql } from '../../../lib/event/sql/verify';
import { duckdbEmptyTableSql } from '../../../lib/event/duckdb';
import type { WorkRoom } from '../work/work-room';

/**
 * What is kept of a trail while it is verified. Each object is decoded once, and these are filled from it; all else is
 * asked of them, in statements that work on disk where memory ends: GROUP BY and joins do, window functions do not, and so
 * see few rows.
 *
 * | table | has |
 * | --- | --- |
 * | kept_objects | the objects: id, key, partition, and the file in which its bytes are |
 * | kept_links | of each event its place in its chain, its fingerprints, what it says of its request, and its object |
 * | kept_edge | the requests that the edge log knows, as in `edge_requests`; copies among them |
 * | kept_edge_records | of each record of the edge log its request, and a hash of all its fields |
 * | kept_ranked | the links, each once, with what others of the same uid say (see copies.ts) |
 * | kept_findings | what was found: code, chain_uid, sequence, uid, dt, hour, detail |
 */
export const OBJECTS = 'kept_objects';
export const LINKS = 'kept_links';
export const EDGE = 'kept_edge';
export const EDGE_RECORDS = 'kept_edge_records';
export const RANKED = 'kept_ranked';
export const FINDINGS = 'kept_findings';

const claims = Object.entries(CLAIM_COLUMNS).map(([name, sql]) => `${sql} AS ${identifier(name)}`);

/** What attempt and outcome say alike, whatever became of the request. A digest that nobody can make another request fit. */
const REQUEST_DIGEST = `md5_number(concat_ws(chr(10), CAST("time" AS varchar), ${[
  canonicalFieldSql(dialect, 'actor'),
  ...(['method', 'path', 'source_ip', 'request_id', 'invocation_uid'] as const).map((name) => CLAIM_COLUMNS[name]),
  column('unmapped.extended_request_id'),
]
  .map((sql) => `coalesce(${sql}, '')`)
  .join(', ')}))`;

/** What is kept of an event. */
export function eventColumnsSql(dialect: Dialect): string {
  return `${linksSql(dialect)},
    ${column('time')} AS "time",
    ${column('class_uid')} AS "class_uid",
    ${claims.join(',\n    ')},
    ${column('unmapped.extended_request_id')} AS "extended_request_id",
    ${column('unmapped.unconfirmed')} AS "unconfirmed",
    CASE WHEN ${column('unmapped.phase')} IS DISTINCT FROM 'closing'
      THEN md5_number(${column('metadata.correlation_uid')}) END AS "correlation",
    ${REQUEST_DIGEST} AS "request_digest",
    ${invaliditySql(dialect)} AS "invalid",
    "object_id"`;
}

/** Makes the tables that objects are read into. */
export async function makeTables(room: WorkRoom): Promise<void> {
  await room.run(`CREATE TABLE ${OBJECTS} (
    "id" integer, "key" varchar, "dt" varchar, "hour" varchar, "file" varchar
  )`);
  const noEvents = `(SELECT *, CAST(NULL AS integer) AS "object_id" FROM (${duckdbEmptyTableSql()}))`;
  await room.run(`CREATE TABLE ${LINKS} AS SELECT ${eventColumnsSql(dialect)} FROM ${noEvents} AS e`);
  const columns = edgeViewColumns.map(({ name, prestoType }) => `${identifier(name)} ${duckdbTypeOf(prestoType)}`);
  await room.run(`CREATE TABLE ${EDGE_RECORDS} (
    "dt" varchar, "hour" varchar, "extended_request_id" varchar, "record" ubigint
  )`);
  await room.run(`CREATE TABLE ${EDGE} (${columns.join(', ')})`);
}

function duckdbTypeOf(prestoType: string): string {
  return prestoType.replace('(3)', '');
}
