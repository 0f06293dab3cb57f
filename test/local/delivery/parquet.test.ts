import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parquetSchema, toParquet } from '../../../bin/local/delivery/parquet';
import { boolean, integer, list, string, struct, type Field } from '../../../lib/event/field';
import { auditEventStruct } from '../../../lib/event/schema';

type Row = Record<string, unknown>;

let folder: string;
let duckdb: DuckDBInstance;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'parquet-'));
  duckdb = await DuckDBInstance.create();
});
afterAll(() => {
  duckdb.closeSync();
  rmSync(folder, { recursive: true });
});

async function viaDuckdb(bytes: Uint8Array): Promise<Row[]> {
  const file = path.join(folder, `${Math.random()}.parquet`);
  writeFileSync(file, bytes);
  const connection = await duckdb.connect();
  try {
    const reader = await connection.runAndReadAll(`SELECT * FROM read_parquet('${file}')`);
    return reader.getRowObjectsJson() as Row[];
  } finally {
    connection.closeSync();
  }
}

async function viaHyparquet(bytes: Uint8Array): Promise<Row[]> {
  return parquetReadObjects({ file: bytes.slice().buffer });
}

/** What must come back: nulls and undefined alike are NULL; integers as text, since readers give BigInt or text. */
function normal(field: Field, value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (field.kind === 'integer') return String(value);
  if (field.kind === 'list') return (value as unknown[]).map((element) => normal(field.element, element));
  if (field.kind !== 'struct') return value;
  return Object.fromEntries(Object.entries(field.fields).map(([n, f]) => [n, normal(f, (value as Row)[n])]));
}

/** Any value of a field: absent, empty struct, empty list and null elements included. */
function arbitrary(field: Field): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case 'string':
      return fc
        .string({ unit: 'grapheme', maxLength: 20 })
        .filter((text) => text.isWellFormed() && text[0] !== '\ufeff');
    case 'integer':
      return fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
    case 'boolean':
      return fc.boolean();
    case 'list':
      return fc.array(fc.option(arbitrary(field.element), { nil: undefined }), { maxLength: 4 });
    case 'struct':
      return fc.record(
        Object.fromEntries(
          Object.entries(field.fields).map(([n, f]) => [n, fc.option(arbitrary(f), { nil: undefined })]),
        ),
        { requiredKeys: [] },
      );
  }
}

const deep = struct('A table that nests all kinds in each other.', {
  first: string('A leaf.'),
  lists: list(
    'Of structs with lists in them.',
    struct('s', {
      id: integer('i'),
      tags: list('t', string('t')),
      inner: struct('s', {
        flags: list('l', struct('s', { on: boolean('b'), path: list('l', list('l', integer('i'))) })),
      }),
    }),
  ),
  outer: struct('s', {
    middle: struct('s', { leaf: integer('i'), list: list('l', integer('i')) }),
    other: boolean('b'),
  }),
  last: boolean('A leaf.'),
});

describe('Parquet', () => {
  it.each([
    ['a table that nests all kinds', deep as Field & { kind: 'struct' }, 150],
    ['the audit event', auditEventStruct as Field & { kind: 'struct' }, 25],
  ])('%s comes back the same from DuckDB and hyparquet', async (_, table, runs) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(arbitrary(table) as fc.Arbitrary<Row>, { minLength: 1, maxLength: 12 }),
        async (rows) => {
          const bytes = toParquet(rows, table);
          const expected = rows.map((row) => normal(table, row));
          expect((await viaDuckdb(bytes)).map((row) => normal(table, row))).toEqual(expected);
          expect((await viaHyparquet(bytes)).map((row) => normal(table, row))).toEqual(expected);
        },
      ),
      { numRuns: runs },
    );
  });

  it('tells an absent struct from an empty one, and an absent list from an empty one', async () => {
    const rows = [{}, { outer: {} }, { outer: { middle: {} } }, { lists: [] }, { lists: [undefined] }, { lists: [{}] }];
    const [none, outer, middle, empty, hole, blank] = await viaDuckdb(toParquet(rows, deep));
    expect(none).toEqual({ first: null, lists: null, outer: null, last: null });
    expect(outer!.outer).toEqual({ middle: null, other: null });
    expect(middle!.outer).toEqual({ middle: { leaf: null, list: null }, other: null });
    expect(empty!.lists).toEqual([]);
    expect(hole!.lists).toEqual([null]);
    expect(blank!.lists).toEqual([{ id: null, tags: null, inner: null }]);
  });

  it('has the columns of the declaration in its order, all OPTIONAL, in Snappy', async () => {
    const { schema, row_groups } = parquetMetadata(toParquet([{ time: 1 }, { time: 2 }]).slice().buffer);
    const top = Object.keys(auditEventStruct.fields);
    expect((await viaDuckdb(toParquet([{ time: 1 }]))).flatMap(Object.keys)).toEqual(top);
    expect(
      schema
        .slice(1)
        .every(({ name, repetition_type }) => repetition_type === (name === 'bag' ? 'REPEATED' : 'OPTIONAL')),
    ).toBe(true);
    expect(new Set(row_groups.flatMap(({ columns }) => columns.map((c) => c.meta_data!.codec)))).toEqual(
      new Set(['SNAPPY']),
    );
    expect(row_groups).toHaveLength(1);
  });

  it('names lists as Hive does', () => {
    expect(parquetSchema(struct('t', { a: list('l', integer('i')) }))).toEqual([
      { name: 'hive_schema', num_children: 1 },
      { name: 'a', repetition_type: 'OPTIONAL', converted_type: 'LIST', num_children: 1 },
      { name: 'bag', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'array_element', repetition_type: 'OPTIONAL', type: 'INT64' },
    ]);
  });

  it('holds thousands of rows and repeated values', async () => {
    const rows = Array.from({ length: 5000 }, (_, i) => ({
      first: `value ${i % 7}`,
      lists: Array.from({ length: i % 3 }, (_, j) => ({ id: i * j, tags: ['x', 'y'].slice(0, j) })),
    }));
    const read = await viaDuckdb(toParquet(rows, deep));
    expect(read.map((row) => normal(deep, row))).toEqual(rows.map((row) => normal(deep, row)));
  });

  it('writes a file of no rows', async () => {
    expect(await viaDuckdb(toParquet([]))).toEqual([]);
  });

  it.each([
    [{ first: 1 }, 'column first holds a string, got number 1'],
    [{ outer: { middle: { leaf: 1.5 } } }, 'column outer.middle.leaf holds an integer, got number 1.5'],
    [{ lists: {} }, 'column lists holds a list'],
    [{ outer: { nobody: 1 } }, 'outer.nobody is not a column'],
    [{ nobody: 1 }, 'nobody is not a column'],
    [{ last: 'true' }, 'column last holds a boolean'],
  ])('refuses what does not fit: %j', (row, message) => {
    expect(() => toParquet([row], deep)).toThrow(message);
  });
});
