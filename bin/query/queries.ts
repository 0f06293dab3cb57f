/** What the commands need of a query engine; DuckDB and Athena both answer to it. */
export interface Queries {
  /**
   * Runs one read-only SQL statement.
   *
   * @param sql may use the tables `audit_events_raw`, `audit_events`, `edge_requests_raw` and `edge_requests`, the views
   * that compare both (`unaudited_requests` …), and `?` for parameters.
   * @param parameters values for the `?`, in order. User input goes here, never into `sql`.
   * @throws QueryError with a message for people if the engine refuses the statement.
   */
  run(sql: string, parameters?: readonly QueryParameter[]): Promise<QueryResult>;
  close(): Promise<void>;
}

export type QueryParameter = string | number | boolean;

/** Values as JSON has them; integers beyond 2^53 as strings. Structs are objects, lists arrays, absent is null. */
export type QueryValue =
  string | number | boolean | null | readonly QueryValue[] | { readonly [name: string]: QueryValue };

export interface QueryResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly QueryValue[])[];
}

export class QueryError extends Error {
  override readonly name = 'QueryError';
}
