import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Chain } from '../../../lib/event/chain';
import { allEventsSql } from '../../../lib/event/sql/all-events';
import { duckdb } from '../../../lib/event/sql/dialect';
import { flatViewColumns, flatViewSql } from '../../../lib/event/sql/flat-view';
import { EventTable } from '../../support/event-table';
import { attempt, closing, outcome, SAMPLE_TIME } from '../../support/sample-event';

const COLUMNS =
  'time, who, who_type, user_uid, session, activity, operation, method, path, query, service, resource, source_ip, ' +
  'user_agent, result, action, disposition, status_code, reason, rule, policy_version, latency_ms, guarantee, ' +
  'request_id, event_uid, correlation_uid, trace_id, dt, hour';

describe('the view audit_events', () => {
  let table: EventTable;
  let chain: Chain;
  const view = (select: string) => table.query(`${select} FROM (${flatViewSql(duckdb, 'raw')})`);

  beforeEach(async () => {
    table = await EventTable.create();
    chain = new Chain('chain');
  });
  afterEach(() => table.close());

  it('has its columns in their order, with the types that Glue is told', async () => {
    const reader = await table.connection.runAndReadAll(flatViewSql(duckdb, 'raw'));
    expect(reader.columnNames().join(', ')).toBe(COLUMNS);
    expect(reader.columnTypes().map(String)).toEqual(
      flatViewColumns.map(({ prestoType }) => prestoType.replace('(3)', '').toUpperCase()),
    );
    expect(flatViewColumns.map(({ hiveType }) => hiveType)).toEqual(
      flatViewColumns.map(
        ({ prestoType }) => ({ varchar: 'string', bigint: 'bigint', 'timestamp(3)': 'timestamp' })[prestoType],
      ),
    );
  });

  it('shows a request by its outcome', async () => {
    await table.insert([chain.seal(attempt(1)), chain.seal(outcome(1))].map(({ event }) => event));
    expect(await view('SELECT * REPLACE (CAST(time AS varchar) AS time)')).toEqual([
      {
        time: '2026-11-24 07:00:00.001',
        who: 'alice',
        who_type: 'iam',
        user_uid: 'arn:aws:iam::123456789012:user/alice',
        session: null,
        activity: 'Read',
        operation: 'GET /orders',
        method: 'GET',
        path: '/orders/1',
        query: null,
        service: 'orders',
        resource: null,
        source_ip: '192.0.2.7',
        user_agent: 'curl/8.7.1',
        result: 'Success',
        action: 'Allowed',
        disposition: 'Allowed',
        status_code: '200',
        reason: null,
        rule: null,
        policy_version: null,
        latency_ms: '12',
        guarantee: 'BEFORE_RESPONSE',
        request_id: 'request-1',
        event_uid: 'outcome-1',
        correlation_uid: 'correlation-1',
        trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
        dt: '2026-11-24',
        hour: '07',
      },
    ]);
  });

  it('tells who, what and why of a refused request', async () => {
    const policy = (name: string) => ({ name, version: 'v1', type: 'cedar', is_applied: true });
    const refused = outcome(1, {
      status_code: '403',
      status_detail: 'forbidden',
      action_id: 2,
      action: 'Denied',
      actor: {
        user: { name: 'alice', uid: 'u-1' },
        session: { uid: 's-1' },
        authorizations: [
          { decision: 'Deny', policy: policy('no-tax') },
          { decision: 'Deny', policy: policy('no-weekends') },
        ],
      },
      http_request: { http_method: 'GET', url: { path: '/orders/1', query_string: 'page=2' } },
      resources: [{ name: '/orders/1', type: 'path', uid: 'order-1' }, { name: '/orders/2' }],
    });
    await table.insert([chain.seal(refused).event]);
    expect(await view('SELECT user_uid, session, query, rule, policy_version, reason, action, resource')).toEqual([
      {
        user_uid: 'u-1',
        session: 's-1',
        query: 'page=2',
        rule: 'no-tax,no-weekends',
        policy_version: 'v1',
        reason: 'forbidden',
        action: 'Denied',
        resource: 'order-1',
      },
    ]);
  });

  it('shows a request by its attempt where no outcome came', async () => {
    await table.insert([chain.seal(attempt(1)).event]);
    expect(await view('SELECT event_uid, result, status_code, latency_ms')).toEqual([
      { event_uid: 'attempt-1', result: 'Unknown', status_code: null, latency_ms: null },
    ]);
  });

  it('calls a caller by name, else by id, else anonymous', async () => {
    const who = (n: number, actor: object) => chain.seal(outcome(n, { actor })).event;
    await table.insert([
      who(1, { user: { name: 'alice', uid: '1' } }),
      who(2, { user: { uid: 'key-7' } }),
      who(3, { app_name: 'cli' }),
    ]);
    expect(await view("SELECT string_agg(who, ' ' ORDER BY path) AS who")).toEqual([{ who: 'alice key-7 anonymous' }]);
  });

  it('shows the events of several tables, and a copy in another once', async () => {
    await table.connection.run('CREATE TABLE fallback AS FROM raw');
    const first = chain.seal(attempt(1)).event;
    await table.insert([first, chain.seal(attempt(2)).event]);
    await table.connection.run('INSERT INTO fallback FROM raw');
    await table.connection.run(`DELETE FROM raw WHERE metadata.uid = 'attempt-2'`);
    const rows = await table.query(
      `SELECT event_uid FROM (${flatViewSql(duckdb, allEventsSql(['raw', 'fallback']))}) ORDER BY 1`,
    );
    expect(rows).toEqual([{ event_uid: 'attempt-1' }, { event_uid: 'attempt-2' }]);
  });

  it('lets a condition on the partition through to each of several tables', async () => {
    await table.connection.run('CREATE TABLE fallback AS FROM raw');
    for (const time of [SAMPLE_TIME, SAMPLE_TIME + 3_600_000])
      await table.insert([chain.seal(attempt(1, { time })).event]);
    await table.connection.run('INSERT INTO fallback FROM raw');
    const sql = flatViewSql(duckdb, allEventsSql(['raw', 'fallback']));
    const plan = JSON.stringify(await table.query(`EXPLAIN SELECT * FROM (${sql}) WHERE hour = '08'`));
    expect(plan.split("hour='08'")).toHaveLength(3);
  });

  it('drops copies of an event', async () => {
    const { event } = chain.seal(outcome(1));
    await table.insert([event, event, event]);
    expect(await view('SELECT event_uid')).toEqual([{ event_uid: 'outcome-1' }]);
  });

  it('shows both where the same uid comes with another fingerprint', async () => {
    await table.insert([
      new Chain('one').seal(outcome(1)).event,
      new Chain('one').seal(outcome(1, { actor: { user: { name: 'mallory' } } })).event,
    ]);
    expect(await view("SELECT string_agg(who, ' ' ORDER BY who) AS who")).toEqual([{ who: 'alice mallory' }]);
  });

  it('shows both where a forged row copies id, stated fingerprint, phase, correlation_uid and chain', async () => {
    const { event } = chain.seal(outcome(1));
    const forged = [
      { ...event, actor: { user: { name: 'mallory' } } },
      { ...event, time: event.time - 1 },
      { ...event, status_code: '500' },
      { ...event, resources: [{ name: '/orders/2', uid: 'order-2' }] },
      { ...event, http_request: { ...event.http_request!, user_agent: undefined } },
    ];
    await table.insert([...forged, event, event]);
    expect(await view('SELECT event_uid')).toHaveLength(forged.length + 1);
  });

  it('shows an outcome whatever is forged around its correlation_uid', async () => {
    const [asked, answered] = [chain.seal(attempt(1)), chain.seal(outcome(1))].map(({ event }) => event);
    const { metadata, unmapped } = answered!;
    const other = new Chain('other').seal(outcome(2)).event;
    const forge = (uid: string, phase: string, of = answered!) =>
      ({ ...of, metadata: { ...metadata, uid }, unmapped: { ...unmapped, phase } }) as typeof of;
    await table.insert([asked!, answered!, forge('a', 'zzz'), forge('b', 'outcome', other)]);
    const uids = (await view('SELECT event_uid')).map((row) => Object.values(row)[0]);
    expect(uids.sort()).toEqual([metadata.uid, 'a', 'b'].sort());
  });

  it('shows an attempt though another chain has an outcome with its correlation_uid', async () => {
    const asked = chain.seal(attempt(1)).event;
    const other = new Chain('other').seal(outcome(1)).event;
    const forged = { ...other, metadata: { ...other.metadata, correlation_uid: asked.metadata.correlation_uid } };
    await table.insert([asked, forged]);
    expect(await view('SELECT event_uid')).toHaveLength(2);
  });

  it('leaves closing events out', async () => {
    await table.insert([chain.seal(closing()).event]);
    expect(await view('SELECT count(*) AS n')).toEqual([{ n: '0' }]);
  });

  it('joins within a partition only, so that partitions prune', async () => {
    const hourLater = { time: SAMPLE_TIME + 3_600_000 };
    await table.insert([chain.seal(attempt(1)).event, chain.seal(outcome(1, hourLater)).event]);
    expect(await view("SELECT string_agg(event_uid, ' ' ORDER BY hour) AS uids")).toEqual([
      { uids: 'attempt-1 outcome-1' },
    ]);

    const plan = JSON.stringify(
      await table.query(`EXPLAIN ${flatViewSql(duckdb, 'raw').replace(/$/, " AND hour = '08'")}`),
    );
    expect(plan.indexOf("hour='08'")).toBeGreaterThan(plan.lastIndexOf('WINDOW'));
  });
});
