import { describe, expect, it } from 'vitest';
import { RetryingSink } from '../../lambda/recorder/retrying-sink';
import { SinkError, type Sink } from '../../lambda/recorder/sink';
import { Chain } from '../../lib/event/chain';
import { FakeSink } from '../support/fake-sink';
import { ManualClock } from '../support/manual-clock';
import { attempt } from '../support/sample-event';

const FAIL = { kind: 'fail' } as const;
const HANG = { kind: 'hang' } as const;
const NEVER = { kind: 'fail-for-good' } as const;

const sealed = new Chain('chain-1').seal(attempt(0));

function retrying(sinks: readonly Sink[], random = () => 0) {
  const clock = new ManualClock();
  const sink = new RetryingSink(sinks, { clock, random, tryLimitMs: 600 });
  const stop = new AbortController();
  /** Puts an event, lets so much time pass, and says how it ended. */
  const put = async (milliseconds = 10_000) => {
    const outcome = sink.put(sealed, stop.signal).then(
      () => 'taken' as const,
      (error: SinkError) => error,
    );
    await clock.advance(milliseconds);
    return Promise.race([outcome, Promise.resolve().then(() => 'pending' as const)]);
  };
  return { clock, sink, put, stop };
}

const counts = (sinks: readonly FakeSink[]) => sinks.map(({ puts }) => puts.length);

describe('sinks that are tried in turn', () => {
  it('begin at random, so that writers spread over them', async () => {
    for (const [random, expected] of [
      [0, [1, 0, 0]],
      [0.34, [0, 1, 0]],
      [0.99, [0, 0, 1]],
    ] as const) {
      // prettier-ignore
      const sinks = [new FakeSink(), new FakeSink(), new FakeSink()];
      expect(await retrying(sinks, () => random).put()).toBe('taken');
      expect(counts(sinks)).toEqual(expected);
    }
  });

  it('go on at once to the next after an error, and stay there', async () => {
    const sinks = [new FakeSink(FAIL), new FakeSink(), new FakeSink()];
    const { put } = retrying(sinks);
    expect(await put(0)).toBe('taken');
    expect(await put(0)).toBe('taken');
    expect(counts(sinks)).toEqual([1, 2, 0]);
  });

  it('go on to the next when one hangs', async () => {
    const sinks = [new FakeSink(HANG), new FakeSink()];
    const { put } = retrying(sinks);
    expect(await put(599)).toBe('pending');
    const again = retrying([new FakeSink(HANG), new FakeSink()]);
    expect(await again.put(600)).toBe('taken');
  });

  it('are tried again three times after each has refused, with growing random pauses, and no more', async () => {
    const sink = new FakeSink(FAIL, FAIL, FAIL, FAIL);
    // The whole pause each time: 25, 50, 100 ms.
    const { put } = retrying([sink], () => 0.999_999);
    expect(await put(174)).toBe('pending');
    expect(sink.puts).toHaveLength(3);
    const other = new FakeSink(FAIL, FAIL, FAIL, FAIL);
    const result = await retrying([other], () => 0.999_999).put(175);
    expect(result).toBeInstanceOf(SinkError);
    expect(result).toMatchObject({ message: 'fake: Error: the fake sink refused', lasting: false });
    expect(other.puts).toHaveLength(4);
  });

  it('leave out who says that it will never take the event', async () => {
    const sinks = [new FakeSink(NEVER), new FakeSink(FAIL, FAIL), new FakeSink(NEVER)];
    expect(await retrying(sinks).put()).toBe('taken');
    expect(counts(sinks)).toEqual([1, 3, 1]);
  });

  it('give up at once when none will ever take the event', async () => {
    const sinks = [FakeSink.named('a', NEVER), FakeSink.named('b', NEVER)];
    expect(await retrying(sinks).put(0)).toMatchObject({
      message: 'a: the fake sink will never take it; b: the fake sink will never take it',
      lasting: true,
    });
    expect(counts(sinks)).toEqual([1, 1]);
  });

  it('stop trying when nobody waits any more', async () => {
    const sink = new FakeSink(FAIL, FAIL, FAIL);
    const { put, stop } = retrying([sink], () => 0.999_999);
    const outcome = put(20);
    stop.abort();
    expect(await outcome).toBeInstanceOf(SinkError);
    expect(sink.puts.length).toBeLessThanOrEqual(1);
  });

  it('take an event that was persisted without acknowledgement a second time: a duplicate, not a loss', async () => {
    const sink = new FakeSink({ kind: 'fail-but-persisted' });
    expect(await retrying([sink]).put()).toBe('taken');
    expect(sink.persisted.map(({ metadata }) => metadata.uid)).toEqual([sealed.uid, sealed.uid]);
  });
});
