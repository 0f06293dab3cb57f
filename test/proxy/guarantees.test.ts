import { afterEach, describe, expect, it, vi } from 'vitest';
import { bench, invoke } from '../support/handler-bench';
import { restEvent } from '../support/gateway-events';
import { startService, unusedPort, type Service } from '../support/services';

const running: Service[] = [];
afterEach(() => Promise.all(running.splice(0).map((service) => service.stop())));

async function service(): Promise<Service> {
  const started = await startService();
  running.push(started);
  return started;
}

describe('BEFORE_FORWARD', () => {
  const GUARANTEE = { path: '/', guarantee: 'BEFORE_FORWARD' } as const;

  it('calls the service only once the attempt is durable', async () => {
    let acknowledge: () => void = () => undefined;
    const until = new Promise<void>((resolve) => (acknowledge = resolve));
    const orders = await service();
    const { handler, sink, settled } = bench([{ ...GUARANTEE, upstream: orders.url }], {
      faults: [{ kind: 'wait', until }],
    });
    const result = invoke(handler);
    await vi.waitFor(() => expect(sink.puts).toHaveLength(1));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(orders.received).toEqual([]);
    acknowledge();
    expect(await result).toMatchObject({ statusCode: 200, body: 'ok' });
    await settled();
    expect(sink.persisted).toMatchObject([
      { unmapped: { phase: 'attempt', guarantee: 'BEFORE_FORWARD' } },
      { unmapped: { phase: 'outcome', guarantee: 'BEFORE_FORWARD', forwarded: true } },
    ]);
    const { attempt_us, waited_us } = sink.persisted[1]?.unmapped ?? {};
    expect(waited_us).toBe(attempt_us);
  });

  it.each(['fail', 'fail-but-persisted', 'hang'] as const)(
    'refuses with 503 where no sink takes the attempt (%s): the service was never called',
    async (kind) => {
      const orders = await service();
      const { handler, sink, lastResort, settled } = bench([{ ...GUARANTEE, upstream: orders.url }], {
        faults: [{ kind }],
        totalLimitMs: 200,
      });
      const result = await invoke(handler);
      expect(result.statusCode).toBe(503);
      const problem = JSON.parse(result.body) as object;
      expect(problem).toMatchObject({ type: 'urn:cdk-audit-proxy:problem:unrecorded', status: 503 });
      expect(problem).not.toHaveProperty('forwarded');
      await settled();
      expect(orders.received).toEqual([]);
      expect(lastResort.map(({ sealed }) => sealed.event.unmapped.phase)).toEqual(['attempt']);
      expect(sink.persisted.at(-1)).toMatchObject({
        status_code: '503',
        status_detail: 'unrecorded',
        disposition: 'Error',
        unmapped: { phase: 'outcome', forwarded: false, unconfirmed: [{ uid: lastResort[0]?.sealed.uid }] },
      });
    },
  );

  it('does not wait a second time for sinks that hang', async () => {
    const orders = await service();
    const { handler, settled, lastResort } = bench([{ ...GUARANTEE, upstream: orders.url }], {
      faults: [{ kind: 'hang' }, { kind: 'hang' }],
      totalLimitMs: 400,
    });
    const started = performance.now();
    expect(await invoke(handler)).toMatchObject({ statusCode: 503 });
    expect(performance.now() - started).toBeLessThan(750);
    await settled();
    expect(lastResort.map(({ sealed }) => sealed.event.unmapped.phase)).toEqual(['attempt', 'outcome']);
  });
});

describe('BEFORE_RESPONSE with onUnrecorded: refuse', () => {
  const ROUTE = { path: '/', guarantee: 'BEFORE_RESPONSE', onUnrecorded: 'refuse' } as const;

  it('answers as usual where the attempt is durable', async () => {
    const orders = await service();
    const { handler } = bench([{ ...ROUTE, upstream: orders.url }]);
    expect(await invoke(handler)).toMatchObject({ statusCode: 200, body: 'ok' });
  });

  it('gives 503 where no sink takes the attempt, and says that the service was called', async () => {
    const orders = await service();
    const { handler, sink, lastResort, settled } = bench([{ ...ROUTE, upstream: orders.url }], {
      faults: [{ kind: 'fail' }],
    });
    const result = await invoke(handler);
    expect(result.statusCode).toBe(503);
    expect(JSON.parse(result.body)).toMatchObject({
      type: 'urn:cdk-audit-proxy:problem:unrecorded',
      forwarded: true,
      request_id: 'request-1',
    });
    await settled();
    expect(orders.received).toHaveLength(1);
    expect(lastResort).toHaveLength(1);
    expect(sink.persisted.at(-1)).toMatchObject({ status_detail: 'unrecorded', unmapped: { forwarded: true } });
  });

  it('does not say so where the service could not be called', async () => {
    const { handler } = bench([{ ...ROUTE, upstream: `http://127.0.0.1:${await unusedPort()}` }], {
      faults: [{ kind: 'fail' }],
    });
    const result = await invoke(handler);
    expect(result.statusCode).toBe(503);
    expect(JSON.parse(result.body)).not.toHaveProperty('forwarded');
  });
});

describe('AFTER_RESPONSE', () => {
  const ROUTE = { path: '/', guarantee: 'AFTER_RESPONSE' } as const;

  it('answers before anything is written, then writes the outcome alone', async () => {
    const orders = await service();
    const { handler, sink, settled } = bench([{ ...ROUTE, upstream: orders.url }], {
      faults: [{ kind: 'delay', ms: 100 }],
    });
    expect(await invoke(handler)).toMatchObject({ statusCode: 200, body: 'ok' });
    expect(sink.puts).toEqual([]);
    await settled();
    expect(sink.persisted).toMatchObject([{ unmapped: { phase: 'outcome', guarantee: 'AFTER_RESPONSE' } }]);
    expect(sink.persisted[0]?.unmapped).not.toHaveProperty('attempt_us');
  });

  it('takes the last resort where no sink takes the outcome', async () => {
    const orders = await service();
    const { handler, lastResort, settled } = bench([{ ...ROUTE, upstream: orders.url }], {
      faults: [{ kind: 'fail' }],
    });
    expect(await invoke(handler)).toMatchObject({ statusCode: 200 });
    await settled();
    expect(lastResort.map(({ sealed }) => sealed.event.unmapped.phase)).toEqual(['outcome']);
  });

  it('refuses without waiting for the record too', async () => {
    const orders = await service();
    const { handler, sink, settled } = bench([{ ...ROUTE, upstream: orders.url }], { maxBodyBytes: 3 });
    expect(await invoke(handler, restEvent({ method: 'POST', body: 'too large' }))).toMatchObject({ statusCode: 413 });
    expect(sink.puts).toEqual([]);
    await settled();
    expect(sink.persisted).toMatchObject([{ status_code: '413', disposition: 'Blocked' }]);
  });
});
