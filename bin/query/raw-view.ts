import { duckdbColumns, duckdbReadJsonColumns, duckdbEmptyTableSql } from '../../lib/event/duckdb';
import { identifier, literal } from '../../lib/event/sql/dialect';
import type { LocalObjects } from './local-objects';

/**
 * The nested events of a local trail for DuckDB, with the columns of the declaration whatever version of it wrote the
 * object: what an older one lacks is NULL. `dt` and `hour` come from the key, as text ('07' stays '07'); a condition on
 * them keeps DuckDB from opening the other objects. One more column, `object`, is the key.
 *
 * @param root absolute path of the trail
 */
export function rawEventsSql(root: string, objects: LocalObjects): string {
  const sources: string[] = [];
  if (objects.parquet.length > 0) sources.push(selectFrom(root, readParquet(root, objects.parquet)));
  if (objects.json.length > 0) sources.push(selectFrom(root, readJson(root, objects.json)));
  if (sources.length === 0) return `SELECT *, CAST(NULL AS VARCHAR) AS "object" FROM (${duckdbEmptyTableSql()})`;
  return sources.join('\nUNION ALL\n');
}

const columns = duckdbColumns();
const columnList = columns.map(({ name }) => identifier(name)).join(', ');

function selectFrom(root: string, source: string): string {
  const partition = (group: number) => `regexp_extract(filename, 'dt=([^/]*)/hour=([^/]*)/[^/]*$', ${group})`;
  const key = `substr(filename, ${[...root].length + 2})`;
  return `SELECT ${columnList}, ${partition(1)} AS "dt", ${partition(2)} AS "hour", ${key} AS "object" FROM ${source}`;
}

function readParquet(root: string, keys: readonly string[]): string {
  // `schema` matches columns by name down to the last struct, and needs no look into the objects to know the columns.
  const schema = columns.map(
    ({ name, type }) => `${literal(name)}: {'name': ${literal(name)}, 'type': ${literal(type)}, 'default_value': NULL}`,
  );
  return `read_parquet(${fileList(root, keys)}, schema = MAP {${schema.join(', ')}}, filename = true)`;
}

function readJson(root: string, keys: readonly string[]): string {
  const options = `format = 'newline_delimited', columns = ${duckdbReadJsonColumns()}, filename = true`;
  return `read_json(${fileList(root, keys)}, ${options})`;
}

function fileList(root: string, keys: readonly string[]): string {
  return `[${keys.map((key) => literal(`${root}/${key}`)).join(', ')}]`;
}
