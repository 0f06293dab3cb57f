import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EdgeRecord } from '../../../lib/edge-log/record';
import { edgeRequestsSql, edgeViewColumns } from '../../../lib/edge-log/sql/edge-requests';
import { unwitnessedSql, unwitnessedViewColumns } from '../../../lib/edge-log/sql/unwitnessed';
import { withoutEventSql, withoutEventViews } from '../../../lib/edge-log/sql/without-event';
import { Chain, type EventDraft } from '../../../lib/event/chain';
import { duckdb } from '../../../lib/event/sql/dialect';
import { createEdgeTable, insertEdge, NO_INTEGRATION, restRecord } from '../../support/edge-record';
import { EventTable } from '../../support/event-table';
import { attempt, closing, outcome, SAMPLE_TIME } from '../../support/sample-event';

const HOUR = 3_600_000;
const THROTTLED: EdgeRecord = { integration_status: '429', function_status: '-', status: '500' };
const REFUSED: EdgeRecord = { ...NO_INTEGRATION, status: '403', error_response_type: 'WAF_FILTERED' };
const TIMED_OUT: EdgeRecord = { ...NO_INTEGRATION, status: '504', error_response_type: 'INTEGRATION_TIMEOUT' };

let table: EventTable;
let chain: Chain;

beforeEach(async () => {
  table = await EventTable.create();
  chain = new Chain('chain');
  await createEdgeTable(table.connection);
  await table.connection.run(`CREATE VIEW edge_requests AS ${edgeRequestsSql(duckdb, 'edge')}`);
  for (const view of withoutEventViews) {
    await table.connection.run(`CREATE VIEW ${view.name} AS ${withoutEventSql(view, 'edge_requests', 'raw')}`);
  }
  await table.connection.run(`CREATE VIEW unwitnessed_events AS ${unwitnessedSql(duckdb, 'edge_requests', 'raw')}`);
});
afterEach(() => table.close());

/** Events of the request `extended-<n>`. */
async function record(...drafts: EventDraft[]): Promise<void> {
  await table.insert(drafts.map((draft) => chain.seal(draft).event));
}
function attemptOf(n: number, changes: Partial<EventDraft> = {}): EventDraft {
  const draft = attempt(n, changes);
  return { ...draft, unmapped: { ...draft.unmapped, extended_request_id: `extended-${n}` } };
}
function outcomeOf(n: number, changes: Partial<EventDraft> = {}): EventDraft {
  const draft = outcome(n, changes);
  return { ...draft, unmapped: { ...draft.unmapped, extended_request_id: `extended-${n}` } };
}

async function idsIn(view: string, column = 'extended_request_id'): Promise<unknown[]> {
  const rows = await table.query(`SELECT ${column} AS id FROM ${view} ORDER BY 1`);
  return rows.map(({ id }) => id);
}

async function judged(): Promise<Record<string, unknown[]>> {
  const views = await Promise.all(withoutEventViews.map(async ({ name }) => [name, await idsIn(name)] as const));
  return Object.fromEntries(views);
}

