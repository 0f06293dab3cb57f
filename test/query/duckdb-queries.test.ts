import { mkdir, readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openLocalTrail } from '../../bin/query/duckdb-queries';
import { toParquet } from '../../bin/local/delivery/parquet';
import { Chain } from '../../lib/event/chain';
import { auditEventSchema } from '../../lib/event/schema';
import { flatViewColumns } from '../../lib/event/sql/flat-view';
import { sealRequest } from '../support/sample-events';
import { emptyTrail, writeBytes, writeFallback, writeObject } from '../support/sample-trail';

async function open(dir: string) {
  const trail = await openLocalTrail(dir);
  onTestFinished(() => trail.close());
  return trail;
}

const at = (hour: number, minute = 0) => Date.UTC(2026, 10, 24, hour, minute);

describe('openLocalTrail', () => {
  it('says how to get a trail where there is none', async () => {
    await expect(openLocalTrail('/no/such/trail')).rejects.toThrow(
      'no trail in /no/such/trail: start one with npm start, or name it with --local DIR',
    );
  });

  it('shows empty tables with all columns while nothing is recorded', async () => {
    const trail = await open(await emptyTrail());
    const raw = await trail.run('SELECT * FROM audit_events_raw');
    expect(raw).toEqual({ columns: [...Object.keys(auditEventSchema), 'dt', 'hour'], rows: [] });
    const flat = await trail.run('SELECT * FROM audit_events');
    expect(flat).toEqual({ columns: flatViewColumns.map(({ name }) => name), rows: [] });
  });

  it('shows one row a request in the flat view and every event in the raw table', async () => {
    const dir = await emptyTrail();
    const chain = new Chain('writer-1');
    const [attempt, outcome] = sealRequest(chain, { time: at(7, 30), who: 'alice', status: 404 });
    await writeObject(dir, 'a', [attempt.event]);
    await writeObject(dir, 'b', [outcome.event]);

    const trail = await open(dir);
    const raw = await trail.run(
      'SELECT "time", dt, "hour", metadata.sequence, actor.user.name, unmapped.phase FROM audit_events_raw ORDER BY 4',
    );
    expect(raw.rows).toEqual([
      [at(7, 30), '2026-11-24', '07', 0, 'alice', 'attempt'],
      [at(7, 30), '2026-11-24', '07', 1, 'alice', 'outcome'],
    ]);
    const flat = await trail.run('SELECT "time", who, result, status_code, "hour" FROM audit_events');
    expect(flat.rows).toEqual([['2026-11-24T07:30:00.000Z', 'alice', 'Failure', 404, '07']]);
  });

  it('gives a whole event back as it was sealed', async () => {
    const dir = await emptyTrail();
    const [{ event }] = sealRequest(new Chain('writer-1'));
    await writeObject(dir, 'a', [event]);
    const trail = await open(dir);
    const { columns, rows } = await trail.run('SELECT * EXCLUDE (dt, "hour") FROM audit_events_raw');
    const present = columns.map((name, i) => [name, rows[0]![i]] as const).filter(([, value]) => value !== null);
    expect(Object.fromEntries(present)).toEqual(event);
  });

  it('shows the events of the fallback too', async () => {
    const dir = await emptyTrail();
    const chain = new Chain('writer-1');
    const first = sealRequest(chain, { time: at(8) });
    const second = sealRequest(chain, { time: at(9) });
    await writeObject(
      dir,
      'a',
      first.map(({ event }) => event),
    );
    await writeFallback(dir, 'b', second);
    const trail = await open(dir);
    const { rows } = await trail.run('SELECT metadata.sequence, dt, "hour" FROM audit_events_raw ORDER BY 1');
    expect(rows).toEqual([
      [0, '2026-11-24', '08'],
      [1, '2026-11-24', '08'],
      [2, '2026-11-24', '09'],
      [3, '2026-11-24', '09'],
    ]);
  });

  it('fills columns that an older version did not know with NULL, wherever they lie', async () => {
    const dir = await emptyTrail();
    const { app: _, trace: __, ...olderFields } = auditEventSchema;
    const { guarantee: ___, ...olderUnmapped } = olderFields.unmapped.fields;
    const older = { fields: { ...olderFields, unmapped: { ...olderFields.unmapped, fields: olderUnmapped } } };
    const [{ event }] = sealRequest(new Chain('old'), { time: at(6) });
    const { guarantee: ____, ...unmapped } = event.unmapped;
    await writeBytes(dir, 'events/dt=2026-11-24/hour=06/old.parquet', toParquet([{ ...event, unmapped }], older));
    await writeObject(dir, 'new', [sealRequest(new Chain('new'), { time: at(7) })[0].event]);

    const trail = await open(dir);
    const { rows } = await trail.run(
      'SELECT "hour", unmapped.guarantee, trace, unmapped.phase FROM audit_events_raw ORDER BY "hour"',
    );
    expect(rows).toEqual([
      ['06', null, null, 'attempt'],
      ['07', 'BEFORE_RESPONSE', null, 'attempt'],
    ]);
  });

  it('shows objects that come while it is open, and none that are half written', async () => {
    const dir = await emptyTrail();
    const trail = await open(dir);
    const count = async () => (await trail.run('SELECT count(*) FROM audit_events_raw')).rows[0]![0];
    expect(await count()).toBe(0);

    const [attempt] = sealRequest(new Chain('writer-1'));
    const key = await writeObject(dir, 'a', [attempt.event]);
    const half = path.join(dir, path.dirname(key), '.b.parquet.tmp');
    await rename(path.join(dir, key), half);
    expect(await count()).toBe(0);
    await rename(half, path.join(dir, key));
    expect(await count()).toBe(1);
  });

  it('answers statements that are sent at the same time', async () => {
    const dir = await emptyTrail();
    await writeObject(dir, 'a', [sealRequest(new Chain('writer-1'))[0].event]);
    const trail = await open(dir);
    const answers = await Promise.all([1, 2, 3].map((n) => trail.run(`SELECT ${n}, count(*) FROM audit_events_raw`)));
    expect(answers.map(({ rows }) => rows[0])).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
    ]);
  });

  it('works in a folder whose name holds quotes and spaces', async () => {
    const dir = path.join(await emptyTrail(), `Anna's "trail" é`);
    await mkdir(dir);
    await writeObject(dir, `it's`, [sealRequest(new Chain('writer-1'))[0].event]);
    const trail = await open(dir);
    expect((await trail.run('SELECT dt, "hour" FROM audit_events_raw')).rows).toEqual([['2026-11-24', '07']]);
    expect((await trail.run('SELECT "object" FROM audit_event_objects')).rows).toEqual([
      [`events/dt=2026-11-24/hour=07/it's.parquet`],
    ]);
  });

  it('binds parameters, and refuses a wrong number of them', async () => {
    const trail = await open(await emptyTrail());
    const hostile = `'; SELECT 1 --`;
    const { rows } = await trail.run('SELECT ?, ? + 1, ?', [hostile, 41, true]);
    expect(rows).toEqual([[hostile, 42, true]]);
    await expect(trail.run('SELECT ?', [])).rejects.toThrow('the statement has 1 parameters, 0 were given');
  });

  it('opens only the objects of the days that are asked for', async () => {
    const dir = await emptyTrail();
    await writeObject(dir, 'a', [sealRequest(new Chain('writer-1'))[0].event]);
    await writeBytes(dir, 'events/dt=2026-11-23/hour=07/damaged.parquet', 'no parquet');
    const trail = await open(dir);
    const { rows } = await trail.run(`SELECT count(*) FROM audit_events WHERE dt = '2026-11-24'`);
    expect(rows).toEqual([[1]]);
    await expect(trail.run('SELECT count(*) FROM audit_events')).rejects.toThrow(/damaged\.parquet/);
  });
});

