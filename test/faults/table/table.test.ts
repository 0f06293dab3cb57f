import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { GUARANTEES } from '../routes';
import { FAULT_TABLE } from './groups';
import { withTable } from './markdown';
import { measure } from './measure';

describe.each(FAULT_TABLE)('$title', ({ rows }) => {
  // Which of two sinks is first is a matter of milliseconds, and a busy machine may take longer for either.
  it.concurrent.each(rows)('$fault', { timeout: 120_000, retry: 3 }, async (row) => {
    const { measured, problems } = await measure(row);
    expect(measured).toEqual(Object.fromEntries(GUARANTEES.map((guarantee) => [guarantee, row[guarantee]])));
    expect(problems).toEqual([]);
  });
});

it('docs/guarantees.md shows what is measured here', () => {
  const page = readFileSync(path.join(__dirname, '../../../docs/guarantees.md'), 'utf8');
  const same = withTable(page, FAULT_TABLE) === page;
  expect(same, 'docs/guarantees.md shows another table: run `npm run docs:faults`').toBe(true);
});
