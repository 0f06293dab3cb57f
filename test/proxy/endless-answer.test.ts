import { afterEach, expect, it } from 'vitest';
import { bench, stream } from '../support/handler-bench';
import { startService, type Service } from '../support/services';

let service: Service | undefined;
afterEach(() => service?.stop());

const connection = { circuitFailures: 1 };

it('that its time limit ends is no failure of the service: server-sent events have no end of their own', async () => {
  service = await startService((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
  });
  const proxy = bench([{ path: '/', upstream: service.url, streaming: true, timeoutMs: 200, connection }]);
  expect(await stream(proxy).done).toMatchObject({ code: 'upstream_timeout' });
  const again = stream(proxy);
  expect(await again.done).toMatchObject({ code: 'upstream_timeout' });
  expect(again.caller.prelude).toMatchObject({ statusCode: 200 });
});

it('that does not begin within its time limit is one', async () => {
  service = await startService(() => undefined);
  const proxy = bench([{ path: '/', upstream: service.url, streaming: true, timeoutMs: 200, connection }]);
  for (const statusCode of [504, 503]) {
    const { caller, done } = stream(proxy);
    expect(await done).toBeUndefined();
    expect(caller.prelude).toMatchObject({ statusCode });
  }
});
