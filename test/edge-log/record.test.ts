import { HiveSQL } from 'dt-sql-parser';
import { describe, expect, it } from 'vitest';
import { accessLogFormat } from '../../lib/edge-log/access-log-format';
import { edgeDuckdbColumns, edgeGlueColumns } from '../../lib/edge-log/columns';
import { edgeFields, edgeRecordSchema } from '../../lib/edge-log/record';

const kinds = ['restApi', 'httpApi'] as const;

/** Every variable of the access logs of HTTP APIs that the edge log may use, as AWS's page lists them. */
const HTTP_API_VARIABLES = [
  'apiId',
  'error.responseType',
  'extendedRequestId',
  'httpMethod',
  'identity.sourceIp',
  'integration.error',
  'integration.integrationStatus',
  'integration.latency',
  'integration.requestId',
  'integration.status',
  'path',
  'protocol',
  'requestId',
  'requestTimeEpoch',
  'responseLatency',
  'responseLength',
  'routeKey',
  'stage',
  'status',
];

describe('the edge record', () => {
  it('has names that every engine in the way keeps as they are, and a sentence for each', () => {
    for (const [name, { meaning }] of edgeFields) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(meaning).toMatch(/^[A-Z].{3,253}\.$/);
    }
  });

  it('keeps its columns and their order: the log outlives versions', () => {
    expect(Object.keys(edgeRecordSchema).join(' ')).toBe(
      'request_id extended_request_id request_time_epoch api_id stage source_ip protocol method path resource status ' +
        'response_length response_latency error_response_type integration_request_id integration_status ' +
        'function_status integration_latency integration_error authenticate_status authorize_status ' +
        'authorizer_status authorizer_integration_status waf_status waf_response_code',
    );
  });
});

describe.each(kinds)('the access log of a %s', (kind) => {
  const format = accessLogFormat(kind);

  it('is made of variables, each once', () => {
    const variables = Object.values(format);
    expect(new Set(variables).size).toBe(variables.length);
    for (const variable of variables) expect(variable).toMatch(/^\$context\.[A-Za-z.]+$/);
  });

  it('holds what Firehose demands and what joins and judges a request', () => {
    expect(Object.keys(format)).toEqual(
      expect.arrayContaining(['request_id', 'extended_request_id', 'request_time_epoch', 'status']),
    );
    expect(format).toMatchObject({
      integration_status: '$context.integration.integrationStatus',
      integration_error: '$context.integration.error',
    });
  });

  it('quotes no caller: no query, no header, no claim, no message of API Gateway', () => {
    for (const variable of Object.values(format)) {
      expect(variable).not.toMatch(/error\.message|messageString|apiKey|claims|userAgent|query|header|clientCert/i);
      expect(variable).not.toMatch(/(authorizer|authorize|authenticate|waf)\.error/);
    }
  });

  it('fits the 3 KB that API Gateway takes for a format, in one line', () => {
    const text = JSON.stringify(format);
    expect(text.length).toBeLessThan(3_072);
    expect(text).not.toContain('\n');
  });
});

it('an HTTP API is asked for no variable that it does not have', () => {
  for (const variable of Object.values(accessLogFormat('httpApi'))) {
    expect(HTTP_API_VARIABLES).toContain(variable.replace('$context.', ''));
  }
});

it('both kinds of API fill the columns that the views read', () => {
  const rest = Object.keys(accessLogFormat('restApi'));
  expect(Object.keys(accessLogFormat('httpApi')).filter((name) => !rest.includes(name))).toEqual([]);
  expect(rest).toEqual(edgeFields.map(([name]) => name));
});

describe('the columns', () => {
  it('are strings, in the order of the record', () => {
    expect(edgeGlueColumns().map(({ name, type }) => [name, type])).toEqual(
      edgeFields.map(([name]) => [name, 'string']),
    );
    expect(edgeDuckdbColumns()).toEqual(edgeFields.map(([name]) => ({ name, type: 'VARCHAR' })));
  });

  it('make a table definition that Hive’s grammar takes', () => {
    const columns = edgeGlueColumns().map(({ name, type }) => `\`${name}\` ${type}`);
    const ddl = `CREATE EXTERNAL TABLE edge (${columns.join(', ')}) LOCATION 's3://bucket/edge/'`;
    expect(new HiveSQL().validate(ddl)).toEqual([]);
  });
});
