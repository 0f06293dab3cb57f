import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EdgeRecord } from '../../../lib/edge-log/record';
import { edgeRequestsSql, edgeViewColumns } from '../../../lib/edge-log/sql/edge-requests';
import { duckdb } from '../../../lib/event/sql/dialect';
import { createEdgeTable, insertEdge, NO_INTEGRATION, restRecord } from '../../support/edge-record';
import { EventTable } from '../../support/event-table';
import { SAMPLE_TIME } from '../../support/sample-event';

describe('the view edge_requests', () => {
  let table: EventTable;
  const view = (select: string) => table.query(`${select} FROM (${edgeRequestsSql(duckdb, 'edge')})`);

  beforeEach(async () => {
    table = await EventTable.create();
    await createEdgeTable(table.connection);
  });
  afterEach(() => table.close());

  it('has its columns in their order, with the types that Glue is told', async () => {
    const reader = await table.connection.runAndReadAll(edgeRequestsSql(duckdb, 'edge'));
    expect(reader.columnNames()).toEqual(edgeViewColumns.map(({ name }) => name));
    expect(reader.columnTypes().map(String)).toEqual(
      edgeViewColumns.map(({ prestoType }) => prestoType.replace('(3)', '').toUpperCase()),
    );
    const hive = { varchar: 'string', bigint: 'bigint', 'timestamp(3)': 'timestamp' };
    for (const { prestoType, hiveType } of edgeViewColumns) expect(hiveType).toBe(hive[prestoType]);
  });

  it('shows a request with typed values, and NULL for what API Gateway does not know', async () => {
    await insertEdge(table.connection, [restRecord(1)]);
    expect(await view('SELECT * REPLACE (CAST("time" AS varchar) AS "time")')).toEqual([
      {
        time: '2026-11-24 07:00:00.001',
        request_id: 'request-1',
        extended_request_id: 'extended-1',
        method: 'GET',
        path: '/prod/orders/1',
        source_ip: '192.0.2.7',
        status_code: '200',
        invocation: 'invoked',
        error_type: null,
        integration_request_id: 'invocation-1',
        integration_status: '200',
        integration_error: null,
        function_status: '200',
        latency_ms: '12',
        integration_latency_ms: '10',
        api_id: 'api',
        stage: 'prod',
        dt: '2026-11-24',
        hour: '07',
      },
    ]);
  });

  it('drops exact copies, and shows both of two records that claim the same request and differ', async () => {
    const other = restRecord(1, { waf_status: '200' });
    await insertEdge(table.connection, [restRecord(1), restRecord(1), other, restRecord(1)]);
    expect(await view('SELECT count(*) AS n')).toEqual([{ n: '2' }]);
  });

  it('survives numbers and times that are none', async () => {
    const forged = { status: 'many', response_latency: '1e9', request_time_epoch: '999999999999999999' };
    const row = { ...restRecord(1, forged), request_time_epoch: '0' };
    await insertEdge(table.connection, [row]);
    await table.connection.run(`UPDATE edge SET request_time_epoch = '999999999999999999'`);
    expect(await view('SELECT "time", status_code')).toEqual([{ time: null, status_code: null }]);
  });

  it('lets a condition on the partition through to the table', async () => {
    await insertEdge(table.connection, [
      restRecord(1),
      restRecord(1, { request_time_epoch: String(SAMPLE_TIME + 3_600_000) }),
    ]);
    const plan = JSON.stringify(
      await table.query(`EXPLAIN SELECT * FROM (${edgeRequestsSql(duckdb, 'edge')}) WHERE hour = '08'`),
    );
    expect(plan.indexOf("hour='08'")).toBeGreaterThan(plan.lastIndexOf('HASH_GROUP_BY'));
  });
});

