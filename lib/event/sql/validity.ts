import type { Field } from '../field';
import { auditEventSchema } from '../schema';
import { column, identifier, literal, type Dialect } from './dialect';

/**
 * What of an event is not as the schema declares it, as SQL: a word or number outside an enumeration, a field missing that
 * every event has, more or fewer than one attestation, a place in the chain below 0. NULL if it is as declared. Lists other
 * than that of the attestations are not looked into; types are those of the columns.
 */
export function invaliditySql(dialect: Dialect): string {
  const checks = [...fieldChecks(auditEventSchema, '', true), ...attestationChecks(dialect)];
  const place = column('metadata.sequence');
  const size = `coalesce(${dialect.name === 'athena' ? 'cardinality' : 'len'}(${column('attestation_list')}), 0)`;
  return `CASE
    WHEN ${place} < 0 THEN 'metadata.sequence is ' || CAST(${place} AS varchar)
    WHEN ${size} <> 1 THEN 'attestation_list has ' || CAST(${size} AS varchar) || ' entries'
${checks.join('\n')}
  END`;
}

function attestationChecks(dialect: Dialect): string[] {
  const { fields } = auditEventSchema.attestation_list.element;
  const struct = dialect.firstOf(column('attestation_list'));
  return membersOf(fields, struct, 'attestation_list[0]', true);
}

function fieldChecks(fields: Readonly<Record<string, Field>>, path: string, isThere: boolean): string[] {
  return Object.entries(fields).flatMap(([name, field]) => checksOf(field, identifier(name), path + name, isThere));
}

/** @param isThere whether every event has the struct */
function membersOf(fields: Readonly<Record<string, Field>>, struct: string, path: string, isThere: boolean): string[] {
  return Object.entries(fields).flatMap(([name, field]) =>
    checksOf(field, `${struct}.${identifier(name)}`, `${path}.${name}`, isThere),
  );
}

function checksOf(field: Field, value: string, path: string, isThere: boolean): string[] {
  const missing = field.required && isThere ? [`    WHEN ${value} IS NULL THEN ${literal(`${path} is missing`)}`] : [];
  switch (field.kind) {
    case 'struct':
      return [...missing, ...membersOf(field.fields, value, path, isThere && field.required)];
    case 'string':
      return [...missing, ...outside(value, path, field.values?.map(literal))];
    case 'integer':
      return [...missing, ...outside(value, path, field.captions && Object.keys(field.captions))];
    default:
      return missing;
  }
}

function outside(value: string, path: string, allowed: readonly string[] | undefined): string[] {
  if (allowed === undefined) return [];
  const text = `substr(CAST(${value} AS varchar), 1, 100)`;
  return [`    WHEN ${value} NOT IN (${allowed.join(', ')}) THEN ${literal(`${path} is `)} || ${text}`];
}
