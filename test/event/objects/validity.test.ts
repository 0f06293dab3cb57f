import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { toParquet } from '../../../bin/local/delivery/parquet';
import type { Field, StructField } from '../../../lib/event/field';
import { fingerprintObject } from '../../../lib/event/fingerprint';
import { eventProblem } from '../../../lib/event/objects/event-problem';
import { eachStatedFingerprint } from '../../../lib/event/objects/stated-events';
import { eventFromRow } from '../../../lib/event/row';
import { auditEventStruct } from '../../../lib/event/schema';
import { duckdbReadJsonColumns } from '../../../lib/event/duckdb';
import { duckdb, literal } from '../../../lib/event/sql/dialect';
import { invaliditySql } from '../../../lib/event/sql/validity';
import { statedFingerprint } from '../../../lib/event/stated-fingerprint';
import { EventTable } from '../../support/event-table';
import { SEED } from '../../support/seed';
import { randomDraft, sealRandom } from '../../support/random-event';

/** The three that judge an event by the declaration say the same: of JSON, of Parquet's columns, and in SQL. */
const RUNS = Number(process.env['AUDIT_PROXY_VALIDITY_RUNS'] ?? 150);
const KEY = 'events/dt=2026-11-24/hour=07/a.parquet';

let table: EventTable;
beforeAll(async () => void (table = await EventTable.create()));
afterAll(() => table.close());

type Struct = Record<string, unknown>;

/** Every field of a value, with the struct or list that holds it. */
function places(field: Field, value: unknown, found: Place[] = []): Place[] {
  if (field.kind === 'struct' && typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(field.fields)) {
      found.push({ field: member, holder: value as Struct, name });
      places(member, (value as Struct)[name], found);
    }
  }
  if (field.kind === 'list' && Array.isArray(value)) {
    for (const [i, element] of value.entries()) {
      found.push({ field: field.element, holder: value as unknown as Struct, name: String(i) });
      places(field.element, element, found);
    }
  }
  return found;
}

interface Place {
  readonly field: Field;
  readonly holder: Struct;
  readonly name: string;
}

/** What somebody may put there; some of it is right. */
function otherValues(field: Field): readonly unknown[] {
  switch (field.kind) {
    case 'string':
      return [null, 'zzz', '', ...(field.values ?? [])];
    case 'integer':
      return [null, -5, 0, 7, 2n ** 53n, -(2n ** 62n), ...Object.keys(field.captions ?? {}).map(Number)];
    case 'boolean':
      return [null, true];
    case 'list':
      return [null, [], [null], [{}], 'twice'];
    case 'struct':
      return [null, {}, 'emptied'];
  }
}

function change({ field, holder, name }: Place, value: unknown): void {
  const now = holder[name];
  if (value === 'twice') holder[name] = Array.isArray(now) ? [...(now as unknown[]), ...(now as unknown[])] : null;
  else if (value === 'emptied') {
    holder[name] = Object.fromEntries(Object.keys((field as StructField).fields).map((member) => [member, null]));
  } else if (Array.isArray(value) && value.length === 1 && field.kind === 'list' && field.element.kind !== 'struct') holder[name] = [null];
  else holder[name] = value;
} // prettier-ignore

/** By way of the row, as readers give it. */
function problemOfRow(row: Struct): string | undefined {
  try {
    return eventProblem(eventFromRow(row));
  } catch (error) {
    return (error as Error).message;
  }
}

async function problemOfColumns(row: Struct): Promise<string | undefined> {
  const bytes = Buffer.from(toParquet([row]));
  const range = async (start: number, end: number) => bytes.subarray(start, end);
  return eachStatedFingerprint(KEY, { size: bytes.length, range }, () => undefined).catch((error: unknown) => String(error));
} // prettier-ignore

