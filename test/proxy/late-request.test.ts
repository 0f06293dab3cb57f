import { expect, it } from 'vitest';
import { afterTest } from '../support/after-test';
import { restEvent } from '../support/gateway-events';
import { bench, invoke } from '../support/handler-bench';
import { startService } from '../support/services';

/** A request that arrived some time before the function was started for it. */
const lateBy = (waitedMs: number) => restEvent({ context: { requestTimeEpoch: Date.now() - waitedMs } });

async function proxyBefore(...args: Parameters<typeof startService>) {
  const service = await startService(...args);
  afterTest(() => service.stop());
  return bench([{ path: '/orders', upstream: service.url, timeoutMs: 25_000 }]);
}

it('answers a request that waited for the function before API Gateway gives up, so that the event says what the caller got', async () => {
  const proxy = await proxyBefore(() => undefined);
  const { statusCode } = await invoke(proxy.handler, lateBy(28_300));
  await proxy.settled();

  expect(statusCode).toBe(504);
  expect(proxy.sink.persisted.at(-1)).toMatchObject({ status_code: '504', status_detail: 'upstream_timeout' });
}, 15_000);

it.each([
  ['did not wait', 0],
  ['was replayed long after', 3_600_000],
  ['comes from a clock ahead of ours', -60_000],
])('leaves the service its time where a request %s', async (_what, waitedMs) => {
  const proxy = await proxyBefore((_request, response) => void setTimeout(() => response.end('late'), 1_000));
  expect(await invoke(proxy.handler, lateBy(waitedMs))).toMatchObject({ statusCode: 200, body: 'late' });
  await proxy.settled();
});
