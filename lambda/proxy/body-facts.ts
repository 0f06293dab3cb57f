import { createHash } from 'node:crypto';
import type { BodyFacts } from '../../lib/event/request-facts';

/** Length and SHA-256 of a body that is whole. */
export function bodyFacts(body: Buffer): BodyFacts {
  return { length: body.length, sha256: createHash('sha256').update(body).digest('hex') };
}
