import net from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { FunctionError, NeverInvoked } from '../../../bin/local/gateway/functions';
import { httpApi } from '../../../bin/local/gateway/http-api/http-api';
import { restApi } from '../../../bin/local/gateway/rest-api/rest-api';
import { accessLogFormat } from '../../../lib/edge-log/access-log-format';
import { edgeRequestsSql } from '../../../lib/edge-log/sql/edge-requests';
import type { EdgeRecord } from '../../../lib/edge-log/record';
import { duckdb } from '../../../lib/event/sql/dialect';
import { createEdgeTable, insertEdge } from '../../support/edge-record';
import { EventTable } from '../../support/event-table';
import { FakeFunctions, gatewayWith, raw, rawRequest } from './gateway-fixture';

const MIB = 1024 * 1024;
const apis = { REST: restApi, HTTP: httpApi };
const EACH = ['REST', 'HTTP'] as const;

const tables: EventTable[] = [];
afterEach(() => {
  for (const table of tables.splice(0)) table.close();
});

async function logged(
  kind: 'REST' | 'HTTP',
  request: string,
  answer: FakeFunctions['answer'] = () => '{"statusCode":201,"body":"hello"}',
  timeoutMs = 20_000,
) {
  const functions = new FakeFunctions(answer);
  const records: EdgeRecord[] = [];
  const edgeLog = { write: (record: EdgeRecord) => void records.push(record) };
  const gateway = await gatewayWith(apis[kind], functions, { edgeLog, timeoutMs });
  const answered = await raw(gateway, request);
  expect(records).toHaveLength(1);
  return { record: records[0]!, answered, functions };
}

/** What the view `edge_requests` says of a record. */
async function invocationOf(record: EdgeRecord): Promise<unknown> {
  const table = await EventTable.create();
  tables.push(table);
  await createEdgeTable(table.connection);
  await insertEdge(table.connection, [record]);
  const [row] = await table.query(`SELECT invocation FROM (${edgeRequestsSql(duckdb, 'edge')})`);
  return row?.['invocation'];
}

describe('the edge log of a REST API', () => {
  it('tells of a request as API Gateway would, and of its event with the same time and ids', async () => {
    const before = Date.now();
    const { record, answered, functions } = await logged('REST', rawRequest('GET /orders/1?token=secret'));
    const { requestContext } = functions.event;
    expect(Object.keys(record)).toEqual(Object.keys(accessLogFormat('restApi')));
    expect(record).toEqual({
      request_id: requestContext['requestId'],
      extended_request_id: requestContext['extendedRequestId'],
      request_time_epoch: String(requestContext['requestTimeEpoch']),
      api_id: 'local',
      stage: 'local',
      source_ip: '127.0.0.1',
      protocol: 'HTTP/1.1',
      method: 'GET',
      path: '/local/orders/1',
      resource: '/{proxy+}',
      status: '201',
      response_length: '5',
      response_latency: expect.stringMatching(/^\d+$/),
      error_response_type: '-',
      integration_request_id: functions.requestIds[0],
      integration_status: '200',
      function_status: '201',
      integration_latency: expect.stringMatching(/^\d+$/),
      integration_error: '-',
      authenticate_status: '-',
      authorize_status: '-',
      authorizer_status: '-',
      authorizer_integration_status: '-',
      waf_status: '-',
      waf_response_code: '-',
    });
    expect(Number(record.request_time_epoch)).toBeGreaterThanOrEqual(before);
    expect(answered).toContain(`x-amz-apigw-id: ${record.extended_request_id}`);
  });

  it('keeps the id that a client chose apart from the one that joins', async () => {
    const { record } = await logged('REST', rawRequest('GET /', ['x-amzn-RequestId: chosen']));
    expect(record.request_id).toBe('chosen');
    expect(record.extended_request_id).toMatch(/^[\w-]{15}=$/);
  });
});

