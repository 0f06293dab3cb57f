import { Option } from 'commander';
import type { QueryResult } from '../../query/queries';
import { toCsv } from './csv';
import { toJson } from './json';
import { screenOf, toTable } from './table';

export const FORMATS = ['table', 'json', 'csv'] as const;
export type Format = (typeof FORMATS)[number];

/** `--format`, the same for every command that prints rows. */
export function formatOption(): Option {
  return new Option('--format <format>', 'table to read, json (one array of objects), or csv (RFC 4180, whole values)')
    .choices([...FORMATS])
    .default('table');
}

/** Rows in one of the formats, with a line break at the end. */
export function render(result: QueryResult, format: Format): string {
  switch (format) {
    case 'table':
      return toTable(result, screenOf(process.stdout));
    case 'json':
      return toJson(result);
    case 'csv':
      return toCsv(result);
  }
}
