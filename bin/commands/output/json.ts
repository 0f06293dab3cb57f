import type { QueryResult } from '../../query/queries';

/** One JSON array, one object a row and a line, so that both JSON parsers and line tools cope. */
export function toJson({ columns, rows }: QueryResult): string {
  if (rows.length === 0) return '[]\n';
  const objects = rows.map((row) => JSON.stringify(Object.fromEntries(columns.map((name, i) => [name, row[i]]))));
  return `[\n${objects.join(',\n')}\n]\n`;
}
