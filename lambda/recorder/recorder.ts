import type { Chain, EventDraft, SealedEvent } from '../../lib/event/chain';
import type { Sink } from './sink';

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
  /** Tried in this order; at least one. */
  readonly sinks: readonly Sink[];
  /** What happens to an event that no sink took. */
  readonly lastResort: (sealed: SealedEvent, reason: string) => void;
  /** Longest time for one event over all sinks, in milliseconds. */
  readonly totalLimitMs: number;
  /** Monotonic clock, in milliseconds with fractions. */
  readonly now: () => number;
}

/**
 * Makes events durable, within a bounded time: an event that no sink acknowledged goes to the last resort, and the next
 * event of the chain names it.
 */
export class Recorder {
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
    const { sinks, lastResort, chain, now } = this.options;
    const started = now();
    const signal = AbortSignal.timeout(Math.max(1, Math.floor(Math.min(limitMs, this.options.totalLimitMs))));
    const reasons: string[] = [];
    for (const sink of sinks) {
      if (signal.aborted) break;
      try {
        await orAborted(sink.put(sealed, signal), signal);
        return { sealed, durable: true, elapsedUs: Math.round((now() - started) * 1000) };
      } catch (error) {
        reasons.push(`${sink.name}: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`);
      }
    }
    chain.noteUnconfirmed(sealed);
    try {
      lastResort(sealed, reasons.join('; '));
    } catch (error) {
      console.error('last resort failed:', error);
    }
    return { sealed, durable: false, elapsedUs: Math.round((now() - started) * 1000) };
  }
}

/** A sink that does not heed the signal must not hold the request either. */
function orAborted(put: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(new Error('no acknowledgement in time'));
    signal.addEventListener('abort', onAbort, { once: true });
    put.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
