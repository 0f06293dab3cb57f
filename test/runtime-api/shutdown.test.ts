import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { restEvent } from '../support/gateway-events';
import { RUNTIME, startEnvironment, type Environment } from './environment';
import { AT_ONCE, NEVER, type Meets } from './sink';

/** From SIGTERM to SIGKILL, where an internal extension is registered. */
const GRACE_MS = 500;

/**
 * Ends an environment as the platform does. AWS's runtime client does not end by itself: Node.js waits for its native
 * thread, which waits for the next invocation.
 */
async function shutDown({ child, platform }: Environment): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  platform.thaw();
  const kill = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  await ended;
  clearTimeout(kill);
}

// Between the function's 400 ms and the platform's 500 a machine that is busy may well lose the difference once.
describe(`the shutdown of an environment, under ${RUNTIME.name}`, { retry: 2 }, () => {
  it.each<[string, Meets, Meets, boolean]>([
    ['a sink that is well', AT_ONCE, NEVER, true],
    ['a slow sink', { afterMs: 200 }, NEVER, true],
    ['a stream that hangs, and a bucket that is well', NEVER, AT_ONCE, true],
    ['sinks that hang', NEVER, NEVER, false],
  ])('closes the chain: %s', async (_, stream, bucket, durable) => {
    const environment = await startEnvironment({ settings: { hedgeDelayMs: 100 } });
    const { journal, platform, sinks, lastResorts } = environment;
    await platform.invoke(restEvent({ path: '/BEFORE_RESPONSE/7' }));
    await platform.idle();
    sinks.meets = (_event, sink) => ({ stream, bucket })[sink];
    await shutDown(environment);

    const closing = sinks.events.find(({ unmapped }) => unmapped.phase === 'closing');
    expect(closing?.metadata.sequence).toBe(2);
    expect(sinks.durable.has(closing?.metadata.uid ?? '')).toBe(durable);
    expect(lastResorts()).toEqual(durable ? [] : [closing?.metadata.uid]);
    expect(journal.order()).not.toContain('error');
  });

  it('writes nothing where nothing was written', async () => {
    const environment = await startEnvironment();
    await shutDown(environment);
    expect(environment.sinks.events).toEqual([]);
  });

  it.each<[string, Meets]>([
    ['is acknowledged meanwhile', { afterMs: 250 }],
    ['is acknowledged after the closing event', { afterMs: 350 }],
    ['is never acknowledged', NEVER],
  ])('loses no outcome that is under way and %s', async (_, meets) => {
    const environment = await startEnvironment();
    const { journal, platform, sinks, lastResorts } = environment;
    sinks.meets = ({ unmapped }) => (unmapped.phase === 'outcome' ? meets : AT_ONCE);
    const { id } = await platform.invoke(restEvent({ path: '/BEFORE_RESPONSE/7' }));
    while (!journal.order(id).includes('put outcome')) await new Promise((resolve) => setTimeout(resolve, 5));
    await shutDown(environment);

    const known = new Set([...sinks.durable, ...lastResorts()]);
    const phases = sinks.events.filter(({ metadata }) => known.has(metadata.uid)).map(({ unmapped }) => unmapped.phase);
    expect(phases.sort()).toEqual(['attempt', 'closing', 'outcome']);
  });
});
