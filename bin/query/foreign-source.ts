/** Table functions that make rows out of their arguments or of the engine's own catalog, and open no file. */
const ROWS_WITHOUT_FILE = new Set([
  'duckdb_columns',
  'duckdb_functions',
  'duckdb_keywords',
  'duckdb_tables',
  'duckdb_types',
  'duckdb_views',
  'generate_series',
  'json_each',
  'json_tree',
  'pragma_version',
  'range',
  'repeat',
  'unnest',
]);

/** What a name may be qualified with. DuckDB takes `keys.csv` for a file where there is no such schema. */
const CATALOGS = new Set(['', 'memory', 'system', 'temp']);
const SCHEMAS = new Set(['', 'information_schema', 'main', 'memory', 'pg_catalog', 'system', 'temp']);

const PLAIN_NAME = /^[\p{L}_][\p{L}\p{N}_ -]*$/u;

/**
 * Something that a statement reads rows from and that is no table: a file by its name (`FROM 'x.csv'`), or a function that
 * may open one (`read_text`, `glob`, `sniff_csv`, `query_table` …). The allowed ones are listed, so that a function that a
 * later version of DuckDB brings is refused.
 *
 * @param node a statement as `json_serialize_sql` gives it
 */
export function foreignSource(node: unknown): string | undefined {
  if (typeof node !== 'object' || node === null) return undefined;
  return foreignHere(node as Source) ?? firstDefined(Object.values(node), foreignSource);
}

interface Source {
  readonly type?: unknown;
  readonly table_name?: unknown;
  readonly schema_name?: unknown;
  readonly catalog_name?: unknown;
  readonly function?: { readonly function_name?: unknown };
}

function foreignHere({ type, table_name: table, schema_name: schema, catalog_name: catalog, ...rest }: Source) {
  if (type === 'TABLE_FUNCTION') {
    const name = String(rest.function?.function_name).toLowerCase();
    return ROWS_WITHOUT_FILE.has(name) ? undefined : `the function ${name}`;
  }
  if (type !== 'BASE_TABLE' && type !== 'SHOW_REF') return undefined;
  // SHOW TABLES is a table named "tables", quotes and all.
  const name = String(table).replace(/^"(.*)"$/s, '$1');
  const isTable =
    (name === '' || PLAIN_NAME.test(name)) &&
    SCHEMAS.has(String(schema).toLowerCase()) &&
    CATALOGS.has(String(catalog).toLowerCase());
  return isTable ? undefined : [catalog, schema, table].filter((part) => part !== '').join('.');
}

function firstDefined<T, R>(values: readonly T[], of: (value: T) => R | undefined): R | undefined {
  for (const value of values) {
    const found = of(value);
    if (found !== undefined) return found;
  }
  return undefined;
}
