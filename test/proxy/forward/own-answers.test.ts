import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answer, echo, startBodilessService, type Answering } from '../../support/bodiless-service';
import { restEvent } from '../../support/gateway-events';
import { bench, invoke, stream } from '../../support/handler-bench';

/** More of them with `AUDIT_PROXY_INTERLEAVINGS=2000`. */
const RUNS = Number(process.env.AUDIT_PROXY_INTERLEAVINGS ?? 25);

const POISON = answer('poison');

/** How services behave that leave bytes on a connection which are nobody's answer. */
const SERVICES: Readonly<Record<string, Answering>> = {
  'reads no body': echo,
  'answers twice': (target) => answer(target) + POISON,
  'begins a second answer': (target) => answer(target) + POISON.slice(0, 17),
};

const STEP = fc.record({
  caller: fc.constantFrom('alice', 'bob'),
  method: fc.constantFrom('GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'X-OWN', 'POST', 'PUT', 'PATCH'),
  body: fc.constantFrom('none', 'text', 'request', 'requests'),
  streamed: fc.boolean(),
  /** What happens before: nothing, time goes by, or all is quiet and then the service sends what nobody asked for. */
  before: fc.constantFrom('nothing', 'nothing', 'time', 'quiet', 'unasked'),
});

const BODIES: Readonly<Record<string, string>> = {
  text: 'text',
  request: 'GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n',
  requests: 'GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\nHEAD /smuggled HTTP/1.1\r\nHost: h\r\n\r\nGET /smug',
};

describe('two callers of one environment', () => {
  it('each get their own answers, in any order of requests, whole and streamed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(SERVICES)),
        fc.boolean(),
        fc.integer({ min: 1, max: 3 }),
        fc.array(STEP, { minLength: 2, maxLength: 14 }),
        async (kind, stubborn, maxConnections, steps) => {
          const service = await startBodilessService(SERVICES[kind], stubborn);
          const connection = { maxConnections };
          const environment = bench([
            { path: '/whole', upstream: service.url, connection },
            { path: '/streamed', upstream: service.url, connection, streaming: true },
          ]);
          const calls: Promise<void>[] = [];
          for (const [index, { caller, method, body, streamed, before }] of steps.entries()) {
            if (before === 'time') await new Promise((resolve) => setTimeout(resolve, 1));
            if (before === 'quiet' || before === 'unasked') await Promise.all(calls);
            if (before === 'unasked') service.open.forEach((socket) => socket.write(POISON));
            const path = `/${streamed ? 'streamed' : 'whole'}/${caller}/${index}`;
            const event = restEvent({ path, method, ...(body !== 'none' && { body: BODIES[body]! }) });
            const expected = { statusCode: 200, body: method === 'HEAD' ? '' : path };
            calls.push(answerOf(environment, event, streamed).then((got) => expect(got).toEqual(expected)));
          }
          await Promise.all(calls);
          await service.stop();
        },
      ),
      { numRuns: RUNS },
    );
  });
});

async function answerOf(environment: ReturnType<typeof bench>, event: ReturnType<typeof restEvent>, streamed: boolean) {
  if (!streamed) {
    const { statusCode, body, isBase64Encoded } = await invoke(environment.handler, event);
    return { statusCode, body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8').toString() };
  }
  const { caller, done } = stream(environment, event);
  expect(await done).toBeUndefined();
  return { statusCode: caller.prelude?.statusCode, body: caller.body.toString() };
}
