import { createHash } from 'node:crypto';
import { cleanString } from './clean';
import { hasSecretShape } from './privacy/secrets';

/** Longest id that is written as it is. Well below what a field holds (shape.ts): what is cut could be the same for two ids. */
export const MAX_ID_LENGTH = 512;

/** What stands for an id; an id that begins like it is replaced too, or a caller could choose another one's. */
const STANDS_FOR_ID = /^sha256[:-]/;

/**
 * An id as it is written: as it came, or `sha256:` and the SHA-256 of its UTF-8 where it would not survive being written (too
 * long, control characters). Different ids are always written differently.
 */
export function writtenId(id: string): string {
  const survives = id.length <= MAX_ID_LENGTH && cleanString(id) === id && !STANDS_FOR_ID.test(id);
  return survives ? id : hashOf(id);
}

/** The same for an id that may be a secret, such as the token itself: what has the shape of one is never written. */
export function writtenIdWithoutSecret(id: string): string {
  return hasSecretShape(id) ? hashOf(id) : writtenId(id);
}

function hashOf(id: string): string {
  // Lone surrogates have no UTF-8, and would all become the same.
  return id.isWellFormed()
    ? `sha256:${createHash('sha256').update(id).digest('hex')}`
    : `sha256-utf16:${createHash('sha256').update(id, 'utf16le').digest('hex')}`;
}