it('the edge log of an HTTP API has the fields that it knows, and no others', async () => {
  const { record, functions } = await logged('HTTP', rawRequest('GET /orders/1?token=secret'));
  expect(Object.keys(record)).toEqual(Object.keys(accessLogFormat('httpApi')));
  const { requestContext } = functions.event;
  expect(record).toMatchObject({
    request_id: requestContext['requestId'],
    extended_request_id: requestContext['requestId'],
    request_time_epoch: String(requestContext['timeEpoch']),
    stage: '$default',
    path: '/orders/1',
    resource: '$default',
    status: '201',
    integration_status: '200',
    function_status: '201',
  });
});

describe.each(EACH)('what a %s API refuses itself', (kind) => {
  it.each<[string, string, string, string]>([
    ['a method that it does not have', rawRequest('TRACE /orders'), kind === 'REST' ? '403' : '404', '/orders'],
    ['no Host', 'GET /orders HTTP/1.1\r\nConnection: close\r\n\r\n', '400', '/orders'],
    ['a broken query', rawRequest('GET /orders?a=%zz'), '400', '/orders'],
    ['a head too large', rawRequest('GET /orders', [`X-Big: ${'v'.repeat(10_240)}`]), '431', '/orders'],
    ['a body declared too large', rawRequest('POST /orders', [`Content-Length: ${11 * MIB}`]), '413', '/orders'],
    ['a target that is no path', rawRequest('GET http:user:secret@host'), '400', '-'],
    [
      'CONNECT',
      'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n',
      kind === 'REST' ? '403' : '404',
      '-',
    ],
    ['what is not HTTP', 'hello\r\n\r\n', '400', '-'],
    ['a head beyond the parser', rawRequest('GET /orders', [`X-Big: ${'v'.repeat(70_000)}`]), '431', '-'],
  ])('is in its edge log: %s', async (_, request, status, path) => {
    const { record, functions } = await logged(kind, request);
    expect(functions.events).toEqual([]);
    expect(record).toMatchObject({
      status,
      path: path === '-' || kind === 'HTTP' ? path : `/local${path}`,
      integration_status: '-',
      function_status: '-',
      integration_latency: '-',
      integration_request_id: '-',
      source_ip: '127.0.0.1',
    });
    expect(JSON.stringify(record)).not.toContain('secret');
    expect(await invocationOf(record)).toBe('refused');
  });
});

