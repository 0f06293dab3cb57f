import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

it('every code of a LedgerError is explained', () => {
  const source = readFileSync(path.join(__dirname, '../../lib/ledger/error.ts'), 'utf8');
  const explained = [...source.matchAll(/ \* \| (`.*?`) \|/g)].flatMap(([, cell = '']) => cell.match(/\w+/g) ?? []);
  const codes = [...source.matchAll(/^ {2}\| '(\w+)'/gm)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(20);
  expect(explained.sort()).toEqual(codes.sort());
});
