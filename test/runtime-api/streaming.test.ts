import { createHash, randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import type { AuditEvent } from '../../lib/event/schema';
import { restEvent } from '../support/gateway-events';
import { RUNTIME, startEnvironment, type Environment } from './environment';
import { NEVER, AT_ONCE, UNAVAILABLE } from './sink';

const GUARANTEES = ['BEFORE_FORWARD', 'BEFORE_RESPONSE', 'AFTER_RESPONSE'] as const;
const requestTo = (route: string) => restEvent({ path: `/${route}/7` });

function sha256(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The outcome of an invocation, once it is durable. */
function outcomeOf({ sinks }: Environment, id: string): AuditEvent | undefined {
  const events = sinks.events as unknown as AuditEvent[];
  return events.find(
    ({ metadata, unmapped }) =>
      unmapped.phase === 'outcome' && unmapped.invocation_uid === id && sinks.durable.has(metadata.uid),
  );
}

/** A service that sends its head and `first,`, and leaves the rest to the test. */
function slowly() {
  const opened: ServerResponse[] = [];
  const closed: ServerResponse[] = [];
  const respond = (_: unknown, response: ServerResponse): void => {
    opened.push(response);
    response.on('close', () => closed.push(response));
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'X-Twice': ['1', '2'] }).write('first,');
  };
  return { opened, closed, respond };
}

