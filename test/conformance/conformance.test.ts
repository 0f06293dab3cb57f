import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpApi } from '../../bin/local/gateway/http-api/http-api';
import { restApi } from '../../bin/local/gateway/rest-api/rest-api';
import { startGateway, type Gateway } from '../../bin/local/gateway/server';
import { Gate } from '../../lambda/proxy/policy/gate';
import { CALLER_TYPES } from '../../lib/event/vocabulary';
import { compileRules } from '../../lib/policy/compile-rules';
import type { Rule } from '../../lib/policy/rule';
import { invocation, STAGE_VARIABLES } from '../support/gateway-events';
import { bench, stream, type Bench } from '../support/handler-bench';
import { unusedPort } from '../support/services';
import { answerOfResult, answerOfStream, exchange, type GotAnswer } from './answer';
import { eventOf, wireOf } from './build-event';
import { expectationOf, FORMATS, OK, type Case, type Format } from './case';
import { CASES } from './cases';
import { checkAnswer, checkSeen, phasesOf } from './check';
import { RecordingService } from './recording-service';

const MAX_BODY_BYTES = 64 * 1024;
const RULES: readonly Rule[] = [
  { name: 'no-internals', effect: 'deny', paths: ['/orders/internal/**', '/paths/internal/**'] },
  { name: 'all', who: CALLER_TYPES },
];

it('holds at least 150 cases, each under a name of its own, and says why where one does not apply', () => {
  expect(CASES.length).toBeGreaterThanOrEqual(150);
  expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
  for (const one of CASES) {
    const reasons = FORMATS.map((format) => expectationOf(one, format)).filter((said) => typeof said === 'string');
    expect(
      reasons.every((reason) => reason.length > 10),
      one.name,
    ).toBe(true);
    expect(reasons.length, one.name).toBeLessThan(FORMATS.length);
  }
});

describe.each(FORMATS)('%s', (format) => {
  let service: RecordingService;
  let proxy: Bench;
  let proxies: { readonly open: Bench; readonly guarded: Bench };
  let gateway: Gateway | undefined;

  beforeAll(async () => {
    service = await RecordingService.start();
    const routes = [
      { path: '/orders', upstream: service.url },
      { path: '/v1/stock', upstream: service.url, stripPrefix: true },
      { path: '/based', upstream: `${service.url}/api/v2/`, stripPrefix: true },
      { path: '/moved', upstream: `${service.url}/api/v2`, stripPrefix: true, rewriteLocation: true },
      { path: '/hasty', upstream: service.url, timeoutMs: 120 },
      { path: '/down', upstream: `http://127.0.0.1:${await unusedPort()}` },
      { path: '/paths', upstream: service.url, ambiguousPaths: 'forward' },
    ];
    proxies = {
      open: bench(routes, { maxBodyBytes: MAX_BODY_BYTES }),
      guarded: bench(routes, { maxBodyBytes: MAX_BODY_BYTES, gate: new Gate(compileRules(RULES), {}) }),
    };
    if (!format.endsWith('gateway')) return;
    const invoke = async (text: string) => JSON.stringify(await proxy.handler(JSON.parse(text), invocation()));
    const api = format === 'rest-gateway' ? restApi : httpApi;
    gateway = await startGateway({ api, functions: { invoke }, callers: {}, stageVariables: STAGE_VARIABLES, port: 0 });
  });

  afterAll(async () => {
    await gateway?.stop();
    await service.stop();
  });

  const applicable = CASES.filter((one) => typeof expectationOf(one, format) !== 'string');
  it.each(applicable.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const expected = expectationOf(one, format);
    if (typeof expected === 'string') throw new Error('does not apply');
    proxy = one.policy ? proxies.guarded : proxies.open;
    service.seen.length = 0;
    service.answer = Buffer.from(one.service ?? OK);
    const before = { events: proxy.sink.persisted.length, done: proxy.extension.done };

    const got = await answerTo(one, format, expected.edge !== undefined || one.wire !== undefined);
    // Polls faster than `settled`, which would take most of the time of thousands of cases.
    while (expected.edge === undefined && proxy.extension.done === before.done) await setImmediate();

    checkAnswer(got, expected);
    const refused = expected.edge !== undefined || expected.problem !== undefined;
    expect(service.seen).toHaveLength(expected.calls ?? (refused ? 0 : 1));
    const [seen] = service.seen;
    if (seen !== undefined) checkSeen(seen, one, expected, format, service.host);
    const events = proxy.sink.persisted.slice(before.events);
    expect(events.map(({ unmapped }) => unmapped.phase)).toEqual(phasesOf(expected));
    const outcome = events.at(-1);
    if (outcome === undefined) return;
    expect(outcome).toMatchObject({ status_code: String(got.status), api: { request: { uid: requestUidOf(got) } } });
    expect(outcome.status_detail).toBe(expected.problem ?? expected.breaksOff);
    const [, , traceId] = /^(..)-(.{32})/.exec(seen?.headers.find(([name]) => name === 'traceparent')?.[1] ?? '') ?? [];
    if (traceId !== undefined) expect(outcome.trace?.uid).toBe(traceId);
  });

  function answerTo(one: Case, format: Format, expectsSurplus: boolean): Promise<GotAnswer> {
    if (format === 'rest-stream') return answerAsStream(eventOf(format, one.sends ?? {}));
    if (gateway === undefined) return answerToEvent(eventOf(format, one.sends ?? {}));
    const wire = one.wire === undefined ? wireOf(one.sends ?? {}) : Buffer.from(one.wire, 'latin1');
    return exchange(gateway.port, wire, expectsSurplus);
  }

  async function answerAsStream(event: unknown): Promise<GotAnswer> {
    const { caller, done } = stream(proxy, event);
    return answerOfStream(caller, await done);
  }

  async function answerToEvent(event: unknown): Promise<GotAnswer> {
    return answerOfResult(JSON.parse(JSON.stringify(await proxy.handler(event, invocation()))) as object);
  }
});

function requestUidOf({ headers }: GotAnswer): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === 'x-request-id')?.[1];
}
