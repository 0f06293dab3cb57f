import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Chain } from '../../lib/event/chain';
import { Privacy } from '../../lambda/proxy/privacy/privacy';
import { systemClock } from '../../lambda/recorder/clock';
import { restEvent } from '../support/gateway-events';
import { bench, stream, type Bench } from '../support/handler-bench';
import { startService, type Service } from '../support/services';

const running: Service[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(running.splice(0).map((service) => service.stop()));
});

/** A service that sends its head and `first` at once, and ends when it is told to. */
async function eventSource() {
  const opened: ServerResponse[] = [];
  const closed: ServerResponse[] = [];
  const service = await startService((_, response) => {
    opened.push(response);
    response.on('close', () => closed.push(response));
    response.writeHead(200, { 'Content-Type': 'text/plain' }).write('first,');
  });
  running.push(service);
  return { url: service.url, received: service.received, opened, closed, finish: () => opened[0]?.end('last') };
}

function gate() {
  let open: () => void = () => undefined;
  const until = new Promise<void>((resolve) => (open = resolve));
  return { until, open: () => open() };
}

const phasesPut = ({ sink }: Bench) => sink.puts.map(({ event }) => event.unmapped.phase);
const aWhile = () => new Promise((resolve) => setTimeout(resolve, 60));

describe('BEFORE_FORWARD, streamed', () => {
  it('calls the service once the attempt is durable; then bytes go on at once', async () => {
    const source = await eventSource();
    const { until, open } = gate();
    const route = { path: '/', upstream: source.url, streaming: true, guarantee: 'BEFORE_FORWARD' };
    const proxy = bench([route], { faults: [{ kind: 'wait', until }] });
    const { caller, done } = stream(proxy);
    await vi.waitFor(() => expect(phasesPut(proxy)).toEqual(['attempt']));
    await aWhile();
    expect(source.received).toEqual([]);
    open();
    await vi.waitFor(() => expect(caller.body.toString()).toBe('first,'));
    expect(phasesPut(proxy)).toEqual(['attempt']);
    source.finish();
    expect(await done).toBeUndefined();
    expect(phasesPut(proxy)).toEqual(['attempt', 'outcome']);
    const { attempt_us, waited_us } = proxy.sink.persisted[1]?.unmapped ?? {};
    expect(waited_us).toBe(attempt_us);
  });

  it('refuses with 503 where no sink takes the attempt: the service was never called', async () => {
    const source = await eventSource();
    const route = { path: '/', upstream: source.url, streaming: true, guarantee: 'BEFORE_FORWARD' };
    const proxy = bench([route], { faults: [{ kind: 'fail' }] });
    const { caller, done } = stream(proxy);
    expect(await done).toBeUndefined();
    expect(caller.prelude).toMatchObject({ statusCode: 503 });
    expect(source.received).toEqual([]);
  });
});

describe('BEFORE_RESPONSE, streamed', () => {
  const routeTo = (upstream: string, onUnrecorded = 'answer') => [
    { path: '/', upstream, streaming: true, guarantee: 'BEFORE_RESPONSE', onUnrecorded },
  ];

  it('calls the service at once, and sends not even a head before the attempt is durable', async () => {
    const source = await eventSource();
    const { until, open } = gate();
    const proxy = bench(routeTo(source.url), { faults: [{ kind: 'wait', until }] });
    const { caller, done } = stream(proxy);
    await vi.waitFor(() => expect(source.opened).toHaveLength(1));
    await aWhile();
    expect(caller.bytes).toHaveLength(0);
    open();
    await vi.waitFor(() => expect(caller.body.toString()).toBe('first,'));
    expect(phasesPut(proxy)).toEqual(['attempt']);
    source.finish();
    expect(await done).toBeUndefined();
    const { waited_us, upstream_us } = proxy.sink.persisted[1]?.unmapped ?? {};
    expect(waited_us).toBeGreaterThan(30_000);
    expect(upstream_us).toBeGreaterThan(waited_us ?? 0);
  });

  it('answers where no sink takes the attempt, as the service may have acted', async () => {
    const source = await eventSource();
    const proxy = bench(routeTo(source.url), { faults: [{ kind: 'fail' }] });
    const { caller, done } = stream(proxy);
    await vi.waitFor(() => expect(caller.body.toString()).toBe('first,'));
    source.finish();
    expect(await done).toBeUndefined();
    expect(proxy.lastResort.map(({ sealed }) => sealed.event.unmapped.phase)).toEqual(['attempt']);
  });

  it('refuses with 503 by option, and gives up the call of the service', async () => {
    const source = await eventSource();
    const proxy = bench(routeTo(source.url, 'refuse'), { faults: [{ kind: 'fail' }] });
    const { caller, done } = stream(proxy);
    expect(await done).toBeUndefined();
    expect(caller.prelude).toMatchObject({ statusCode: 503 });
    expect(JSON.parse(caller.body.toString())).toMatchObject({
      type: 'urn:cdk-audit-proxy:problem:unrecorded',
      forwarded: true,
    });
    await vi.waitFor(() => expect(source.closed).toHaveLength(1));
    expect(source.closed[0]?.writableEnded).toBe(false);
    expect(proxy.sink.persisted).toMatchObject([
      { status_code: '503', unmapped: { phase: 'outcome', forwarded: true } },
    ]);
    expect(proxy.extension.done).toBe(1);
  });
});

