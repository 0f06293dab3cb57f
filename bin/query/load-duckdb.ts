import { QueryError } from './queries';

export type DuckDB = typeof import('@duckdb/node-api');

/**
 * DuckDB is native and large, so it is loaded by the commands that query, and only when they do.
 *
 * @throws QueryError naming the install command if it is not installed, or not for this platform.
 */
export async function loadDuckDB(): Promise<DuckDB> {
  try {
    return await import('@duckdb/node-api');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'MODULE_NOT_FOUND' && code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new QueryError(
      'a local trail is queried with DuckDB, which is not installed here: npm install @duckdb/node-api',
    );
  }
}
