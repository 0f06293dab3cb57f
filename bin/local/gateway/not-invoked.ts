import type { Integration } from './edge-entry';
import { NeverInvoked } from './functions';
import { MAX_FUNCTION_PAYLOAD_BYTES } from './limits';
import { Refused } from './read-request';

type End = (facts: Omit<Integration, 'latency'>) => void;

/** API Gateway takes an event that is too large, Lambda does not. @throws Refused if it is */
export function refuseLargeEvent(event: string, requestId: string, end: End): void {
  if (Buffer.byteLength(event) <= MAX_FUNCTION_PAYLOAD_BYTES) return;
  end({ requestId, status: 413, error: `Request must be smaller than ${MAX_FUNCTION_PAYLOAD_BYTES} bytes` });
  throw new Refused('body_too_large');
}

/** Lambda would have throttled a call that here waited for an environment. @throws Refused if there was none for it */
export function refuseNeverInvoked(error: unknown, requestId: string, end: End): void {
  if (!(error instanceof NeverInvoked)) return;
  end({ requestId, status: 429, error: 'Rate Exceeded.' });
  throw new Refused('function_too_slow');
}
