import { randomBytes } from 'node:crypto';
import type { HeaderPair } from '../../lib/event/privacy/headers';
import type { TraceFacts } from '../../lib/event/request-facts';

/** Trace context of a request, continued from the caller or started here. */
export interface Trace extends TraceFacts {
  /** What the service gets. */
  readonly traceparent: string;
  /** Whether the caller's trace goes on; only then `tracestate` may be passed on. */
  readonly continued: boolean;
}

/** Version 00 exactly; later versions may have more behind the flags. */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/;

/**
 * Continues the caller's trace with a span of our own, or starts one (not sampled, which leaves the choice to the
 * service).
 *
 * @see https://www.w3.org/TR/trace-context/#traceparent-header
 */
export function traceOf(headers: readonly HeaderPair[], random: (bytes: number) => Buffer = randomBytes): Trace {
  const values = headers.filter(([name]) => name.toLowerCase() === 'traceparent').map(([, value]) => value.trim());
  const [, version, traceId, parentSpanId, flags] = (values.length === 1 && TRACEPARENT.exec(values[0] ?? '')) || [];
  const valid = traceId !== undefined && (version !== '00' || values[0]?.length === 55);
  const spanId = random(8).toString('hex');
  if (!valid) {
    const started = random(16).toString('hex');
    return { traceId: started, spanId, traceparent: `00-${started}-${spanId}-00`, continued: false };
  }
  return { traceId, spanId, parentSpanId, traceparent: `00-${traceId}-${spanId}-${flags}`, continued: true };
}
