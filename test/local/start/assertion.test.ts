import { createRemoteJWKSet, jwtVerify } from 'jose';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startPipeline, type Pipeline } from '../../../bin/local/pipeline';
import { startService, valuesOf, type Service } from '../../support/services';

let folder: string;
let service: Service;
let pipeline: Pipeline;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'audit-proxy-assertion-'));
  service = await startService();
  const configFile = path.join(folder, 'audit-proxy.json');
  const config = {
    routes: [{ path: '/orders', upstream: service.url }],
    assertion: true,
    stackName: 'Shop',
    local: { callers: { 'token-of-alice': { claims: { sub: 'user-7', email: 'alice@example.com' } } } },
  };
  await writeFile(configFile, JSON.stringify(config));
  pipeline = await startPipeline({ configFile, dataFolder: path.join(folder, 'trail'), port: 0, concurrency: 1 });
});

afterAll(async () => {
  await pipeline.stop();
  await service.stop();
  await rm(folder, { recursive: true });
});

it('tells a service who called, and the service checks that with the keys at the path of the API', async () => {
  const headers = { authorization: 'Bearer token-of-alice', 'x-audit-assertion': 'forged' };
  expect((await fetch(`${pipeline.url}/orders/7`, { headers })).status).toBe(200);
  const [assertion, ...others] = valuesOf(service.received[0]!.rawHeaders, 'x-audit-assertion');
  expect(others).toEqual([]);
  const keys = createRemoteJWKSet(new URL(`${pipeline.url}/.audit-proxy/jwks.json`));
  const { payload } = await jwtVerify(assertion!, keys, { issuer: 'audit-proxy/Shop', audience: 'orders' });
  expect(payload).toMatchObject({ sub: 'user-7', email: 'alice@example.com', who_type: 'jwt' });
});

it('keeps the keys in a file that its owner alone can read', async () => {
  expect((await stat(path.join(pipeline.dataFolder, 'keys', 'assertion.json'))).mode & 0o777).toBe(0o600);
});
