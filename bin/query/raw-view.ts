import { edgeDuckdbColumns, edgeEmptyTableSql } from '../../lib/edge-log/columns';
import { duckdbColumns, duckdbEmptyTableSql, duckdbReadJsonColumns, type DuckdbColumn } from '../../lib/event/duckdb';
import { identifier, literal } from '../../lib/event/sql/dialect';
import type { LocalObjects } from './local-objects';

/**
 * The nested events of a local trail for DuckDB, with the columns of the declaration whatever version of it wrote the
 * object: what an older one lacks is NULL. `dt` and `hour` come from the key, as text ('07' stays '07'); a condition on
 * them keeps DuckDB from opening the other objects. One more column, `object`, is the key.
 *
 * @param root absolute path of the trail
 */
export function rawEventsSql(root: string, { parquet, json }: Pick<LocalObjects, 'parquet' | 'json'>): string {
  const sources: string[] = [];
  if (parquet.length > 0) sources.push(withKey(root, eventsInParquet(pathsOf(root, parquet)), events));
  if (json.length > 0) sources.push(withKey(root, eventsInLines(pathsOf(root, json)), events));
  return sources.length > 0 ? sources.join('\nUNION ALL\n') : noRows(duckdbEmptyTableSql());
}

/** The edge log of a local trail, in the same way. */
export function rawEdgeSql(root: string, { edge }: Pick<LocalObjects, 'edge'>): string {
  return edge.length > 0 ? withKey(root, edgeInParquet(pathsOf(root, edge)), records) : noRows(edgeEmptyTableSql());
}

const events: readonly DuckdbColumn[] = duckdbColumns();
const records: readonly DuckdbColumn[] = edgeDuckdbColumns();

/** A table function over files with events, for FROM; it has their columns, and `filename`. @param files paths, at least one */
export function eventsInParquet(files: readonly string[]): string {
  return readParquet(files, events);
}

function eventsInLines(files: readonly string[]): string {
  const options = `format = 'newline_delimited', columns = ${duckdbReadJsonColumns()}, filename = true`;
  return `read_json(${fileList(files)}, ${options})`;
}

/** The same over a file of lines `{"object_id":…,"event":…}`: it has these two columns, the second one with the events' own. */
export function gatheredEvents(file: string): string {
  const event = `STRUCT(${events.map(({ name, type }) => `${identifier(name)} ${type}`).join(', ')})`;
  const columns = `{'object_id': 'INTEGER', 'event': ${literal(event)}}`;
  return `read_json(${literal(file)}, format = 'newline_delimited', columns = ${columns}, maximum_object_size = ${LONGEST_LINE})`;
}

/** A record of a stream has 1,000 KiB at most. The engine takes several times as much memory for its buffers. */
const LONGEST_LINE = 4 * 1024 * 1024;

/** The same over files with records of the edge log. */
export function edgeInParquet(files: readonly string[]): string {
  return readParquet(files, records);
}

function noRows(emptyTableSql: string): string {
  return `SELECT *, CAST(NULL AS VARCHAR) AS "object" FROM (${emptyTableSql})`;
}

function withKey(root: string, source: string, columns: readonly DuckdbColumn[]): string {
  const partition = (group: number) => `regexp_extract(filename, 'dt=([^/]*)/hour=([^/]*)/[^/]*$', ${group})`;
  const key = `substr(filename, ${[...root].length + 2})`;
  const names = columns.map(({ name }) => identifier(name)).join(', ');
  return `SELECT ${names}, ${partition(1)} AS "dt", ${partition(2)} AS "hour", ${key} AS "object" FROM ${source}`;
}

function readParquet(files: readonly string[], columns: readonly DuckdbColumn[]): string {
  // `schema` matches columns by name down to the last struct, and needs no look into the objects to know the columns.
  const schema = columns.map(
    ({ name, type }) => `${literal(name)}: {'name': ${literal(name)}, 'type': ${literal(type)}, 'default_value': NULL}`,
  );
  return `read_parquet(${fileList(files)}, schema = MAP {${schema.join(', ')}}, filename = true)`;
}

function pathsOf(root: string, keys: readonly string[]): string[] {
  return keys.map((key) => `${root}/${key}`);
}

function fileList(files: readonly string[]): string {
  return `[${files.map(literal).join(', ')}]`;
}
