import { afterEach, describe, expect, it, vi } from 'vitest';
import { writeLastResort } from '../../lambda/recorder/last-resort';
import { Recorder } from '../../lambda/recorder/recorder';
import type { Sink } from '../../lambda/recorder/sink';
import { Chain } from '../../lib/event/chain';
import { LAST_RESORT_MARK } from '../../lib/event/last-resort';
import { FakeSink } from '../support/fake-sink';
import { attempt } from '../support/sample-event';

afterEach(() => void vi.restoreAllMocks());

function recorderOn(sinks: readonly Sink[], totalLimitMs = 1_000) {
  const lines: string[] = [];
  const recorder = new Recorder({
    chain: new Chain('chain-1'),
    sinks,
    lastResort: (sealed, reason) => writeLastResort(sealed, reason, (line) => void lines.push(line)),
    totalLimitMs,
    now: () => performance.now(),
  });
  return { recorder, lines };
}

describe('a recorder', () => {
  it('is done with the first sink that acknowledges', async () => {
    const sinks = [new FakeSink({ kind: 'fail' }), new FakeSink(), new FakeSink()];
    const { recorder, lines } = recorderOn(sinks);
    const sealed = recorder.seal(attempt(0));
    expect(await recorder.write(sealed)).toMatchObject({ sealed, durable: true });
    expect(sinks.map(({ persisted }) => persisted.length)).toEqual([0, 1, 0]);
    expect(lines).toEqual([]);
  });

  it('writes the event to the last resort as one line that can be replayed, with every reason', async () => {
    const { recorder, lines } = recorderOn([
      new FakeSink({ kind: 'fail' }),
      new FakeSink({ kind: 'fail-but-persisted' }),
    ]);
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
      reason: 'fake: Error: the fake sink refused; fake: Error: the acknowledgement was lost',
      event: JSON.parse(sealed.line) as unknown,
    });
  });

  it('names every event that got no acknowledgement in the next one, once', async () => {
    const { recorder } = recorderOn([new FakeSink({ kind: 'fail' }, { kind: 'fail' })]);
    const first = recorder.seal(attempt(0));
    const second = recorder.seal(attempt(1));
    await Promise.all([recorder.write(first), recorder.write(second)]);
    expect(recorder.seal(attempt(2)).event.unmapped.unconfirmed).toEqual([
      { uid: first.uid, fingerprint: first.fingerprint },
      { uid: second.uid, fingerprint: second.fingerprint },
    ]);
    expect(recorder.seal(attempt(3)).event.unmapped.unconfirmed).toBeUndefined();
  });

  it('gives all sinks one limit together, shortened where less time is left', async () => {
    const idle = new FakeSink();
    const { recorder, lines } = recorderOn([new FakeSink({ kind: 'hang' }), idle], 10_000);
    const started = performance.now();
    expect(await recorder.write(recorder.seal(attempt(0)), 100)).toMatchObject({ durable: false });
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(idle.puts).toEqual([]);
    expect(lines).toHaveLength(1);
  });

  it('takes the last resort at once where no time is left', async () => {
    for (const limitMs of [0, -500]) {
      const { recorder, lines } = recorderOn([new FakeSink({ kind: 'hang' })]);
      expect(await recorder.write(recorder.seal(attempt(0)), limitMs)).toMatchObject({ durable: false });
      expect(lines).toHaveLength(1);
    }
  });

  it('tells its sinks to stop when time is up', async () => {
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
    const { recorder } = recorderOn([sink]);
    await recorder.write(recorder.seal(attempt(0)), 50);
    expect(aborted).toBe(true);
  });

  it('never rejects, though the last resort fails too', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const recorder = new Recorder({
      chain: new Chain('chain-1'),
      sinks: [{ name: 'broken', put: () => { throw new Error('at once'); } }], // prettier-ignore
      lastResort: () => {
        throw new Error('the log is full');
      },
      totalLimitMs: 100,
      now: () => performance.now(),
    });
    expect(await recorder.write(recorder.seal(attempt(0)))).toMatchObject({ durable: false });
    expect(log).toHaveBeenCalled();
  });
});