describe.each(EACH)('the edge log of a %s API', (kind) => {
  const slow = () => new Promise<string>(() => undefined);
  const failing = (error: Error) => () => Promise.reject(error);

  it.each<[string, FakeFunctions['answer'], string, RegExp]>([
    ['threw', failing(new FunctionError('TypeError', 'oh no')), '200', /oh no/],
    [
      'was killed',
      failing(new FunctionError('Runtime.ExitError', 'the process was ended by SIGKILL')),
      '200',
      /SIGKILL/,
    ],
    ['timed out', failing(new FunctionError('Sandbox.Timedout', 'Task timed out after 3 seconds')), '200', /timed out/],
    ['answered no HTTP', () => '{"statusCode":"many"}', '200', /^-$/],
    ['failed the gateway', failing(new Error('of the gateway itself')), '-', /^-$/],
  ])('tells that the function ran or may have run: it %s', async (_, answer, integrationStatus, error) => {
    const { record } = await logged(kind, rawRequest('GET /orders'), answer);
    expect(record).toMatchObject({
      status: kind === 'REST' ? '502' : '500',
      error_response_type: 'INTEGRATION_FAILURE',
      integration_status: integrationStatus,
      integration_error: expect.stringMatching(error),
      function_status: '-',
    });
    expect(['invoked', 'unknown']).toContain(await invocationOf(record));
  });

  it('does not claim to know what became of a function that is too slow', async () => {
    const { record } = await logged(kind, rawRequest('GET /orders'), slow, 100);
    expect(record).toMatchObject({
      status: kind === 'REST' ? '504' : '503',
      error_response_type: 'INTEGRATION_TIMEOUT',
      integration_status: '-',
    });
    expect(await invocationOf(record)).toBe('unknown');
  });

  it('tells that no environment took the request', async () => {
    const functions = new FakeFunctions();
    functions.invoke = (_event, givenUp) =>
      new Promise((_resolve, reject) => {
        givenUp.addEventListener('abort', () => reject(new NeverInvoked('GivenUp', 'no environment was free')));
      });
    const records: EdgeRecord[] = [];
    const edgeLog = { write: (record: EdgeRecord) => void records.push(record) };
    const gateway = await gatewayWith(apis[kind], functions, { edgeLog, timeoutMs: 100 });
    expect(await raw(gateway, rawRequest('GET /'))).toMatch(kind === 'REST' ? /^HTTP\/1.1 504/ : /^HTTP\/1.1 503/);
    expect(records).toMatchObject([{ integration_status: '429', status: kind === 'REST' ? '504' : '503' }]);
    expect(await invocationOf(records[0]!)).toBe('not_invoked');
  });

  it('tells that the function did not get through its init phase', async () => {
    const error = new FunctionError('Runtime.HandlerNotFound', 'index.handler is undefined or not exported');
    const { record } = await logged(kind, rawRequest('GET /'), failing(error));
    expect(await invocationOf(record)).toBe('not_invoked');
  });

  it('tells that Lambda refused an event that is too large for it', async () => {
    const body = 'x'.repeat(7 * MIB);
    const { record, functions } = await logged(kind, rawRequest('POST /', [`Content-Length: ${body.length}`], body));
    expect(functions.events).toEqual([]);
    expect(record).toMatchObject({ status: '413', integration_status: '413' });
    expect(await invocationOf(record)).toBe('not_invoked');
  });

  it('has a request whose client went away while the function ran, before the gateway has stopped', async () => {
    let answer: (text: string) => void = () => undefined;
    const functions = new FakeFunctions(() => new Promise((resolve) => (answer = resolve)));
    const records: EdgeRecord[] = [];
    const gateway = await gatewayWith(apis[kind], functions, {
      edgeLog: { write: (record) => void records.push(record) },
    });
    const socket = net.connect(gateway.port, '127.0.0.1');
    socket.write(rawRequest('GET /orders'));
    while (functions.events.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    socket.destroy();
    await once(socket, 'close');

    const stopped = gateway.stop().then(() => records.length);
    setTimeout(() => answer('{"statusCode":200}'), 100);
    expect(await stopped).toBe(1);
    expect(records).toMatchObject([{ status: '200', integration_status: '200', method: 'GET' }]);
  });

  it('has a request whose client went away before it was complete', async () => {
    const functions = new FakeFunctions();
    const records: EdgeRecord[] = [];
    const gateway = await gatewayWith(apis[kind], functions, {
      edgeLog: { write: (record) => void records.push(record) },
    });
    const socket = net.connect(gateway.port, '127.0.0.1');
    socket.write(rawRequest('POST /orders', ['Content-Length: 100'], 'half'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.destroy();
    await gateway.stop();
    expect(functions.events).toEqual([]);
    expect(records).toMatchObject([{ status: '400', method: 'POST', integration_status: '-' }]);
    expect(await invocationOf(records[0]!)).toBe('refused');
  });
});

it('every request of a connection has its own record', async () => {
  const records: EdgeRecord[] = [];
  const gateway = await gatewayWith(restApi, new FakeFunctions(), {
    edgeLog: { write: (record) => void records.push(record) },
  });
  const keepAlive = rawRequest('GET /1').replace('Connection: close\r\n', '');
  await raw(gateway, keepAlive + keepAlive.replace('/1', '/2') + rawRequest('GET /3'));
  expect(records.map(({ path }) => path).sort()).toEqual(['/local/1', '/local/2', '/local/3']);
  expect(new Set(records.map(({ extended_request_id }) => extended_request_id)).size).toBe(3);
});
