import { createHash } from 'node:crypto';
import type { BodyFacts } from '../../../lib/event/request-facts';
import { fitsIntoResult, MAX_RESULT_BYTES, type Answer } from '../answer';
import { Problem } from '../problem';
import { call } from './call';
import type { OutgoingRequest } from './exchange';
import type { Upstream } from './upstream';

/** The service's answer, whole. */
export interface Forwarded extends Answer {
  readonly bodyFacts: BodyFacts;
  /** How often the call was tried again. */
  readonly retries: number;
}

/**
 * Sends a request to the service and reads its answer whole.
 *
 * @param timeoutMs until the last byte of the answer, over all tries
 * @throws Problem if there is no answer to pass on
 */
export async function forward(upstream: Upstream, request: OutgoingRequest, timeoutMs: number): Promise<Forwarded> {
  const { body, ...head } = await call(upstream, request, timeoutMs);
  const { retries } = head;
  const hash = createHash('sha256');
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MAX_RESULT_BYTES) throw new Problem('answer_too_large', undefined, true, retries);
    hash.update(chunk);
    chunks.push(chunk);
  }
  const whole = Buffer.concat(chunks, length);
  if (!fitsIntoResult(whole)) throw new Problem('answer_too_large', undefined, true, retries);
  return { ...head, body: whole, bodyFacts: { length, sha256: hash.digest('hex') } };
}
