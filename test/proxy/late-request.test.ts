import { expect, it } from 'vitest';
import { afterTest } from '../support/after-test';
import { restEvent } from '../support/gateway-events';
import { bench, invoke } from '../support/handler-bench';
import { startService } from '../support/services';

/** A request that arrived some time before the function was started for it. */
const lateBy = (waitedMs: number) => restEvent({ context: { requestTimeEpoch: Date.now() - waitedMs } });

const afterOneSecond: Parameters<typeof startService>[0] = (_request, response) =>
  void setTimeout(() => response.end('late'), 1_000);

async function proxyBefore(...args: Parameters<typeof startService>) {
  const service = await startService(...args);
  afterTest(() => service.stop());
  return { service, ...bench([{ path: '/orders', upstream: service.url, timeoutMs: 25_000 }]) };
}

it('answers a request that waited for the function before API Gateway gives up, so that the event says what the caller got', async () => {
  const proxy = await proxyBefore(() => undefined);
  const { statusCode } = await invoke(proxy.handler, lateBy(28_300));
  await proxy.settled();

  expect(statusCode).toBe(504);
  expect(proxy.sink.persisted.at(-1)).toMatchObject({ status_code: '504', status_detail: 'upstream_timeout' });
}, 15_000);

it('does not call the service where no time is left, and says so', async () => {
  const proxy = await proxyBefore();
  const { statusCode, body } = await invoke(proxy.handler, lateBy(28_900));
  await proxy.settled();

  expect(statusCode).toBe(504);
  expect(JSON.parse(body)).not.toHaveProperty('forwarded');
  expect(proxy.service.received).toEqual([]);
  expect(proxy.sink.persisted.at(-1)).toMatchObject({ status_code: '504', unmapped: { forwarded: false } });
});

it('does not blame the service for requests that came late: its circuit stays closed', async () => {
  const proxy = await proxyBefore(afterOneSecond);
  const late = Array.from({ length: 25 }, async () => (await invoke(proxy.handler, lateBy(28_300))).statusCode);
  expect(new Set(await Promise.all(late))).toEqual(new Set([504]));

  expect(await invoke(proxy.handler, lateBy(0))).toMatchObject({ statusCode: 200 });
  await proxy.settled(26);
});

it.each([
  ['did not wait', 0],
  ['was replayed long after', 3_600_000],
  ['comes from a clock ahead of ours', -60_000],
])('leaves the service its time where a request %s', async (_what, waitedMs) => {
  const proxy = await proxyBefore(afterOneSecond);
  expect(await invoke(proxy.handler, lateBy(waitedMs))).toMatchObject({ statusCode: 200, body: 'late' });
  await proxy.settled();
});
