import { addressCondition } from './address-condition';
import type { Condition } from './condition';
import { instantOf } from './instant';
import type { QueryParameter } from './queries';

/** What `audit-proxy events` can be asked for, as people write it. */
export interface EventsFilter {
  /** Who: exact, or with `*`. */
  readonly who?: string | undefined;
  /** Operation, method, activity, path, or method and path; with `*`. */
  readonly what?: string | undefined;
  /** Source address: exact, with `*`, or a network such as 10.0.0.0/8. */
  readonly where?: string | undefined;
  /** Service: exact, or with `*`. */
  readonly service?: string | undefined;
  /** success, failure, unknown, a status code, a class such as 4xx, or allowed, blocked, error. */
  readonly result?: string | undefined;
  /** First instant: ISO 8601, or a span back from now such as 15m. */
  readonly since?: string | undefined;
  /** Last instant, likewise. */
  readonly until?: string | undefined;
  /** How many events at most, the newest first. */
  readonly limit: string;
}

export const DEFAULT_LIMIT = '50';

/** A filter value that makes no sense; the message names it and says what is allowed. */
export class FilterError extends Error {
  override readonly name = 'FilterError';
}

/**
 * One statement over `audit_events` that DuckDB and Athena both accept, newest event first, and the values for its `?`.
 *
 * @param now epoch milliseconds from which spans count back
 * @throws FilterError
 */
export function eventsQuery(filter: EventsFilter, now: number): { sql: string; parameters: QueryParameter[] } {
  const conditions = [
    filter.who !== undefined && matches('"who"', '--who', filter.who),
    filter.what !== undefined && whatCondition(filter.what),
    filter.where !== undefined && whereCondition(filter.where),
    filter.service !== undefined && matches('"service"', '--service', filter.service),
    filter.result !== undefined && resultCondition(filter.result),
    ...timeConditions(filter, now),
  ].filter((condition) => condition !== false);

  const where = conditions.length === 0 ? '' : `\nWHERE ${conditions.map(({ sql }) => `(${sql})`).join('\n  AND ')}`;
  return {
    // limitOf lets nothing but digits through, so that the limit may stand in the text.
    sql: `SELECT *\nFROM audit_events${where}\nORDER BY "time" DESC, "event_uid" DESC\nLIMIT ${limitOf(filter.limit)}`,
    parameters: conditions.flatMap(({ parameters }) => parameters),
  };
}

function matches(column: string, option: string, value: string): Condition {
  if (value === '') throw new FilterError(`${option} is empty: give a value, with * for any characters`);
  if (!value.includes('*')) return { sql: `${column} = ?`, parameters: [value] };
  const pattern = value.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%');
  return { sql: `${column} LIKE ? ESCAPE '\\'`, parameters: [pattern] };
}

/** Methods and activities are found in any case; paths only as they are. */
function whatCondition(value: string): Condition {
  const lower = value.toLowerCase();
  return anyOf([
    matches('lower("operation")', '--what', lower),
    matches('lower("method")', '--what', lower),
    matches('lower("activity")', '--what', lower),
    matches('"path"', '--what', value),
    matches(`"method" || ' ' || "path"`, '--what', value),
  ]);
}

function whereCondition(value: string): Condition {
  const condition = addressCondition('"source_ip"', value);
  if (condition !== undefined) return condition;
  if (/^[0-9a-f.:*]+$/i.test(value) && value.includes('*')) {
    return matches('lower("source_ip")', '--where', value.toLowerCase());
  }
  throw new FilterError(
    `--where "${value}" is no address: give one (10.1.2.3, 2001:db8::1), one with * (10.1.*), or a network (10.0.0.0/8, 2001:db8::/32)`,
  );
}

function resultCondition(value: string): Condition {
  const word = value.toLowerCase();
  if (['success', 'failure', 'unknown'].includes(word)) return { sql: 'lower("result") = ?', parameters: [word] };
  if (['allowed', 'blocked', 'error'].includes(word)) return { sql: 'lower("disposition") = ?', parameters: [word] };
  if (/^[1-5]\d\d$/.test(word)) return { sql: '"status_code" = ?', parameters: [Number(word)] };
  if (/^[1-5]xx$/.test(word)) {
    const first = Number(word[0]) * 100;
    return { sql: '"status_code" BETWEEN ? AND ?', parameters: [first, first + 99] };
  }
  throw new FilterError(
    `--result "${value}" is unknown: give success, failure or unknown; a status code (404) or class (4xx); or allowed, blocked or error`,
  );
}

/** The bounds, and again as days: these keep the engine from reading other partitions. */
function timeConditions(filter: EventsFilter, now: number): Condition[] {
  const since = filter.since === undefined ? undefined : bound('since', filter.since, now);
  const until = filter.until === undefined ? undefined : bound('until', filter.until, now);
  if (since !== undefined && until !== undefined && since > until) {
    throw new FilterError(`--since "${filter.since}" is after --until "${filter.until}"`);
  }
  const conditions: Condition[] = [];
  const add = (operator: string, instant: string) =>
    conditions.push({
      sql: `"dt" ${operator} ? AND "time" ${operator} CAST(? AS timestamp)`,
      parameters: [instant.slice(0, 10), instant],
    });
  if (since !== undefined) add('>=', since);
  if (until !== undefined) add('<=', until);
  return conditions;
}

/** The instant as both engines cast it: `2026-11-24 07:00:00.000`, UTC. */
function bound(which: 'since' | 'until', value: string, now: number): string {
  const instant = instantOf(value, now, which === 'since' ? 'first' : 'last');
  if (instant === undefined) {
    throw new FilterError(
      `--${which} "${value}" is no time: give ISO 8601 (2026-11-24, 2026-11-24T07:30, 2026-11-24T07:30:00Z; UTC unless it says otherwise) or a span back from now (30s, 15m, 2h, 7d)`,
    );
  }
  return new Date(instant).toISOString().replace('T', ' ').replace('Z', '');
}

function limitOf(value: string): string {
  if (!/^[1-9]\d{0,8}$/.test(value))
    throw new FilterError(`--limit "${value}" must be a whole number from 1 to 999999999`);
  return value;
}

function anyOf(conditions: readonly Condition[]): Condition {
  return {
    sql: conditions.map(({ sql }) => sql).join(' OR '),
    parameters: conditions.flatMap(({ parameters }) => parameters),
  };
}