describe('AFTER_RESPONSE, streamed', () => {
  const routeTo = (upstream: string) => [{ path: '/', upstream, streaming: true, guarantee: 'AFTER_RESPONSE' }];

  it('sends everything before anything is recorded', async () => {
    const source = await eventSource();
    const proxy = bench(routeTo(source.url), { faults: [{ kind: 'delay', ms: 50 }] });
    const { caller, done } = stream(proxy);
    await vi.waitFor(() => expect(caller.body.toString()).toBe('first,'));
    let finishedAt = Infinity;
    caller.on('finish', () => (finishedAt = performance.now()));
    expect(phasesPut(proxy)).toEqual([]);
    source.finish();
    expect(await done).toBeUndefined();
    expect(phasesPut(proxy)).toEqual(['outcome']);
    expect(proxy.sink.puts[0]?.at).toBeGreaterThanOrEqual(finishedAt);
    expect(proxy.sink.puts[0]?.acknowledgedAt).toBeDefined();
  });

  it('answers a request that the proxy refuses before that is recorded, and records it', async () => {
    const source = await eventSource();
    const { until, open } = gate();
    const proxy = bench(routeTo(source.url), { maxBodyBytes: 3, faults: [{ kind: 'wait', until }] });
    const { caller, done } = stream(proxy, restEvent({ method: 'POST', body: 'too large' }));
    await vi.waitFor(() => expect(caller.writableFinished).toBe(true));
    expect(caller.prelude).toMatchObject({ statusCode: 413 });
    open();
    expect(await done).toBeUndefined();
    expect(proxy.sink.persisted).toMatchObject([{ status_code: '413', disposition: 'Blocked' }]);
  });
});

describe('the outcome of a streamed answer', () => {
  it.each([true, false])(
    'is durable before the handler is done, whether an extension holds or not (%s)',
    async (holds) => {
      const source = await eventSource();
      const proxy = bench([{ path: '/', upstream: source.url, streaming: true }], {
        holds,
        faults: [{ kind: 'none' }, { kind: 'delay', ms: 80 }],
      });
      const { caller, done } = stream(proxy);
      await vi.waitFor(() => expect(caller.body.toString()).toBe('first,'));
      source.finish();
      expect(await done).toBeUndefined();
      expect(proxy.sink.persisted.map(({ unmapped }) => unmapped.phase)).toEqual(['attempt', 'outcome']);
      expect(proxy.extension.done).toBe(1);
    },
  );

  it('takes the last resort where sinks hang, before the function’s own time limit', async () => {
    const source = await eventSource();
    const proxy = bench([{ path: '/', upstream: source.url, streaming: true }], {
      faults: [{ kind: 'none' }, { kind: 'hang' }],
      totalLimitMs: 10_000,
    });
    const started = performance.now();
    const { done } = stream(proxy, restEvent(), undefined, 1_800);
    await vi.waitFor(() => expect(source.opened).toHaveLength(1));
    source.finish();
    expect(await done).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(1_700);
    expect(proxy.lastResort.map(({ sealed }) => sealed.event.unmapped.phase)).toEqual(['outcome']);
    expect(proxy.extension.done).toBe(1);
  });

  it('that cannot be made is logged, and lets the environment go once: the answer is out', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const source = await eventSource();
    const chain = new Chain('chain-1');
    const seal = chain.seal.bind(chain);
    vi.spyOn(chain, 'seal')
      .mockImplementationOnce(seal)
      .mockImplementationOnce(() => {
        throw new TypeError('broken');
      });
    const proxy = bench([{ path: '/', upstream: source.url, streaming: true }], { chain });
    const { done } = stream(proxy);
    await vi.waitFor(() => expect(source.opened).toHaveLength(1));
    source.finish();
    expect(await done).toBeUndefined();
    expect(log).toHaveBeenCalledWith(expect.stringContaining('after the response'), expect.any(TypeError));
    expect(proxy.extension.done).toBe(1);
  });

  it('that cannot even be made for a refusal fails the invocation, and lets the environment go once', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const chain = new Chain('chain-1');
    vi.spyOn(chain, 'seal').mockImplementation(() => {
      throw new TypeError('broken');
    });
    const proxy = bench([{ path: '/', upstream: 'http://127.0.0.1:9', streaming: true }], { chain });
    const { caller, done } = stream(proxy);
    expect(await done).toMatchObject({ message: 'broken' });
    expect(caller.bytes).toHaveLength(0);
    expect(proxy.extension.done).toBe(1);
  });

  it.each([
    ['has the body where it is captured', 1024 * 1024, { content: expect.stringMatching(/^"a a a/) as string }],
    ['says that it is too large to be captured', 1024 * 1024 + 1, { not_captured: 'too_large' }],
  ])('%s', async (_, length, expected) => {
    const body = `"${'a '.repeat(length).slice(2, length)}"`;
    const service = await startService((_request, response) =>
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(body),
    );
    running.push(service);
    const record = { capture: { response: { maxBytes: 1000 } } };
    const proxy = bench([{ path: '/', upstream: service.url, streaming: true, record }], {
      privacy: (routes) =>
        new Privacy(routes, {
          pseudonyms: undefined,
          payloads: { name: 'none', put: () => Promise.reject(new Error('nothing is that large')) },
          clock: systemClock,
        }),
    });
    const { caller, done } = stream(proxy);
    expect(await done).toBeUndefined();
    expect(caller.body.toString() === body).toBe(true);
    const facts = proxy.sink.persisted[1]?.unmapped.response_body;
    expect(facts).toMatchObject({ length, ...expected });
    expect(facts).not.toHaveProperty('not_captured' in expected ? 'content' : 'not_captured');
  });
});
