import { auditEventSchema } from '../schema';
import { identifier } from './dialect';

/**
 * The nested events of several tables with the columns of `audit_events_raw`, as a table in parentheses: what the
 * delivery streams brought, and what took the fallback. A condition on dt and hour goes down to each table.
 *
 * @param tables at least one, as they are written in SQL.
 */
export function allEventsSql(tables: readonly string[]): string {
  const columns = [...Object.keys(auditEventSchema), 'dt', 'hour'].map(identifier).join(', ');
  return `(\n  ${tables.map((table) => `SELECT ${columns} FROM ${table}`).join('\n  UNION ALL\n  ')}\n)`;
}
