import { describe, expect, it } from 'vitest';
import { writeFunction } from '../local/runtime/test-function';
import { restEvent } from '../support/gateway-events';
import { RUNTIME, startEnvironment, type Environment } from './environment';
import { AT_ONCE, NEVER, UNAVAILABLE, type Meets, type SinkName } from './sink';

const GUARANTEES = ['BEFORE_FORWARD', 'BEFORE_RESPONSE', 'AFTER_RESPONSE'] as const;

/** What stream and bucket do for the length of one invocation. */
const WEATHERS: readonly Readonly<Record<SinkName, Meets>>[] = [
  { stream: AT_ONCE, bucket: AT_ONCE },
  { stream: { afterMs: 40 }, bucket: AT_ONCE },
  { stream: { afterMs: 150 }, bucket: { afterMs: 20 } },
  { stream: UNAVAILABLE, bucket: AT_ONCE },
  { stream: NEVER, bucket: AT_ONCE },
  { stream: NEVER, bucket: UNAVAILABLE },
  { stream: NEVER, bucket: NEVER },
];

/** The events of an invocation that are neither durable nor in the function's log, by phase. */
function unaccounted({ sinks, lastResorts }: Environment, uids: ReadonlySet<string>): string[] {
  const known = new Set([...sinks.durable, ...lastResorts()]);
  return [...uids].filter((uid) => !known.has(uid));
}

describe(`an environment that is frozen between invocations, under ${RUNTIME.name}`, () => {
  it('has every event accounted for before it is frozen, whatever the sinks do, for many invocations', async () => {
    const settings = { hedgeDelayMs: 60, recordingLimitMs: 250 };
    const environment = await startEnvironment({ settings });
    const { journal, platform, sinks } = environment;
    const rounds = 4;
    for (let n = 0; n < rounds * WEATHERS.length; n += 1) {
      const weather = WEATHERS[(n * 3) % WEATHERS.length]!;
      sinks.meets = (_event, sink) => weather[sink];
      const guarantee = GUARANTEES[n % GUARANTEES.length];
      const { id } = await platform.invoke(restEvent({ path: `/${guarantee}/7` }));
      await platform.idle();

      const own = sinks.events.filter(({ unmapped }) => unmapped.invocation_uid === id);
      const uids = new Set(own.map(({ metadata }) => metadata.uid));
      expect(own.map(({ unmapped }) => unmapped.phase)).toContain('outcome');
      expect(unaccounted(environment, uids), `${id}: ${journal.order(id).join(', ')}`).toEqual([]);
      expect(journal.order(id).at(-1)).toBe('frozen');
    }
    expect(journal.order().filter((what) => what === 'invoke')).toHaveLength(rounds * WEATHERS.length);
    expect(journal.strays()).toEqual([]);
    // The function wrote one chain without a hole: nothing was sealed that nobody saw.
    const sequences = new Set(sinks.events.map(({ metadata }) => metadata.sequence));
    expect([...sequences].sort((a, b) => a - b)).toEqual(Array.from({ length: sequences.size }, (_, i) => i));
  });

  it('goes on with the connections that it had', async () => {
    const { journal, platform } = await startEnvironment();
    for (let n = 0; n < 20; n += 1) {
      await platform.invoke(restEvent({ path: '/BEFORE_RESPONSE/7' }));
      await platform.idle();
    }
    expect(journal.order().filter((what) => what === 'ack outcome')).toHaveLength(20);
    expect(journal.strays()).toEqual([]);
  });
});

/** The start of a function that records in the way a test wants to see: PutRecord, in one `put`. */
const PUT = `
const put = (uid, context) => fetch(process.env.AWS_ENDPOINT_URL_FIREHOSE, {
  method: 'POST',
  body: JSON.stringify({ Record: { Data: btoa(JSON.stringify({
    metadata: { uid, sequence: 0 }, unmapped: { phase: 'outcome', invocation_uid: context.awsRequestId },
  })) } }),
}).then((answer) => answer.text());
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
`;

describe(`what the tests above would see of other ways, under ${RUNTIME.name}`, () => {
  it('work that nobody waits for runs in the next invocation, or never', async () => {
    const source = `${PUT} export const handler = async (event, context) => {
      void sleep(300).then(() => put(event.uid, context));
      await sleep(event.ms);
    };`;
    const environment = await startEnvironment({ bundle: writeFunction(source) });
    const { journal, platform } = environment;
    await platform.invoke({ uid: 'one', ms: 0 });
    await platform.idle();
    expect(unaccounted(environment, new Set(['one']))).toEqual(['one']);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(journal.order()).not.toContain('put outcome'); // Frozen, it does nothing at all.

    await platform.invoke({ uid: 'two', ms: 600 });
    await platform.idle();
    expect(journal.strays()).toContain('put outcome of invocation-1 during invocation-2');
    // The last invocation's work waits for a next one that does not come.
    await platform.invoke({ uid: 'three', ms: 0 });
    await platform.idle();
    expect(unaccounted(environment, new Set(['three']))).toEqual(['three']);
  });

  it('an extension that asks for its next event too early does not hold the environment', async () => {
    const source = `${PUT}
      const api = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2020-01-01/extension';
      const registered = await fetch(api + '/register', {
        method: 'POST', headers: { 'Lambda-Extension-Name': 'early' }, body: '{"events":["INVOKE"]}',
      });
      const headers = { 'Lambda-Extension-Identifier': registered.headers.get('lambda-extension-identifier') };
      void (async () => { for (;;) await fetch(api + '/event/next', { headers }).then((next) => next.text()); })();
      export const handler = async (event, context) => { void sleep(300).then(() => put(event.uid, context)); };`;
    const environment = await startEnvironment({ bundle: writeFunction(source) });
    await environment.platform.invoke({ uid: 'one' });
    await environment.platform.idle();
    expect(unaccounted(environment, new Set(['one']))).toEqual(['one']);
  });
});

describe(`a streamed answer, under ${RUNTIME.name}`, () => {
  it('leaves the time until its handler resolves for work after it, without an extension', async () => {
    const source = `${PUT}
      import { once } from 'node:events';
      export const handler = awslambda.streamifyResponse(async (event, stream, context) => {
        const answer = awslambda.HttpResponseStream.from(stream, { statusCode: 200, headers: {} });
        answer.write('first,');
        answer.end('last');
        await once(stream, 'finish');
        await sleep(100);
        await put(event.uid, context);
      });`;
    const environment = await startEnvironment({ bundle: writeFunction(source) });
    const { journal, platform } = environment;
    for (const uid of ['one', 'two', 'three']) {
      const { id, answer } = await platform.invoke({ uid });
      expect(answer).toMatch(/^\{"statusCode":200,.*\}\0{8}first,last$/s);
      await platform.idle();
      expect(journal.order(id)).toEqual([
        'invoke',
        'response',
        'response ended',
        'put outcome',
        'ack outcome',
        'runtime next',
        'frozen',
      ]);
      expect(unaccounted(environment, new Set([uid]))).toEqual([]);
    }
    expect(journal.strays()).toEqual([]);
  });
});