describe('the views of requests without an event', () => {
  it('have the columns of edge_requests', async () => {
    for (const { name } of withoutEventViews) {
      const reader = await table.connection.runAndReadAll(`SELECT * FROM ${name}`);
      expect(reader.columnNames()).toEqual(edgeViewColumns.map((column) => column.name));
    }
  });

  it('tell by what became of each request, and leave out those with an attempt, an outcome or both', async () => {
    await insertEdge(table.connection, [
      restRecord(1),
      restRecord(2),
      restRecord(3),
      restRecord(4),
      restRecord(5, TIMED_OUT),
      restRecord(6, THROTTLED),
      restRecord(7, REFUSED),
    ]);
    await record(attemptOf(1), outcomeOf(1), attemptOf(2), outcomeOf(3));
    expect(await judged()).toEqual({
      unaudited_requests: ['extended-4', 'extended-5'],
      not_invoked_requests: ['extended-6'],
      refused_requests: ['extended-7'],
    });
  });

  it('hold every request without an event once, whatever its record says, and none with one', async () => {
    const some = <T>(values: readonly T[], n: number) => values[n % values.length]!;
    const records = Array.from({ length: 400 }, (_, n) =>
      restRecord(n, {
        status: some(['200', '403', '429', '500', '502', '504', '-'], n),
        integration_status: some(['200', '-', '429', '502', '500'], Math.floor(n / 7)),
        error_response_type: some(['-', 'THROTTLED', 'INTEGRATION_FAILURE', 'NEW'], Math.floor(n / 35)),
        ...(n % 3 === 0 ? { integration_request_id: '-', integration_latency: '-', function_status: '-' } : {}),
      }),
    );
    await insertEdge(table.connection, records);
    const audited = records.map((_, n) => n).filter((n) => n % 4 === 0);
    await record(...audited.map((n) => attemptOf(n)));

    const all = Object.values(await judged()).flat();
    const expected = records.flatMap((_, n) => (n % 4 === 0 ? [] : [`extended-${n}`]));
    expect([...all].sort()).toEqual([...expected].sort());
    for (const ids of Object.values(await judged())) expect(ids.length).toBeGreaterThan(10);
  });

  it('are not fooled by a request id that a client chose', async () => {
    // The client repeats the request id of a request that is recorded, to pass for it.
    await insertEdge(table.connection, [restRecord(1), restRecord(2, { request_id: 'request-1' })]);
    await record(attemptOf(1), outcomeOf(1));
    expect(await judged()).toMatchObject({ unaudited_requests: ['extended-2'] });

    // Nor does an event count for another request for carrying its request id.
    await insertEdge(table.connection, [restRecord(3)]);
    const foreign = attemptOf(4);
    await record({ ...foreign, api: { ...foreign.api!, request: { uid: 'request-3' } } });
    expect(await judged()).toMatchObject({ unaudited_requests: ['extended-2', 'extended-3'] });
  });

  it('show a request once however often its record came, and however many events it has', async () => {
    await insertEdge(table.connection, [restRecord(1), restRecord(1), restRecord(2)]);
    const { event } = chain.seal(attemptOf(2));
    await table.insert([event, event, event]);
    expect(await judged()).toMatchObject({ unaudited_requests: ['extended-1'] });
  });

  it('count a record without an id as one without an event', async () => {
    await insertEdge(table.connection, [restRecord(1, { extended_request_id: '-' })]);
    await record(attempt(1));
    expect(await judged()).toMatchObject({ unaudited_requests: [null] });
  });

  it('join within a partition only', async () => {
    await insertEdge(table.connection, [restRecord(1)]);
    await record(attemptOf(1, { time: SAMPLE_TIME + HOUR }));
    expect(await judged()).toMatchObject({ unaudited_requests: ['extended-1'] });
  });

  it.each(withoutEventViews.map(({ name }) => name))('%s prunes both logs', (name) => prunesBothLogs(name));
});

describe('the view unwitnessed_events', () => {
  it('has its columns in their order, with the types that Glue is told', async () => {
    const reader = await table.connection.runAndReadAll('SELECT * FROM unwitnessed_events');
    expect(reader.columnNames()).toEqual(unwitnessedViewColumns.map(({ name }) => name));
    expect(reader.columnTypes().map(String)).toEqual(
      unwitnessedViewColumns.map(({ prestoType }) => prestoType.replace('(3)', '').toUpperCase()),
    );
  });

  it('shows events of requests that never came to the edge, copies once, and no closing event', async () => {
    await insertEdge(table.connection, [restRecord(1)]);
    const { event } = chain.seal(attemptOf(2));
    await table.insert([event, event]);
    await record(attemptOf(1), outcomeOf(1), outcomeOf(2), closing());
    expect(await idsIn('unwitnessed_events', 'event_uid')).toEqual(['attempt-2', 'outcome-2']);
  });

  it('shows an event that names no request of the edge', async () => {
    await record(attempt(1));
    expect(await idsIn('unwitnessed_events', 'event_uid')).toEqual(['attempt-1']);
  });

  it('is not fooled by a request id', async () => {
    await insertEdge(table.connection, [restRecord(9, { request_id: 'request-1' })]);
    await record(attemptOf(1));
    expect(await idsIn('unwitnessed_events', 'event_uid')).toEqual(['attempt-1']);
  });

  it('prunes both logs', () => prunesBothLogs('unwitnessed_events'));
});

/** A condition on the partition must come down to the scan of each table, else a query reads the whole trail. */
async function prunesBothLogs(view: string): Promise<void> {
  const days = [0, 24 * HOUR];
  await insertEdge(
    table.connection,
    days.map((day) => restRecord(1, { request_time_epoch: String(SAMPLE_TIME + day) })),
  );
  await record(...days.map((day) => attemptOf(1, { time: SAMPLE_TIME + day })));
  for (const condition of [`dt='2026-11-24'`, `dt>='2026-11-25'`]) {
    const plan = JSON.stringify(await table.query(`EXPLAIN SELECT * FROM ${view} WHERE ${condition}`));
    expect(plan.split(condition)).toHaveLength(3);
  }
}
