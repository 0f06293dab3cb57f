import { describe, expect, it } from 'vitest';
import { toTable } from '../../../bin/commands/output/table';
import type { QueryValue } from '../../../bin/query/queries';

const table = (columns: string[], rows: QueryValue[][], width?: number, color = false) =>
  toTable({ columns, rows }, { width, color });

describe('toTable', () => {
  it('aligns texts left and numbers right', () => {
    expect(
      table(
        ['name', 'n'],
        [
          ['a', 1],
          ['bbbbb', 22],
          [null, null],
        ],
      ),
    ).toBe('name    n\na       1\nbbbbb  22\n\n');
  });

  it('says when there is nothing', () => {
    expect(table(['a'], [])).toBe('no rows\n');
  });

  it('cuts the widest columns to fit the screen', () => {
    const text = table(['id', 'long', 'longer'], [['x1', 'a'.repeat(40), 'b'.repeat(60)]], 40);
    const lines = text.trimEnd().split('\n');
    expect(lines.map((line) => line.length)).toEqual([expect.any(Number), 40]);
    expect(lines[1]).toMatch(/^x1 {2}a{16}… {2}b{16}…$/);
  });

  it('cuts neither numbers nor times', () => {
    const text = table(['time', 'text', 'n'], [['2026-11-24T07:30:00.000Z', 'x'.repeat(99), 1234567890123]], 60);
    expect(text.split('\n')[1]).toBe(`2026-11-24T07:30:00.000Z  ${'x'.repeat(18)}…  1234567890123`);
  });

  it('copes with a great many rows', () => {
    const rows = Array.from({ length: 50_000 }, (_, i) => [i]);
    expect(table(['n'], rows)).toMatch(/^ {4}n\n {4}0\n/);
  });

  it('cuts nothing where there is no screen', () => {
    expect(table(['a'], [['x'.repeat(5000)]])).toContain('x'.repeat(5000));
  });

  it('prints each row as a block where columns would become too narrow', () => {
    const columns = Array.from({ length: 12 }, (_, i) => `column_${i}`);
    const text = table(columns, [columns.map(() => 'value '.repeat(20))], 60);
    const lines = text.trimEnd().split('\n');
    expect(lines).toHaveLength(13);
    expect(lines[0]).toBe('── 1 ──');
    expect(lines[1]).toMatch(/^column_0 {3}value value .*…$/);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
  });

  it('dims the headings on a terminal with colors only', () => {
    expect(table(['a'], [['x']], 80, true)).toBe('\u001b[2ma\u001b[22m\nx\n');
    expect(table(['a'], [['x']], 80, false)).toBe('a\nx\n');
  });

  it('shows control characters instead of sending them to the terminal', () => {
    expect(table(['a'], [['\u001b[31mred\u0007\nline\t\u202e']])).toBe('a\n\\u001b[31mred\\u0007\\nline\\t\\u202e\n');
    expect(table(['\u001b]0;x'], [['x']])).not.toContain('\u001b');
  });

  it('keeps columns straight with wide characters and combining marks', () => {
    const lines = table(
      ['a', 'b'],
      [
        ['日本', 'x'],
        ['e\u0301', 'x'],
        ['🙂', 'x'],
      ],
    ).split('\n');
    expect(lines.slice(1, 4)).toEqual(['日本  x', 'e\u0301     x', '🙂    x']);
  });

  it('writes nested values as JSON', () => {
    expect(table(['a'], [[{ k: [1, 'x'] }]])).toBe('a\n{"k":[1,"x"]}\n');
  });
});
