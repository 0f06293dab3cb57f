import type { DuckDBConnection } from '@duckdb/node-api';
import { edgeEmptyTableSql } from '../../lib/edge-log/columns';
import { edgeFields, type EdgeRecord } from '../../lib/edge-log/record';
import { partitionOf } from '../../lib/event/keys';
import { identifier, literal } from '../../lib/event/sql/dialect';
import { SAMPLE_TIME } from './sample-event';

/** What a REST API logs of request `n`, which the function answered with 200. */
export function restRecord(n: number, changes: EdgeRecord = {}): EdgeRecord {
  const absent = Object.fromEntries(edgeFields.map(([name]) => [name, '-']));
  return {
    ...absent,
    request_id: `request-${n}`,
    extended_request_id: `extended-${n}`,
    request_time_epoch: String(SAMPLE_TIME + n),
    api_id: 'api',
    stage: 'prod',
    source_ip: '192.0.2.7',
    protocol: 'HTTP/1.1',
    method: 'GET',
    path: `/prod/orders/${n}`,
    resource: '/{proxy+}',
    status: '200',
    response_length: '17',
    response_latency: '12',
    integration_request_id: `invocation-${n}`,
    integration_status: '200',
    function_status: '200',
    integration_latency: '10',
    ...changes,
  };
}

/** Nothing of an integration, as of a request that the edge refused. */
export const NO_INTEGRATION: EdgeRecord = {
  integration_request_id: '-',
  integration_status: '-',
  function_status: '-',
  integration_latency: '-',
  integration_error: '-',
};

/** Makes the table `edge`, in which records lie as they do in the trail. */
export async function createEdgeTable(connection: DuckDBConnection): Promise<void> {
  await connection.run(`CREATE TABLE edge AS ${edgeEmptyTableSql()}`);
}

export async function insertEdge(connection: DuckDBConnection, records: readonly EdgeRecord[]): Promise<void> {
  for (const record of records) {
    const row = { ...record, ...partitionOf(Number(record.request_time_epoch)) };
    const names = Object.keys(row).map(identifier).join(', ');
    const values = Object.values(row).map(literal).join(', ');
    await connection.run(`INSERT INTO edge (${names}) VALUES (${values})`);
  }
}
