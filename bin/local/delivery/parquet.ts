import { parquetWriteBuffer } from 'hyparquet-writer';
import type { SchemaElement } from 'hyparquet';
import type { Field, StructField } from '../../../lib/event/field';
import { auditEventStruct } from '../../../lib/event/schema';

/**
 * Rows to Parquet bytes in the form that Firehose's record conversion (Hive's Parquet writer) gives them: columns in
 * the order of the declaration, which is Glue's; every one OPTIONAL; bigint as INT64, string as UTF8, a struct as a
 * group, a list in three levels named `bag` and `array_element`; Snappy.
 *
 * A field that is missing, undefined or null comes back as NULL; a struct that is there with no field stays a struct;
 * an empty list stays a list.
 *
 * @param rows objects by the declaration; integers as number or bigint. Undeclared fields are refused.
 * @param table the declaration of the columns. Default: the audit event.
 * @throws TypeError if a value does not fit its column.
 */
export function toParquet(
  rows: readonly Record<string, unknown>[],
  table: Pick<StructField, 'fields'> = auditEventStruct,
): Uint8Array<ArrayBuffer> {
  const physicalRows = rows.map((row) => physicalStruct(table.fields, row, ''));
  const columnData = Object.keys(table.fields).map((name) => ({ name, data: physicalRows.map((row) => row[name]) }));
  const bytes = parquetWriteBuffer({
    columnData,
    schema: parquetSchema(table),
    codec: 'SNAPPY',
    // One row group an object: objects are small, and a reader prunes by key first.
    rowGroupSize: Math.max(rows.length, 1),
    createdBy: 'cdk-audit-proxy local delivery stream',
  });
  return new Uint8Array(bytes);
}

/** The Parquet schema of a table, in preorder, as the file's footer lists it. */
export function parquetSchema(table: Pick<StructField, 'fields'>): SchemaElement[] {
  const fields = Object.entries(table.fields);
  return [{ name: 'hive_schema', num_children: fields.length }, ...fields.flatMap(([n, f]) => elements(n, f))];
}

function elements(name: string, field: Field): SchemaElement[] {
  const optional = { name, repetition_type: 'OPTIONAL' } as const;
  switch (field.kind) {
    case 'string':
      return [{ ...optional, type: 'BYTE_ARRAY', converted_type: 'UTF8' }];
    case 'integer':
      return [{ ...optional, type: 'INT64' }];
    case 'boolean':
      return [{ ...optional, type: 'BOOLEAN' }];
    case 'struct': {
      const children = Object.entries(field.fields);
      return [{ ...optional, num_children: children.length }, ...children.flatMap(([n, f]) => elements(n, f))];
    }
    case 'list':
      return [
        { ...optional, converted_type: 'LIST', num_children: 1 },
        { name: 'bag', repetition_type: 'REPEATED', num_children: 1 },
        ...elements('array_element', field.element),
      ];
  }
}

/** A value as the writer wants it; the writer itself does not check types and would store what it is given. */
function physical(field: Field, value: unknown, path: string): unknown {
  if (value === undefined || value === null) return undefined;
  switch (field.kind) {
    case 'string':
      if (typeof value !== 'string') throw misfit(path, 'a string', value);
      return value;
    case 'integer':
      if (typeof value === 'bigint') return value;
      if (!Number.isSafeInteger(value)) throw misfit(path, 'an integer', value);
      return BigInt(value as number);
    case 'boolean':
      if (typeof value !== 'boolean') throw misfit(path, 'a boolean', value);
      return value;
    case 'list':
      if (!Array.isArray(value)) throw misfit(path, 'a list', value);
      return value.map((element) => physical(field.element, element, `${path}[]`));
    case 'struct':
      if (typeof value !== 'object' || Array.isArray(value)) throw misfit(path, 'a struct', value);
      return physicalStruct(field.fields, value as Record<string, unknown>, `${path}.`);
  }
}

function physicalStruct(
  fields: Readonly<Record<string, Field>>,
  value: Record<string, unknown>,
  path: string,
): Record<string, unknown> {
  const struct: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) throw new TypeError(`${path}${name} is not a column`);
    struct[name] = physical(field, value[name], path + name);
  }
  return struct;
}

function misfit(path: string, expected: string, value: unknown): TypeError {
  return new TypeError(`column ${path} holds ${expected}, got ${typeof value} ${String(value)}`);
}
