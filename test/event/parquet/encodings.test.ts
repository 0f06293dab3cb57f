import fc from 'fast-check';
import { parquetWriteBuffer, type ColumnSource } from 'hyparquet-writer';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parquetSchema } from '../../../bin/local/delivery/parquet';
import { eachStatedFingerprint } from '../../../lib/event/objects/stated-events';
import { readColumn, type ColumnValue } from '../../../lib/event/parquet/column';
import { readFooter } from '../../../lib/event/parquet/footer';
import { auditEventStruct } from '../../../lib/event/schema';
import { literal } from '../../../lib/event/sql/dialect';
import { EventTable } from '../../support/event-table';
import { randomDraft, sealRandom } from '../../support/random-event';
import { SEED } from '../../support/seed';

/**
 * What delivery streams can write: version 1 of the format (PLAIN, PLAIN_DICTIONARY, RLE for levels), and version 2
 * (RLE_DICTIONARY, DELTA_BINARY_PACKED, DELTA_BYTE_ARRAY, RLE for booleans); DuckDB writes DELTA_LENGTH_BYTE_ARRAY as well.
 */
const KEY = 'events/dt=2026-11-24/hour=07/a.parquet';
let table: EventTable;
beforeAll(async () => void (table = await EventTable.create()));
afterAll(() => table.close());

const bytesOf = (bytes: Buffer) => ({ size: bytes.length, range: async (start: number, end: number) => bytes.subarray(start, end) }); // prettier-ignore

async function stated(bytes: Buffer) {
  const fingerprints: string[] = [];
  const problem = await eachStatedFingerprint(KEY, bytesOf(bytes), (one) => void fingerprints.push(one));
  return { problem, fingerprints };
}

it.each(['V1', 'V2'])('reads events as DuckDB writes them, version %s', async (version) => {
  const drafts = fc.sample(randomDraft({ hostile: false }), { numRuns: 60, seed: SEED });
  const sealed = sealRandom(drafts);
  const columns = Object.keys(auditEventStruct.fields).map((name) => `"${name}"`);
  const names = columns.join(', ');
  const file = table.write('events.json', sealed.map(({ line }) => line).join('\n'));
  const { duckdbReadJsonColumns } = await import('../../../lib/event/duckdb');
  const source = `read_json(${literal(file)}, format = 'newline_delimited', columns = ${duckdbReadJsonColumns()})`;
  const target = table.write(`${version}.parquet`, '');
  await table.connection.run(`COPY (SELECT ${names} FROM ${source}) TO ${literal(target)} (FORMAT parquet, COMPRESSION snappy, PARQUET_VERSION ${version})`); // prettier-ignore
  const { problem, fingerprints } = await stated(await readFile(target));
  expect(problem).toBeUndefined();
  expect([...fingerprints].sort()).toEqual(sealed.map(({ fingerprint }) => fingerprint).sort());
});

const ENCODINGS: Record<string, readonly string[]> = {
  INT64: ['PLAIN', 'RLE_DICTIONARY', 'DELTA_BINARY_PACKED'],
  BYTE_ARRAY: ['PLAIN', 'RLE_DICTIONARY', 'DELTA_LENGTH_BYTE_ARRAY', 'DELTA_BYTE_ARRAY'],
  BOOLEAN: ['PLAIN', 'RLE'],
};

const VALUES: Record<string, fc.Arbitrary<unknown>> = {
  INT64: fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: -5n, max: 5n })),
  BYTE_ARRAY: fc.oneof(fc.string(), fc.string().map((text) => `the same beginning ${text}`)),
  BOOLEAN: fc.boolean(),
}; // prettier-ignore

it.each(Object.entries(ENCODINGS).flatMap(([type, all]) => all.map((encoding) => [type, encoding] as const)))(
  'reads values of type %s in %s as they were written',
  async (type, encoding) => {
    const values = fc.array(fc.option(VALUES[type]!), { minLength: 1, maxLength: 700 });
    await fc.assert(
      fc.asyncProperty(values, fc.integer({ min: 64, max: 4_096 }), async (data, pageSize) => {
        const column = { name: 'x', data, encoding } as unknown as ColumnSource;
        const text = type === 'BYTE_ARRAY' ? ({ converted_type: 'UTF8' } as const) : {};
        const schema = [{ name: 'root', num_children: 1 }, { name: 'x', type: type as 'INT64', repetition_type: 'OPTIONAL' as const, ...text }]; // prettier-ignore
        const bytes = Buffer.from(parquetWriteBuffer({ columnData: [column], schema, codec: 'SNAPPY', pageSize }));
        const footer = await readFooter(bytesOf(bytes));
        const read: unknown[] = [];
        const chunk = footer.groups[0]!.columns[0]!;
        readColumn(chunk, bytes.subarray(chunk.start, chunk.end), footer.columns, () => undefined, {
          value: (value: ColumnValue) => (value instanceof Uint8Array ? Buffer.from(value).toString() : value),
          entry: (_, definition, value) => void read.push(definition === 1 ? value : null),
        });
        expect(read).toEqual(data);
      }),
      { numRuns: 12 },
    );
  },
);

it('reads no more of mutated files than it would of others', async () => {
  const rows = sealRandom(fc.sample(randomDraft({ hostile: false }), { numRuns: 5, seed: SEED })).map(({ event }) => event);
  const { toParquet } = await import('../../../bin/local/delivery/parquet');
  const good = Buffer.from(toParquet(rows));
  expect(parquetSchema(auditEventStruct).length).toBeGreaterThan(100);
  const mutation = fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 }));
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 4 }), async (mutations) => {
      const bytes = Buffer.from(good);
      for (const [at, byte] of mutations) bytes[at] = byte;
      // It says what it sees, or what is wrong; it does not hang, and makes nothing of what is claimed.
      const result = await stated(bytes).catch((error: unknown) => error);
      if (result instanceof Error) expect(result.message).not.toMatch(/undefined|Invalid array length|not a function|out of memory/i);
      else expect((result as { fingerprints: string[] }).fingerprints.length).toBeLessThanOrEqual(5);
    }),
    { numRuns: 150 },
  );
}); // prettier-ignore
