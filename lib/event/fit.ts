import { cutString } from './clean';
import type { UnsealedEvent } from './fingerprint';

/** The captured bodies of an event, the one that is cut first in front. */
const CAPTURED = ['response_body', 'request_body'] as const;

/**
 * Cuts captured bodies so that the event becomes shorter by `excess` bytes of JSON, as far as there is something to cut.
 * Nothing else is ever cut for the size of the whole: who, what and with what result stay.
 *
 * @returns the event as it was if it has no captured body
 */
export function cutCapturedBodies(event: UnsealedEvent, excess: number): UnsealedEvent {
  let left = excess;
  let { unmapped } = event;
  for (const name of CAPTURED) {
    const body = unmapped[name];
    if (left <= 0 || body?.content === undefined) continue;
    const content = shorterBy(body.content, left);
    left -= jsonBytes(body.content) - jsonBytes(content);
    unmapped = { ...unmapped, [name]: { ...body, content: content === '' ? undefined : content } };
  }
  return unmapped === event.unmapped ? event : { ...event, unmapped };
}

/** The longest beginning that takes at least `excess` bytes less, or nothing. Found by halving: bytes a unit differ. */
function shorterBy(text: string, excess: number): string {
  const most = jsonBytes(text) - excess;
  let [fits, tooLong] = [0, text.length];
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >> 1;
    if (jsonBytes(cutString(text, middle)) <= most) fits = middle;
    else tooLong = middle;
  }
  return cutString(text, fits);
}

function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}
