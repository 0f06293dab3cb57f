import { describe, expect, it, onTestFinished } from 'vitest';
import { toParquet } from '../../bin/local/delivery/parquet';
import { openLocalTrail } from '../../bin/query/duckdb-queries';
import { verifyEventsAlone } from '../../bin/verify/events-alone';
import { localStore } from '../../bin/verify/trail/local-store';
import { edgeRecordStruct } from '../../lib/edge-log/columns';
import { edgeFields } from '../../lib/edge-log/record';
import { edgeViewColumns } from '../../lib/edge-log/sql/edge-requests';
import { unwitnessedViewColumns } from '../../lib/edge-log/sql/unwitnessed';
import { Chain } from '../../lib/event/chain';
import { NO_INTEGRATION, restRecord } from '../support/edge-record';
import { attempt, SAMPLE_TIME } from '../support/sample-event';
import { emptyTrail, writeBytes, writeEdge, writeFallback, writeObject } from '../support/sample-trail';

const HOUR = 3_600_000;

async function open(dir: string) {
  const trail = await openLocalTrail(dir);
  onTestFinished(() => trail.close());
  return trail;
}

/** The attempt of the request that `restRecord(n)` tells of. */
function eventOf(chain: Chain, n: number) {
  const draft = attempt(n);
  return chain.seal({ ...draft, unmapped: { ...draft.unmapped, extended_request_id: `extended-${n}` } });
}

const THROTTLED = { integration_status: '429', function_status: '-', status: '500' };
const REFUSED = { ...NO_INTEGRATION, status: '403', error_response_type: 'WAF_FILTERED' };

describe('the edge log of a local trail', () => {
  it('is there with all columns, and empty, in a trail that has none', async () => {
    const dir = await emptyTrail();
    const { event } = new Chain('writer').seal(attempt(1));
    await writeObject(dir, 'a', [event]);
    const trail = await open(dir);
    const columnsOf = async (table: string) => (await trail.run(`SELECT * FROM ${table}`)).columns;
    expect(await columnsOf('edge_requests_raw')).toEqual([...edgeFields.map(([name]) => name), 'dt', 'hour']);
    for (const table of ['edge_requests', 'unaudited_requests', 'not_invoked_requests', 'refused_requests']) {
      expect(await trail.run(`SELECT * FROM ${table}`)).toEqual({
        columns: edgeViewColumns.map(({ name }) => name),
        rows: [],
      });
    }
    expect(await columnsOf('unwitnessed_events')).toEqual(unwitnessedViewColumns.map(({ name }) => name));
  });

  it('is compared with the events, those of the fallback too', async () => {
    const dir = await emptyTrail();
    const chain = new Chain('writer');
    await writeObject(dir, 'a', [eventOf(chain, 1).event]);
    await writeFallback(dir, 'b', [eventOf(chain, 2)]);
    await writeObject(dir, 'c', [eventOf(chain, 9).event]);
    await writeEdge(dir, 'a', [restRecord(1), restRecord(2), restRecord(3)]);
    await writeEdge(dir, 'b', [restRecord(3), restRecord(4, THROTTLED), restRecord(5, REFUSED)]);

    const trail = await open(dir);
    const ids = async (table: string) =>
      (await trail.run(`SELECT extended_request_id FROM ${table} ORDER BY 1`)).rows.map(([id]) => id);
    expect(await ids('edge_requests')).toEqual([1, 2, 3, 4, 5].map((n) => `extended-${n}`));
    expect(await ids('unaudited_requests')).toEqual(['extended-3']);
    expect(await ids('not_invoked_requests')).toEqual(['extended-4']);
    expect(await ids('refused_requests')).toEqual(['extended-5']);
    expect(await ids('unwitnessed_events')).toEqual(['extended-9']);
  });

  it('shows records of an HTTP API, and of a version that knew fewer fields', async () => {
    const dir = await emptyTrail();
    const { waf_status: _, ...fields } = edgeRecordStruct.fields;
    const { waf_status: __, ...record } = restRecord(1);
    await writeBytes(dir, 'edge/dt=2026-11-24/hour=07/old.parquet', toParquet([record], { fields }));
    const trail = await open(dir);
    const { rows } = await trail.run('SELECT waf_status, waf_response_code, dt, "hour" FROM edge_requests_raw');
    expect(rows).toEqual([[null, '-', '2026-11-24', '07']]);
  });

  it.each(['edge', 'events'])('opens no object under %s/ of an hour that is not asked for', async (prefix) => {
    const dir = await emptyTrail();
    await writeEdge(dir, 'a', [restRecord(1)]);
    await writeObject(dir, 'a', [eventOf(new Chain('writer'), 2).event]);
    await writeBytes(dir, `${prefix}/dt=2026-11-24/hour=08/broken.parquet`, 'PAR1 this is none');
    const trail = await open(dir);
    for (const table of ['unaudited_requests', 'unwitnessed_events']) {
      await expect(trail.run(`SELECT * FROM ${table}`)).rejects.toThrow('broken.parquet');
      const { rows } = await trail.run(`SELECT "time" FROM ${table} WHERE dt = '2026-11-24' AND "hour" = '07'`);
      expect(rows).toHaveLength(1);
    }
  });

  it('shows objects that come while it is open', async () => {
    const dir = await emptyTrail();
    const trail = await open(dir);
    const count = async () => (await trail.run('SELECT count(*) FROM edge_requests')).rows[0]![0];
    expect(await count()).toBe(0);
    await writeEdge(dir, 'a', [restRecord(1)]);
    expect(await count()).toBe(1);
  });
});

describe('verification', () => {
  it('reads the edge log too, and names the objects that it cannot read', async () => {
    const dir = await emptyTrail();
    const chain = new Chain('writer');
    await writeObject(dir, 'a', [eventOf(chain, 1).event]);
    await writeEdge(dir, 'good', [restRecord(1)]);
    const later = restRecord(2, { request_time_epoch: String(SAMPLE_TIME + HOUR) });
    const damaged = toParquet([later], edgeRecordStruct);
    damaged.fill(0xff, 4, 120);
    await writeBytes(dir, 'edge/dt=2026-11-24/hour=08/damaged.parquet', damaged);

    const { totals, findings } = await verifyEventsAlone(localStore(dir));
    expect(findings).toMatchObject([
      {
        code: 'OBJECT_UNREADABLE',
        object: 'edge/dt=2026-11-24/hour=08/damaged.parquet',
        dt: '2026-11-24',
        hour: '08',
      },
    ]);
    expect(totals).toMatchObject({ objects: 2, events: 1 });
  });

  it('is content with an edge log that can be read', async () => {
    const dir = await emptyTrail();
    await writeEdge(dir, 'a', [restRecord(1)]);
    const { totals, findings } = await verifyEventsAlone(localStore(dir));
    expect(findings).toEqual([]);
    expect(totals).toMatchObject({ objects: 1, events: 0 });
  });
});
