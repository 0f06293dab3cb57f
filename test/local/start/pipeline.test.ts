import { DescribeDeliveryStreamCommand } from '@aws-sdk/client-firehose';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { startPipeline, type PipelineOptions } from '../../../bin/local/pipeline';
import { openLocalTrail } from '../../../bin/query/duckdb-queries';
import { firehose } from '../delivery/support';
import { afterTest } from '../../support/after-test';
import { configFor, temporaryFolder, upstreamThat } from './start-fixture';

async function running(options: Partial<PipelineOptions> = {}) {
  const pipeline = await startPipeline({ dataFolder: temporaryFolder(), port: 0, concurrency: 2, ...options });
  let stopped: Promise<boolean> | undefined;
  const stop = () => (stopped ??= pipeline.stop());
  afterTest(stop);
  return { ...pipeline, stop };
}

describe('the pipeline', () => {
  it.each(['v1', 'v2'] as const)('brings requests to services and their events to the trail (%s)', async (payload) => {
    const { url, dataFolder, stop } = await running({ payload });

    const answers = await Promise.all([
      fetch(`${url}/orders/o-1`, { headers: { Authorization: 'Bearer alice' } }),
      fetch(`${url}/users`, { headers: { Authorization: 'Bearer billing' } }),
      fetch(`${url}/nowhere`),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 404]);
    expect(await stop()).toBe(true);

    const trail = await openLocalTrail(dataFolder);
    afterTest(() => trail.close());
    const { rows } = await trail.run('SELECT who, path, service, status_code FROM audit_events ORDER BY path');
    expect(rows.map(([who, ...rest]) => [who, ...rest.map(String)])).toEqual([
      ['anonymous', '/nowhere', expect.any(String), '404'],
      ['alice@example.com', '/orders/o-1', 'orders', '200'],
      [expect.stringContaining('billing'), '/users', 'users', '200'],
    ]);
  });

  it('moves a sample service whose port is taken, and its route follows', async () => {
    const taken = net.createServer().listen(9001, '127.0.0.1');
    // Taken by somebody else already is as good.
    await Promise.race([once(taken, 'listening'), once(taken, 'error')]).catch(() => undefined);
    afterTest(() => void taken.close());

    const { url, routes, samples } = await running();

    expect(samples).toEqual(['orders', 'users']);
    expect(routes[0]?.upstream).not.toBe('http://127.0.0.1:9001');
    expect((await fetch(`${url}/orders`)).status).toBe(200);
  });

  it('tells the function what the config says', async () => {
    const upstream = await upstreamThat((_request, response) => response.end());
    const { url, dataFolder } = await running({ configFile: configFor(upstream, { maxBodySize: '1KiB' }) });

    const [fits, tooLarge] = await Promise.all(
      [1000, 2000].map((size) => fetch(`${url}/slow`, { method: 'POST', body: 'x'.repeat(size) })),
    );

    expect([fits?.status, tooLarge?.status]).toEqual([200, 413]);
    expect(readFileSync(path.join(dataFolder, 'function.log'), 'utf8')).not.toContain('Error');
  });

  it.each(['BEFORE_FORWARD', 'BEFORE_RESPONSE', 'AFTER_RESPONSE'])(
    'records under %s, by any of the streams that the config asks for',
    async (guarantee) => {
      const upstream = await upstreamThat((_request, response) => response.end());
      const configFile = configFor(upstream, {
        routes: [{ path: '/slow', upstream, guarantee }],
        recording: { streams: 3, hedgeDelay: '1s', limit: '10s' },
      });
      const { url, dataFolder, deliveryPort, stop } = await running({ configFile });

      const client = firehose(deliveryPort);
      afterTest(() => void client.destroy());
      const describe = (DeliveryStreamName: string) =>
        client.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName }));
      for (const name of ['audit-events', 'audit-events-1', 'audit-events-2']) {
        expect((await describe(name)).DeliveryStreamDescription?.DeliveryStreamName).toBe(name);
      }
      await expect(describe('audit-events-3')).rejects.toThrow('audit-events-3');

      expect((await fetch(`${url}/slow`)).status).toBe(200);
      expect(await stop()).toBe(true);
      const trail = await openLocalTrail(dataFolder);
      afterTest(() => trail.close());
      const { rows } = await trail.run('SELECT guarantee, status_code FROM audit_events');
      expect(rows.map((row) => row.map(String))).toEqual([[guarantee, '200']]);
    },
  );

  it('leaves nothing behind that would keep the next one from starting', async () => {
    const dataFolder = temporaryFolder();
    const first = await running({ dataFolder });
    const port = Number(new URL(first.url).port);
    await first.stop();
    const second = await running({ dataFolder, port });
    expect((await fetch(`${second.url}/users`)).status).toBe(200);
  });
});
