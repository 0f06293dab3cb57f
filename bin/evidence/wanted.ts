import { buffer } from 'node:stream/consumers';
import { readFile } from 'node:fs/promises';
import type { Partition } from '../../lib/event/keys';
import { csvRecords } from './csv-records';
import { EvidenceUnavailable } from './error';

/** What evidence is asked for. */
export interface Wanted {
  /** Of an event or of a request, as `findNamed` takes it. */
  readonly name: string;
  /** Hour of the request, in UTC. */
  readonly hour?: Partition | undefined;
}

/** Columns of a query's result that name what a row is about: the first that a row has. */
const COLUMNS = ['event_uid', 'correlation_uid', 'request_id'] as const;

/** So that a file that was given by mistake does not become a list of names. */
const MAX_NAMES = 10_000;
const MAX_LENGTH = 500;

/**
 * Reads what `--from` gives: one id a line, or CSV or JSON with one of the columns `event_uid`, `correlation_uid` and
 * `request_id`, and maybe `dt` and `hour`, as `audit-proxy events` and `sql` print them, and Athena.
 *
 * @param file `-` for standard input
 * @throws EvidenceUnavailable
 */
export async function readWanted(file: string): Promise<Wanted[]> {
  return wantedOf(file, await textOf(file));
}

/** @param file its name, for messages */
export function wantedOf(file: string, text: string): Wanted[] {
  const wanted = new Map<string, Wanted>();
  for (const each of parse(file, text.replace(/^\ufeff/, ''))) wanted.set(JSON.stringify(each), each);
  if (wanted.size === 0) throw new EvidenceUnavailable(`--from: ${file} names no event and no request`);
  if (wanted.size > MAX_NAMES) throw new EvidenceUnavailable(`--from: ${file} has ${wanted.size} ids; at most ${MAX_NAMES} are proven at a time`); // prettier-ignore
  return [...wanted.values()];
}

async function textOf(file: string): Promise<string> {
  try {
    return String(file === '-' ? await buffer(process.stdin) : await readFile(file));
  } catch (error) {
    throw new EvidenceUnavailable(`--from: cannot read ${file}: ${(error as Error).message}`);
  }
}

function parse(file: string, text: string): Wanted[] {
  if (/^\s*[[{]/.test(text)) return jsonRows(file, text).map((row, i) => wantedIn(row, `${file}, row ${i + 1}`));
  const firstLine = text.split(/\r?\n/, 1)[0]!;
  if (COLUMNS.some((name) => firstLine.split(/[",]/).includes(name))) {
    const [header, ...records] = csvRecords(text) ?? [];
    if (header === undefined) throw new EvidenceUnavailable(`--from: ${file} is no CSV: a quote stands in a field without quotes, or is not closed`); // prettier-ignore
    return records.map((record, i) => {
      const row = Object.fromEntries(header.map((name, column) => [name, record[column]]));
      return wantedIn(row, `${file}, row ${i + 1}`);
    });
  }
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  return lines.flatMap((name, i) => (name === '' ? [] : [{ name: nameOf(name, `${file}, line ${i + 1}`) }]));
}

/** One array of objects, or one object a line. */
function jsonRows(file: string, text: string): object[] {
  const values = asJson(text) ?? text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [asJson(line)]));
  const rows = Array.isArray(values) ? (values as unknown[]) : [values];
  if (rows.every((row) => typeof row === 'object' && row !== null)) return rows as object[];
  throw new EvidenceUnavailable(`--from: ${file} looks like JSON, but is no array of objects and has not one object a line`); // prettier-ignore
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function wantedIn(row: object, where: string): Wanted {
  const values = new Map(Object.entries(row) as [string, unknown][]);
  const name = COLUMNS.map((column) => values.get(column)).find((value) => typeof value === 'string' && value !== '');
  if (typeof name !== 'string') throw new EvidenceUnavailable(`--from: ${where} has none of ${COLUMNS.join(', ')}`);
  const [dt, hour] = [values.get('dt'), values.get('hour')];
  const known = typeof dt === 'string' && /^\d{4}-\d\d-\d\d$/.test(dt) && /^\d\d?$/.test(String(hour));
  return { name: nameOf(name, where), ...(known && { hour: { dt, hour: String(hour).padStart(2, '0') } }) };
}

function nameOf(name: string, where: string): string {
  if (name.length <= MAX_LENGTH && !/\s/.test(name)) return name;
  throw new EvidenceUnavailable(`--from: ${where} is no id: ${JSON.stringify(name.slice(0, 80))}. An id has no spaces and at most ${MAX_LENGTH} characters`); // prettier-ignore
}
