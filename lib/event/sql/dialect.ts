/**
 * Where the SQL of the two engines differs. Everything else in this folder is written once.
 *
 * Athena is Trino; the local pipeline has DuckDB in its place.
 *
 * @see https://trino.io/docs/current/functions.html
 * @see https://duckdb.org/docs/stable/sql/functions/overview
 */
export interface Dialect {
  readonly name: 'athena' | 'duckdb';
  /** The list of `element(e)` for each element `e` of `list`. `variable` must be free in `element`. */
  mapList(list: string, variable: string, element: (variable: string) => string): string;
  /** The texts of a list with commas between them; NULL if the list is NULL or empty. */
  joinList(list: string): string;
  /** Those of some texts that are not NULL, with commas between them; NULL if all are. */
  joinPresent(texts: readonly string[]): string;
  /** The first element of a list, NULL if there is none. */
  firstOf(list: string): string;
  /** Whether a list holds a value. */
  contains(list: string, value: string): string;
  /**
   * `body` over the struct `value`, written so that the engine copes with it. `variable` must be free in `body`.
   */
  overStruct(value: string, variable: string, body: (struct: string) => string): string;
  /** SHA-256 of a text in UTF-8, as 64 lower-case hex digits. */
  sha256Hex(text: string): string;
  /** The timestamp without time zone, in UTC, of an integer of epoch milliseconds, exact to the millisecond. */
  timestampOf(milliseconds: string): string;
}

export const athena: Dialect = {
  name: 'athena',
  mapList: (list, variable, element) => `transform(${list}, ${variable} -> ${element(variable)})`,
  joinList: (list) => `nullif(array_join(${list}, ','), '')`,
  joinPresent: (texts) => `nullif(concat_ws(',', ${texts.join(', ')}), '')`,
  // A subscript out of bounds would fail the statement, and a forged row must never stop a verification.
  firstOf: (list) => `element_at(${list}, 1)`,
  contains: (list, value) => `contains(${list}, ${value})`,
  // Trino compiles a projection into one Java method, which may hold 64 KiB of byte code, but each lambda into one
  // of its own. So each struct gets a lambda.
  overStruct: (value, variable, body) => `transform(ARRAY[${value}], ${variable} -> ${body(variable)})[1]`,
  sha256Hex: (text) => `lower(to_hex(sha256(to_utf8(${text}))))`,
  // from_unixtime goes through a double and the time zone of the session.
  timestampOf: (milliseconds) => `date_add('millisecond', ${milliseconds}, TIMESTAMP '1970-01-01 00:00:00.000')`,
};

export const duckdb: Dialect = {
  name: 'duckdb',
  mapList: (list, variable, element) => `list_transform(${list}, lambda ${variable}: ${element(variable)})`,
  // nullif and array_to_string are macros that write their argument twice: nested, that would double the work at each
  // level. string_agg gives NULL where there is nothing to join.
  joinList: (list) => `list_aggregate(${list}, 'string_agg', ',')`,
  joinPresent: (texts) => `list_aggregate([${texts.join(', ')}], 'string_agg', ',')`,
  firstOf: (list) => `${list}[1]`,
  contains: (list, value) => `list_contains(${list}, ${value})`,
  overStruct: (value, _variable, body) => body(value),
  sha256Hex: (text) => `sha256(${text})`,
  timestampOf: (milliseconds) => `epoch_ms(${milliseconds})`,
};

/** A name in SQL; quoted always, since `time`, `user`, `end` and more are reserved words somewhere. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A nested column, e.g. `column('actor.user.name')`. */
export function column(path: string): string {
  return path.split('.').map(identifier).join('.');
}

/** A text in SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