describe('what a statement may not do', () => {
  it.each([
    ['write a file', `COPY (SELECT 1) TO 'DIR/x.csv'`, /only SELECT is allowed/],
    ['write while explaining', `EXPLAIN ANALYZE COPY (SELECT 1) TO 'DIR/x.csv'`, /only SELECT is allowed/],
    ['make a table', 'CREATE TABLE t AS SELECT 1', /only SELECT is allowed/],
    ['attach a database', `ATTACH 'DIR/x.db'`, /only SELECT is allowed/],
    ['change a setting', 'SET threads = 1', /only SELECT is allowed/],
    [
      'log to a file',
      `SELECT * FROM enable_logging('QueryLog', storage = 'file', storage_path = 'DIR/x')`,
      /not allowed/,
    ],
    ['log under a quoted name', `FROM system.main."Enable_Logging"('QueryLog')`, /enable_logging is not allowed/],
    ['log in a subquery', `SELECT (SELECT count(*) FROM enable_logging('QueryLog'))`, /not allowed/],
    ['profile to a file', `SELECT * FROM enable_profiling(save_location = 'DIR/x')`, /not allowed/],
    ['run hidden SQL', `SELECT * FROM query('SELECT 1')`, /query is not allowed/],
    [
      'read other files',
      `SELECT * FROM read_text('/etc/hostname')`,
      /only the tables of the trail can be read; got the function read_text/,
    ],
    ['leave the trail', `SELECT * FROM read_text('DIR/../x')`, /only the tables of the trail/],
    ['do two things', 'SELECT 1; SELECT 2', /one statement at a time/],
    ['do nothing', ' -- nothing', /no SQL statement/],
    ['be nonsense', 'SELCT 1', /^syntax error at or near "SELCT"$/],
  ])('%s', async (_, sql, message) => {
    const dir = await emptyTrail();
    const trail = await open(dir);
    await expect(trail.run(sql.replaceAll('DIR', dir))).rejects.toThrow(message);
    expect(await readdir(dir)).toEqual([]);
  });
});
