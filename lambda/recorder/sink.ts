import type { SealedEvent } from '../../lib/event/chain';

/** Something that makes an event durable: a delivery stream, or (as a fallback) the locked bucket itself. */
export interface Sink {
  /** For messages, e.g. `firehose:audit-events`. */
  readonly name: string;
  /**
   * Resolves once the event is durable there, rejects otherwise (it may still have been persisted: duplicates carry the
   * same uid, readers drop them).
   */
  put(event: SealedEvent, signal: AbortSignal): Promise<void>;
}
