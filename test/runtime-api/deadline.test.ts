import { describe, expect, it } from 'vitest';
import { restEvent } from '../support/gateway-events';
import { RUNTIME, startEnvironment } from './environment';
import { AT_ONCE, NEVER } from './sink';

/** The function's own time limit, at which the platform would kill it. */
const TIMEOUT_MS = 2_500;
/** The environment is to be released 500 ms before; a machine that is busy is late, but never as late as the limit. */
const RELEASED_MS = TIMEOUT_MS - 500;
const LATE_MS = 400;

/** Beyond the function's time limit: what bounds the recording is the time that the invocation has left. */
const settings = { hedgeDelayMs: 100, recordingLimitMs: 10_000 };

describe(`the deadline of an invocation whose sinks hang, under ${RUNTIME.name}`, () => {
  it('ends the work after the answer half a second early, with the last resort', async () => {
    const { journal, platform, sinks, lastResorts } = await startEnvironment({ settings });
    sinks.meets = ({ unmapped }) => (unmapped.phase === 'outcome' ? NEVER : AT_ONCE);
    for (let n = 0; n < 2; n += 1) {
      const { id, answer } = await platform.invoke(restEvent({ path: '/BEFORE_RESPONSE/7' }), TIMEOUT_MS);
      expect(JSON.parse(answer)).toMatchObject({ statusCode: 200 });
      expect(journal.at('response', id) - journal.at('invoke', id)).toBeLessThan(RELEASED_MS / 2);
      await platform.idle();
      const held = journal.at('frozen', id) - journal.at('invoke', id);
      expect(held).toBeGreaterThan(RELEASED_MS - 100);
      expect(held).toBeLessThan(RELEASED_MS + LATE_MS);

      const outcome = sinks.events.find(
        ({ unmapped }) => unmapped.phase === 'outcome' && unmapped.invocation_uid === id,
      );
      expect(lastResorts()).toContain(outcome?.metadata.uid);
    }
    expect(lastResorts()).toHaveLength(2);
    expect(journal.strays()).toEqual([]);
  });

  it.each([
    ['BEFORE_FORWARD', 503],
    ['BEFORE_RESPONSE', 200],
    ['AFTER_RESPONSE', 200],
  ] as const)('has a caller answered in time (%s)', async (guarantee, statusCode) => {
    const { journal, platform, sinks, lastResorts } = await startEnvironment({ settings });
    sinks.meets = () => NEVER;
    const { id, answer } = await platform.invoke(restEvent({ path: `/${guarantee}/7` }), TIMEOUT_MS);
    expect(JSON.parse(answer)).toMatchObject({ statusCode });
    await platform.idle();
    expect(journal.at('frozen', id) - journal.at('invoke', id)).toBeLessThan(RELEASED_MS + LATE_MS);
    expect(lastResorts()).toHaveLength(guarantee === 'AFTER_RESPONSE' ? 1 : 2);
    if (guarantee === 'BEFORE_FORWARD') expect(journal.order()).not.toContain('service');
  });
});
