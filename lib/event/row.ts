import type { Field } from './field';
import { auditEventStruct, type AuditEvent } from './schema';

/**
 * Makes an event of a row that was read from Parquet: the way back from the columns, for whoever verifies.
 *
 * Readers give integers as bigint and absent fields as null or undefined, and structs of nothing but these where the
 * event had no struct; all this is undone. Columns that are not declared (partition columns, say) are left out.
 *
 * @throws TypeError if a value does not fit its declaration, so that it cannot be what was sealed.
 */
export function eventFromRow(row: Readonly<Record<string, unknown>>): AuditEvent {
  const event = fromColumn(auditEventStruct, row, 'event');
  if (event === undefined) throw new TypeError('the row holds no event');
  return event as AuditEvent;
}

function fromColumn(field: Field, value: unknown, path: string): unknown {
  if (value === undefined || value === null) return undefined;
  switch (field.kind) {
    case 'string':
    case 'boolean':
      if (typeof value !== field.kind) throw misfit(path, field, value);
      return value;
    case 'integer': {
      const integer = typeof value === 'bigint' ? Number(value) : value;
      if (!Number.isSafeInteger(integer)) throw misfit(path, field, value);
      return integer;
    }
    case 'list': {
      if (!Array.isArray(value)) throw misfit(path, field, value);
      const elements = value.map((element, i) => {
        const part = fromColumn(field.element, element, `${path}[${i}]`);
        // No event holds an empty element: leaving it out here would hide that somebody put it in.
        if (part === undefined) throw misfit(`${path}[${i}]`, field.element, element);
        return part;
      });
      return elements.length === 0 ? undefined : elements;
    }
    case 'struct': {
      if (typeof value !== 'object' || Array.isArray(value)) throw misfit(path, field, value);
      const struct: Record<string, unknown> = {};
      for (const [name, member] of Object.entries(field.fields)) {
        const part = fromColumn(member, (value as Record<string, unknown>)[name], `${path}.${name}`);
        if (part !== undefined) struct[name] = part;
      }
      return Object.keys(struct).length === 0 ? undefined : struct;
    }
  }
}

function misfit(path: string, field: Field, value: unknown): TypeError {
  return new TypeError(`${path} must be of kind ${field.kind}, got ${typeof value} ${String(value)}`);
}
