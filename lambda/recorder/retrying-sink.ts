import type { SealedEvent } from '../../lib/event/chain';
import { pause, withinLimit, type Clock } from './clock';
import { reasonOf, SinkError, type Sink } from './sink';

export interface RetryingSinkOptions {
  readonly clock: Clock;
  /** From 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
  /** Longest time for one try, in milliseconds. */
  readonly tryLimitMs: number;
}

/** How often an event is tried after each sink has had it once. */
const RETRIES = 3;
/** Bounds of the pause before a retry, in milliseconds: it doubles, and is drawn from nothing to the bound (full jitter). */
const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 400;

/**
 * Puts an event into one of several like sinks: the one that took the last event, and after an error the next. Once each
 * has refused, it tries again a bounded number of times, after random pauses.
 *
 * Each writer begins with another sink, so that load spreads without anybody counting it.
 *
 * @see https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
 */
export class RetryingSink<T = SealedEvent> implements Sink<T> {
  readonly name: string;
  private current: number;

  /** @param sinks at least one */
  constructor(
    private readonly sinks: readonly Sink<T>[],
    private readonly options: RetryingSinkOptions,
  ) {
    this.name = sinks.map(({ name }) => name).join(', ');
    this.current = Math.floor(options.random() * sinks.length);
  }

  /** @throws SinkError with every reason; lasting if no sink will ever take this event */
  async put(event: T, signal: AbortSignal): Promise<void> {
    const { clock, random, tryLimitMs } = this.options;
    const count = this.sinks.length;
    const reasons = new Set<string>();
    const hopeless = new Set<number>();
    for (let tried = 0; tried < count + RETRIES && hopeless.size < count && !signal.aborted; tried += 1) {
      const round = tried - count;
      if (round >= 0) await pause(clock, random() * Math.min(FIRST_PAUSE_MS * 2 ** round, LONGEST_PAUSE_MS), signal);
      if (signal.aborted) break;
      const index = this.nextHopeful(hopeless);
      const sink = this.sinks[index]!;
      try {
        await withinLimit(clock, tryLimitMs, signal, (trySignal) => sink.put(event, trySignal));
        this.current = index;
        return;
      } catch (error) {
        reasons.add(reasonOf(sink, error));
        if (error instanceof SinkError && error.lasting) hopeless.add(index);
        this.current = (index + 1) % count;
      }
    }
    throw new SinkError([...reasons].join('; '), hopeless.size === count);
  }

  private nextHopeful(hopeless: ReadonlySet<number>): number {
    let index = this.current;
    while (hopeless.has(index)) index = (index + 1) % this.sinks.length;
    return index;
  }
}
