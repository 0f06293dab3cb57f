import { describe, expect, it } from 'vitest';
import { HedgedSink } from '../../lambda/recorder/hedged-sink';
import { SinkError, type Sink } from '../../lambda/recorder/sink';
import type { SealedEvent } from '../../lib/event/chain';
import { Chain } from '../../lib/event/chain';
import { ManualClock } from '../support/manual-clock';
import { attempt } from '../support/sample-event';

const sealed = new Chain('chain-1').seal(attempt(0));

/** A sink that answers after so much time, by error if it says so, or never. */
class TimedSink implements Sink {
  readonly puts: number[] = [];
  aborted = 0;

  constructor(
    readonly name: string,
    private readonly clock: ManualClock,
    public answer: { readonly afterMs: number; readonly error?: Error } | undefined,
  ) {}

  put(_event: SealedEvent, signal: AbortSignal): Promise<void> {
    this.puts.push(this.clock.now());
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => {
        this.aborted += 1;
        reject(new Error('aborted'));
      });
      const { answer } = this;
      if (answer === undefined) return;
      this.clock.after(answer.afterMs, () => (answer.error ? reject(answer.error) : resolve()));
    });
  }
}

function hedged(firstAnswer: TimedSink['answer'], secondAnswer: TimedSink['answer']) {
  const clock = new ManualClock();
  const first = new TimedSink('streams', clock, firstAnswer);
  const second = new TimedSink('bucket', clock, secondAnswer);
  const sink = new HedgedSink(first, second, { clock, delayMs: 250 });
  const stop = new AbortController();
  const put = async (milliseconds: number) => {
    let result: 'pending' | 'taken' | SinkError = 'pending';
    sink.put(sealed, stop.signal).then(
      () => (result = 'taken'),
      (error: SinkError) => (result = error),
    );
    await clock.advance(milliseconds);
    return result as 'pending' | 'taken' | SinkError;
  };
  return { clock, first, second, put, stop };
}

describe('a hedged sink', () => {
  it('asks only the first while that is fast', async () => {
    const { put, first, second } = hedged({ afterMs: 249 }, { afterMs: 1 });
    expect(await put(249)).toBe('taken');
    expect([first.puts.length, second.puts.length]).toEqual([1, 0]);
  });

  it('asks the second after the hedge delay; the first acknowledgement counts, and ends the other try', async () => {
    const { put, first, second } = hedged({ afterMs: 2_000 }, { afterMs: 20 });
    expect(await put(269)).toBe('pending');
    expect(second.puts).toEqual([250]);
    const again = hedged({ afterMs: 2_000 }, { afterMs: 20 });
    expect(await again.put(270)).toBe('taken');
    expect(again.first.aborted).toBe(1);
    expect(first.aborted).toBe(0);
  });

  it('is done when the first answers after all, and ends the second', async () => {
    const { put, second } = hedged({ afterMs: 300 }, { afterMs: 500 });
    expect(await put(300)).toBe('taken');
    expect(second).toMatchObject({ puts: [250], aborted: 1 });
  });

  it('asks the second at once when the first has failed', async () => {
    const { put, second } = hedged({ afterMs: 10, error: new Error('throttled') }, { afterMs: 20 });
    expect(await put(30)).toBe('taken');
    expect(second.puts).toEqual([10]);
  });

  it('waits for the first when the second fails', async () => {
    const { put } = hedged({ afterMs: 900 }, { afterMs: 20, error: new Error('down') });
    expect(await put(899)).toBe('pending');
    const again = hedged({ afterMs: 900 }, { afterMs: 20, error: new Error('down') });
    expect(await again.put(900)).toBe('taken');
  });

  it('fails with both reasons when both fail', async () => {
    const { put } = hedged({ afterMs: 10, error: new Error('throttled') }, { afterMs: 20, error: new Error('down') });
    const result = await put(30);
    expect(result).toBeInstanceOf(SinkError);
    expect(result).toMatchObject({ message: 'streams: Error: throttled; bucket: Error: down' });
  });

  it('gives a first sink that hung no head start for five seconds, then one again', async () => {
    const { put, second, clock } = hedged(undefined, { afterMs: 20 });
    expect(await put(270)).toBe('taken');
    expect(await put(20)).toBe('taken');
    await clock.advance(4_900);
    expect(await put(20)).toBe('taken');
    expect(second.puts).toEqual([250, 270, 5_190]);
    await clock.advance(100);
    const before = clock.now();
    expect(await put(270)).toBe('taken');
    expect(second.puts.at(-1)).toBe(before + 250);
  });

  it('trusts a first sink again as soon as it acknowledges', async () => {
    const { put, first, second } = hedged(undefined, { afterMs: 20 });
    expect(await put(270)).toBe('taken');
    first.answer = { afterMs: 5 };
    expect(await put(5)).toBe('taken');
    expect(await put(5)).toBe('taken');
    // The second was asked at once while the first was suspect, and not any more after that.
    expect(second.puts).toEqual([250, 270]);
  });

  it('thinks no worse of a first sink that refuses: that costs no time', async () => {
    const { put, first, second } = hedged({ afterMs: 10, error: new Error('throttled') }, { afterMs: 20 });
    expect(await put(30)).toBe('taken');
    first.answer = { afterMs: 5 };
    expect(await put(5)).toBe('taken');
    expect(second.puts).toEqual([10]);
  });

  it('thinks no worse of a first sink that can never take an event', async () => {
    const { put, first, second } = hedged({ afterMs: 0, error: new SinkError('too large', true) }, { afterMs: 20 });
    expect(await put(20)).toBe('taken');
    first.answer = { afterMs: 10 };
    expect(await put(10)).toBe('taken');
    expect(second.puts).toEqual([0]);
  });

  it('ends both tries, and asks nobody new, when nobody waits any more', async () => {
    const { put, first, second, stop } = hedged(undefined, undefined);
    const result = put(300);
    await Promise.resolve();
    stop.abort();
    expect(await result).toBeInstanceOf(SinkError);
    expect(first.aborted).toBe(1);
    expect(second.puts).toEqual([]);
  });
});
