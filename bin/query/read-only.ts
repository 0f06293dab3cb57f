import type { DuckDBConnection, DuckDBPreparedStatement } from '@duckdb/node-api';
import { foreignSource } from './foreign-source';
import { QueryError } from './queries';

/**
 * Functions with which a SELECT could do more than read: write log or profile files, or run SQL from a text that
 * nobody has looked at.
 */
const REFUSED = new Set([
  'enable_logging',
  'disable_logging',
  'truncate_duckdb_logs',
  'enable_profiling',
  'checkpoint',
  'force_checkpoint',
  'query',
  'json_execute_serialized_sql',
  'write_log',
]);

/**
 * Prepares a statement if it is a single one, only reads, and reads only tables. DuckDB itself keeps every statement to the
 * folders of events and edge log; this keeps it from opening files there by their names, and from writing.
 *
 * @throws QueryError
 */
export async function prepareReadOnly(connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> {
  const reader = await connection.runAndReadAll('SELECT json_serialize_sql(CAST(? AS VARCHAR))', [sql]);
  const parsed = JSON.parse(String(reader.getRows()[0]?.[0])) as ParsedSql;
  if (parsed.error_type === 'parser') throw new QueryError(parsed.error_message ?? 'this is no SQL');
  // DuckDB serializes nothing but SELECT and what it turns into one (DESCRIBE, SHOW, SUMMARIZE, FROM).
  if (parsed.error) throw new QueryError('only SELECT is allowed: the trail is read, never written');
  const count = parsed.statements?.length ?? 0;
  if (count === 0) throw new QueryError('no SQL statement given');
  if (count > 1) throw new QueryError('one statement at a time');

  const refused = functionsIn(parsed.statements).find((name) => REFUSED.has(name));
  if (refused !== undefined) throw new QueryError(`the function ${refused} is not allowed: the trail is only read`);
  const foreign = foreignSource(parsed.statements);
  if (foreign !== undefined) throw new QueryError(`only the tables of the trail can be read; got ${foreign}`);

  return connection.prepare(sql);
}

interface ParsedSql {
  readonly error: boolean;
  readonly error_type?: string;
  readonly error_message?: string;
  readonly statements?: readonly unknown[];
}

/** Names of all functions called anywhere in a statement, in lower case. */
function functionsIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const inside = Object.values(node).flatMap(functionsIn);
  const name = (node as { function_name?: unknown }).function_name;
  return typeof name === 'string' ? [name.toLowerCase(), ...inside] : inside;
}
