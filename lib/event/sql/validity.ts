import type { Field, StructField } from '../field';
import { auditEventStruct } from '../schema';
import { identifier, literal, type Dialect } from './dialect';

/**
 * What of an event is not as the schema declares it, as SQL: a word or number outside an enumeration, an integer that no
 * event can hold, a required field that is missing, an empty element of a list. NULL if it is an event. `eventProblem` says
 * the same of an event of JSON, and `EventColumns` of a Parquet file's columns; types are those of the columns.
 */
export function invaliditySql(dialect: Dialect): string {
  const checks = new Checks(dialect);
  return `substr(${checks.ofMembers(auditEventStruct, identifier, '')}, 1, 300)`;
}

const { MIN_SAFE_INTEGER, MAX_SAFE_INTEGER } = Number;

class Checks {
  private variables = 0;

  constructor(private readonly dialect: Dialect) {}

  /**
   * The first problem of a struct that is there, or NULL.
   *
   * @param member SQL of a member by its name
   */
  ofMembers({ fields }: StructField, member: (name: string) => string, path: string): string {
    const cases: string[] = [];
    const nested: string[] = [];
    for (const [name, field] of Object.entries(fields)) {
      const [value, below] = [member(name), path === '' ? name : `${path}.${name}`];
      if (field.required) cases.push(`WHEN NOT ${this.isThere(field, value)} THEN ${literal(`${below} is missing`)}`);
      if (field.kind === 'struct') {
        const members = this.ofMembers(field, (one) => `${value}.${identifier(one)}`, below);
        nested.push(`CASE WHEN ${this.isThere(field, value)} THEN ${members} END`);
      } else if (field.kind === 'list') {
        if (field.length !== undefined) {
          const size = this.sizeOf(value);
          const detail = `${literal(`${below} has `)} || CAST(${size} AS varchar) || ' entries'`;
          cases.push(`WHEN ${size} <> ${field.length} THEN ${detail}`);
        }
        nested.push(this.ofElements(field.element, value, `${below}[]`));
      } else cases.push(...ofValue(field, value, below));
    }
    const own = cases.length === 0 ? [] : [`CASE ${cases.join('\n      ')} END`];
    const all = [...own, ...nested];
    return all.length === 1 ? all[0]! : `coalesce(${all.length === 0 ? 'NULL, NULL' : all.join(',\n    ')})`;
  }

  /** The problems of a list's elements with commas between them, or NULL. */
  private ofElements(field: Field, list: string, path: string): string {
    this.variables += 1;
    const problems = this.dialect.mapList(list, `e${this.variables}`, (element) => {
      const empty = `WHEN NOT ${this.isThere(field, element)} THEN ${literal(`${path} is empty`)}`;
      if (field.kind !== 'struct') return `CASE ${[empty, ...ofValue(field, element, path)].join(' ')} END`;
      const members = this.ofMembers(field, (name) => `${element}.${identifier(name)}`, path);
      return `CASE ${empty} ELSE ${members} END`;
    });
    return this.dialect.joinList(problems);
  }

  /** Whether there is something in a value: a struct of nothing but absent fields is absent, and so is an empty list. */
  private isThere(field: Field, value: string): string {
    if (field.kind === 'list') return `(${this.sizeOf(value)} > 0)`;
    if (field.kind !== 'struct') return `(${value} IS NOT NULL)`;
    const members = Object.entries(field.fields);
    return `(${members.map(([name, one]) => this.isThere(one, `${value}.${identifier(name)}`)).join(' OR ')})`;
  }

  private sizeOf(list: string): string {
    return `coalesce(${this.dialect.name === 'athena' ? 'cardinality' : 'len'}(${list}), 0)`;
  }
}

function ofValue(field: Field, value: string, path: string): string[] {
  const is = `${literal(`${path} is `)} || substr(CAST(${value} AS varchar), 1, 100)`;
  if (field.kind === 'string') {
    return field.values === undefined ? [] : [`WHEN ${value} NOT IN (${field.values.map(literal).join(', ')}) THEN ${is}`];
  }
  if (field.kind !== 'integer') return [];
  const allowed =
    field.captions === undefined
      ? `NOT BETWEEN ${field.min ?? MIN_SAFE_INTEGER} AND ${MAX_SAFE_INTEGER}`
      : `NOT IN (${Object.keys(field.captions).join(', ')})`;
  return [`WHEN ${value} ${allowed} THEN ${is}`];
} // prettier-ignore
