import { HiveSQL } from 'dt-sql-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { duckdbColumns, duckdbType } from '../../lib/event/duckdb';
import { boolean, integer, list, string, struct } from '../../lib/event/field';
import { glueColumns, glueType } from '../../lib/event/glue';
import { auditEventSchema } from '../../lib/event/schema';
import { EventTable } from '../support/event-table';

const nested = list(
  '',
  struct('', { time: integer(''), user: struct('', { mfa: boolean('') }), tags: list('', string('')) }),
);

describe('the columns of Glue', () => {
  it('are written in Hive’s syntax', () => {
    expect(glueType(nested)).toBe('array<struct<time:bigint,user:struct<mfa:boolean>,tags:array<string>>>');
  });

  it('are those of the schema, in its order, each with a comment', () => {
    expect(glueColumns().map(({ name }) => name)).toEqual(Object.keys(auditEventSchema));
    for (const { comment } of glueColumns()) expect(comment).toMatch(/^[A-Z`].{3,254}$/);
  });

  it('make a table definition that Hive’s grammar takes', () => {
    // Within struct<…>, Hive's grammar wants backticks for reserved words; Glue's API takes the bare names.
    const quoted = (type: string) => type.replace(/(\w+):/g, '`$1`:');
    const columns = glueColumns().map(({ name, type }) => `\`${name}\` ${quoted(type)}`);
    const ddl = (text: string) => `CREATE EXTERNAL TABLE events (${text}) LOCATION 's3://bucket/events/'`;
    expect(new HiveSQL().validate(ddl(columns.join(', ')))).toEqual([]);
    expect(new HiveSQL().validate(ddl(columns.join(', ').replace('struct<', 'struct')))).not.toEqual([]);
  });

  it('fit the 131,072 characters that Glue takes for a type', () => {
    for (const { type } of glueColumns()) expect(type.length).toBeLessThan(131_072);
  });

  it('have names that every engine in the way keeps as they are', () => {
    // Firehose's JSON reader lower-cases names, and Hive knows no others.
    for (const { name, type } of glueColumns()) expect(`${name}:${type}`).toMatch(/^[a-z0-9_:<>,]+$/);
  });
});

describe('the columns of DuckDB', () => {
  let table: EventTable;
  beforeAll(async () => {
    table = await EventTable.create();
  });
  afterAll(() => table.close());

  it('are written in its syntax', () => {
    expect(duckdbType(nested)).toBe('STRUCT("time" BIGINT, "user" STRUCT("mfa" BOOLEAN), "tags" VARCHAR[])[]');
  });

  it('make a table with exactly these types', async () => {
    const described = await table.query('SELECT column_name, column_type FROM (DESCRIBE raw)');
    const expected = [...duckdbColumns(), { name: 'dt', type: 'VARCHAR' }, { name: 'hour', type: 'VARCHAR' }];
    expect(described.map((row) => ({ name: row.column_name, type: unquoted(row.column_type) }))).toEqual(
      expected.map(({ name, type }) => ({ name, type: unquoted(type) })),
    );
  });
});

/** DuckDB quotes only the names that need it. */
function unquoted(type: unknown): string {
  return String(type).replaceAll('"', '');
}
