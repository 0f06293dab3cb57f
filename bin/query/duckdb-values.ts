import type { DuckDBValue } from '@duckdb/node-api';
import type { DuckDB } from './load-duckdb';
import type { QueryValue } from './queries';

/**
 * Turns DuckDB's values into those of `QueryValue`: integers and decimals as numbers where these are exact, else as
 * text; timestamps as ISO 8601 in UTC with milliseconds; everything that JSON does not know as DuckDB writes it.
 * Absent fields are left out of structs, and a struct without fields is absent itself.
 */
export function queryValue(value: DuckDBValue, duckdb: DuckDB): QueryValue {
  const convert = (inner: DuckDBValue): QueryValue => queryValue(inner, duckdb);

  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return exactNumber(value);

  if (value instanceof duckdb.DuckDBStructValue) return struct(value.entries, convert);
  if (value instanceof duckdb.DuckDBListValue || value instanceof duckdb.DuckDBArrayValue)
    return value.items.map(convert);
  if (value instanceof duckdb.DuckDBMapValue) {
    return value.entries.map((entry) => ({ key: convert(entry.key), value: convert(entry.value) }));
  }
  if (value instanceof duckdb.DuckDBUnionValue) return convert(value.value);
  if (value instanceof duckdb.DuckDBDecimalValue) {
    const number = value.toDouble();
    return number.toFixed(value.scale) === value.toString() ? number : value.toString();
  }
  if (value instanceof duckdb.DuckDBTimestampValue || value instanceof duckdb.DuckDBTimestampTZValue) {
    return instant(value.micros / 1000n, value);
  }
  if (value instanceof duckdb.DuckDBTimestampMillisecondsValue) return instant(value.millis, value);
  if (value instanceof duckdb.DuckDBTimestampSecondsValue) return instant(value.seconds * 1000n, value);
  if (value instanceof duckdb.DuckDBTimestampNanosecondsValue) return instant(value.nanos / 1_000_000n, value);
  return String(value);
}

function exactNumber(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function struct(
  entries: Readonly<Record<string, DuckDBValue>>,
  convert: (value: DuckDBValue) => QueryValue,
): QueryValue {
  const present = Object.entries(entries)
    .map(([name, value]) => [name, convert(value)] as const)
    .filter(([, value]) => value !== null);
  return present.length === 0 ? null : Object.fromEntries(present);
}

/** Beyond the years of JavaScript's dates (and for ±infinity) DuckDB's own text has to do. */
function instant(milliseconds: bigint, value: { toString(): string }): string {
  const date = new Date(Number(milliseconds));
  return Number.isNaN(date.getTime()) ? value.toString() : date.toISOString();
}
