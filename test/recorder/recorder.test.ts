import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../lambda/recorder/clock';
import { writeLastResort } from '../../lambda/recorder/last-resort';
import { Recorder } from '../../lambda/recorder/recorder';
import type { Sink } from '../../lambda/recorder/sink';
import { Chain } from '../../lib/event/chain';
import { LAST_RESORT_MARK } from '../../lib/event/last-resort';
import { FakeSink } from '../support/fake-sink';
import { attempt } from '../support/sample-event';

afterEach(() => void vi.restoreAllMocks());

function recorderOn(sink: Sink, totalLimitMs = 1_000) {
  const lines: string[] = [];
  const chain = new Chain('chain-1');
  const recorder = new Recorder({
    chain,
    sink,
    lastResort: (sealed, reason) => writeLastResort(sealed, reason, (line) => void lines.push(line)),
    totalLimitMs,
    clock: systemClock,
  });
  return { recorder, lines };
}

describe('a recorder', () => {
  it('is done when its sink acknowledges', async () => {
    const sink = new FakeSink();
    const { recorder, lines } = recorderOn(sink);
    const sealed = recorder.seal(attempt(0));
    expect(await recorder.write(sealed)).toMatchObject({ sealed, durable: true });
    expect(sink.persisted).toEqual([JSON.parse(sealed.line)]);
    expect(lines).toEqual([]);
  });

  it('writes the event to the last resort as one line that can be replayed, with the reason', async () => {
    const { recorder, lines } = recorderOn(new FakeSink({ kind: 'fail-but-persisted' }));
    const sealed = recorder.seal(attempt(0));
    expect(await recorder.write(sealed)).toMatchObject({ durable: false });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^[^\n]+\n$/);
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      type: LAST_RESORT_MARK,
      uid: sealed.uid,
      fingerprint: sealed.fingerprint,
      part: 1,
      parts: 1,
      reason: 'fake: Error: the acknowledgement was lost',
      event: JSON.parse(sealed.line) as unknown,
    });
  });

  it('names every event that got no acknowledgement until an event that names it is durable', async () => {
    const { recorder } = recorderOn(new FakeSink({ kind: 'fail' }, { kind: 'fail' }, { kind: 'fail' }));
    const [first, second] = [recorder.seal(attempt(0)), recorder.seal(attempt(1))];
    await Promise.all([recorder.write(first), recorder.write(second)]);
    const names = [first, second].map(({ uid, fingerprint }) => ({ uid, fingerprint }));
    const third = recorder.seal(attempt(2));
    expect(third.event.unmapped.unconfirmed).toEqual(names);
    expect(await recorder.write(third)).toMatchObject({ durable: false });

    const fourth = recorder.seal(attempt(3));
    expect(fourth.event.unmapped.unconfirmed).toEqual([...names, { uid: third.uid, fingerprint: third.fingerprint }]);
    expect(await recorder.write(fourth)).toMatchObject({ durable: true });
    expect(recorder.seal(attempt(4)).event.unmapped.unconfirmed).toBeUndefined();
  });

  it('gives its sink a limit, shortened where less time is left', async () => {
    const { recorder, lines } = recorderOn(new FakeSink({ kind: 'hang' }), 10_000);
    const started = performance.now();
    expect(await recorder.write(recorder.seal(attempt(0)), 100)).toMatchObject({ durable: false });
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(lines).toHaveLength(1);
  });

  it('takes the last resort at once where no time is left', async () => {
    for (const limitMs of [0, -500]) {
      const { recorder, lines } = recorderOn(new FakeSink({ kind: 'hang' }));
      expect(await recorder.write(recorder.seal(attempt(0)), limitMs)).toMatchObject({ durable: false });
      expect(lines).toHaveLength(1);
    }
  });

  it('tells its sink to stop when time is up', async () => {
    let aborted = false;
    const sink: Sink = {
      name: 'heedful',
      put: (_, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            aborted = true;
            reject(new Error('stopped'));
          });
        }),
    };
    const { recorder } = recorderOn(sink);
    await recorder.write(recorder.seal(attempt(0)), 50);
    expect(aborted).toBe(true);
  });

  it('that is to end waits for what is under way, and for what comes in between', async () => {
    const { recorder, lines } = recorderOn(new FakeSink({ kind: 'delay', ms: 50 }, { kind: 'delay', ms: 100 }));
    const first = recorder.write(recorder.seal(attempt(0)));
    let second: ReturnType<Recorder['write']> | undefined;
    void first.then(() => (second = recorder.write(recorder.seal(attempt(1)))));
    await recorder.end(10_000);
    expect([await first, await second]).toMatchObject([{ durable: true }, { durable: true }]);
    expect(lines).toEqual([]);
  });

  it('that is to end gives what hangs the last resort, within the limit', async () => {
    const sink = new FakeSink({ kind: 'hang' }, { kind: 'none' }, { kind: 'hang' });
    const { recorder, lines } = recorderOn(sink, 10_000);
    const sealed = [0, 1, 2].map((n) => recorder.seal(attempt(n)));
    const written = sealed.map((event) => recorder.write(event));
    const started = performance.now();
    await recorder.end(100);
    expect(performance.now() - started).toBeLessThan(1_000);
    expect((await Promise.all(written)).map(({ durable }) => durable)).toEqual([false, true, false]);
    expect(lines).toHaveLength(2);
    // And what comes too late.
    expect(await recorder.write(recorder.seal(attempt(3)))).toMatchObject({ durable: false });
    expect(lines).toHaveLength(3);
  });

  it('never rejects, though the last resort fails too', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const recorder = new Recorder({
      chain: new Chain('chain-1'),
      sink: { name: 'broken', put: () => { throw new Error('at once'); } }, // prettier-ignore
      lastResort: () => {
        throw new Error('the log is full');
      },
      totalLimitMs: 100,
      clock: systemClock,
    });
    expect(await recorder.write(recorder.seal(attempt(0)))).toMatchObject({ durable: false });
    expect(log).toHaveBeenCalled();
  });
});
