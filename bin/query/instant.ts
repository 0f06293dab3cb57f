const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const DAY_MS = 86_400_000;

/** A date, then perhaps a time, then perhaps a zone. */
const ISO_8601 = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2}(?:\.\d{1,3})?)?(Z|[+-]\d{2}:?\d{2})?)?$/i;

/**
 * Reads a point in time as people write it: ISO 8601, UTC where it names no zone, or a span back from now such as
 * `15m` (units s, m, h, d, w).
 *
 * @param now epoch milliseconds
 * @param edge whether a date alone, or a minute without seconds, means its first or its last millisecond
 * @returns epoch milliseconds; undefined if it cannot be read.
 */
export function instantOf(value: string, now: number, edge: 'first' | 'last'): number | undefined {
  const span = /^(\d{1,6})([smhdw])$/.exec(value);
  if (span !== null) return inRange(now - Number(span[1]) * UNIT_MS[span[2]!]!);

  const iso = ISO_8601.exec(value);
  if (iso === null) return undefined;
  const [, date, minute = '00:00', seconds, zone = 'Z'] = iso;
  const start = Date.parse(
    `${date}T${minute}${seconds ?? ':00'}${zone.toUpperCase().replace(/(\d\d)(\d\d)$/, '$1:$2')}`,
  );
  if (Number.isNaN(start) || !isDate(date!)) return undefined;
  return inRange(edge === 'first' ? start : start + precisionMs(iso) - 1);
}

function precisionMs([, , minute, seconds]: RegExpExecArray): number {
  if (minute === undefined) return DAY_MS;
  if (seconds === undefined) return UNIT_MS['m']!;
  return seconds.includes('.') ? 1 : UNIT_MS['s']!;
}

/** Date.parse lets 2026-02-30 pass as March 2. */
function isDate(date: string): boolean {
  const parsed = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(date);
}

/** Years 1970 to 9999: what partitions can be named after. */
function inRange(instant: number): number | undefined {
  return instant >= 0 && instant < 253_402_300_800_000 ? instant : undefined;
}