async function problemsInSql(rows: readonly Struct[]): Promise<(string | undefined)[]> {
  const lines = rows.map((row, row_number) => JSON.stringify({ ...(numbersOf(row) as Struct), row_number }));
  const columns = duckdbReadJsonColumns().replace(/}$/, ", 'row_number': 'BIGINT'}");
  const file = literal(table.write('edited.json', lines.join('\n')));
  const source = `read_json(${file}, format = 'newline_delimited', columns = ${columns})`;
  const found = await table.query(`SELECT ${invaliditySql(duckdb)} AS "problem" FROM ${source} ORDER BY row_number`);
  return found.map(({ problem }) => (problem as string | null) ?? undefined);
}

/** JSON has no bigint; its readers take so large a number for one. */
function numbersOf(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(numbersOf);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, numbersOf(member)]));
}

function statesFingerprint(row: Struct): boolean {
  try {
    return statedFingerprint(row) !== '';
  } catch {
    return false;
  }
}

/** An event as a truthful writer makes it, but for the changes. */
const edited = fc
  .tuple(randomDraft({ hostile: false }), fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 2 }))
  .map(([draft, changes]) => {
    const [sealed] = sealRandom([draft]);
    const event = structuredClone(sealed!.event) as unknown as Struct;
    for (const [at, with_] of changes) {
      const all = places(auditEventStruct, event);
      const place = all[at % all.length]!;
      const values = otherValues(place.field);
      change(place, values[with_ % values.length]);
    }
    return event;
  });

it('say the same of random events, right and wrong ones', async () => {
  const events = fc.sample(edited, { numRuns: RUNS, seed: SEED });
  const inSql = await problemsInSql(events);
  expect(inSql).toHaveLength(RUNS);
  let right = 0;
  for (const [i, event] of events.entries()) {
    if (!statesFingerprint(event)) {
      // Its value is no matter of the declaration: another fingerprint than the content's is a finding of its own.
      expect(await problemOfColumns(event)).toEqual(expect.any(String));
      continue;
    }
    const problems = [problemOfRow(event), await problemOfColumns(event), inSql[i]];
    const verdicts = problems.map((problem) => problem === undefined);
    if (verdicts[0] === true) right += 1;
    expect(verdicts, `${i} of seed ${SEED}: ${JSON.stringify(problems)}`).toEqual(verdicts.map(() => verdicts[0]));
  }
  expect(Math.min(right, RUNS - right)).toBeGreaterThan(RUNS / 10);
});

it.each([
  ['a decision without its rule’s name', (event: Struct) => (event['actor'] = { authorizations: [{ policy: { type: 'rules' } }] })],
  ['a header without a value', (event: Struct) => (event['http_response'] = { code: 200, http_headers: [{ name: 'x' }] })],
  ['an empty group', (event: Struct) => (event['actor'] = { user: { groups: [{}] } })],
  ['a resource without a name', (event: Struct) => (event['resources'] = [{ name: 'a' }, { uid: 'b' }])],
  ['no profiles', (event: Struct) => ((event['metadata'] as Struct)['profiles'] = [])],
  ['an answer without a code', (event: Struct) => (event['http_response'] = { latency: 1 })],
  ['two attestations', (event: Struct) => (event['attestation_list'] = [...(event['attestation_list'] as unknown[]), ...(event['attestation_list'] as unknown[])])],
  ['a place below 0', (event: Struct) => ((event['metadata'] as Struct)['sequence'] = -1)],
  ['another algorithm', (event: Struct) => (((event['attestation_list'] as Struct[])[0]!['fingerprint'] as Struct) = { ...fingerprintObject('0'.repeat(64)), algorithm: 'MD5' })],
])('find %s', async (_, edit) => {
  const [draft] = fc.sample(randomDraft({ hostile: false }), { numRuns: 1, seed: 1 });
  const event = structuredClone(sealRandom([draft!])[0]!.event) as unknown as Struct;
  edit(event);
  for (const problem of [problemOfRow(event), await problemOfColumns(event), ...(await problemsInSql([event]))]) expect(problem).toEqual(expect.any(String));
}); // prettier-ignore
