import { LAST_RESORT_MARK } from './last-resort';

/**
 * Finds lines of the last resort in what log tools make of them. Only a line that was a whole message of the log counts:
 * what merely stands somewhere inside of another message may have been written there by a caller.
 */

/** Time of export (`export-to-S3`, `aws logs tail`), stream (`aws logs tail`), and what Lambda puts before a message. */
const PREFIX =
  /^(?:\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)? +(?:\S+ +)?)?(?:\d{4}-\d\d-\d\dT[\d:.]+Z\t[\w-]+\t(?:[A-Z]+\t)?)?(?=\{)/;

/** A message on a line of its own in pretty-printed JSON, as `aws logs filter-log-events` prints it. */
const PRETTY_MESSAGE = /^\s*"@?message"\s*:\s*("(?:[^"\\]|\\.)*")\s*,?\s*$/;

/** A message in quotes at the end of a CSV line, as the console of CloudWatch Logs downloads it. */
const CSV_MESSAGE = /^[^"]*"((?:[^"]|"")*)"?$/;

/** Members of JSON that wrap a message: Lambda's JSON log format, FilterLogEvents, subscriptions, Logs Insights. */
const WRAPPERS = ['message', '@message', 'events', 'logEvents', 'results'];

/**
 * The lines of the last resort in one line of a log, parsed; a line that has the mark and is none of a known form comes
 * back as it is.
 *
 * @returns nothing where the line does not have the mark
 */
export function lastResortIn(line: string): unknown[] {
  if (!line.includes(LAST_RESORT_MARK)) return [];
  const found = inText(line);
  return found.length > 0 ? found : [line];
}

function inText(text: string): unknown[] {
  const message = text.trim().replace(PREFIX, '');
  const value = parsed(message);
  if (value !== undefined) return inValue(value);

  const quoted = PRETTY_MESSAGE.exec(text)?.[1];
  if (quoted !== undefined) return inValue(parsed(quoted));

  const cell = CSV_MESSAGE.exec(message)?.[1];
  return cell === undefined || !cell.includes('""') ? [] : inText(cell.replaceAll('""', '"'));
}

function inValue(value: unknown): unknown[] {
  if (typeof value === 'string') return value.includes(LAST_RESORT_MARK) ? inText(value) : [];
  if (Array.isArray(value)) return value.flatMap(inValue);
  if (typeof value !== 'object' || value === null) return [];
  const members = value as Readonly<Record<string, unknown>>;
  if (members['type'] === LAST_RESORT_MARK) return [value];
  // Logs Insights: [{ "field": "@message", "value": "…" }, …]
  if (members['field'] === '@message') return inValue(members['value']);
  return WRAPPERS.flatMap((name) => inValue(members[name]));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