describe(`streamed answers under ${RUNTIME.name}`, () => {
  it.each(GUARANTEES)('go out in the order that %s promises, while the service is still at it', async (guarantee) => {
    const { opened, respond } = slowly();
    const environment = await startEnvironment({ streaming: true, respond });
    const { journal, platform, sinks } = environment;
    sinks.meets = ({ unmapped }) => ({ afterMs: unmapped.phase === 'attempt' ? 60 : 0 });
    for (let i = 0; i < 3; i += 1) {
      const { id, response } = await platform.begin(requestTo(guarantee));
      const answer = await response;
      await vi.waitFor(() => expect(answer.body.toString()).toBe('first,'));
      expect(journal.order(id)).not.toContain('put outcome');
      opened[i]?.end('last');
      await answer.over;
      await platform.idle();

      expect(answer.headers).toMatchObject({
        'lambda-runtime-function-response-mode': 'streaming',
        'transfer-encoding': 'chunked',
        'content-type': 'application/vnd.awslambda.http-integration-response',
      });
      expect(answer.prelude).toMatchObject({
        statusCode: 200,
        multiValueHeaders: {
          'Content-Type': ['text/event-stream'],
          'X-Twice': ['1', '2'],
          'x-request-id': ['request-1'],
        },
      });
      expect(answer.body.toString()).toBe('first,last');
      expect([answer.isWhole, answer.failure]).toEqual([true, undefined]);

      const order = journal.order(id);
      const before = (first: string, second: string) => {
        const [a, b] = [order.indexOf(first), order.indexOf(second)];
        expect(a !== -1 && b !== -1 && a < b, `"${first}" before "${second}" in: ${order.join(', ')}`).toBe(true);
      };
      before('service', 'response');
      if (guarantee === 'BEFORE_FORWARD') before('ack attempt', 'service');
      if (guarantee === 'BEFORE_RESPONSE') before('ack attempt', 'response');
      if (guarantee === 'AFTER_RESPONSE') expect(order).not.toContain('put attempt');
      before('response', 'put outcome');
      before('ack outcome', 'extension next');
      before('ack outcome', 'runtime next');
      for (const once of ['put outcome', 'extension next', 'runtime next']) {
        expect(
          order.filter((what) => what === once),
          once,
        ).toHaveLength(1);
      }
      expect(order.at(-1)).toBe('frozen');
      expect(outcomeOf(environment, id)?.unmapped.response_body).toEqual({ length: 10, sha256: sha256('first,last') });
    }
    expect(journal.strays()).toEqual([]);
  });

  it('are as large as they are, byte for byte', async () => {
    const body = randomBytes(9_000_001);
    const environment = await startEnvironment({ streaming: true, respond: (_, response) => void response.end(body) });
    const { platform } = environment;
    const { id, response } = await platform.begin(requestTo('BEFORE_RESPONSE'));
    const answer = await response;
    await answer.over;
    await platform.idle();
    expect(answer.body.equals(body)).toBe(true);
    expect(outcomeOf(environment, id)?.unmapped.response_body).toEqual({ length: body.length, sha256: sha256(body) });
  });

  it.each([
    ['has none', 204, ''],
    ['is empty', 200, ''],
    ['is whole at once', 200, 'ok'],
  ])('have their head where the body %s', async (_, status, body) => {
    const { platform } = await startEnvironment({
      streaming: true,
      respond: (_request, response) => void response.writeHead(status).end(body),
    });
    const { response } = await platform.begin(requestTo('BEFORE_RESPONSE'));
    const answer = await response;
    await answer.over;
    expect(answer.prelude).toMatchObject({ statusCode: status });
    expect(answer.body.toString()).toBe(body);
    expect([answer.isWhole, answer.failure]).toEqual([true, undefined]);
  });

  it.each(GUARANTEES)('are recorded before the invocation ends, with no extension either (%s)', async (guarantee) => {
    const { journal, platform, sinks } = await startEnvironment({ streaming: true, refuseExtensions: 403 });
    sinks.meets = ({ unmapped }) => ({ afterMs: unmapped.phase === 'outcome' ? 80 : 0 });
    for (let i = 0; i < 2; i += 1) {
      const { id, response } = await platform.begin(requestTo(guarantee));
      const answer = await response;
      await answer.over;
      await platform.idle();
      const order = journal.order(id).filter((what) => what !== 'response ended');
      expect(order.slice(-4)).toEqual(['put outcome', 'ack outcome', 'runtime next', 'frozen']);
    }
    expect(journal.strays()).toEqual([]);
  });

  it('are what the proxy gives itself, too', async () => {
    const environment = await startEnvironment({ streaming: true });
    const { journal, platform } = environment;
    const { id, response } = await platform.begin(requestTo('nowhere'));
    const answer = await response;
    await answer.over;
    await platform.idle();
    expect(answer.prelude).toMatchObject({ statusCode: 404 });
    expect(JSON.parse(answer.body.toString())).toMatchObject({ status: 404 });
    expect(answer.failure).toBeUndefined();
    expect(journal.order(id).slice(0, 4)).toEqual(['invoke', 'put outcome', 'ack outcome', 'response']);
  });

  it('are refused where nothing can be recorded and the route says so; the call is given up', async () => {
    const { closed, respond } = slowly();
    const { platform, sinks } = await startEnvironment({
      streaming: true,
      respond,
      route: { onUnrecorded: 'refuse', guarantee: 'BEFORE_RESPONSE' },
      settings: { hedgeDelayMs: 20, recordingLimitMs: 300 },
    });
    sinks.meets = () => UNAVAILABLE;
    const { response } = await platform.begin(requestTo('BEFORE_RESPONSE'));
    const answer = await response;
    await answer.over;
    expect(answer.prelude).toMatchObject({ statusCode: 503 });
    expect(JSON.parse(answer.body.toString())).toMatchObject({ status: 503, forwarded: true });
    await vi.waitFor(() => expect(closed).toHaveLength(1));
  });

  it('have the service wait for a caller who does not read', async () => {
    const part = randomBytes(1024 * 1024);
    const parts = 48;
    let sent = 0;
    const environment = await startEnvironment({
      streaming: true,
      respond: (_, response) => {
        const more = (): void => {
          while (sent < parts) {
            sent += 1;
            if (!response.write(part)) return void response.once('drain', more);
          }
          response.end();
        };
        more();
      },
    });
    const { platform } = environment;
    const { id, response } = await platform.begin(requestTo('BEFORE_RESPONSE'));
    const answer = await response;
    answer.hold();
    let before = -1;
    while (before !== sent) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    // What the kernel keeps of two loopback connections, and next to nothing of the function's own.
    expect(sent).toBeLessThan(30);
    answer.release();
    await answer.over;
    await platform.idle();
    expect(answer.body).toHaveLength(parts * part.length);
    expect(outcomeOf(environment, id)?.unmapped.response_body?.sha256).toBe(sha256(answer.body));
  });
});

