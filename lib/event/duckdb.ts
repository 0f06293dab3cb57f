import type { Field } from './field';
import { auditEventSchema } from './schema';
import { identifier, literal } from './sql/dialect';

/** A column of the table `audit_events_raw`, in DuckDB's words. */
export interface DuckdbColumn {
  readonly name: string;
  readonly type: string;
}

/**
 * A field's type in DuckDB's syntax, e.g. `STRUCT("ip" VARCHAR, "port" BIGINT)`.
 *
 * @see https://duckdb.org/docs/stable/sql/data_types/overview
 */
export function duckdbType(field: Field): string {
  switch (field.kind) {
    case 'string':
      return 'VARCHAR';
    case 'integer':
      return 'BIGINT';
    case 'boolean':
      return 'BOOLEAN';
    case 'list':
      return `${duckdbType(field.element)}[]`;
    case 'struct': {
      const members = Object.entries(field.fields).map(([name, member]) => `${identifier(name)} ${duckdbType(member)}`);
      return `STRUCT(${members.join(', ')})`;
    }
  }
}

/** The event's columns in the order of the schema, without the partition columns dt and hour. */
export function duckdbColumns(): DuckdbColumn[] {
  return Object.entries(auditEventSchema).map(([name, field]) => ({ name, type: duckdbType(field) }));
}

/** For `read_json(…, columns = …)`: `{'time': 'BIGINT', …}`. */
export function duckdbReadJsonColumns(): string {
  return `{${duckdbColumns()
    .map(({ name, type }) => `${literal(name)}: ${literal(type)}`)
    .join(', ')}}`;
}

/** A query without rows that has the columns of `audit_events_raw`, partition columns included. */
export function duckdbEmptyTableSql(): string {
  const columns = [...duckdbColumns(), { name: 'dt', type: 'VARCHAR' }, { name: 'hour', type: 'VARCHAR' }];
  return `SELECT ${columns.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${identifier(name)}`).join(', ')} WHERE false`;
}
