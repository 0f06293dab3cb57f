import { describe, expect, it } from 'vitest';
import { restApi } from '../../../bin/local/gateway/rest-api/rest-api';
import type { EdgeRecord } from '../../../lib/edge-log/record';
import { runFunction } from '../runtime/test-function';
import { gatewayWith } from './gateway-fixture';

/** A gateway before real environments, and the records that it writes. */
async function gatewayBefore(source: string, timeoutMs: number) {
  const { pool } = await runFunction(source);
  const records: EdgeRecord[] = [];
  const edgeLog = { write: (record: EdgeRecord) => void records.push(record) };
  const { url } = await gatewayWith(restApi, pool, { edgeLog, timeoutMs });
  return { url, recordOf: (path: string) => records.filter((record) => record.path === `/local${path}`) };
}

describe('the edge log before real environments', () => {
  it('tells a request that found no free environment from one whose function was too slow', async () => {
    const { url, recordOf } = await gatewayBefore(
      `export const handler = () => new Promise((resolve) => setTimeout(() => resolve({ statusCode: 200 }), 1500));`,
      500,
    );
    const [first, second] = await Promise.all(['/first', '/second'].map((path) => fetch(url + path)));
    expect([first?.status, second?.status]).toEqual([504, 504]);
    const statuses = ['/first', '/second'].map((path) => recordOf(path).map((record) => record.integration_status));
    expect(statuses.flat().sort()).toEqual(['-', '429']);
  });

  it('tells that a function was killed, and that the next one could not be loaded', async () => {
    const { url, recordOf } = await gatewayBefore(
      `import { existsSync, writeFileSync } from 'node:fs';
       const broken = process.env.FOLDER + '/broken';
       export const handler = existsSync(broken) ? undefined : async () => {
         writeFileSync(broken, '');
         process.kill(process.pid, 'SIGKILL');
       };`,
      10_000,
    );
    expect((await fetch(`${url}/killed`)).status).toBe(502);
    expect((await fetch(`${url}/unloadable`)).status).toBe(502);
    expect(recordOf('/killed')).toMatchObject([
      {
        integration_status: '200',
        integration_error: expect.stringMatching(/^Lambda Customer Function Error:.*SIGKILL/),
      },
    ]);
    expect(recordOf('/unloadable')).toMatchObject([
      { integration_error: 'Lambda Customer Function Error:index.handler is undefined or not exported' },
    ]);
  });
});
