import { stringify } from 'csv-stringify/sync';
import type { QueryResult, QueryValue } from '../../query/queries';
import { cellText } from './cell';

/**
 * CSV by RFC 4180 with a header line. Texts that a spreadsheet would take for a formula begin with an apostrophe: much of
 * an audit log was chosen by callers.
 *
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
export function toCsv({ columns, rows }: QueryResult): string {
  return stringify([columns, ...rows.map((row) => row.map(csvCell))], { record_delimiter: 'windows' });
}

function csvCell(value: QueryValue): string {
  const text = cellText(value);
  return typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}
