import type { QueryValue } from '../../query/queries';

/** A value in a table or CSV: absent is empty, nested values are JSON. */
export function cellText(value: QueryValue): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
