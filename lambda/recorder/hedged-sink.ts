import type { SealedEvent } from '../../lib/event/chain';
import { pause, type Clock } from './clock';
import { reasonOf, SinkError, type Sink } from './sink';

export interface HedgedSinkOptions {
  readonly clock: Clock;
  /** How long the first sink has alone, in milliseconds. */
  readonly delayMs: number;
}

/** How long a first sink that was too slow gets no head start, in milliseconds. */
const SUSPECT_MS = 5_000;

/**
 * Puts an event into a first sink, and when that has not acknowledged after the hedge delay (or has failed), into a second
 * as well. The first acknowledgement counts, and ends the other try.
 *
 * A first sink that was too slow is suspect for a while, and both are asked at once: not every request shall find out anew
 * that it hangs. That time is short, so that a first sink that has recovered is used again.
 *
 * @see https://research.google/pubs/the-tail-at-scale/
 */
export class HedgedSink implements Sink {
  readonly name: string;
  private suspectUntil = -Infinity;

  constructor(
    private readonly first: Sink,
    private readonly second: Sink,
    private readonly options: HedgedSinkOptions,
  ) {
    this.name = `${first.name}, ${second.name}`;
  }

  /** @throws SinkError with the reasons of both */
  async put(event: SealedEvent, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const firstFailed = new AbortController();
    const tries = AbortSignal.any([signal, over.signal]);
    const first = this.putFirst(event, tries).catch((error: unknown) => {
      firstFailed.abort();
      throw error;
    });
    const second = this.putSecond(event, tries, firstFailed.signal);
    try {
      await Promise.any([first, second]);
    } catch (error) {
      throw new SinkError((error as AggregateError).errors.map((one: Error) => one.message).join('; '));
    } finally {
      over.abort();
    }
  }

  private async putFirst(event: SealedEvent, signal: AbortSignal): Promise<void> {
    try {
      await this.first.put(event, signal);
      this.suspectUntil = -Infinity;
    } catch (error) {
      throw new Error(reasonOf(this.first, error));
    }
  }

  private async putSecond(event: SealedEvent, signal: AbortSignal, firstFailed: AbortSignal): Promise<void> {
    const { clock, delayMs } = this.options;
    await pause(clock, this.isSuspect() ? 0 : delayMs, AbortSignal.any([signal, firstFailed]));
    try {
      if (signal.aborted) throw new SinkError('not tried: time was up');
      await this.second.put(event, signal);
    } catch (error) {
      throw new Error(reasonOf(this.second, error));
    }
    // One that refuses (throttles) does so at once and costs no time: asking both would only load the second with what the
    // first still takes.
    if (!firstFailed.aborted) this.suspect();
  }

  private isSuspect(): boolean {
    return this.options.clock.now() < this.suspectUntil;
  }

  /** Counts from the first time on: it must end, or a first sink that is only slower would never be tried alone again. */
  private suspect(): void {
    if (!this.isSuspect()) this.suspectUntil = this.options.clock.now() + SUSPECT_MS;
  }
}
