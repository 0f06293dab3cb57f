import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { FINDING_HELP } from '../bin/verify/help/findings';

const ROOT = path.join(__dirname, '..');
const rows = readFileSync(path.join(ROOT, 'SECURITY.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && line.split(' | ').length === 5)
  .slice(2);

const namesIn = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);

it('SECURITY.md names a test that is there in each line of its table', () => {
  const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
  expect(rows.length).toBeGreaterThan(20);
  for (const row of rows) {
    const named = namesIn(row.split(' | ')[4]!);
    expect(named.length > 0 || row.endsWith('| the same |'), row).toBe(true);
    for (const name of named) {
      const script = /^npm run (.*)$/.exec(name)?.[1];
      const isThere =
        script === undefined
          ? ['', '.test.ts'].some((suffix) => existsSync(path.join(ROOT, 'test', name + suffix)))
          : script in scripts;
      expect(isThere, name).toBe(true);
    }
  }
});

it('SECURITY.md names codes that verify has', () => {
  const codes = rows.flatMap((row) => namesIn(row.split(' | ')[3]!)).filter((name) => /^[A-Z]+_[A-Z_]+$/.test(name));
  const others = ['LEDGER_GONE']; // the sealer's
  expect(codes.filter((code) => !(code in FINDING_HELP) && !others.includes(code))).toEqual([]);
});
