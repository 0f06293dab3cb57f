import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { restEvent as eventOf } from '../../../bin/local/gateway/rest-api/event';
import type { StageVariables } from '../../../bin/local/gateway/api';
import { DeliveryProcess } from '../../../bin/local/delivery-process';
import { loadConfig } from '../../../bin/config/load-config';
import { EdgeLogWriter } from '../../../bin/local/edge-log/edge-log-writer';
import { restApi } from '../../../bin/local/gateway/rest-api/rest-api';
import { startGateway, type Gateway } from '../../../bin/local/gateway/server';
import { EDGE_STREAM } from '../../../bin/local/pipeline';
import { ProxyFunctions } from '../../../bin/local/proxy-functions';
import { openLocalTrail } from '../../../bin/query/duckdb-queries';
import { GATEWAY_SECRET_VARIABLE, gatewaySecretHash, newGatewaySecret } from '../../../lib/routing/gateway-secret';
import { startService, type Service } from '../../support/services';
import { configFor, ROOT } from './start-fixture';

const secret = newGatewaySecret();
let folder: string;
let service: Service;
let delivery: DeliveryProcess;
let functions: ProxyFunctions;
let edgeLog: EdgeLogWriter;
let gateway: Gateway;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'audit-proxy-direct-'));
  service = await startService();
});
afterAll(async () => {
  await service.stop();
  await rm(folder, { recursive: true, force: true });
});

/** As the pipeline puts its parts together, with a hand on the functions. */
async function start(): Promise<void> {
  const program = path.join(ROOT, 'dist', 'bin', 'local', 'delivery', 'main.js');
  const config = loadConfig(
    configFor(service.url, {
      routes: [
        { path: '/orders', upstream: service.url },
        { path: '/events', upstream: service.url, streaming: true },
      ],
      assertion: true,
    }),
  );
  delivery = await DeliveryProcess.start({
    program,
    dataFolder: folder,
    streams: ['events', EDGE_STREAM],
    warn: () => undefined,
  });
  edgeLog = new EdgeLogWriter({ port: delivery.port, stream: EDGE_STREAM, warn: () => undefined });
  functions = await ProxyFunctions.start({
    config,
    routes: config.routes,
    streams: ['events'],
    dataFolder: folder,
    deliveryPort: delivery.port,
    concurrency: 1,
    canStream: true,
    onUnlogged: () => undefined,
    gatewaySecretHash: gatewaySecretHash(secret),
  });
  gateway = await startGateway({
    api: restApi,
    functions: functions.buffered,
    streaming: functions.streaming!,
    callers: {},
    stageVariables: { [GATEWAY_SECRET_VARIABLE]: secret },
    port: 0,
    edgeLog,
  });
}

/** What somebody who may invoke the functions makes up: a call by an administrator. */
function forged(requestPath: string, stageVariables: StageVariables): string {
  const event = eventOf(
    {
      method: 'GET',
      path: requestPath,
      resource: '/',
      query: '',
      protocol: 'HTTP/1.1',
      headers: [['Host', 'api.example.com']],
      body: Buffer.alloc(0),
      sourceIp: '203.0.113.9',
      port: 443,
      time: Date.UTC(2020, 0, 1),
      ids: { requestId: 'forged', extendedRequestId: 'forged', traceId: 'Root=1-67891234-12456789abcdef0123456789' },
      caller: { iam: { userArn: 'arn:aws:iam::123456789012:user/administrator' } } as never,
    },
    stageVariables,
  );
  return JSON.stringify(event);
}

it('is refused and recorded by both functions, while the gateway’s own requests pass', async () => {
  await start();
  const never = new AbortController().signal;
  for (const path of ['/orders/7', '/events/7']) expect((await fetch(gateway.url + path)).status).toBe(200);
  expect(service.received).toHaveLength(2);

  const guesses: StageVariables[] = [{}, { [GATEWAY_SECRET_VARIABLE]: gatewaySecretHash(secret) }];
  for (const variables of guesses) {
    const answer = await functions.buffered.invoke(forged('/orders/7', variables), never, 'invocation-1');
    expect(JSON.parse(answer)).toMatchObject({ statusCode: 403 });
    const until = { givenUp: never, dropped: never };
    const streamed = await functions.streaming!.functions.invokeStreaming(forged('/events/7', variables), until, 'invocation-2'); // prettier-ignore
    expect(await text(streamed)).toMatch(/^\{"statusCode":403,[^]*unverified_invocation/);
  }
  expect(JSON.parse(await functions.buffered.invoke('{"Records":[]}', never, 'invocation-3'))).toMatchObject({
    statusCode: 400,
  });
  expect(service.received).toHaveLength(2);

  await gateway.stop();
  await edgeLog.close();
  await functions.stop();
  expect(await delivery.stop()).toBe(true);
  const trail = await openLocalTrail(folder);
  const { rows } = await trail.run(
    `SELECT who, source_ip, status_code::VARCHAR, path FROM audit_events WHERE who_type = 'unverified' ORDER BY path, status_code`,
  );
  const unwitnessed = await trail.run('SELECT DISTINCT path FROM unwitnessed_events ORDER BY path');
  expect(unwitnessed.rows).toEqual([['(unknown)'], ['/events/7'], ['/orders/7']]);
  const all = await trail.run(`SELECT to_json(e)::VARCHAR FROM audit_events_raw e UNION ALL SELECT to_json(r)::VARCHAR FROM edge_requests_raw r`); // prettier-ignore
  await trail.close();
  expect(all.rows.length).toBeGreaterThan(8);
  for (const written of [all.rows.join('\n'), await contentsOf(folder)]) {
    expect(written).not.toContain(secret);
    expect(written).not.toContain('administrator');
  }
  expect(rows).toEqual(
    ['/events/7', '/events/7', '/orders/7', '/orders/7', '(unknown)']
      .map((path) => ['unverified', null, path === '(unknown)' ? '400' : '403', path])
      .sort((a, b) => (String(a[3]) < String(b[3]) ? -1 : 1)),
  );
});

async function contentsOf(of: string): Promise<string> {
  const files = await readdir(of, { recursive: true, withFileTypes: true });
  const texts = files.filter((file) => file.isFile()).map((file) => readFile(path.join(file.parentPath, file.name), 'latin1')); // prettier-ignore
  return (await Promise.all(texts)).join('\n');
}
