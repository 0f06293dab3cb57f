import { EDGE_PREFIX, EVENTS_PREFIX, FALLBACK_PREFIX } from '../keys';

/** A writer's name for an object. Athena leaves out what begins with `_` or `.`, and reads all else, whatever its suffix. */
const NAME = '[A-Za-z0-9][A-Za-z0-9_.-]*';
const PARTITION = 'dt=(\\d{4}-\\d\\d-\\d\\d)/hour=([01]\\d|2[0-3])';

const PATTERNS: Readonly<Record<string, RegExp>> = {
  [EVENTS_PREFIX]: new RegExp(`^${EVENTS_PREFIX}${PARTITION}/${NAME}\\.parquet$`),
  [FALLBACK_PREFIX]: new RegExp(`^${FALLBACK_PREFIX}${PARTITION}/${NAME}\\.json$`),
  [EDGE_PREFIX]: new RegExp(`^${EDGE_PREFIX}${PARTITION}/${NAME}\\.parquet$`),
};

/**
 * Whether an object under a prefix that queries read has a name that its writer could have given it. Under another name it
 * may be read by Athena and not by us, or the other way round.
 */
export function isWritersName(key: string): boolean {
  const prefix = Object.keys(PATTERNS).find((one) => key.startsWith(one));
  if (prefix === undefined) return true;
  const [, dt] = PATTERNS[prefix]!.exec(key) ?? [];
  return dt !== undefined && isDate(dt);
}

/** Whether a day such as `2026-11-24` is in the calendar. */
export function isDate(dt: string): boolean {
  const time = Date.parse(`${dt}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(dt);
}