describe('what became of a request', () => {
  let table: EventTable;
  beforeEach(async () => {
    table = await EventTable.create();
    await createEdgeTable(table.connection);
  });
  afterEach(() => table.close());

  async function invocation(changes: EdgeRecord): Promise<unknown> {
    await insertEdge(table.connection, [restRecord(1, changes)]);
    const rows = await table.query(`SELECT invocation FROM (${edgeRequestsSql(duckdb, 'edge')})`);
    return rows[0]?.['invocation'];
  }

  const failed = (integration_error: string, more: EdgeRecord = {}): EdgeRecord => ({
    status: '502',
    error_response_type: 'INTEGRATION_FAILURE',
    function_status: '-',
    integration_error,
    ...more,
  });

  it.each<[string, EdgeRecord]>([
    ['authorizer', { status: '403', error_response_type: 'ACCESS_DENIED', authorizer_status: '403' }],
    ['a failing authorizer', { status: '500', error_response_type: 'AUTHORIZER_FAILURE' }],
    ['IAM', { status: '403', error_response_type: 'DEFAULT_4XX', authenticate_status: '403' }],
    ['WAF', { status: '403', error_response_type: 'WAF_FILTERED', waf_response_code: 'WAF_BLOCK' }],
    ['throttle', { status: '429', error_response_type: 'THROTTLED' }],
    ['a usage plan', { status: '429', error_response_type: 'QUOTA_EXCEEDED' }],
    ['an unknown route', { status: '403', error_response_type: 'MISSING_AUTHENTICATION_TOKEN' }],
    ['validation', { status: '400', error_response_type: 'BAD_REQUEST_BODY' }],
    ['the size', { status: '413', error_response_type: 'REQUEST_TOO_LARGE' }],
    ['an HTTP API that names no type', { status: '401' }],
    ['an HTTP API without such a route', { status: '404' }],
  ])('refused: by %s', async (_, changes) => {
    expect(await invocation({ ...NO_INTEGRATION, ...changes })).toBe('refused');
  });

  it.each<[string, EdgeRecord]>([
    ['throttled', failed('-', { status: '500', integration_status: '429' })],
    ['an event too large for Lambda', failed('-', { status: '413', integration_status: '413' })],
    ['an environment that cannot be set up', failed('-', { integration_status: '502' })],
    ['no permission (REST API)', failed('Invalid permissions on Lambda function', { integration_status: '-' })],
    [
      'no permission (HTTP API)',
      failed(
        `The IAM role configured on the integration or API Gateway doesn't have permissions to call the integration. Check the permissions and try again.`,
        { integration_status: '-' },
      ),
    ],
    ['a missing module', failed(`Lambda Customer Function Error:Error: Cannot find module 'index'\nRequire stack:\n`)],
    ['a syntax error', failed('Lambda Customer Function Error:SyntaxError: Unexpected token }')],
    [
      'a missing handler (HTTP API)',
      failed('The Lambda function returned the following error: index.handler is undefined or not exported. Check'),
    ],
    [
      'a missing handler (streaming)',
      failed('Lambda Customer Function Error:index.streamingHandler is undefined or not exported'),
    ],
  ])('not_invoked: %s', async (_, changes) => {
    expect(await invocation(changes)).toBe('not_invoked');
  });

  it.each<[string, EdgeRecord]>([
    ['answered', {}],
    ['answered 403 itself', { status: '403', function_status: '403' }],
    ['threw', failed('Lambda Customer Function Error:no such thing')],
    [
      'was killed',
      failed('Lambda Customer Function Error:RequestId: 1 Error: Runtime exited with error: signal: killed'),
    ],
    [
      'timed out',
      failed('Lambda Customer Function Error:2026-11-24T07:00:30.000Z 1 Task timed out after 30.00 seconds'),
    ],
    ['answered what no gateway understands', failed('-')],
    [
      'said what only sounds like an error of loading',
      failed(`Lambda Customer Function Error:refused: Error: Cannot find module 'x'`),
    ],
  ])('invoked: the function %s', async (_, changes) => {
    expect(await invocation(changes)).toBe('invoked');
  });

  it.each<[string, EdgeRecord]>([
    ['the edge waited no longer', { ...NO_INTEGRATION, status: '504', error_response_type: 'INTEGRATION_TIMEOUT' }],
    ['Lambda had an error of its own', { status: '500', integration_status: '500', function_status: '-' }],
    ['an integration was at work', { ...NO_INTEGRATION, status: '403', integration_latency: '3' }],
    ['the client closed the request', { ...NO_INTEGRATION, status: '499' }],
    ['there is no status', { ...NO_INTEGRATION, status: '-' }],
    ['the type is of no known kind', { ...NO_INTEGRATION, status: '403', error_response_type: 'NEW_KIND' }],
    ['an integration failed', { ...NO_INTEGRATION, status: '403', error_response_type: 'INTEGRATION_FAILURE' }],
    ['it looks answered by nobody', { ...NO_INTEGRATION, status: '200' }],
  ])('unknown: %s', async (_, changes) => {
    expect(await invocation(changes)).toBe('unknown');
  });
});
