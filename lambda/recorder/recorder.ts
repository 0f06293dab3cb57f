import type { Chain, EventDraft, SealedEvent } from '../../lib/event/chain';
import { withinLimit, type Clock } from './clock';
import { reasonOf, type Sink } from './sink';

/** How the recording of one event ended. */
export interface Recorded {
  readonly sealed: SealedEvent;
  /** Whether a sink acknowledged the event; if not, it took the last resort. */
  readonly durable: boolean;
  /** How long it took, in microseconds. */
  readonly elapsedUs: number;
}

export interface RecorderOptions {
  readonly chain: Chain;
  readonly sink: Sink;
  /** What happens to an event that the sink did not take. */
  readonly lastResort: (sealed: SealedEvent, reason: string) => void;
  /** Longest time for one event, in milliseconds. */
  readonly totalLimitMs: number;
  readonly clock: Clock;
}

/**
 * Makes events durable, within a bounded time: an event that the sink did not acknowledge goes to the last resort, and the
 * chain names it in its next events until one of these is durable.
 */
export class Recorder {
  private readonly underWay = new Set<Promise<Recorded>>();
  private readonly ending = new AbortController();

  constructor(private readonly options: RecorderOptions) {}

  /**
   * Puts the event into the chain. Cheap and synchronous, so that the chain has the order of the calls.
   *
   * @throws TypeError if the draft does not fit the schema: a fault of the program, never of a request
   */
  seal(draft: EventDraft): SealedEvent {
    return this.options.chain.seal(draft);
  }

  /**
   * Makes a sealed event durable. Never rejects.
   *
   * @param limitMs shortens the total limit, where less time is left; default the recorder's own limit
   */
  async write(sealed: SealedEvent, limitMs = this.options.totalLimitMs): Promise<Recorded> {
    const writing = this.writeWithin(sealed, Math.min(limitMs, this.options.totalLimitMs));
    this.underWay.add(writing);
    try {
      return await writing;
    } finally {
      this.underWay.delete(writing);
    }
  }

  /**
   * Waits for everything under way, for a process that is about to end: what no sink has acknowledged when the limit is
   * over takes the last resort, and so does what is written after it. Never rejects.
   */
  async end(limitMs: number): Promise<void> {
    const cancel = this.options.clock.after(limitMs, () => this.ending.abort());
    // Again: what was waited for may have been followed by another event.
    while (this.underWay.size > 0) await Promise.all(this.underWay);
    cancel();
  }

  private async writeWithin(sealed: SealedEvent, limitMs: number): Promise<Recorded> {
    const { sink, chain, clock } = this.options;
    const started = clock.now();
    const elapsedUs = (): number => Math.round((clock.now() - started) * 1000);
    try {
      await withinLimit(clock, limitMs, this.ending.signal, (signal) => sink.put(sealed, signal));
      chain.noteConfirmed(sealed);
      return { sealed, durable: true, elapsedUs: elapsedUs() };
    } catch (error) {
      chain.noteUnconfirmed(sealed);
      this.takeLastResort(sealed, reasonOf(sink, error));
      return { sealed, durable: false, elapsedUs: elapsedUs() };
    }
  }

  private takeLastResort(sealed: SealedEvent, reason: string): void {
    try {
      this.options.lastResort(sealed, reason);
    } catch (error) {
      console.error('last resort failed:', error);
    }
  }
}
