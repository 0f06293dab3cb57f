import os from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLocalTrail, type LocalTrail } from '../../bin/query/duckdb-queries';

let trail: LocalTrail;

beforeAll(async () => {
  trail = await openLocalTrail(os.tmpdir());
});

afterAll(() => trail.close());

describe('values of a result', () => {
  it.each([
    ['1::TINYINT', 1],
    ['9007199254740991::BIGINT', 9007199254740991],
    ['9007199254740993::BIGINT', '9007199254740993'],
    ['170141183460469231731687303715884105727::HUGEINT', '170141183460469231731687303715884105727'],
    ['1.5::DOUBLE', 1.5],
    [`'nan'::DOUBLE`, 'NaN'],
    ['1.50::DECIMAL(4,2)', 1.5],
    ['-0.07::DECIMAL(4,2)', -0.07],
    ['123456789012345678.123::DECIMAL(21,3)', '123456789012345678.123'],
    ['true', true],
    ['NULL', null],
    [`TIMESTAMP '2026-11-24 07:30:00.123456'`, '2026-11-24T07:30:00.123Z'],
    [`TIMESTAMP '1969-12-31 23:59:59.999'`, '1969-12-31T23:59:59.999Z'],
    [`TIMESTAMPTZ '2026-11-24 07:30:00+02'`, '2026-11-24T05:30:00.000Z'],
    [`TIMESTAMP_S '2026-11-24 07:30:00'`, '2026-11-24T07:30:00.000Z'],
    [`TIMESTAMP_MS '2026-11-24 07:30:00.5'`, '2026-11-24T07:30:00.500Z'],
    [`TIMESTAMP_NS '2026-11-24 07:30:00.123456789'`, '2026-11-24T07:30:00.123Z'],
    [`'infinity'::TIMESTAMP`, 'infinity'],
    [`CAST(TIMESTAMPTZ '2026-11-24 07:30:00+00' AS VARCHAR)`, '2026-11-24 07:30:00+00'],
    [`DATE '2026-11-24'`, '2026-11-24'],
    [`'\\xAA'::BLOB`, '\\xAA'],
    [`{'a': 1, 'b': NULL, 'c': {'d': NULL}}`, { a: 1 }],
    [`{'a': NULL}`, null],
    [`[1, NULL]`, [1, null]],
    [`[{'a': TIMESTAMP '2026-11-24 07:30:00', 'b': NULL}]`, [{ a: '2026-11-24T07:30:00.000Z' }]],
    [`MAP {'k': 1}`, [{ key: 'k', value: 1 }]],
    ['[1, 2]::INTEGER[2]', [1, 2]],
  ])('%s', async (sql, value) => {
    expect((await trail.run(`SELECT ${sql} AS v`)).rows).toEqual([[value]]);
  });
});
