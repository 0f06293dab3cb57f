import type { QueryResult, QueryValue } from '../../query/queries';

/** Rows by the names of their columns. */
export type Row = Readonly<Record<string, QueryValue>>;

export function rowsOf({ columns, rows }: QueryResult): Row[] {
  return rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i] ?? null])));
}