describe(`streamed answers that break off, under ${RUNTIME.name}`, () => {
  it.each([
    ['the service dies', {}, 'upstream_reset', 'The service broke off its answer'],
    ['the service’s time is over', { timeoutMs: 400 }, 'upstream_timeout', 'The service took too long'],
  ])('fail as soon as that is recorded, since %s', async (_, route, code, message) => {
    const { opened, closed, respond } = slowly();
    const environment = await startEnvironment({ streaming: true, respond, route });
    const { journal, platform, sinks } = environment;
    sinks.meets = ({ unmapped }) => ({ afterMs: unmapped.phase === 'outcome' ? 80 : 0 });
    const { id, response } = await platform.begin(requestTo('BEFORE_RESPONSE'));
    const answer = await response;
    await vi.waitFor(() => expect(answer.body.toString()).toBe('first,'));
    if (code === 'upstream_reset') opened[0]?.destroy();
    await answer.over;
    await platform.idle();

    expect(answer.failure).toEqual({ type: 'Problem', message });
    expect(answer.body.toString()).toBe('first,');
    expect(closed).toHaveLength(1);
    const order = journal.order(id);
    expect(order.indexOf('ack outcome')).toBeLessThan(order.indexOf('response ended'));
    expect(order.filter((what) => what === 'extension next')).toHaveLength(1);
    expect(outcomeOf(environment, id)).toMatchObject({
      status: 'Failure',
      status_code: '200',
      status_detail: code,
      unmapped: { response_body: { length: 6, sha256: sha256('first,') } },
    });

    // The environment is as good as new.
    const next = await platform.begin(requestTo('BEFORE_RESPONSE'));
    await vi.waitFor(() => expect(opened).toHaveLength(2));
    opened[1]?.end('last');
    const second = await next.response;
    await second.over;
    expect(second.body.toString()).toBe('first,last');
    expect(journal.strays()).toEqual([]);
  });

  it('are recorded in time where sinks hang', async () => {
    const { opened, respond } = slowly();
    const settings = { hedgeDelayMs: 100, recordingLimitMs: 10_000 };
    const { journal, platform, sinks, lastResorts } = await startEnvironment({ streaming: true, respond, settings });
    sinks.meets = ({ unmapped }) => (unmapped.phase === 'outcome' ? NEVER : AT_ONCE);
    const timeoutMs = 2_500;
    const { id, response } = await platform.begin(requestTo('BEFORE_RESPONSE'), timeoutMs);
    const answer = await response;
    await vi.waitFor(() => expect(answer.body.toString()).toBe('first,'));
    opened[0]?.destroy();
    await platform.idle();
    const held = journal.at('frozen', id) - journal.at('invoke', id);
    expect(held).toBeGreaterThan(timeoutMs - 600);
    expect(held).toBeLessThan(timeoutMs - 100);
    const outcome = sinks.events.find(({ unmapped }) => unmapped.phase === 'outcome');
    expect(lastResorts()).toContain(outcome?.metadata.uid);
    expect(answer.failure).toBeDefined();
  });

  // On AWS a function is not told that its caller has left, and AWS's client does not outlive its Runtime API.
  if (!RUNTIME.isAws) {
    it('give up the service and record what was passed on, where the caller leaves', async () => {
      const { opened, closed, respond } = slowly();
      const environment = await startEnvironment({ streaming: true, respond });
      const { journal, platform } = environment;
      const { id, response } = await platform.begin(requestTo('BEFORE_RESPONSE'));
      const answer = await response;
      await vi.waitFor(() => expect(answer.body.toString()).toBe('first,'));
      answer.drop();
      await platform.idle();
      expect(closed).toHaveLength(1);
      expect(opened[0]?.writableEnded).toBe(false);
      expect(outcomeOf(environment, id)).toMatchObject({
        status: 'Failure',
        status_code: '200',
        status_detail: 'client_left',
        unmapped: { response_body: { length: 6, sha256: sha256('first,') } },
      });
      expect(journal.order(id).filter((what) => what === 'extension next')).toHaveLength(1);
      expect(journal.strays()).toEqual([]);
    });
  }
});
