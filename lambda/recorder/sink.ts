import type { SealedEvent } from '../../lib/event/chain';

/**
 * Something that makes an event durable: a delivery stream, the locked bucket, or several of them together. Sinks
 * are composed: `RetryingSink` goes from one to the next, `HedgedSink` asks a second one when the first is slow.
 *
 * @typeParam T what it takes. Default: an event
 */
export interface Sink<T = SealedEvent> {
  /** For messages, e.g. `firehose:audit-events`. */
  readonly name: string;
  /**
   * Resolves once the event is durable there, rejects otherwise (it may still have been persisted: duplicates carry the
   * same uid, readers drop them).
   *
   * @param signal aborted when nobody waits for the answer any more
   */
  put(event: T, signal: AbortSignal): Promise<void>;
}

/** A sink did not take an event. */
export class SinkError extends Error {
  override readonly name = 'SinkError';

  /** @param lasting whether it is pointless to try the same sink again with this event */
  constructor(
    message: string,
    readonly lasting = false,
  ) {
    super(message);
  }
}

/** What a sink's refusal says, in one line. */
export function reasonOf(sink: { readonly name: string }, error: unknown): string {
  if (error instanceof SinkError) return `${sink.name}: ${error.message}`;
  return `${sink.name}: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
}
